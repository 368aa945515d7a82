import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { makePlan, run, seededPlans, workspaceOf } from '../../test/commands.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { rotate, run as runOnKey } from '../../test/key-commands.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';

let store: TestDatabase;
let redis: TestRedis;
let one: TestApp;
let other: TestApp;
let operator: Browser;
beforeEach(async () => {
  [store, redis] = await Promise.all([testDatabase(), testRedis()]);
  const env = { REDIS_URL: redis.url };
  one = await testApp({ databaseUrl: store.url, env });
  other = await testApp({ databaseUrl: store.url, env });
  operator = await one.signUp('Olga');
});
afterEach(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await Promise.all([redis.stop(), store.drop()]);
});

const decisionOf = async (app: TestApp, secret: string) => (await app.call(secret)).headers.get('gatekey-decision');

/** A key with all that it hangs on, to be stopped by one of them and let pass again. */
interface Subject {
  readonly secret: string;
  /** How the guard refuses it when it is stopped. */
  readonly refusal: string;
  stop(): Promise<unknown>;
  letPass(): Promise<unknown>;
}

/** Someone new without limits, so that a test may call as often as it likes, and a key that has passed today. */
async function keyHolder() {
  const owner = await one.signUp();
  const workspaceId = await workspaceOf(owner);
  await run(operator, 'changePlan', { workspaceId, planId: seededPlans.Unlimited });
  const { id, secret } = await owner.createKey();
  expect(await decisionOf(one, secret)).toBe('admitted');
  return { owner, id, secret, workspaceId };
}

const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  async 'a disabled key'() {
    const { owner, id, secret } = await keyHolder();
    return {
      secret,
      refusal: 'key_disabled',
      stop: () => runOnKey(owner, 'disableKey', id),
      letPass: () => runOnKey(owner, 'enableKey', id),
    };
  },
  async 'the allowlist of a workspace'() {
    const { owner, secret } = await keyHolder();
    const allow = (...ipAllowlist: string[]) => run(owner, 'setIpAllowlist', { ipAllowlist });
    return { secret, refusal: 'ip_not_allowed', stop: () => allow('192.0.2.1'), letPass: () => allow() };
  },
  async 'a suspended workspace'() {
    const { secret, workspaceId } = await keyHolder();
    return {
      secret,
      refusal: 'workspace_suspended',
      stop: () => run(operator, 'suspendWorkspace', workspaceId),
      letPass: () => run(operator, 'resumeWorkspace', workspaceId),
    };
  },
  async 'the choice of a plan'() {
    const { owner, secret, workspaceId } = await keyHolder();
    const planId = await makePlan(operator, { name: 'Tiny', limits: { day: 1 } });
    return {
      secret,
      refusal: 'quota_exceeded',
      stop: () => run(operator, 'changePlan', { workspaceId, planId }),
      letPass: () => run(owner, 'changePlan', { planId: seededPlans.Pro }),
    };
  },
  async 'the edit of a plan'() {
    const { owner, secret } = await keyHolder();
    const id = await makePlan(operator, { name: 'Edited', limits: {}, selfServe: true });
    await run(owner, 'changePlan', { planId: id });
    return {
      secret,
      refusal: 'quota_exceeded',
      stop: () => run(operator, 'updatePlan', { id, limits: { day: 1 } }),
      letPass: () => run(operator, 'updatePlan', { id, limits: { day: null } }),
    };
  },
};

/** Waits until both servers decide like this. @returns how long it took from now, ms */
async function decidedOnBoth(secret: string, decision: string, withinMs: number): Promise<number> {
  const from = performance.now();
  const options = { timeout: withinMs, interval: 20 };
  await Promise.all([one, other].map((app) => expect.poll(() => decisionOf(app, secret), options).toBe(decision)));
  return performance.now() - from;
}

describe('on two servers', () => {
  it.each(Object.entries(subjects))(
    '%s holds on both within 1 s of the answer, and is undone so',
    async (name, make) => {
      const { secret, refusal, stop, letPass } = await make();
      await decidedOnBoth(secret, 'admitted', 1_000);
      await stop();
      const stopped = await decidedOnBoth(secret, refusal, 1_000);
      await letPass();
      const passes = await decidedOnBoth(secret, 'admitted', 1_000);
      console.log(`${name}: held on both after ${stopped.toFixed(0)} ms, undone after ${passes.toFixed(0)} ms`);
    },
  );

  it('a key keeps or loses its secrets on both within 1 s of being rotated', async () => {
    const { owner, id, secret: old } = await keyHolder();
    const { secret } = await rotate(owner, { id });
    const endOfOld = async () => (await other.call(old)).headers.get('gatekey-secret-expires');
    await expect.poll(endOfOld, { timeout: 1_000, interval: 20 }).toMatch(/ GMT$/);
    await decidedOnBoth(secret, 'admitted', 1_000);
    await runOnKey(owner, 'endKeyOverlap', id);
    await decidedOnBoth(old, 'key_invalid', 1_000);
    await rotate(owner, { id, graceSeconds: 0 });
    await decidedOnBoth(secret, 'key_invalid', 1_000);
  });

  it('each holds on both within 10 s when no message reaches anybody', async () => {
    const all = await Promise.all(Object.entries(subjects).map(async ([name, make]) => ({ name, ...(await make()) })));
    await Promise.all(all.map(({ secret }) => decidedOnBoth(secret, 'admitted', 1_000)));
    await redis.silence();
    await Promise.all(
      all.map(async ({ name, secret, refusal, stop }) => {
        await stop();
        const took = await decidedOnBoth(secret, refusal, 10_000);
        console.log(`${name}, without messages: held on both after ${(took / 1_000).toFixed(1)} s`);
      }),
    );
  });
});
