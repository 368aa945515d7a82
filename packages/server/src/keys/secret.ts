/** Secret: made from the system's random source, known afterwards only by its hash. */
import { hash, randomInt } from 'node:crypto';
import { base62, composeSecret } from '@gatekey/shared';

/** A new secret. `randomInt` draws each character without bias. */
export function newSecret(prefix: string): string {
  let random = '';
  for (let i = 0; i < 30; i++) random += base62.charAt(randomInt(62));
  return composeSecret(prefix, random);
}

/** SHA-256 of a whole secret: 32 characters, a byte each. Text, for it is looked up with every call. */
export type SecretHash = string;

/** A plain hash is enough, for a secret has 178 random bits. */
export function hashOf(secret: string): SecretHash {
  return hash('sha256', secret, 'binary');
}

/** A hash from the bytes that the database has. */
export function hashFrom(bytes: Uint8Array): SecretHash {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The bytes of a hash, as the database has them. */
export function bytesOf(secretHash: SecretHash): Buffer<ArrayBuffer> {
  return Buffer.from(secretHash, 'latin1');
}
