/**
 * Workspace changes: a watcher is told that a workspace, its people or a plan were changed.
 *
 * A hint, and no more than the kind of change: what is true now is read again. Unread changes of one kind are one.
 */
import type { DomainEvent, Events } from '../events/domain-event.ts';
import { createSlot, eachOf } from './slot.ts';

/** A change of the workspace, of its people, or of a plan, for it may be held to that. */
export type WorkspaceChange = Extract<DomainEvent['type'], `${'workspace' | 'member' | 'plan'}.${string}`>;

/** Watches a workspace; from when the promise settles no change is missed. */
export async function watchWorkspaceChanges(
  events: Events,
  workspaceId: string,
): Promise<AsyncIterableIterator<WorkspaceChange>> {
  let end = () => {};
  const slot = createSlot<Set<WorkspaceChange>>(() => end());
  end = await events.listen(workspaceId, ({ type }) => {
    if (isWorkspaceChange(type)) slot.put((unread = new Set()) => unread.add(type));
  });
  return eachOf(slot);
}

function isWorkspaceChange(type: DomainEvent['type']): type is WorkspaceChange {
  return /^(workspace|member|plan)\./.test(type);
}
