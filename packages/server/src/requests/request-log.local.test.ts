import { describe, expect, it } from 'vitest';
import { entry, requestLogContract } from './request-log.contract.ts';
import { createLocalRequestLog } from './request-log.local.ts';

requestLogContract('in this process', async () => {
  const written: string[] = [];
  const log = createLocalRequestLog({ onWritten: (workspaceId) => written.push(workspaceId) });
  return { log, other: log, written, close: () => log.close() };
});

describe('a request log in this process with room for thirty entries', () => {
  it('lets go of the workspace that was called longest ago, and counts what it had', async () => {
    const log = createLocalRequestLog({ onWritten: () => {}, mostEntries: 30 });
    const note = (workspaceId: string, at: number, times: number) => {
      for (let n = 1; n <= times; n++) log.note(workspaceId, entry(`req_${at}_${n}`, { at }));
    };
    note('ws_a', 1, 10);
    note('ws_b', 2, 10);
    note('ws_a', 3, 1);
    note('ws_c', 4, 9);
    expect(log.dropped()).toBe(0);
    note('ws_c', 5, 1);
    const kept = await Promise.all(['ws_a', 'ws_b', 'ws_c'].map((id) => log.page(id, {}, 30)));
    expect(kept.map(({ length }) => length)).toEqual([11, 0, 10]);
    expect(log.dropped()).toBe(10);
  });
});
