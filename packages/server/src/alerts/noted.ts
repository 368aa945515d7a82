/** Noted: whose counts have changed since somebody looked. In memory, for it is written with every call. */

/** Keys by workspace; null = all of them. */
export type NotedKeys = ReadonlyMap<string, ReadonlySet<string> | null>;

export interface Noted {
  /** Notes that calls of a key were counted. Never waits, never throws. */
  counted(workspaceId: string, keyId: string): void;
  /** Notes a workspace with all its keys. */
  all(workspaceId: string): void;
  /** All that is noted, which is then forgotten. */
  take(): NotedKeys;
  /** Notes again what could not be looked at. */
  putBack(keys: NotedKeys): void;
}

export function createNoted(): Noted {
  let noted = new Map<string, Set<string> | null>();
  const counted = (workspaceId: string, keyId: string) => {
    const known = noted.get(workspaceId);
    if (known === undefined) noted.set(workspaceId, new Set([keyId]));
    else known?.add(keyId);
  };
  const all = (workspaceId: string) => void noted.set(workspaceId, null);
  return {
    counted,
    all,
    take() {
      const taken = noted;
      noted = new Map();
      return taken;
    },
    putBack(keys) {
      for (const [workspaceId, keyIds] of keys) {
        if (keyIds === null) all(workspaceId);
        else for (const keyId of keyIds) counted(workspaceId, keyId);
      }
    },
  };
}
