/** Scopes: what a key may do beyond calling the API. Words of lower case with `:`; matching is exact, no wildcards. */

export const managementScopes = [
  'keys:read',
  'keys:write',
  'usage:read',
  'webhooks:read',
  'webhooks:write',
  'audit:read',
  'keys:verify',
] as const;
export type ManagementScope = (typeof managementScopes)[number];

/** Lower-case words with `:` between them, at most 64 characters. */
export const scopePattern = /^(?=.{1,64}$)[a-z0-9_-]+(?::[a-z0-9_-]+)*$/;
