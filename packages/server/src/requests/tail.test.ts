import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalBus } from '../events/bus.local.ts';
import { createLog } from '../kernel/log.ts';
import { createWatched } from '../live/watched.ts';
import { entry, idsOf } from './request-log.contract.ts';
import { createLocalRequestLog } from './request-log.local.ts';
import { createTail, mostInBatch, type RequestBatch, requestChannel, type Tail } from './tail.ts';

const log = createLog('silent');
const bus = createLocalBus({ log });
const requestLog = createLocalRequestLog({
  onWritten: (workspaceId) => bus.publish(requestChannel(workspaceId), ''),
});
const note = (workspaceId: string, from: number, to: number) => {
  for (let n = from; n <= to; n++) requestLog.note(workspaceId, entry(`req_${n}`, { keyId: `key_${n % 2}` }));
};
let tail: Tail;
beforeAll(async () => {
  const watched = await createWatched({ bus, channel: 'watched-requests' });
  tail = createTail({ requestLog, bus, watched, log });
});
afterAll(() => tail.close());

const next = async (batches: AsyncIterableIterator<RequestBatch>) => {
  const { value } = await batches.next();
  return { ids: idsOf(value.requests), leftOut: value.leftOut, ...(value.isFirst ? { isFirst: true } : {}) };
};

describe('a tail of requests', () => {
  it('begins with the last ones, then tells each new one once, newest first', async () => {
    note('ws_a', 1, 3);
    const batches = await tail.watch('ws_a', {});
    expect(await next(batches)).toEqual({ ids: ['req_3', 'req_2', 'req_1'], leftOut: 0, isFirst: true });
    const late = await tail.watch('ws_a', {});
    expect((await next(late)).ids).toHaveLength(3);
    note('ws_a', 4, 5);
    expect(await next(batches)).toEqual({ ids: ['req_5', 'req_4'], leftOut: 0 });
    expect(await next(late)).toEqual({ ids: ['req_5', 'req_4'], leftOut: 0 });
    await Promise.all([batches.return?.(), late.return?.()]);
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  it('gives each watcher what fits, and none of another workspace', async () => {
    const [odd, elsewhere] = [await tail.watch('ws_b', { keyId: 'key_1' }), await tail.watch('ws_c', {})];
    expect([await next(odd), await next(elsewhere)]).toEqual(Array(2).fill({ ids: [], leftOut: 0, isFirst: true }));
    note('ws_b', 1, 4);
    note('ws_c', 9, 9);
    expect((await next(odd)).ids).toEqual(['req_3', 'req_1']);
    expect((await next(elsewhere)).ids).toEqual(['req_9']);
    await Promise.all([odd.return?.(), elsewhere.return?.()]);
  });

  it('sends at most 5 batches a second, of at most 100, and tells how many it left out', async () => {
    const batches = await tail.watch('ws_d', {});
    await next(batches);
    note('ws_d', 1, 250);
    const startedAt = performance.now();
    const first = await next(batches);
    expect(first.ids).toHaveLength(mostInBatch);
    expect(first.ids[0]).toBe('req_250');
    expect(first.leftOut).toBe(150);
    for (let batch = 1; batch <= 3; batch++) {
      note('ws_d', 250 + batch, 250 + batch);
      expect(await next(batches)).toEqual({ ids: [`req_${250 + batch}`], leftOut: 0 });
    }
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(590);
    await batches.return?.();
  });

  it('holds one batch for a reader that does not read, the newest, and counts the rest', async () => {
    const [slow, quick] = [await tail.watch('ws_e', {}), await tail.watch('ws_e', {})];
    await Promise.all([next(slow), next(quick)]);
    for (let round = 0; round < 3; round++) {
      note('ws_e', round * 80 + 1, round * 80 + 80);
      expect((await next(quick)).ids).toHaveLength(80);
    }
    const { ids, leftOut } = await next(slow);
    expect([ids.length, ids[0], ids.at(-1), leftOut]).toEqual([100, 'req_240', 'req_141', 140]);
    await Promise.all([slow.return?.(), quick.return?.()]);
  });
});
