/**
 * Sealed: short texts that the database holds and only this instance reads.
 *
 * AES-256-GCM under a key that HKDF derives from the instance's secret, each purpose its own. What a text is about is
 * bound to it, so that nobody who can write rows puts one thing's secret into another's row.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export interface Sealer {
  /** @param about  names the thing that the text belongs to; `open` needs the same */
  seal(text: string, about: string): Uint8Array<ArrayBuffer>;
  /** @returns undefined for what was sealed under another secret, for another thing, or was changed */
  open(sealed: Uint8Array, about: string): string | undefined;
  /** The same for the same text; who does not know the instance's secret learns nothing of it. */
  mark(text: string): string;
}

const ivBytes = 12;
const tagBytes = 16;

/** @param purpose  a word that is never renamed */
export function createSealer(secret: string, purpose: string): Sealer {
  const keyFor = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `gatekey ${use}`, 32));
  const [key, markKey] = [keyFor(purpose), keyFor(`marks of ${purpose}`)];
  return {
    seal(text, about) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return new Uint8Array(Buffer.concat([iv, cipher.getAuthTag(), body]));
    },
    mark: (text) => createHmac('sha256', markKey).update(text).digest('base64url'),
    open(sealed, about) {
      const bytes = Buffer.from(sealed);
      const [tagAt, bodyAt] = [ivBytes, ivBytes + tagBytes];
      if (bytes.length < bodyAt) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, tagAt), { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(tagAt, bodyAt));
        return Buffer.concat([decipher.update(bytes.subarray(bodyAt)), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
