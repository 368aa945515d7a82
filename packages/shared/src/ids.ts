/** Ids: typed and opaque. A prefix, `_`, then 26 characters of Crockford base32: 48 bits of time, 80 random. */

export const idPrefixes = {
  workspace: 'ws',
  key: 'key',
  plan: 'plan',
  costRule: 'rule',
  user: 'usr',
  session: 'ses',
  invitation: 'inv',
  webhookEndpoint: 'whe',
  message: 'msg',
  attempt: 'att',
  mail: 'mail',
  event: 'evt',
  request: 'req',
} as const;
export type IdKind = keyof typeof idPrefixes;

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Makes an id; ids made later sort after ids made in an earlier millisecond.
 *
 * @param at      epoch ms
 * @param random  16 bytes from a CSPRNG, of which 5 bits each are used
 */
export function composeId(kind: IdKind, at: number, random: Uint8Array): string {
  let time = '';
  let rest = at;
  for (let i = 0; i < 10; i++) {
    time = crockford.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let tail = '';
  for (let i = 0; i < 16; i++) tail += crockford.charAt((random[i] ?? 0) & 31);
  return `${idPrefixes[kind]}_${time}${tail}`;
}

/** What kind of thing an id names; undefined for anything that is not an id of ours. */
export function kindOfId(id: string): IdKind | undefined {
  const [, found] = idPattern.exec(id) ?? [];
  for (const [kind, prefix] of Object.entries(idPrefixes)) {
    if (prefix === found && isIdKind(kind)) return kind;
  }
  return undefined;
}

const idPattern = /^([a-z]+)_[0-9a-hjkmnp-tv-z]{26}$/;

function isIdKind(kind: string): kind is IdKind {
  return Object.hasOwn(idPrefixes, kind);
}
