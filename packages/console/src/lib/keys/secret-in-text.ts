/**
 * Secret in text: finds what is a secret, or begins like one, where somebody typed or pasted it.
 *
 * An address is kept by the browser, by proxies and by whoever it is sent to; a secret must not get into one. Any prefix
 * counts, for an instance may have its own.
 */
import { hintOf } from '@gatekey/shared';

/** After the prefix: 30 random characters and 6 of the checksum. */
const bodyLength = 36;
/** As many characters of it as a hint shows. */
const shownLength = 4;
const candidate = /([a-z0-9]{2,12})_([0-9A-Za-z]+)/g;

/**
 * What may be told of the first secret in a text: its hint, or of one that is cut short its first characters, which find
 * the same key. The secret alone, for what stands around it is no part of a name.
 *
 * @returns undefined where there is none: names with `_` are none unless what follows is as random as a secret
 */
export function hintIn(text: string): string | undefined {
  for (const [secret, prefix = '', body = ''] of text.matchAll(candidate)) {
    if (body.length === bodyLength) return hintOf(prefix, secret);
    if (body.length > shownLength && isRandom(body)) return secret.slice(0, prefix.length + 1 + shownLength);
  }
  return undefined;
}

/** Words of a name are of one kind of letters; in a secret, they change within any few characters. */
function isRandom(body: string): boolean {
  return /[0-9A-Z]/.test(body);
}

/** The text with every secret in it as a hint. */
export function withoutSecrets(text: string): string {
  return text.replace(candidate, (found) => hintIn(found) ?? found);
}
