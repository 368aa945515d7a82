/** Standing: what a page was made for: the person, the workspace and their role in it. Pure. */
import type { Viewer, ViewerAnswer, Workspace } from './viewer.documents.ts';

export interface Opened {
  readonly viewer: Viewer;
  readonly workspace: Workspace;
}

/** What became of the place that a page shows: it stands as it was, something about it is other, or one is out of it. */
export function standingAfter({ viewer, workspace }: Opened, answer: ViewerAnswer): 'same' | 'changed' | 'lost' {
  const isIn = answer.viewer.workspaces.some(({ id }) => id === workspace.id);
  if (answer.viewer.user?.id === viewer.user?.id && !isIn) return 'lost';
  return told({ viewer, workspace }) === told(answer) ? 'same' : 'changed';
}

/** All but what moves by itself. */
function told({ viewer: { address: _address, ...viewer }, workspace }: ViewerAnswer): string {
  return JSON.stringify([viewer, { ...workspace, usage: null }]);
}
