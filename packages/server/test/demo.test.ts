/** The demo as people start it: what it shows, that it lives, and that it fills nobody else's database. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ask, cookieOf } from './app.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { newAddress, postFrom } from './from-address.ts';
import { expectGone, kill, programs, ready, run, type ServerProcess } from './server-process.ts';
import { watchEvents } from './watch.ts';

interface Demo extends ServerProcess {
  readonly signIn: { readonly email: string; readonly password: string };
}

const dayMs = 86_400_000;
const Attempt = z.object({ status: z.number().nullable(), startedAt: z.string() });
const Tick = z.object({ usage: z.object({ usage: z.object({ month: z.object({ used: z.number() }) }) }) });
const startedAt = Date.now();
let dataDir = '';
let database: TestDatabase;
let demo: Demo;
let headers: Record<string, string> = {};
const children: ChildProcess[] = [];

function runDemo(env: Record<string, string>): ChildProcess {
  const child = run(programs.demo, {
    PORT: '0',
    DATA_DIR: dataDir,
    AUTH_SECRET: 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU',
    LOG_LEVEL: 'warn',
    ...env,
  });
  children.push(child);
  return child;
}

async function startDemo(): Promise<Demo> {
  const child = runDemo({ DATABASE_URL: database.url });
  let words = '';
  child.stdout?.on('data', (chunk) => {
    words += chunk;
  });
  const server = await ready(child);
  await vi.waitFor(() => expect(words).toMatch(/made up/));
  const [, email = '', password = ''] = /^Sign in as (\S+) with the password (\S+)$/m.exec(words) ?? [];
  return { ...server, signIn: { email, password } };
}

async function stop({ child, pids }: Demo): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
  await expectGone(pids);
}

async function signedIn({ url, signIn }: Demo): Promise<Record<string, string>> {
  const cookie = await cookieOf(
    await postFrom(newAddress(), `${url}/api/auth/sign-in/email`, { origin: url }, { ...signIn }),
  );
  return { cookie, origin: url };
}

const workspaceOf = async (fields: string): Promise<Record<string, unknown>> =>
  z
    .object({ workspace: z.record(z.string(), z.unknown()) })
    .parse(await ask(demo.url, headers, `{ workspace { ${fields} } }`, {})).workspace;
const nodesOf = <T>(node: z.ZodType<T>) =>
  z.object({ edges: z.array(z.object({ node })) }).transform(({ edges }) => edges.map((edge) => edge.node));

beforeAll(async () => {
  [database, dataDir] = await Promise.all([testDatabase(), mkdtemp(join(tmpdir(), 'gatekey-demo-'))]);
  demo = await startDemo();
  headers = await signedIn(demo);
}, 60_000);
afterAll(async () => {
  await Promise.all(children.map(kill));
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const Keys = nodesOf(
  z.object({ name: z.string(), status: z.string(), lastUsedAt: z.string().nullable(), previousSecret: z.unknown() }),
);
const keysOf = async () =>
  Keys.parse(
    (await workspaceOf('keys(first: 100) { edges { node { name status lastUsedAt previousSecret { endsAt } } } }'))
      .keys,
  );

describe('a demo', () => {
  it('has 20 keys: in every status, one with two secrets, and one that was never used', async () => {
    const keys = await keysOf();
    expect(keys).toHaveLength(20);
    expect([...new Set(keys.map(({ status }) => status))].sort()).toEqual(['ACTIVE', 'DISABLED', 'EXPIRED', 'REVOKED']);
    expect(keys.filter(({ previousSecret }) => previousSecret !== null)).toHaveLength(1);
    expect(keys.filter(({ lastUsedAt }) => lastUsedAt === null)).toHaveLength(1);
  });

  it('was called on each of the last 30 days', async () => {
    const to = Date.now();
    const [from, end] = [to - 29 * dayMs, to].map((at) => new Date(at).toISOString());
    const { usageHistory } = await workspaceOf(
      `usageHistory(from: "${from}", to: "${end}", step: DAY) { accepted refused }`,
    );
    const points = z.array(z.object({ accepted: z.number(), refused: z.number() })).parse(usageHistory);
    expect(points).toHaveLength(30);
    for (const { accepted, refused } of points) expect(Math.min(accepted, refused)).toBeGreaterThan(0);
  });

  it('has people, an invitation, and a log that goes back', async () => {
    const found = await workspaceOf(
      'members { role } invitations { email } auditEvents(first: 100) { edges { node { type at } } }',
    );
    expect(found.members).toEqual([{ role: 'OWNER' }, { role: 'ADMIN' }, { role: 'MEMBER' }]);
    expect(found.invitations).toEqual([{ email: 'luca@nordwind.example' }]);
    const events = nodesOf(z.object({ type: z.string(), at: z.string() })).parse(found.auditEvents);
    const types = events.map(({ type }) => type);
    for (const type of [
      'key.created',
      'key.rotated',
      'key.disabled',
      'key.revoked',
      'member.joined',
      'webhook.created',
    ]) {
      expect(types).toContain(type);
    }
    expect(Date.parse(events.at(-1)?.at ?? '')).toBeLessThan(Date.now() - 200 * dayMs);
  });

  it('is called while it runs, and the meters move', async () => {
    const ticks = await watchEvents(demo.url, headers, 'subscription { usage { usage { month { used } } } }');
    const used = (data: unknown) => Tick.parse(data).usage.usage.month.used;
    const first = used((await ticks.until(() => true)).data);
    await ticks.until((data) => used(data) > first);
    await ticks.close();
  });

  it('sends webhooks: to a receiver that takes them, and to one that does not', async () => {
    const Endpoints = nodesOf(
      z.object({ deliveries: nodesOf(z.object({ state: z.string(), attempts: z.array(Attempt) })) }),
    );
    const attempts = async () => {
      const fields = 'deliveries(first: 20) { edges { node { state attempts { status startedAt } } } }';
      const { webhookEndpoints } = await workspaceOf(`webhookEndpoints(first: 5) { edges { node { ${fields} } } }`);
      return Endpoints.parse(webhookEndpoints)
        .flatMap(({ deliveries }) => deliveries)
        .flatMap((delivery) => delivery.attempts)
        .filter((attempt) => Date.parse(attempt.startedAt) > startedAt)
        .map(({ status }) => status);
    };
    await expect.poll(attempts, { timeout: 10_000 }).toEqual(expect.arrayContaining([200, 503]));
  });

  it('keeps its sign-in for its owner alone, ends when it is told to, and is the same when it is started again', async () => {
    expect((await stat(join(dataDir, 'demo.json'))).mode & 0o777).toBe(0o600);
    const names = (await keysOf()).map(({ name }) => name);
    await stop(demo);
    const { signIn } = demo;
    demo = await startDemo();
    expect(demo.signIn).toEqual(signIn);
    headers = await signedIn(demo);
    expect((await keysOf()).map(({ name }) => name)).toEqual(names);
    await stop(demo);
  });
});

describe('a demo on a database with accounts of others', () => {
  it('says so in one line, exits with 1, and changes nothing', async () => {
    const foreign = await testDatabase();
    const client = new pg.Client({ connectionString: foreign.url });
    await client.connect();
    await client.query(
      `insert into "user" (id, name, email, updated_at) values ('usr_1', 'Ada', 'ada@example.com', now())`,
    );
    const child = runDemo({ DATABASE_URL: foreign.url });
    if (child.stdout === null || child.stderr === null) throw new Error('no output');
    const [[code], said, complaint] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
    expect(code).toBe(1);
    expect(said).toBe('');
    expect(complaint).toMatch(/^The database has accounts that are no demo’s: [^\n]*\n$/);
    const { rows } = await client.query(
      'select (select count(*) from api_key)::int as keys, (select count(*) from "user")::int as people',
    );
    expect(rows).toEqual([{ keys: 0, people: 1 }]);
    await client.end();
    await foreign.drop();
  });
});
