/**
 * Secret format: what a secret looks like, and whether a string can be one at all.
 *
 * `gk_` + 30 random base62 characters + 6 base62 characters of the CRC-32 of everything before them. The checksum
 * lets the guard, a secret scanner and a form refuse a mistyped secret without a look-up. It is no security measure:
 * the 30 characters are (178 bits).
 */

export const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const randomLength = 30;
const checksumLength = 6;

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/**
 * CRC-32 as zlib computes it, over a string of ASCII characters.
 *
 * @param start  where to begin; the whole text unless told
 * @param end    where to stop
 */
export function crc32(text: string, start = 0, end = text.length): number {
  let crc = 0xffffffff;
  for (let i = start; i < end; i++) {
    crc = (crcTable[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < checksumLength; i++) {
    digits = base62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** Values of base62 characters by their code; 255 for all others. */
const digitOf = Uint8Array.from({ length: 128 }, (_, code) => base62.indexOf(String.fromCharCode(code)) & 0xff);

/**
 * Makes a secret from random base62 characters, by appending the checksum.
 *
 * @param prefix  without the underscore, for example `gk`
 * @param random  30 base62 characters from a CSPRNG
 */
export function composeSecret(prefix: string, random: string): string {
  if (random.length !== randomLength) throw new RangeError('a secret takes 30 random characters');
  const start = `${prefix}_${random}`;
  return start + checksumOf(start);
}

/**
 * Whether a string is a well-formed secret: prefix, length, alphabet and checksum. Does not say that it was issued.
 * Every call passes here, so it makes no strings.
 *
 * @param start  where the secret begins, which goes to the end of the text; the whole of it unless told
 */
export function isSecret(prefix: string, text: string, start = 0): boolean {
  const bodyStart = start + prefix.length + 1;
  if (text.length !== bodyStart + randomLength + checksumLength) return false;
  if (!text.startsWith(prefix, start) || text.charCodeAt(bodyStart - 1) !== 95) return false;
  const end = text.length - checksumLength;
  let checksum = 0;
  for (let i = bodyStart; i < text.length; i++) {
    const digit = digitOf[text.charCodeAt(i)] ?? 255;
    if (digit === 255) return false;
    if (i >= end) checksum = checksum * 62 + digit;
  }
  return checksum === crc32(text, start, end);
}

/** What may be shown of a secret for ever after: `gk_7Qm3…x0Ol`. */
export function hintOf(prefix: string, secret: string): string {
  const bodyStart = prefix.length + 1;
  return `${secret.slice(0, bodyStart + 4)}…${secret.slice(-4)}`;
}
