/**
 * Keepsake: what a demo must know again when it is started a second time: whom it is signed in as, and the secrets that its
 * sample traffic comes with. A file in the data folder, readable by its owner alone.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StartRefused } from '../kernel/start-refused.ts';

const KeepsakeFile = z.object({
  userId: z.string(),
  email: z.string(),
  password: z.string(),
  /** By the name of the integration. */
  keys: z.record(
    z.string(),
    z.object({
      id: z.string(),
      secret: z.string(),
      /** From before the rotation. */
      previous: z.string().optional(),
    }),
  ),
  /** The ids of the webhook endpoints, by the path of their receiver. */
  endpoints: z.record(z.string(), z.string()),
});
export type Keepsake = z.infer<typeof KeepsakeFile>;

const nameOf = (dataDir: string) => join(dataDir, 'demo.json');

/** @returns undefined where no demo was made. @throws StartRefused when the file is damaged */
export function readKeepsake(dataDir: string): Keepsake | undefined {
  const path = nameOf(dataDir);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return KeepsakeFile.parse(JSON.parse(text));
  } catch {
    throw new StartRefused(`${path} is no file of a demo, or a damaged one.`);
  }
}

/** Writes it whole or not at all. */
export function writeKeepsake(dataDir: string, keepsake: Keepsake): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${nameOf(dataDir)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(keepsake), { mode: 0o600, flag: 'wx', flush: true });
  renameSync(draft, nameOf(dataDir));
}
