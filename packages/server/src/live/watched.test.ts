import { afterEach, describe, expect, it } from 'vitest';
import { createLocalBus } from '../events/bus.local.ts';
import { createLog } from '../kernel/log.ts';
import { createUsageAnnouncer, usageChannel } from './usage-announcer.ts';
import { createWatched, type Watched } from './watched.ts';

const log = createLog('silent');
let opened: Watched[] = [];
afterEach(() => {
  for (const one of opened) one.close();
  opened = [];
});

/** Two servers on one bus. */
async function servers() {
  const bus = createLocalBus({ log });
  opened = [await createWatched({ bus, channel: 'watched' }), await createWatched({ bus, channel: 'watched' })];
  const [one, other] = opened;
  if (one === undefined || other === undefined) throw new Error('two servers');
  return { bus, one, other };
}

describe('a workspace', () => {
  it('is known to be watched on every server from when somebody begins', async () => {
    const { one, other } = await servers();
    expect(other.has('ws_1')).toBe(false);
    one.add('ws_1');
    expect(one.has('ws_1')).toBe(true);
    await expect.poll(() => other.has('ws_1')).toBe(true);
    expect(other.has('ws_2')).toBe(false);
  });

  it('that nobody watches is not told of', async () => {
    const { bus, one, other } = await servers();
    const told: string[] = [];
    for (const workspaceId of ['ws_1', 'ws_2'])
      await bus.subscribe(usageChannel(workspaceId), () => told.push(workspaceId));
    one.add('ws_2');
    await expect.poll(() => other.has('ws_2')).toBe(true);
    const announcer = createUsageAnnouncer({ bus, watched: other });
    announcer.touch('ws_1', 'key_1');
    announcer.touch('ws_2', 'key_2');
    await expect.poll(() => told).toEqual(['ws_2']);
    announcer.close();
  });
});
