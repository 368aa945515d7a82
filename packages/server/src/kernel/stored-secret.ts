/**
 * Stored secret: a random value that this instance makes once and keeps in its data folder, readable by its owner alone.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartRefused } from './start-refused.ts';

/** 256 bits in base64url. */
const length = 43;

/**
 * Reads the secret of this name, making it first where there is none. Safe when two processes do it at once.
 *
 * @returns 43 characters of base64url, or more where somebody put in their own
 * @throws StartRefused when the file holds fewer, as after a power cut: it would be easy to guess
 */
export function storedSecret(dataDir: string, name: string): string {
  const path = join(dataDir, name);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true });
  try {
    // A link is made whole or not at all, and never over an existing file.
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  const secret = readFileSync(path, 'utf8').trim();
  if (secret.length >= length) return secret;
  throw new StartRefused(
    `${path} is empty or cut. Put it back from a backup, or remove it to have a new one made: nothing that the old one signed holds then.`,
  );
}
