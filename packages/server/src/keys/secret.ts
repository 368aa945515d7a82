/** Secret: made from the system's random source, known afterwards only by its hash. */
import { hash, randomInt } from 'node:crypto';
import { base62, composeSecret } from '@gatekey/shared';

/** A new secret. `randomInt` draws each character without bias. */
export function newSecret(prefix: string): string {
  let random = '';
  for (let i = 0; i < 30; i++) random += base62.charAt(randomInt(62));
  return composeSecret(prefix, random);
}

/** SHA-256 of the whole secret: 32 bytes. A plain hash is enough, for a secret has 178 random bits. */
export function hashOf(secret: string): Buffer<ArrayBuffer> {
  // By way of a string, which is four times as fast as asking for bytes.
  return Buffer.from(hash('sha256', secret, 'binary'), 'latin1');
}
