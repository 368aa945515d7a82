import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { type Browser, signIn, signUp, type TestApp, testApp } from '../../test/app.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { run, update } from '../../test/key-commands.ts';
import { allowsLoopback, type Receiver, startReceiver } from '../../test/receiver.ts';
import { kill, programs, ready, run as start } from '../../test/server-process.ts';
import { command, createEndpoint, deliveriesOf } from '../../test/webhook-commands.ts';
import type { WebhookSettings } from '../compose.webhooks.ts';

const authSecret = 'Jw7cV2nQ9xTf4LpB8sRk3ZyG6hMdU5eA';
const leaseMs = 45_000;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function receiverThat(answering: Receiver['answering']): Promise<Receiver> {
  const receiver = await startReceiver(answering);
  ends.push(() => receiver.stop());
  return receiver;
}
async function database(): Promise<TestDatabase> {
  const made = await testDatabase();
  ends.push(() => made.drop());
  return made;
}
async function server(
  databaseUrl: string,
  clock = { now: () => Date.now() },
  webhooks: WebhookSettings = {},
): Promise<TestApp> {
  const env = { ...allowsLoopback, AUTH_SECRET: authSecret };
  const app = await testApp({ env, databaseUrl, clock, webhooks });
  ends.push(() => app.stop());
  return app;
}
/** A server as its own process, to be killed. */
async function process(databaseUrl: string) {
  const env = { PORT: '0', DATABASE_URL: databaseUrl, AUTH_SECRET: authSecret, LOG_LEVEL: 'error', ...allowsLoopback };
  const child = start(programs.main, env);
  ends.push(() => kill(child));
  return ready(child);
}

