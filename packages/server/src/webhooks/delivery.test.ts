import { createServer as createSocketServer } from 'node:net';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, signIn, type TestApp, testApp } from '../../test/app.ts';
import { testDatabase } from '../../test/database.ts';
import { rotate, run, update } from '../../test/key-commands.ts';
import { allowsLoopback, type Received, type Receiver, startReceiver } from '../../test/receiver.ts';
import { watchEvents } from '../../test/watch.ts';
import {
  command,
  createEndpoint,
  deliveriesOf,
  endpointState,
  recover,
  tryCreateEndpoint,
  updateEndpoint,
} from '../../test/webhook-commands.ts';

const dayMs = 86_400_000;
/** Moves on with the machine, and when it is told to. */
let skippedMs = 0;
const clock = { now: () => Date.now() + skippedMs };
const timeoutMs = 500;

let app: TestApp;
let ada: Browser;
let receiver: Receiver;
beforeAll(async () => {
  app = await testApp({ env: allowsLoopback, clock, webhooks: { timeoutMs } });
});
afterAll(() => app.stop());
beforeEach(async () => {
  skippedMs = 0;
  ada = await app.signUp();
  receiver = await startReceiver();
});
afterEach(() => receiver.stop());

const newest = async (endpointId: string) => (await deliveriesOf(ada, endpointId))[0];
/** The newest delivery once so many attempts of it are over. */
const tried = async (endpointId: string, attempts: number) => {
  await expect
    .poll(async () => (await newest(endpointId))?.attempts.filter(({ finishedAt }) => finishedAt !== null).length, {
      timeout: 10_000,
    })
    .toBe(attempts);
  const delivery = await newest(endpointId);
  if (delivery === undefined) throw new Error('nothing was sent');
  return delivery;
};
const waitSeconds = (delivery: { nextAttemptAt: string | null }) =>
  (Date.parse(delivery.nextAttemptAt ?? '') - clock.now()) / 1_000;

/** What the log says of endpoints that were disabled. */
async function disabledEvents(): Promise<unknown[]> {
  const Log = z.object({
    workspace: z.object({ auditEvents: z.object({ edges: z.array(z.object({ node: z.unknown() })) }) }),
  });
  const data = await ada.graphql(
    '{ workspace { auditEvents(types: ["webhook.disabled"]) { edges { node { actor { kind } endpointId after } } } } }',
  );
  return Log.parse(data).workspace.auditEvents.edges.map(({ node }) => node);
}

