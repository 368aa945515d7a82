/** Endpoints with more deliveries than one statement changes. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { workspaceOf } from '../../test/commands.ts';
import { allowsLoopback, type Receiver, startReceiver } from '../../test/receiver.ts';
import { command, createEndpoint, endpointState, recover, updateEndpoint } from '../../test/webhook-commands.ts';

const dayMs = 86_400_000;
/** Three portions, of which the last is not full. */
const many = 5_000;
/** Moves on with the machine, and when it is told to. */
let skippedMs = 0;
const clock = { now: () => Date.now() + skippedMs };
const patient = { timeout: 10_000 };

let app: TestApp;
let client: pg.Client;
let ada: Browser;
let receiver: Receiver;
beforeAll(async () => {
  app = await testApp({ env: allowsLoopback, clock, webhooks: { timeoutMs: 500 } });
  client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await app.stop();
});
beforeEach(async () => {
  skippedMs = 0;
  ada = await app.signUp();
  receiver = await startReceiver();
});
afterEach(() => receiver.stop());

/** An endpoint with many deliveries, due in a day or over. */
async function endpointWithMany(state: 'pending' | 'failed' = 'pending'): Promise<string> {
  const { id } = await createEndpoint(ada, { url: receiver.url });
  const due = state === 'pending' ? new Date(clock.now() + dayMs) : null;
  await client.query(
    `insert into webhook_delivery (id, workspace_id, endpoint_id, type, payload, state, created_at, due_at)
     select 'msg_' || right($1, 20) || lpad(n::text, 6, '0'), $2, $1, 'key.updated',
       '{"type":"key.updated","timestamp":"2026-11-28T00:00:00Z","data":{}}', $3, $4, $5::timestamptz + n * interval '1 ms'
     from generate_series(1, ${many}) n`,
    [id, await workspaceOf(ada), state, new Date(clock.now()), due],
  );
  return id;
}
async function count(endpointId: string, state: string): Promise<number> {
  const text = 'select count(*)::int from webhook_delivery where endpoint_id = $1 and state = $2';
  const { rows } = await client.query(text, [endpointId, state]);
  return Number(rows[0]?.count);
}
/** Has PostgreSQL refuse a change of deliveries, as one that takes too long. @returns lets it be again */
async function refusing(when: string): Promise<() => Promise<unknown>> {
  await client.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
     create trigger refuse ${when} execute function refuse()`,
  );
  return () => client.query('drop function refuse() cascade');
}
async function told(endpointId: string): Promise<string[]> {
  const Log = z.object({
    workspace: z.object({
      auditEvents: z.object({
        edges: z.array(
          z.object({ node: z.object({ type: z.string(), endpointId: z.string().nullable(), actor: z.unknown() }) }),
        ),
      }),
    }),
  });
  const data = await ada.graphql('{ workspace { auditEvents { edges { node { type endpointId actor { kind } } } } } }');
  const entries = Log.parse(data).workspace.auditEvents.edges.map(({ node }) => node);
  return entries.filter((entry) => entry.endpointId === endpointId).map(({ type }) => type);
}

describe('an endpoint with many deliveries', () => {
  it('is disabled by a 410 at once, and told nothing of them', async () => {
    receiver.answering = 410;
    const id = await endpointWithMany();
    await command(ada, 'sendTestWebhook', id);
    await expect.poll(async () => (await endpointState(ada, id)).disabledReason, patient).toBe('GONE');
    await expect.poll(() => count(id, 'pending'), patient).toBe(0);
    expect(await count(id, 'failed')).toBe(many + 1);
    expect(receiver.received).toHaveLength(1);
    expect(await told(id)).toEqual(['webhook.disabled', 'webhook.created']);
  });

  it('that is disabled in the middle of them sends none of the rest, also when it is enabled again', async () => {
    const id = await endpointWithMany();
    const last = `(old.id = 'msg_' || right('${id}', 20) || '${String(many).padStart(6, '0')}')`;
    const letBe = await refusing(`before update on webhook_delivery for each row when ${last}`);
    await updateEndpoint(ada, { id, enabled: false });
    await expect.poll(() => count(id, 'failed'), patient).toBe(4_000);
    skippedMs = 2 * dayMs;
    const other = await startReceiver();
    const { id: otherId } = await createEndpoint(ada, { url: other.url });
    await command(ada, 'sendTestWebhook', otherId);
    await other.until(1);
    await other.stop();
    expect(await count(id, 'pending')).toBe(1_000);
    await letBe();
    expect(await updateEndpoint(ada, { id, enabled: true })).toMatchObject({ endpoint: { disabledReason: null } });
    expect(await count(id, 'failed')).toBe(many);
    expect(receiver.received).toEqual([]);
  });

  it('is sent all of them again that failed', async () => {
    receiver.answering = () => {};
    const id = await endpointWithMany('failed');
    expect(await recover(ada, { id, since: new Date(clock.now() - dayMs) })).toMatchObject({ count: many });
    expect(await count(id, 'pending')).toBe(many);
    await receiver.until(1);
    await updateEndpoint(ada, { id, enabled: false });
    await expect.poll(() => count(id, 'pending'), patient).toBe(0);
  });

  it('is deleted with them; should that break off, it is disabled and the log says so', async () => {
    const id = await endpointWithMany();
    await client.query('create sequence statement');
    const letBe = await refusing(
      "before delete on webhook_delivery for each statement when (nextval('statement') > 1)",
    );
    await command(ada, 'deleteWebhookEndpoint', id).catch(() => {});
    expect(await count(id, 'pending')).toBeGreaterThan(0);
    expect(await endpointState(ada, id)).toMatchObject({ disabledReason: 'ASKED' });
    expect(await told(id)).toEqual(['webhook.disabled', 'webhook.created']);
    await letBe();
    expect(await command(ada, 'deleteWebhookEndpoint', id)).not.toHaveProperty('code');
    expect(await told(id)).toEqual(['webhook.deleted', 'webhook.disabled', 'webhook.created']);
    expect((await client.query('select 1 from webhook_delivery where endpoint_id = $1', [id])).rowCount).toBe(0);
  });

  it('that are few is deleted in one step', async () => {
    const { id } = await createEndpoint(ada, { url: receiver.url });
    await ada.createKey();
    await receiver.until(1);
    await command(ada, 'deleteWebhookEndpoint', id);
    expect(await told(id)).toEqual(['webhook.deleted', 'webhook.created']);
  });
});

describe('deliveries that were over more than 30 days ago', () => {
  it('are deleted, and no others', async () => {
    const [over, open] = [await endpointWithMany('failed'), await endpointWithMany()];
    await client.query(
      "update webhook_delivery set created_at = created_at - interval '31 days' where endpoint_id = any ($1)",
      [[over, open]],
    );
    const { id: young } = await createEndpoint(ada, { url: receiver.url });
    await command(ada, 'sendTestWebhook', young);
    await expect.poll(() => count(young, 'delivered'), patient).toBe(1);
    // It looks when it starts, and then every 10 minutes.
    const next = await testApp({ env: allowsLoopback, clock, databaseUrl: app.databaseUrl });
    await expect.poll(() => count(over, 'failed'), patient).toBe(0);
    expect([await count(open, 'pending'), await count(young, 'delivered')]).toEqual([many, 1]);
    await next.stop();
  });
});
