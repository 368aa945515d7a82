/** Settings part: which part of the settings is looked at. It lives in the address, as does the dialog that is open. Pure. */

/** In the order in which they are offered: of the workspace, of the person, of the instance. */
export const partGroups = {
  workspace: ['workspace', 'members', 'plan', 'danger'],
  person: ['appearance', 'sessions'],
  instance: ['plans', 'rules', 'workspaces'],
} as const;
export type PartGroup = keyof typeof partGroups;
export type Part = (typeof partGroups)[PartGroup][number];

/** The groups that a viewer is shown; the instance is the operator’s. */
export function groupsFor(isOperator: boolean): readonly PartGroup[] {
  return isOperator ? ['workspace', 'person', 'instance'] : ['workspace', 'person'];
}

/** The part that an address asks for, if the viewer is shown it. `?invite` alone is enough to invite. */
export function partFrom(params: Pick<URLSearchParams, 'get' | 'has'>, isOperator: boolean): Part {
  const asked = params.get('part') ?? (params.has('invite') ? 'members' : 'workspace');
  const shown: readonly Part[] = groupsFor(isOperator).flatMap((group) => partGroups[group]);
  return shown.find((part) => part === asked) ?? 'workspace';
}

/** The address of a part. @param more  what else it says, as `invite` or `search=ada` */
export function settingsPath(part: Part, more = ''): string {
  return `/settings?part=${part}${more === '' ? '' : `&${more}`}`;
}