describe('an endpoint', () => {
  it('is told of every change of a key, signed, with what differs', async () => {
    const { id, secret } = await createEndpoint(ada, { url: receiver.url });
    const key = await ada.createKey({ name: 'First' });
    await update(ada, { id: key.id, name: 'Second', limits: { minute: 5 } });
    await run(ada, 'disableKey', key.id);
    await run(ada, 'enableKey', key.id);
    await rotate(ada, { id: key.id });
    await run(ada, 'revokeKey', key.id);
    await run(ada, 'deleteKey', key.id);
    const got = await receiver.until(7);
    expect(got.map(({ message }) => message.type).toSorted()).toEqual(
      ['created', 'deleted', 'disabled', 'enabled', 'revoked', 'rotated', 'updated'].map((one) => `key.${one}`),
    );
    const updated = got.find(({ message }) => message.type === 'key.updated');
    expect(updated?.message.data).toMatchObject({
      key: { id: key.id, name: 'Second', hint: expect.stringMatching(/^gk_/) },
      actor: { kind: 'user' },
      before: { name: 'First', limits: { minute: null } },
      after: { name: 'Second', limits: { minute: 5 } },
    });
    for (const { headers, body } of got) {
      expect(body).not.toContain(key.secret);
      expect(new Webhook(secret).verify(body, fieldsOf(headers))).toMatchObject({ type: expect.any(String) });
      expect(() => new Webhook(secret).verify(`${body} `, fieldsOf(headers))).toThrow();
    }
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(7);
    expect(await endpointState(ada, id)).toMatchObject({ failingSince: null });
  });

  it('has each request kept as it was: where to, when, and what', async () => {
    const { id } = await createEndpoint(ada, { url: `${receiver.url}before` });
    await ada.createKey();
    const delivery = await tried(id, 1);
    await updateEndpoint(ada, { id, url: `${receiver.url}after` });
    const [got] = receiver.received;
    expect(delivery).toMatchObject({ id: got?.headers['webhook-id'], payload: got?.body });
    const [attempt] = (await tried(id, 1)).attempts;
    expect(attempt?.url).toBe(`${receiver.url}before`);
    expect(String(Math.floor(Date.parse(attempt?.startedAt ?? '') / 1_000))).toBe(got?.headers['webhook-timestamp']);
  });

  it('is told only what it asks for, and nothing of other workspaces', async () => {
    await createEndpoint(ada, { url: `${receiver.url}some`, events: ['key.revoked'] });
    await createEndpoint(ada, { url: `${receiver.url}all` });
    const key = await ada.createKey();
    await (await app.signUp()).createKey();
    await run(ada, 'revokeKey', key.id);
    const got = await receiver.until(3);
    const paths = got.map(({ path, message }) => `${path} ${message.type}`).toSorted();
    expect(paths).toEqual(['/all key.created', '/all key.revoked', '/some key.revoked']);
  });

  it('has both secrets sign for a day after a rotation, and then the new one alone', async () => {
    const { id, secret: first } = await createEndpoint(ada, { url: receiver.url });
    const rotated = z.object({ secret: z.string() });
    const rotateSecret = async () =>
      rotated.parse(await command(ada, 'rotateWebhookSecret', id, '... on RotateWebhookSecretPayload { secret }'))
        .secret;
    const secrets = [first, await rotateSecret()];
    /** Whether each secret verifies the newest message; and how many signatures that has. */
    const signed = async (count: number) => {
      await command(ada, 'sendTestWebhook', id);
      const one = (await receiver.until(count)).at(-1);
      const signatures = one?.headers['webhook-signature']?.toString().split(' ').length;
      return [signatures, ...secrets.map((secret) => one !== undefined && verifies(secret, one))];
    };
    expect(await signed(1)).toEqual([2, true, true]);
    secrets.push(await rotateSecret());
    expect(await signed(2)).toEqual([2, false, true, true]);
    skippedMs = dayMs + 1_000;
    // The library refuses a message of tomorrow, whoever signed it.
    expect((await signed(3))[0]).toBe(1);
    const client = new pg.Client({ connectionString: app.databaseUrl });
    await client.connect();
    const { rows } = await client.query('select secret, previous_secret from webhook_endpoint where id = $1', [id]);
    await client.end();
    const sealed = Object.values(rows[0]).map(String).join();
    for (const secret of secrets) expect(sealed).not.toContain(secret.slice(6, 20));
  });

  it('is one of at most 20 of a workspace', async () => {
    for (let one = 0; one < 20; one++) await createEndpoint(ada, { url: `${receiver.url}${one}` });
    expect(await tryCreateEndpoint(ada, { url: receiver.url })).toMatchObject({ __typename: 'LimitReachedError' });
  });
});