describe('a server that is killed', () => {
  it('during an attempt leaves it to another, which sends the same within a minute', async () => {
    const { url } = await database();
    const receiver = await receiverThat(() => {});
    const killed = await process(url);
    const ada = await signUp(killed.url);
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    await receiver.until(1);
    await kill(killed.child);

    receiver.answering = 200;
    const later = await server(url, { now: () => Date.now() + leaseMs });
    const [first, second] = await receiver.until(2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    const again = await signIn(later.url, ada.email);
    await expect.poll(async () => (await deliveriesOf(again, id))[0]?.state).toBe('DELIVERED');
    expect((await deliveriesOf(again, id))[0]?.attempts).toMatchObject([
      { status: 200 },
      { status: null, fault: 'INTERRUPTED', finishedAt: expect.any(String) },
    ]);
  });

  it('between a change and its delivery loses no event', async () => {
    const { url } = await database();
    const receiver = await receiverThat(200);
    const killed = await process(url);
    const ada = await signUp(killed.url);
    await createEndpoint(ada, { url: receiver.url });
    // Nobody may claim meanwhile.
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('select pg_advisory_lock(109342190988659)');
    const keys = await Promise.all([1, 2, 3, 4, 5].map(() => ada.createKey()));
    await kill(killed.child);
    expect(receiver.received).toEqual([]);
    await holder.end();

    await server(url);
    const got = await receiver.until(5);
    expect(JSON.stringify(got.map(({ message }) => message.data.key))).toContain(keys[4]?.id);
  });
});

describe('a server that stops', () => {
  it('gives back what is on its way, and another sends it at once', async () => {
    const { url } = await database();
    const receiver = await receiverThat(() => {});
    const stopped = await testApp({ env: { ...allowsLoopback, AUTH_SECRET: authSecret }, databaseUrl: url });
    const ada = await stopped.signUp();
    await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    await receiver.until(1);
    const startedAt = performance.now();
    await stopped.stop();
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    receiver.answering = 200;
    await server(url);
    const [first, second] = await receiver.until(2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  });
});

describe('a receiver that hangs', () => {
  it('keeps nobody else waiting, in its workspace or another', async () => {
    const { url } = await database();
    const [hanging, quick] = [await receiverThat(() => {}), await receiverThat(200)];
    const app = await server(url);
    const [ada, eve] = [await app.signUp(), await app.signUp()];
    const { id } = await createEndpoint(ada, { url: hanging.url });
    await createEndpoint(ada, { url: `${quick.url}ada`, events: ['key.disabled'] });
    await createEndpoint(eve, { url: `${quick.url}eve` });
    for (let one = 0; one < 40; one++) await command(ada, 'sendTestWebhook', id);
    const { id: keyId } = await ada.createKey();
    const startedAt = performance.now();
    await run(ada, 'disableKey', keyId);
    await eve.createKey();
    await quick.until(2);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(hanging.received.length).toBeLessThanOrEqual(8);
  });
});

describe('receivers that hang, of several workspaces', () => {
  it('keep no other waiting, although they have more than a server sends at a time', { timeout: 60_000 }, async () => {
    const { url } = await database();
    const [hanging, quick] = [await receiverThat(() => {}), await receiverThat(200)];
    const app = await server(url, undefined, { timeoutMs: 2_000 });
    const [eve, ...hostile] = [await app.signUp(), await app.signUp(), await app.signUp(), await app.signUp()];
    await createEndpoint(eve, { url: `${quick.url}eve` });
    const keys = await Promise.all(
      hostile.map(async (one) => {
        const { id } = await one.createKey();
        for (let more = 0; more < 8; more++) await createEndpoint(one, { url: hanging.url });
        await createEndpoint(one, { url: `${quick.url}hostile`, events: ['key.disabled'] });
        for (let turn = 0; turn < 15; turn++) await update(one, { id, name: `${turn}` });
        return id;
      }),
    );
    // Some six times what is sent in the time-out.
    const startedAt = performance.now();
    await eve.createKey();
    for (const [index, one] of hostile.entries()) await run(one, 'disableKey', keys[index] ?? '');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(
      'select count(*)::int from webhook_delivery where leased_until is not null group by workspace_id',
    );
    await client.end();
    await quick.until(1 + hostile.length);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(Math.max(...rows.map(({ count }) => count))).toBeLessThanOrEqual(24);
  });
});

describe('a thousand changes, on two servers, with receivers that fail every fifth time', () => {
  const keyCount = 8;
  const changesOfEach = 125;

  /** Makes keys and renames them, each at another server in turn. */
  async function change(askers: readonly [Browser, Browser]): Promise<void> {
    const keys = await Promise.all(Array.from({ length: keyCount }, () => askers[0].createKey()));
    await Promise.all(
      keys.map(async ({ id }) => {
        for (let turn = 1; turn < changesOfEach; turn++)
          await update(askers[turn % 2 === 0 ? 0 : 1], { id, name: `${turn}` });
      }),
    );
  }

  it('bring every event at least once, and none twice', { timeout: 120_000 }, async () => {
    const { url } = await database();
    let skippedMs = 0;
    const clock = { now: () => Date.now() + skippedMs };
    const [one, two] = [await server(url, clock), await server(url, clock)];
    const ada = await one.signUp();
    const other = { ...(await signIn(two.url, ada.email)), email: ada.email };
    const accepted: string[] = [];
    let requests = 0;
    const receiver = await receiverThat((received, response) => {
      requests += 1;
      const fails = requests % 5 === 0;
      if (!fails) accepted.push(`${received.path} ${received.headers['webhook-id']}`);
      response.writeHead(fails ? 500 : 200).end();
    });
    await createEndpoint(ada, { url: `${receiver.url}one` });
    await createEndpoint(ada, { url: `${receiver.url}two` });
    const startedAt = performance.now();
    await change([ada, other]);
    const changedAt = performance.now();

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const count = async (text: string) => Number((await client.query(text)).rows[0]?.count);
    // Retries come in 5 s, 5 min and so on, which need not be waited for; but no lease is to be cut short.
    const open = async () => {
      if ((await count('select count(*) from webhook_delivery where leased_until is not null')) === 0) {
        skippedMs += 7_200_000;
      }
      return count("select count(*) from webhook_delivery where state <> 'delivered'");
    };
    await expect.poll(open, { timeout: 60_000, interval: 1_000 }).toBe(0);
    await client.end();
    const [changing, after] = [changedAt - startedAt, performance.now() - changedAt].map((ms) =>
      (ms / 1_000).toFixed(1),
    );
    const duplicates = accepted.length - new Set(accepted).size;
    console.log(
      `${keyCount * changesOfEach} changes in ${changing} s, to 2 endpoints: ${accepted.length} delivered by ${requests} ` +
        `attempts, every fifth answered 500, the last ${after} s after the last change; ${duplicates} duplicates`,
    );
    expect(new Set(accepted).size).toBe(2 * keyCount * changesOfEach);
    // Nothing died: at least once is once.
    expect(duplicates).toBe(0);
  });
});
