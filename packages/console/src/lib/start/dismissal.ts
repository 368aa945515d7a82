/** Dismissal: that the first steps of a workspace are not to be shown again in this browser. */

const nameFor = (workspaceId: string): string => `gatekey-start-over:${workspaceId}`;

export function isDismissed(workspaceId: string): boolean {
  try {
    return localStorage.getItem(nameFor(workspaceId)) !== null;
  } catch {
    return false;
  }
}

export function dismiss(workspaceId: string): void {
  try {
    localStorage.setItem(nameFor(workspaceId), '1');
  } catch {
    // In a browser that keeps nothing they are gone until the page is opened again.
  }
}
