/** The ledger's rows in PostgreSQL. */
import { type WindowKind, windowsAt } from '@gatekey/shared';
import { z } from 'zod';
import { type Pool, queryRows, type Sql, sql } from '../kernel/database.ts';
import type { ApartCounts, HistoryRequest, LedgerStore, UsagePoint } from './ledger.ts';
import type { StoredCounts } from './taken.ts';
import { type ApartRow, type LedgerRow, stepAt } from './tallies.ts';

// Sums of bigint come back as numeric; within what a double holds exactly, for a quota is at most 10^12.
const Count = z.coerce.number().int();
/** Columns of counts in the windows of an instant. */
const Counts = {
  minute_used: Count,
  minute_refused: Count,
  day_used: Count,
  day_refused: Count,
  month_used: Count,
  month_refused: Count,
};
const Totals = z.array(z.object({ ...Counts, key_id: z.string().nullable(), writer: z.string().nullable() }));
const Aparts = z.array(z.object({ ...Counts, workspace_id: z.string(), key_id: z.string(), writer: z.string() }));
const Point = z.object({
  subject: z.string(),
  at: z.date(),
  accepted: Count,
  refused: Count,
  refusals: z.record(z.string(), z.number()),
});

interface Needs {
  readonly pool: Pool;
  /** Through which history is read, which may take its time; the same unless told. */
  readonly readers?: Pool;
}

/** Keeps rows in the table `usage`. */
export function createPostgresLedgerStore({ pool, readers = pool }: Needs): LedgerStore {
  const keyHistories: LedgerStore['keyHistories'] = ({ keyIds, ...range }) =>
    pointsOf(readers, range, { subject: sql`key_id`, fits: sql`key_id = any(${keyIds})` });

  return {
    async write({ usage, apart }) {
      // All in one statement, for a reader must see all or nothing. Raised, never lowered: an answer that got lost may
      // have been followed by a newer write.
      await queryRows(
        pool,
        sql`
        with apart as (
          insert into usage_apart (key_id, step, at, writer, workspace_id, accepted, refused, changes)
          select key_id, step, at, writer, workspace_id, accepted, refused, changes
          from jsonb_to_recordset(${JSON.stringify(apart.map(toRecord))}::jsonb)
            as row (key_id text, step text, at timestamptz, writer text, workspace_id text,
                    accepted bigint, refused bigint, changes bigint)
          order by key_id, step, at, writer
          on conflict (key_id, step, at, writer) do update
            set accepted = excluded.accepted, refused = excluded.refused, changes = excluded.changes
            where usage_apart.changes < excluded.changes
        )
        insert into usage (key_id, step, at, writer, workspace_id, accepted, refused, refusals, is_open)
        select key_id, step, at, writer, workspace_id, accepted, refused, refusals, is_open
        from jsonb_to_recordset(${JSON.stringify(usage.map(toRecord))}::jsonb)
          as row (key_id text, step text, at timestamptz, writer text, workspace_id text,
                  accepted bigint, refused bigint, refusals jsonb, is_open boolean)
        order by key_id, step, at, writer
        on conflict (key_id, step, at, writer) do update
          set accepted = excluded.accepted, refused = excluded.refused, refusals = excluded.refusals,
              is_open = excluded.is_open
          where usage.accepted + usage.refused < excluded.accepted + excluded.refused
             or (usage.is_open and not excluded.is_open)`,
      );
    },

    async totals(workspaceId, at) {
      const { minute, day, month, monthEnd } = startsAt(at);
      // Days hold the minutes that are closed; those that are open are added.
      const found = await queryRows(
        pool,
        sql`
        with counted as (
          select key_id, null::text as writer, step, at, accepted, refused from usage
          where workspace_id = ${workspaceId} and ((step = 'minute' and at = ${minute}) or (step = 'day' and at >= ${month}))
          union all
          select key_id, null, 'day', date_trunc('day', at, 'UTC'), accepted, refused from usage
          where workspace_id = ${workspaceId} and is_open and at >= ${month}
          union all
          select key_id, writer, step, at, accepted, refused from usage_apart
          where workspace_id = ${workspaceId} and ((step = 'minute' and at = ${minute}) or (step = 'day' and at >= ${month}))
        )
        select key_id, writer, ${countColumns(minute, day)}
        from counted
        where at < ${monthEnd}
        group by key_id, writer`,
      );
      const totals = Totals.parse(found);
      const keys = new Map<string, StoredCounts>();
      const apart: ApartCounts[] = [];
      for (const { key_id, writer, ...columns } of totals) {
        if (key_id === null) continue;
        const counts = countsFrom(columns, at);
        if (writer === null) keys.set(key_id, counts);
        else apart.push({ keyId: key_id, writer, counts });
      }
      return { workspace: sumOf([...keys.values()], at), keys, apart };
    },

    async apart(at) {
      const { minute, day, month, monthEnd } = startsAt(at);
      const found = await queryRows(
        pool,
        sql`
        select workspace_id, key_id, writer, ${countColumns(minute, day)}
        from usage_apart
        where (step = 'minute' and at = ${minute}) or (step = 'day' and at >= ${month} and at < ${monthEnd})
        group by workspace_id, key_id, writer`,
      );
      const byWorkspace = Map.groupBy(Aparts.parse(found), ({ workspace_id }) => workspace_id);
      return new Map(
        Array.from(byWorkspace, ([workspaceId, rows]) => [
          workspaceId,
          rows.map(({ key_id, writer, ...columns }) => ({ keyId: key_id, writer, counts: countsFrom(columns, at) })),
        ]),
      );
    },

    async history({ keyId, ...range }) {
      if (keyId !== undefined) return (await keyHistories({ ...range, keyIds: [keyId] })).get(keyId) ?? [];
      return (await pointsOf(readers, range, { subject: sql`''`, fits: sql`true` })).get('') ?? [];
    },
    keyHistories,
  };
}

