import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDirectory, startOf } from './claim.ts';

const claimModule = new URL('./claim.ts', import.meta.url).href;
/** Claims a directory in a process of its own, says how that went, and stays. */
const claimant = `
  import(${JSON.stringify(claimModule)}).then(async ({ claimDirectory }) => {
    await claimDirectory(process.argv[1]).then(() => console.log('won'), (error) => console.log('lost', error.message));
    setInterval(() => {}, 1000);
  });
`;

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatekey-claim-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function startClaimant() {
  const child = spawn(process.execPath, ['-e', claimant, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [words] = await once(child.stdout, 'data');
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid: child.pid ?? 0, words: String(words), kill };
}

describe('a directory that a living server claims', () => {
  it('refuses a second server, naming the first', async () => {
    const first = await startClaimant();
    await expect(claimDirectory(directory)).rejects.toThrow(
      new RegExp(`^Another Gatekey \\(process ${first.pid}\\) is running on ${directory}\\.[^\n]*$`),
    );
    expect(await readdir(directory)).toHaveLength(1);
    await first.kill();
  });

  it('is free again after a kill -9 of that server', async () => {
    const first = await startClaimant();
    await first.kill();
    const claim = await claimDirectory(directory);
    expect(await readdir(directory)).toHaveLength(1);
    await claim.release();
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('servers that start at once', () => {
  it('never win both', async () => {
    const all = await Promise.all([startClaimant(), startClaimant(), startClaimant(), startClaimant()]);
    expect(all.filter(({ words }) => words.startsWith('won')).length).toBeLessThanOrEqual(1);
    await Promise.all(all.map(({ kill }) => kill()));
  });
});

describe('a claim left behind', () => {
  it('does not count when its pid was given to another process', async () => {
    const claim = await claimDirectory(directory);
    const [name = ''] = await readdir(directory);
    await claim.release();
    const [, , started = ''] = name.split('.');
    await writeFile(join(directory, name.replace(started, '1').replace(String(process.pid), String(process.ppid))), '');
    await (await claimDirectory(directory)).release();
  });

  it('of another container counts while it is touched', async () => {
    const path = join(directory, 'server.7.123.elsewhere.a.claim');
    await writeFile(path, '');
    let seconds = 0;
    const touch = setInterval(() => {
      seconds += 1;
      void utimes(path, seconds, seconds).catch(() => undefined);
    }, 300);
    await expect(claimDirectory(directory)).rejects.toThrow('Another Gatekey (process 7)');
    clearInterval(touch);
    await (await claimDirectory(directory)).release();
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('the start of a process', () => {
  it('is undefined once the process is gone', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    expect(await startOf(child.pid ?? 0)).toBeUndefined();
    expect(await startOf(process.pid)).toBeDefined();
  });
});
