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
  if (at !== lastTime.at) lastTime = { at, text: timeText(at) };
  let tail = '';
  for (let i = 0; i < 16; i += 2) tail += pairs[(((random[i] ?? 0) & 31) << 5) | ((random[i + 1] ?? 0) & 31)];
  return `${idPrefixes[kind]}_${lastTime.text}${tail}`;
}

/** Every request has an id: the text of a millisecond is made once, and characters are taken two at a time. */
let lastTime = { at: 0, text: timeText(0) };
const pairs = Array.from({ length: 1024 }, (_, bits) => crockford.charAt(bits >> 5) + crockford.charAt(bits & 31));

function timeText(at: number): string {
  let text = '';
  let rest = at;
  for (let i = 0; i < 10; i++) {
    text = crockford.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
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
