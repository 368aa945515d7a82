/**
 * Usage announcer: tells every server which keys were just used, so that whoever watches them reads the counter.
 * Of workspaces that nobody watches it says nothing.
 *
 * The first call after a pause is told at once; under load, one message a workspace every 50 ms names all keys since
 * the last. Bound: as many names as there are keys in use within 50 ms.
 */
import type { Bus } from '../events/bus.ts';
import type { Watched } from './watched.ts';

const everyMs = 50;

export interface UsageAnnouncer {
  /** Notes that a key's counts changed. Never waits, never throws. */
  touch(workspaceId: string, keyId: string): void;
  close(): void;
}

/** The channel on which a workspace's changed keys are named: a JSON array of key ids. */
export const usageChannel = (workspaceId: string) => `usage:${workspaceId}`;

/** Opens the announcer. */
export function createUsageAnnouncer({ bus, watched }: { bus: Bus; watched: Pick<Watched, 'has'> }): UsageAnnouncer {
  let changed = new Map<string, Set<string>>();
  let pause: NodeJS.Timeout | undefined;

  const tell = () => {
    pause = undefined;
    if (changed.size === 0) return;
    const told = changed;
    changed = new Map();
    for (const [workspaceId, keyIds] of told) bus.publish(usageChannel(workspaceId), JSON.stringify([...keyIds]));
    pause = setTimeout(tell, everyMs);
  };

  return {
    touch(workspaceId, keyId) {
      if (!watched.has(workspaceId)) return;
      const keyIds = changed.get(workspaceId);
      if (keyIds !== undefined) {
        keyIds.add(keyId);
        return;
      }
      changed.set(workspaceId, new Set([keyId]));
      // Not within the caller's turn: the answer goes out first, and calls of the same turn share the message.
      pause ??= setTimeout(tell, 0);
    },
    close: () => clearTimeout(pause),
  };
}