describe('an answer that is not 2xx', () => {
  it.each([302, 404, 429, 503])('is a failure, and tried again: %i', async (status) => {
    receiver.answering = status;
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    expect(await tried(id, 1)).toMatchObject({ state: 'PENDING', attempts: [{ status, fault: null }] });
  });

  it('is tried again by the schedule, under the same id, and then given up', async () => {
    receiver.answering = 500;
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    const delays = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (const [index, seconds] of delays.entries()) {
      const delivery = await tried(id, index + 1);
      expect(waitSeconds(delivery)).toBeGreaterThan(seconds - 3);
      expect(waitSeconds(delivery)).toBeLessThanOrEqual(seconds * 1.1);
      skippedMs += seconds * 1_100;
    }
    const last = await tried(id, 10);
    expect(last).toMatchObject({ state: 'FAILED', nextAttemptAt: null });
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([last.id]));
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  it('may say when to come again, up to a day', async () => {
    const answers = ['60', 'Thu, 01 Jan 1970 00:00:00 GMT', '31536000', 'nonsense'];
    receiver.answering = (_received, response) => {
      response.writeHead(503, { 'retry-after': answers[receiver.received.length - 1] ?? '1' }).end();
    };
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    for (const [index, seconds] of [60, 300, 86_400, 7_200].entries()) {
      const delivery = await tried(id, index + 1);
      expect(waitSeconds(delivery)).toBeGreaterThan(seconds - 3);
      expect(waitSeconds(delivery)).toBeLessThanOrEqual(seconds * 1.1);
      skippedMs += seconds * 1_100;
    }
  });

  it('is the end of the endpoint when it is 410, and of all that was to be sent', async () => {
    receiver.answering = 500;
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    await tried(id, 1);
    receiver.answering = 410;
    await command(ada, 'sendTestWebhook', id);
    await expect.poll(async () => (await endpointState(ada, id)).disabledReason).toBe('GONE');
    expect((await deliveriesOf(ada, id)).map(({ state }) => state)).toEqual(['FAILED', 'FAILED']);
    expect(await disabledEvents()).toMatchObject([
      { actor: { kind: 'SYSTEM' }, endpointId: id, after: { disabledReason: 'gone' } },
    ]);
    await ada.createKey();
    expect(await deliveriesOf(ada, id)).toHaveLength(2);
  });

  it('for five days, and no other, disables the endpoint, which the log tells', async () => {
    receiver.answering = 500;
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    await tried(id, 1);
    skippedMs += 4.9 * dayMs;
    await tried(id, 2);
    expect(await endpointState(ada, id)).toMatchObject({ disabledReason: null, failingSince: expect.any(String) });
    skippedMs += 0.2 * dayMs;
    await expect.poll(async () => (await endpointState(ada, id)).disabledReason, { timeout: 5_000 }).toBe('FAILING');
    expect(await disabledEvents()).toMatchObject([
      { actor: { kind: 'SYSTEM' }, endpointId: id, after: { disabledReason: 'failing' } },
    ]);
    expect(await updateEndpoint(ada, { id, enabled: true })).toMatchObject({ endpoint: { disabledReason: null } });
    expect(await endpointState(ada, id)).toEqual({ disabledAt: null, disabledReason: null, failingSince: null });
  });
});

describe('an attempt without an answer tells why', () => {
  const attemptAt = async (url: string) => {
    const { id } = await createEndpoint(ada, { url });
    await command(ada, 'sendTestWebhook', id);
    return (await tried(id, 1)).attempts[0];
  };

  it('when the receiver hangs', async () => {
    receiver.answering = () => {};
    expect(await attemptAt(receiver.url)).toMatchObject({
      fault: 'TIMEOUT',
      status: null,
      summary: 'No answer in time.',
    });
  });

  it('when it drops the line, or does not listen, or speaks no HTTP', async () => {
    receiver.answering = (_received, response) => response.destroy();
    expect(await attemptAt(receiver.url)).toMatchObject({ fault: 'CONNECTION' });
    const gone = await startReceiver();
    await gone.stop();
    expect(await attemptAt(gone.url)).toMatchObject({ fault: 'CONNECTION' });
    const rude = createSocketServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const address = rude.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(await attemptAt(`http://127.0.0.1:${port}/`)).toMatchObject({ fault: 'CONNECTION' });
    rude.close();
  });

  it('when its secret was sealed under another AUTH_SECRET', async () => {
    const own = await testDatabase();
    const before = await testApp({ env: allowsLoopback, databaseUrl: own.url });
    const { email, ...eve } = await before.signUp();
    const { id } = await createEndpoint(eve, { url: receiver.url });
    await before.stop();
    const env = { ...allowsLoopback, AUTH_SECRET: 'Jw7cV2nQ9xTf4LpB8sRk3ZyG6hMdU5eA' };
    const after = await testApp({ env, databaseUrl: own.url });
    const again = await signIn(after.url, email);
    await command(again, 'sendTestWebhook', id);
    const fault = async () => (await deliveriesOf(again, id))[0]?.attempts[0]?.fault;
    await expect.poll(fault, { timeout: 10_000 }).toBe('SECRET');
    expect(receiver.received).toEqual([]);
    await after.stop();
    await own.drop();
  });

  it('when it speaks no TLS', async () => {
    expect(await attemptAt(receiver.url.replace('http:', 'https:'))).toMatchObject({ fault: 'TLS' });
  });
});

describe('the body of an answer', () => {
  it('is kept up to 16 kB, as text, and need not end', async () => {
    receiver.answering = (_received, response) => {
      response.writeHead(200);
      response.write(`\0${'ä'.repeat(20_000)}`);
      // Never ended.
    };
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await command(ada, 'sendTestWebhook', id);
    const delivery = await tried(id, 1);
    expect(delivery.state).toBe('DELIVERED');
    expect(delivery.attempts[0]?.response).toMatch(/^\ufffdä{8000,8191}\ufffd?$/);
  });

  it('may come slowly: the status decides, and what came in time is kept', async () => {
    receiver.answering = (_received, response) => {
      response.writeHead(200);
      response.write('a');
    };
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await command(ada, 'sendTestWebhook', id);
    const delivery = await tried(id, 1);
    expect(delivery).toMatchObject({ state: 'DELIVERED', attempts: [{ status: 200, response: 'a' }] });
    expect(delivery.attempts[0]?.durationMs).toBeGreaterThanOrEqual(timeoutMs - 20);
  });
});

describe('a test', () => {
  it('can be watched as it happens, and is tried once', async () => {
    let answer = () => {};
    receiver.answering = (_received, response) => {
      answer = () => response.writeHead(500).end('no');
    };
    const { id } = await createEndpoint(ada, { url: receiver.url });
    const headers = { cookie: ada.cookie, origin: app.url };
    const query = `subscription { deliveryChanged(endpointId: "${id}") { id state attempts { summary } } }`;
    const watch = await watchEvents(app.url, headers, query);
    const Seen = z.object({
      deliveryChanged: z.object({ state: z.string(), attempts: z.array(z.object({ summary: z.string() })) }),
    });
    const summaryOf = (data: unknown) => Seen.parse(data).deliveryChanged.attempts[0]?.summary ?? 'queued';
    await command(ada, 'sendTestWebhook', id);
    await watch.until((data) => summaryOf(data) === 'Sent; no answer yet.');
    await receiver.until(1);
    answer();
    await watch.until((data) => /^500 in \d+ ms$/.test(summaryOf(data)));
    const delivery = await tried(id, 1);
    expect(delivery).toMatchObject({ state: 'FAILED', nextAttemptAt: null, type: 'webhook.test' });
    const startedAt = Date.parse(delivery.attempts[0]?.startedAt ?? '');
    expect(receiver.received[0]?.headers['webhook-timestamp']).toBe(String(Math.floor(startedAt / 1_000)));
    await watch.close();
  });
});

describe('deliveries', () => {
  it('are found by state and by type', async () => {
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await command(ada, 'sendTestWebhook', id);
    await ada.createKey();
    await expect
      .poll(async () => (await deliveriesOf(ada, id)).map(({ state }) => state))
      .toEqual(Array(2).fill('DELIVERED'));
    const found = async (filter: string) => {
      const query = `{ node(id: "${id}") { ... on WebhookEndpoint { deliveries(${filter}) { edges { node { type } } } } } }`;
      return JSON.stringify(await ada.graphql(query)).match(/\w+\.\w+/g);
    };
    expect(await found('type: "key.created"')).toEqual(['key.created']);
    expect(await found('type: "webhook.test", state: DELIVERED')).toEqual(['webhook.test']);
    expect(await found('type: "webhook.test", state: FAILED')).toBeNull();
  });
});

describe('what failed', () => {
  const failed = async () => {
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    await receiver.until(1);
    await updateEndpoint(ada, { id, enabled: false });
    return id;
  };

  it('is sent again one by one, under the same id', async () => {
    receiver.answering = 500;
    const id = await failed();
    const [delivery] = await deliveriesOf(ada, id);
    expect(delivery?.state).toBe('FAILED');
    const redeliver = () => command(ada, 'redeliverWebhook', delivery?.id ?? '');
    expect(await redeliver()).toMatchObject({ code: 'CONFLICT' });
    await updateEndpoint(ada, { id, enabled: true });
    receiver.answering = 200;
    expect(await redeliver()).toMatchObject({ __typename: 'WebhookDeliveryPayload' });
    await expect.poll(async () => (await newest(id))?.state).toBe('DELIVERED');
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([delivery?.id, delivery?.id]);
    await redeliver();
    await receiver.until(3);
  });

  it('is sent again all at once, of events since a time', async () => {
    receiver.answering = 500;
    const id = await failed();
    await updateEndpoint(ada, { id, enabled: true });
    receiver.answering = 200;
    const later = new Date(clock.now() + 60_000);
    expect(await recover(ada, { id, since: later })).toMatchObject({ count: 0 });
    expect(await recover(ada, { id, since: new Date(clock.now() - 60_000) })).toMatchObject({ count: 1 });
    await receiver.until(2);
  });
});

function verifies(secret: string, { headers, body }: Received): boolean {
  try {
    return new Webhook(secret).verify(body, fieldsOf(headers)) !== undefined;
  } catch {
    return false;
  }
}

function fieldsOf(headers: Received['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
