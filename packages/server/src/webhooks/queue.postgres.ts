/**
 * Queue in PostgreSQL: which server sends what, and what became of it.
 *
 *   due -> claimed for a lease, with the attempt written -> POST -> finished
 *                          \-> the lease runs out: due again, for any server
 *
 * Promises: an attempt is written before it is sent; a delivery is at one server at a time, and that of a server that died
 * is taken over when its lease ends; what one endpoint or one workspace can have on its way at a time is bounded over all
 * servers, and whoever has least on its way goes first, so that receivers that hang keep only their own waiting.
 */
import { webhookTestType } from '@gatekey/shared';
import type { Append, Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database, Transaction } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import { type DisabledReason, endDeliveries, holdClaims } from './endpoint.ts';
import type { Claimed, Finished, Queue } from './queue.ts';
import type { Verdict } from './schedule.ts';

/** What may be on its way at a time. */
const mostPerEndpoint = 8;
const mostPerWorkspace = 24;
const keptMs = 30 * 86_400_000;
const forgottenAtATime = 1_000;

interface Needs {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Longer than any attempt takes, ms; after it the attempt of a server that died is taken over. */
  readonly leaseMs: number;
}

type ClaimedRow = Omit<Claimed, 'attemptId' | 'startedAt'>;

/** Opens the queue. */
export function createPostgresQueue({ database, outbox, clock, newId, leaseMs }: Needs): Queue {
  return {
    async claim(most) {
      // Mostly there is nothing, and then this is all.
      const anyDue = { dueAt: { lte: new Date(clock.now()) } };
      if ((await database.webhookDelivery.findFirst({ where: anyDue, select: { id: true } })) === null) return [];
      return database.$transaction(async (tx) => {
        await holdClaims(tx);
        const [now, leaseEnd] = [new Date(clock.now()), new Date(clock.now() + leaseMs)];
        const rows = await tx.$queryRaw<ClaimedRow[]>`
          with recursive waiting (endpoint_id) as (
            select min(endpoint_id) from webhook_delivery where due_at is not null
            union all
            select (select min(d.endpoint_id) from webhook_delivery d
                    where d.due_at is not null and d.endpoint_id > waiting.endpoint_id)
            from waiting where waiting.endpoint_id is not null
          ), flying as materialized (
            select endpoint_id, workspace_id from webhook_delivery where leased_until > ${now}
          ), turns as (
            select due.*, e.workspace_id,
              row_number() over (partition by e.workspace_id order by due.turn, due.due_at, due.id)
                + (select count(*) from flying f where f.workspace_id = e.workspace_id) as place
            from waiting join webhook_endpoint e on e.id = waiting.endpoint_id and e.disabled_at is null
            cross join lateral (
              select d.id, d.due_at, row_number() over (order by d.due_at, d.id)
                + (select count(*) from flying f where f.endpoint_id = e.id) as turn
              from webhook_delivery d where d.endpoint_id = e.id and d.due_at <= ${now}
              order by d.due_at, d.id
              limit greatest(0, ${mostPerEndpoint} - (select count(*) from flying f where f.endpoint_id = e.id))
            ) due
          ), chosen as (
            select id from turns where place <= ${mostPerWorkspace} order by place, due_at, id limit ${most}
          )
          update webhook_delivery d set due_at = ${leaseEnd}, leased_until = ${leaseEnd}, attempt_id = ''
          from chosen, webhook_endpoint e where d.id = chosen.id and e.id = d.endpoint_id
          returning d.id as "deliveryId", d.workspace_id as "workspaceId", d.endpoint_id as "endpointId", d.type,
            d.payload, d.failures, e.url, e.secret, e.previous_secret as "previousSecret",
            e.previous_secret_ends_at as "previousSecretEndsAt", e.failing_since as "failingSince"`;
        if (rows.length === 0) return [];
        const claimed = rows.map((row) => ({ ...row, attemptId: newId('attempt'), startedAt: now }));
        await tx.webhookAttempt.updateMany({
          where: { deliveryId: { in: rows.map(({ deliveryId }) => deliveryId) }, finishedAt: null },
          data: { finishedAt: now, fault: 'interrupted' },
        });
        await tx.webhookAttempt.createMany({
          data: claimed.map(({ attemptId: id, deliveryId, url, startedAt }) => ({ id, deliveryId, url, startedAt })),
        });
        await tx.$executeRaw`
          update webhook_delivery d set attempt_id = a.id from webhook_attempt a
          where a.id = any (${claimed.map(({ attemptId }) => attemptId)}) and d.id = a.delivery_id`;
        return claimed;
      });
    },

    finish: (claimed, finished) => finish({ outbox, clock }, claimed, finished),

    async endSome() {
      const [found] = await database.$queryRaw<{ id: string }[]>`
        select e.id from webhook_endpoint e where e.disabled_at is not null
          and exists (select 1 from webhook_delivery d where d.endpoint_id = e.id and d.due_at is not null) limit 1`;
      if (found === undefined) return false;
      await database.$transaction(async (tx) => {
        // The endpoint first, as commands do; one that was enabled meanwhile has nothing left of before.
        const locked = await tx.$queryRaw<unknown[]>`
          select 1 from webhook_endpoint where id = ${found.id} and disabled_at is not null for no key update`;
        if (locked.length > 0) await endDeliveries(tx, found.id);
      });
      return true;
    },

    async forgetSome() {
      const before = new Date(clock.now() - keptMs);
      const gone = await database.$transaction(async (tx) => {
        await holdClaims(tx);
        return tx.$executeRaw`
          delete from webhook_delivery where id = any (array(
            select id from webhook_delivery where created_at < ${before} and due_at is null limit ${forgottenAtATime}))`;
      });
      return gone === forgottenAtATime;
    },
  };
}