/** Points by subject, oldest first: sums over those of a workspace's rows that fit. */
async function pointsOf(
  pool: Pool,
  { workspaceId, step, from, to }: Omit<HistoryRequest, 'keyId'>,
  { subject, fits }: { readonly subject: Sql; readonly fits: Sql },
): Promise<Map<string, UsagePoint[]>> {
  const [first, end] = [new Date(stepAt(step, from)), new Date(to)];
  const found = await queryRows(
    pool,
    sql`
    with rows as (
      select ${subject} as subject, at, accepted, refused, refusals from usage
      where workspace_id = ${workspaceId} and step = ${step} and at >= ${first} and at < ${end} and ${fits}
      union all
      select ${subject}, date_trunc(${step}, at, 'UTC'), accepted, refused, refusals from usage
      where workspace_id = ${workspaceId} and is_open and ${step} <> 'minute' and at >= ${first} and at < ${end}
        and ${fits}
    ), reasons as (
      select subject, at, jsonb_object_agg(code, calls) as refusals
      from (
        select subject, at, code, sum(calls::bigint) as calls
        from rows, jsonb_each_text(refusals) as reason (code, calls)
        group by subject, at, code
      ) as summed
      group by subject, at
    )
    select subject, at, sum(accepted) as accepted, sum(refused) as refused,
           coalesce(reasons.refusals, '{}'::jsonb) as refusals
    from rows left join reasons using (subject, at)
    group by subject, at, reasons.refusals
    order by at`,
  );
  const points = z.array(Point).parse(found);
  const bySubject = Map.groupBy(points, (point) => point.subject);
  return new Map(
    Array.from(bySubject, ([name, own]) => [
      name,
      own.map(({ subject: _subject, at, ...counts }) => ({ at: at.getTime(), ...counts })),
    ]),
  );
}

/** A row by the names of its columns; those that a table does not have are left unread. */
function toRecord({ keyId, workspaceId, at, ...same }: LedgerRow | ApartRow) {
  const is_open = 'isOpen' in same ? same.isOpen : undefined;
  return { ...same, is_open, key_id: keyId, workspace_id: workspaceId, at: new Date(at) };
}

function startsAt(at: number) {
  const { minute, day, month } = windowsAt(at);
  return {
    minute: new Date(minute.startsAt),
    day: new Date(day.startsAt),
    month: new Date(month.startsAt),
    monthEnd: new Date(month.resetsAt),
  };
}

/** Sums over rows of the current minute, and of the days of the month. */
function countColumns(minute: Date, day: Date): Sql {
  return sql`
    coalesce(sum(accepted) filter (where step = 'minute' and at = ${minute}), 0) as minute_used,
    coalesce(sum(refused) filter (where step = 'minute' and at = ${minute}), 0) as minute_refused,
    coalesce(sum(accepted) filter (where step = 'day' and at = ${day}), 0) as day_used,
    coalesce(sum(refused) filter (where step = 'day' and at = ${day}), 0) as day_refused,
    coalesce(sum(accepted) filter (where step = 'day'), 0) as month_used,
    coalesce(sum(refused) filter (where step = 'day'), 0) as month_refused`;
}

function countsFrom(columns: Readonly<Record<keyof typeof Counts, number>>, at: number): StoredCounts {
  return {
    at: windowsAt(at).minute.startsAt,
    used: { minute: columns.minute_used, day: columns.day_used, month: columns.month_used },
    refused: { minute: columns.minute_refused, day: columns.day_refused, month: columns.month_refused },
  };
}

function sumOf(all: readonly StoredCounts[], at: number): StoredCounts {
  const sum = (of: 'used' | 'refused', kind: WindowKind) => all.reduce((total, counts) => total + counts[of][kind], 0);
  const sums = (of: 'used' | 'refused') => ({
    minute: sum(of, 'minute'),
    day: sum(of, 'day'),
    month: sum(of, 'month'),
  });
  return { at: windowsAt(at).minute.startsAt, used: sums('used'), refused: sums('refused') };
}
