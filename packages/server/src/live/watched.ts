/**
 * Watched: which workspaces anybody watches, on any server, so that nobody tells of the others.
 *
 * Whoever watches says so when he begins and every few seconds; who is not heard of for a while is forgotten. A message
 * that gets lost costs a watcher a tick that comes with the next heartbeat instead.
 * Bound: as many as are watched.
 */
import { z } from 'zod';
import type { Bus } from '../events/bus.ts';

const sayEveryMs = 4_000;
/** Two words may get lost. */
const forgetAfterMs = 3 * sayEveryMs;
const WorkspaceIds = z.array(z.string());

export interface Watched {
  /** Whether anybody watches a workspace, as far as is known here. */
  has(workspaceId: string): boolean;
  /** Says that a workspace is watched on this server, until the returned function is called. */
  add(workspaceId: string): () => void;
  close(): void;
}

/**
 * Opens a list; from when it settles it hears of all servers.
 *
 * @param channel  names the list: there is one for each thing that can be watched
 */
export async function createWatched({ bus, channel }: { bus: Bus; channel: string }): Promise<Watched> {
  const here = new Set<string>();
  const heardAt = new Map<string, number>();
  const say = (workspaceIds: readonly string[]) => bus.publish(channel, JSON.stringify(workspaceIds));

  const end = await bus.subscribe(channel, (message) => {
    for (const workspaceId of WorkspaceIds.parse(JSON.parse(message))) heardAt.set(workspaceId, performance.now());
  });
  const timer = setInterval(() => {
    const since = performance.now() - forgetAfterMs;
    for (const [workspaceId, at] of heardAt) if (at < since) heardAt.delete(workspaceId);
    if (here.size > 0) say([...here]);
  }, sayEveryMs);

  return {
    has: (workspaceId) => heardAt.has(workspaceId) || here.has(workspaceId),
    add(workspaceId) {
      here.add(workspaceId);
      say([workspaceId]);
      return () => void here.delete(workspaceId);
    },
    close() {
      clearInterval(timer);
      end();
    },
  };
}
