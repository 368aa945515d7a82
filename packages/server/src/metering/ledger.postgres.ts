/** The ledger's rows in PostgreSQL. */
import { type RefusalCode, windowAt } from '@gatekey/shared';
import { z } from 'zod';
import type { Database } from '../kernel/database.ts';
import type { LedgerStore } from './ledger.ts';
import type { StoredCounts } from './taken.ts';
import { stepAt } from './tallies.ts';

// Sums of bigint come back as numeric; within what a double holds exactly, for a quota is at most 10^12.
const Count = z.coerce.number().int();
const Total = z.object({
  subject: z.string(),
  minute_used: Count,
  minute_refused: Count,
  day_used: Count,
  day_refused: Count,
  month_used: Count,
  month_refused: Count,
});
const Point = z.object({
  at: z.date(),
  accepted: Count,
  refused: Count,
  refusals: z.record(
    z.custom<RefusalCode>((code) => typeof code === 'string'),
    z.number(),
  ),
});

/** Keeps rows in the table `usage`. */
export function createPostgresLedgerStore({ database }: { database: Database }): LedgerStore {
  return {
    async write(rows) {
      // Raised, never lowered: an answer that got lost may have been followed by a newer write.
      await database.$executeRaw`
        insert into usage (key_id, step, at, writer, workspace_id, accepted, refused, refusals)
        select key_id, step, at, writer, workspace_id, accepted, refused, refusals
        from jsonb_to_recordset(${JSON.stringify(rows.map(toRecord))}::jsonb)
          as row (key_id text, step text, at timestamptz, writer text, workspace_id text,
                  accepted bigint, refused bigint, refusals jsonb)
        order by key_id, step, at, writer
        on conflict (key_id, step, at, writer) do update
          set accepted = excluded.accepted, refused = excluded.refused, refusals = excluded.refusals
          where usage.accepted + usage.refused < excluded.accepted + excluded.refused`;
    },

    async totals(workspaceId, keyIds, at) {
      const [minute, day] = (['minute', 'day'] as const).map((kind) => new Date(windowAt(kind, at).startsAt));
      const month = windowAt('month', at);
      const found = await database.$queryRaw`
        with rows as (
          select key_id, accepted, refused,
                 step = 'minute' as in_minute, step = 'day' and at = ${day} as in_day, step = 'day' as in_month
          from usage
          where workspace_id = ${workspaceId}
            and ((step = 'minute' and at = ${minute}) or (step = 'day' and at >= ${new Date(month.startsAt)} and at < ${new Date(month.resetsAt)}))
        )
        select coalesce(key_id, ${workspaceId}) as subject,
               coalesce(sum(accepted) filter (where in_minute), 0) as minute_used,
               coalesce(sum(refused) filter (where in_minute), 0) as minute_refused,
               coalesce(sum(accepted) filter (where in_day), 0) as day_used,
               coalesce(sum(refused) filter (where in_day), 0) as day_refused,
               coalesce(sum(accepted) filter (where in_month), 0) as month_used,
               coalesce(sum(refused) filter (where in_month), 0) as month_refused
        from rows
        group by grouping sets ((), (key_id))
        having key_id is null or key_id = any(${keyIds}::text[])`;
      const minuteAt = windowAt('minute', at).startsAt;
      return new Map(
        z
          .array(Total)
          .parse(found)
          .map((total) => [total.subject, countsFrom(total, minuteAt)]),
      );
    },

    async history({ workspaceId, keyId, step, from, to }) {
      const found = await database.$queryRaw`
        with rows as (
          select at, accepted, refused, refusals from usage
          where workspace_id = ${workspaceId} and step = ${step} and at >= ${new Date(stepAt(step, from))} and at < ${new Date(to)}
            and (${keyId ?? null}::text is null or key_id = ${keyId ?? null})
        ), reasons as (
          select at, jsonb_object_agg(code, calls) as refusals
          from (
            select at, code, sum(calls::bigint) as calls from rows, jsonb_each_text(refusals) as reason (code, calls)
            group by at, code
          ) as summed
          group by at
        )
        select rows.at, sum(accepted) as accepted, sum(refused) as refused,
               coalesce(reasons.refusals, '{}'::jsonb) as refusals
        from rows left join reasons using (at)
        group by rows.at, reasons.refusals
        order by rows.at`;
      return z
        .array(Point)
        .parse(found)
        .map((point) => ({ ...point, at: point.at.getTime() }));
    },
  };
}

function toRecord(row: Parameters<LedgerStore['write']>[0][number]) {
  const { keyId, workspaceId, at, ...same } = row;
  return { ...same, key_id: keyId, workspace_id: workspaceId, at: new Date(at) };
}

function countsFrom(total: z.infer<typeof Total>, at: number): StoredCounts {
  return {
    at,
    used: { minute: total.minute_used, day: total.day_used, month: total.month_used },
    refused: { minute: total.minute_refused, day: total.day_refused, month: total.month_refused },
  };
}