async function finish(
  { outbox, clock }: Pick<Needs, 'outbox' | 'clock'>,
  claimed: Claimed,
  { posted, verdict }: Finished,
): Promise<void> {
  const { attemptId, deliveryId, endpointId } = claimed;
  const now = new Date(clock.now());
  const told = 'status' in posted ? { status: posted.status, response: posted.body } : { fault: posted.fault };
  await outbox.commit(async (tx, append) => {
    // The endpoint first, as commands do: two that want the same rows in another order would wait for each other.
    const [endpoint] = await tx.$queryRaw<{ disabledAt: Date | null }[]>`
      select disabled_at as "disabledAt" from webhook_endpoint where id = ${endpointId} for no key update`;
    if (endpoint === undefined) return;
    await tx.webhookAttempt.updateMany({
      where: { id: attemptId, finishedAt: null },
      data: { finishedAt: now, durationMs: posted.durationMs, ...told },
    });
    const isDisabled = endpoint.disabledAt !== null;
    const isTriedAgain = verdict.state === 'pending' && !isDisabled;
    const wasStopped = 'fault' in posted && posted.fault === 'interrupted';
    await tx.webhookDelivery.updateMany({
      // Not ours any more if our lease ran out and another server took it.
      where: { id: deliveryId, attemptId },
      data: {
        state: verdict.state === 'pending' && isDisabled ? 'failed' : verdict.state,
        dueAt: isTriedAgain ? new Date(verdict.dueAt) : null,
        leasedUntil: null,
        attemptId: null,
        ...(verdict.state === 'delivered' || wasStopped ? {} : { failures: { increment: 1 } }),
      },
    });
    if (!wasStopped) await judgeEndpoint(tx, claimed, verdict, now);
    if (verdict.state !== 'failed' || verdict.disable === undefined || isDisabled) return;
    await disable(tx, append, claimed, { disabledAt: now, disabledReason: verdict.disable });
  });
}

/** Notes on the endpoint whether it goes on failing. */
async function judgeEndpoint(
  tx: Transaction,
  { endpointId, type }: Claimed,
  verdict: Verdict,
  now: Date,
): Promise<void> {
  if (verdict.state === 'delivered') {
    const failing = { id: endpointId, failingSince: { not: null } };
    await tx.webhookEndpoint.updateMany({ where: failing, data: { failingSince: null } });
  } else if (type !== webhookTestType) {
    await tx.webhookEndpoint.updateMany({ where: { id: endpointId, failingSince: null }, data: { failingSince: now } });
  }
}

async function disable(
  tx: Transaction,
  append: Append,
  { workspaceId, endpointId: id }: Claimed,
  data: { disabledAt: Date; disabledReason: DisabledReason },
): Promise<void> {
  await tx.webhookEndpoint.update({ where: { id }, data });
  await endDeliveries(tx, id);
  await append({
    event: { type: 'webhook.disabled', workspaceId, endpointId: id },
    by: { kind: 'system', id: null, address: null },
    before: { disabledAt: null, disabledReason: null },
    after: data,
  });
}
