/** Role: what a member may do in a workspace. */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** Reads a stored role. @returns undefined for a word that is none, which gives no right at all */
export function roleFrom(text: string): Role | undefined {
  return roles.find((role) => role === text);
}
