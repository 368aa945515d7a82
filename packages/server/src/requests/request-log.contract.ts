/**
 * What every request log promises, as tests. Each runs them against the real thing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoggedRequest } from './entry.ts';
import { keptEntries, type PlacedRequest, type RequestLog } from './request-log.ts';
import { search } from './search.ts';

export interface LogUnderTest {
  readonly log: RequestLog;
  /** As another server that shares the store has it, where servers share one. */
  readonly other: RequestLog;
  /** Workspaces that were said to have more to read. */
  readonly written: readonly string[];
  close(): Promise<void>;
}

/** A call of `key_a`, admitted unless told. */
export function entry(id: string, more: Partial<LoggedRequest> = {}): LoggedRequest {
  return {
    ...{ id, at: 1_000, method: 'GET', path: '/api/v1/ping', status: 200, code: null, refusal: null },
    ...{ keyId: 'key_a', address: '203.0.113.7', durationMs: 1.5, cost: 1 },
    ...more,
  };
}
export const idsOf = (entries: readonly LoggedRequest[]) => entries.map(({ id }) => id);
const placeOf = (entries: readonly PlacedRequest[], id: string) => entries.find((one) => one.id === id)?.place;

/** The whole of a log once it holds an entry. */
export async function whole(log: RequestLog, workspaceId: string, lastId: string): Promise<readonly PlacedRequest[]> {
  const read = () => log.page(workspaceId, {}, 2 * keptEntries);
  await expect.poll(async () => idsOf(await read()).includes(lastId), { interval: 20 }).toBe(true);
  return read();
}

export function requestLogContract(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`the request log ${name}`, () => {
    let log: RequestLog;
    let other: RequestLog;
    let written: readonly string[];
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ log, other, written, close } = await open());
    });
    afterAll(() => close());

    it('gives an entry back as it was noted, on every server, and says that it is there', async () => {
      const limit = { subject: 'key', window: 'minute', quota: 3, resetsAt: 60_000 } as const;
      const refused = entry('req_1', { status: 429, code: 'rate_limited', refusal: { limit }, cost: 0 });
      log.note('ws_same', refused);
      const [read, ...more] = await whole(other, 'ws_same', 'req_1');
      expect(more).toEqual([]);
      expect(read).toEqual({ ...refused, place: expect.stringMatching(/^\d+(-\d+)?$/) });
      expect(written).toContain('ws_same');
    });

    it('gives pages in either direction, between two places, whatever is noted meanwhile', async () => {
      for (let n = 1; n <= 7; n++) log.note('ws_pages', entry(`req_${n}`));
      const all = await whole(log, 'ws_pages', 'req_7');
      expect(idsOf(all)).toEqual(['req_7', 'req_6', 'req_5', 'req_4', 'req_3', 'req_2', 'req_1']);
      log.note('ws_pages', entry('req_8'));
      await whole(log, 'ws_pages', 'req_8');
      const [two, six] = [placeOf(all, 'req_2'), placeOf(all, 'req_6')];
      const page = async (...[range, count]: [Parameters<RequestLog['page']>[1], number]) =>
        idsOf(await log.page('ws_pages', range, count));
      expect(await page({ olderThan: six }, 3)).toEqual(['req_5', 'req_4', 'req_3']);
      expect(await page({ olderThan: two }, 3)).toEqual(['req_1']);
      expect(await page({ olderThan: placeOf(all, 'req_1') }, 3)).toEqual([]);
      expect(await page({ newerThan: six }, 3)).toEqual(['req_8', 'req_7']);
      expect(await page({ newerThan: two, isOldestFirst: true }, 2)).toEqual(['req_3', 'req_4']);
      expect(await page({ newerThan: two, olderThan: six }, 9)).toEqual(['req_5', 'req_4', 'req_3']);
    });

    it('tells what is new since a number of entries, the newest of it', async () => {
      expect(await log.newest('ws_end', 0, 5)).toEqual({ total: 0, entries: [] });
      for (let n = 1; n <= 5; n++) log.note('ws_end', entry(`req_${n}`));
      await whole(log, 'ws_end', 'req_5');
      const newest = async (seen: number, most: number) => {
        const { total, entries } = await other.newest('ws_end', seen, most);
        return [total, ...idsOf(entries)];
      };
      expect(await newest(0, 9)).toEqual([5, 'req_1', 'req_2', 'req_3', 'req_4', 'req_5']);
      expect(await newest(3, 9)).toEqual([5, 'req_4', 'req_5']);
      expect(await newest(0, 2)).toEqual([5, 'req_4', 'req_5']);
      expect(await newest(5, 9)).toEqual([5]);
      // As after the store lost it.
      expect(await newest(900, 9)).toEqual([5, 'req_1', 'req_2', 'req_3', 'req_4', 'req_5']);
    });

    it('finds what fits, however far back', async () => {
      const odd = { status: 403, code: 'ip_not_allowed', refusal: { list: 'key' }, method: 'POST' } as const;
      log.note('ws_find', entry('req_odd', { ...odd, path: '/api/v1/orders/7', keyId: 'key_b' }));
      for (let n = 1; n <= 450; n++) log.note('ws_find', entry(`req_${n}`));
      await whole(log, 'ws_find', 'req_450');
      const found = async (filter: Parameters<typeof search>[2]['filter'], count = 5) =>
        idsOf(await search(log, 'ws_find', { filter, range: {}, count }));
      for (const filter of [
        { id: 'req_odd' },
        { status: '403' },
        { status: '4xx' },
        { code: 'ip_not_allowed' },
        { isRefused: true },
        { keyId: 'key_b' },
        { method: 'post' },
        { path: '/api/v1/orders/' },
      ]) {
        expect(await found(filter)).toEqual(['req_odd']);
      }
      expect(await found({ status: '2xx', isRefused: true })).toEqual([]);
      expect(await found({ keyId: 'key_a' }, 2)).toEqual(['req_450', 'req_449']);
      expect(await found({ isRefused: false }, 1_000)).toHaveLength(450);
    });

    it('keeps the last entries of a workspace, through a flood of another', async () => {
      log.note('ws_calm', entry('req_calm'));
      await whole(log, 'ws_calm', 'req_calm');
      const before = log.dropped();
      for (let n = 1; n <= 1_900; n++) log.note('ws_flood', entry(`req_${n}`));
      const kept = await whole(log, 'ws_flood', 'req_1900');
      expect(kept.length).toBeGreaterThanOrEqual(keptEntries);
      expect(kept.length).toBeLessThanOrEqual(1.1 * keptEntries);
      expect(idsOf(kept).slice(0, 2)).toEqual(['req_1900', 'req_1899']);
      expect((await log.newest('ws_flood', 0, 1)).total).toBe(1_900);
      expect(log.dropped()).toBe(before);
      expect(idsOf(await log.page('ws_calm', {}, 10))).toEqual(['req_calm']);
    });
  });
}
