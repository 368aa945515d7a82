import { describe, expect, it } from 'vitest';
import { entry, idsOf, requestLogContract } from './request-log.contract.ts';
import { createLocalRequestLog } from './request-log.local.ts';

requestLogContract('in this process', async () => {
  const written: string[] = [];
  const log = createLocalRequestLog({ onWritten: (workspaceId) => written.push(workspaceId) });
  return { log, other: log, written, close: () => log.close() };
});

describe('a request log in this process with room for two workspaces', () => {
  it('lets go of the one that was called longest ago, and counts what it had', async () => {
    const log = createLocalRequestLog({ onWritten: () => {}, mostWorkspaces: 2 });
    log.note('ws_a', entry('req_1', { at: 1 }));
    log.note('ws_b', entry('req_2', { at: 2 }));
    log.note('ws_a', entry('req_3', { at: 3 }));
    log.note('ws_c', entry('req_4', { at: 4 }));
    const kept = await Promise.all(['ws_a', 'ws_b', 'ws_c'].map((id) => log.page(id, {}, 10)));
    expect(kept.map(idsOf)).toEqual([['req_3', 'req_1'], [], ['req_4']]);
    expect(log.dropped()).toBe(1);
  });
});
