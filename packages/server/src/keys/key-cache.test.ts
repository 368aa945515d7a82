import { composeSecret } from '@gatekey/shared';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run as command, makePlan, seededPlans } from '../../test/commands.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { run } from '../../test/key-commands.ts';
import { createLocalBus } from '../events/bus.local.ts';
import { createEvents } from '../events/domain-event.ts';
import { createPool, type Pool } from '../kernel/database.ts';
import { createLog } from '../kernel/log.ts';
import { createKeyCache, type KeyCache } from './key-cache.ts';
import { createPostgresKeyLookup } from './lookup.postgres.ts';
import type { KeyLookup } from './lookup.ts';
import { createRecentChanges, type RecentChanges } from './recent-changes.ts';
import { hashOf } from './secret.ts';

const log = createLog('silent');
const decisionOf = async (app: TestApp, secret: string) => (await app.call(secret)).headers.get('gatekey-decision');
const secretOf = (index: number) => composeSecret('gk', String(index).padStart(30, '0'));

let store: TestDatabase;
beforeEach(async () => {
  store = await testDatabase();
});
afterEach(() => store.drop());

const request = { at: 0, method: 'GET', path: '/', status: 200, address: '192.0.2.1' };

describe('a cache over the database', () => {
  let app: TestApp;
  let ada: Browser;
  let pool: Pool;
  let cache: KeyCache;
  let reads = 0;
  /** Holds reads back between the database's answer and the cache, to let something come between. */
  let hold: Promise<void> = Promise.resolve();
  /** Whether the database answers no read. */
  let isAway = false;
  const bus = createLocalBus({ log });
  const events = createEvents({ bus, log });

  /** @param recent  nothing is known but by events, unless told */
  const openCache = async (recent: RecentChanges = { next: async () => [] }) => {
    const truth = createPostgresKeyLookup({ pool });
    const source: KeyLookup = {
      async find(hash) {
        reads += 1;
        if (isAway) throw new Error('away');
        const found = await truth.find(hash);
        await hold;
        return found;
      },
    };
    cache = await createKeyCache({ source, recent, checkEveryMs: 100, bus, events, log });
    reads = 0;
  };

  beforeEach(async () => {
    app = await testApp({ databaseUrl: store.url });
    ada = await app.signUp();
    pool = createPool({ url: store.url, log, connections: 5 });
    await openCache();
    hold = Promise.resolve();
    isAway = false;
  });
  afterEach(async () => {
    vi.useRealTimers();
    await cache.close();
    await pool.end();
    await app.stop();
  });

  it('reads a key once, however many ask at the same time and after', async () => {
    const hash = hashOf((await ada.createKey()).secret);
    await Promise.all(Array.from({ length: 100 }, () => cache.find(hash)));
    await cache.find(hash);
    expect(reads).toBe(1);
  });

  describe('on a clock that is put on', () => {
    let hash = '';
    let id = '';
    /** How often it was asked what was changed. */
    let checks = 0;
    const checked = async (times: number) => {
      const before = checks;
      await expect.poll(() => checks - before).toBeGreaterThanOrEqual(times);
    };
    beforeEach(async () => {
      await cache.close();
      vi.useFakeTimers({ toFake: ['performance'] });
      const changes = createRecentChanges({ pool });
      await openCache({
        async next() {
          const changed = await changes.next();
          checks += 1;
          return changed;
        },
      });
      const key = await ada.createKey();
      [hash, id] = [hashOf(key.secret), key.id];
      // The second one begins after what was committed.
      await checked(2);
    });
    const isRevoked = async () => (await cache.find(hash))?.key.revokedAt !== null;

    it('asks the database for a key no more while nothing changes it, and again when the log of changes says so', async () => {
      expect(await isRevoked()).toBe(false);
      const readAt = performance.now();
      while (performance.now() - readAt < 8_500) {
        vi.advanceTimersByTime(1_500);
        await checked(1);
        expect(await isRevoked()).toBe(false);
      }
      expect(reads).toBe(1);
      // On another server, whose message does not come.
      await run(ada, 'revokeKey', id);
      await expect.poll(isRevoked, { timeout: 2_000 }).toBe(true);
      expect(reads).toBe(2);
    });

    it('reads a key once a minute all the same, for what was changed past the commands', async () => {
      await cache.close();
      await openCache({
        async next() {
          checks += 1;
          return [];
        },
      });
      expect(await isRevoked()).toBe(false);
      await pool.query('update api_key set revoked_at = now() where id = $1', [id]);
      vi.advanceTimersByTime(59_000);
      await checked(2);
      expect(await isRevoked()).toBe(false);
      expect(reads).toBe(1);
      vi.advanceTimersByTime(1_000);
      await checked(2);
      await expect.poll(isRevoked).toBe(true);
      expect(reads).toBe(2);
    });

    it('passes for 10 min without the database and no longer, whatever the log says in between', async () => {
      let says: 'nothing' | 'no answer' | 'cannot tell' = 'nothing';
      await cache.close();
      await openCache({
        async next() {
          checks += 1;
          if (says === 'no answer') throw new Error('away');
          return says === 'nothing' ? [] : undefined;
        },
      });
      expect(await isRevoked()).toBe(false);
      [isAway, says] = [true, 'no answer'];
      await checked(2);
      vi.advanceTimersByTime(9 * 60_000);
      expect(await isRevoked()).toBe(false);
      // The database is back for a moment in which nobody asks for the key.
      says = 'cannot tell';
      await checked(2);
      says = 'no answer';
      await checked(2);
      expect(await isRevoked()).toBe(false);
      vi.advanceTimersByTime(60_000);
      await expect(isRevoked()).rejects.toThrow('away');
    });

    it('asks again after 8 s in which nobody could tell what was changed', async () => {
      await cache.find(hash);
      vi.advanceTimersByTime(7_999);
      await cache.find(hash);
      expect(reads).toBe(1);
      vi.advanceTimersByTime(1);
      await cache.find(hash);
      expect(reads).toBe(2);
    });
  });

  it('forgets a key with its event', async () => {
    const { id, secret } = await ada.createKey();
    const hash = hashOf(secret);
    const workspaceId = (await cache.find(hash))?.key.workspaceId ?? '';
    await run(ada, 'revokeKey', id);
    expect((await cache.find(hash))?.key.revokedAt).toBeNull();
    events.announce({ type: 'key.revoked', workspaceId, keyId: id });
    await Promise.resolve();
    expect((await cache.find(hash))?.key.revokedAt).toBeInstanceOf(Date);
  });

  it('does not bring a revoked key back by a read that was under way', async () => {
    const { id, secret } = await ada.createKey();
    const hash = hashOf(secret);
    const held = Promise.withResolvers<void>();
    hold = held.promise;
    const underWay = cache.find(hash);
    await expect.poll(() => reads).toBe(1);
    await run(ada, 'revokeKey', id);
    events.announce({ type: 'key.revoked', workspaceId: 'ws_any', keyId: id });
    held.resolve();
    expect((await underWay)?.key.revokedAt).toBeInstanceOf(Date);
    expect((await cache.find(hash))?.key.revokedAt).toBeInstanceOf(Date);
    expect(reads).toBe(2);
  });

  it('does not read again for changes of others', async () => {
    const hash = hashOf((await ada.createKey()).secret);
    const held = Promise.withResolvers<void>();
    hold = held.promise;
    const underWay = cache.find(hash);
    await expect.poll(() => reads).toBe(1);
    events.announce({ type: 'key.updated', workspaceId: 'ws_other', keyId: 'key_other' });
    events.announce({ type: 'key.first_used', workspaceId: 'ws_other', keyId: 'key_other', request });
    await Promise.resolve();
    held.resolve();
    await underWay;
    await cache.find(hash);
    expect(reads).toBe(1);
  });

  it('lets a known key pass soon though the database is silent, and asks it no more in vain', async () => {
    const hash = hashOf((await ada.createKey()).secret);
    await cache.find(hash);
    // From now on no entry is to be trusted without asking, and nobody answers.
    events.announce({ type: 'plan.updated', planId: 'plan_any' });
    await Promise.resolve();
    const silent = Promise.withResolvers<void>();
    hold = silent.promise;
    const askedAt = performance.now();
    expect((await cache.find(hash))?.key.revokedAt).toBeNull();
    for (let calls = 0; calls < 100; calls++) await cache.find(hash);
    expect(performance.now() - askedAt).toBeLessThan(3_000);
    expect(reads).toBe(2);
    expect(cache.passedWithoutDatabase()).toBe(101);
    silent.resolve();
  });

  it.each(['chosen', 'edited'])('does not bring an old limit back when a plan is %s meanwhile', async (what) => {
    const planId = await makePlan(ada, { name: 'Own', limits: { day: 100 } });
    if (what === 'edited') await command(ada, 'changePlan', { planId });
    const hash = hashOf((await ada.createKey()).secret);
    const workspaceId = (await cache.find(hash))?.key.workspaceId ?? '';
    events.announce({ type: 'workspace.updated', workspaceId });
    await Promise.resolve();
    const held = Promise.withResolvers<void>();
    hold = held.promise;
    const underWay = cache.find(hash);
    await expect.poll(() => reads).toBe(2);
    if (what === 'edited') {
      await command(ada, 'updatePlan', { id: planId, limits: { day: 3 } });
      events.announce({ type: 'plan.updated', planId });
    } else {
      await command(ada, 'changePlan', { planId: seededPlans.Pro });
      events.announce({ type: 'workspace.updated', workspaceId });
    }
    held.resolve();
    const limit = what === 'edited' ? 3 : 100_000;
    expect((await underWay)?.key.planLimits.day).toBe(limit);
    expect((await cache.find(hash))?.key.planLimits.day).toBe(limit);
    expect(reads).toBe(3);
  });

  it('forgets all keys of a workspace with its event and no others, and keeps nothing of them', async () => {
    const eve = await app.signUp('Eve');
    const secrets = [await ada.createKey(), await ada.createKey(), await eve.createKey()];
    const [first = '', second = '', foreign = ''] = secrets.map(({ secret }) => hashOf(secret));
    for (const hash of [first, second, foreign]) await cache.find(hash);
    expect(cache.size()).toEqual({ keys: 3, unknown: 0, ids: 5 });
    const workspaceId = (await cache.find(first))?.key.workspaceId ?? '';
    events.announce({ type: 'workspace.suspended', workspaceId });
    await Promise.resolve();
    expect(cache.size()).toEqual({ keys: 1, unknown: 0, ids: 2 });
    reads = 0;
    if (foreign) await cache.find(foreign);
    expect(reads).toBe(0);
  });

  it('remembers secrets that nobody has in bounded memory', async () => {
    for (let index = 0; index < 12_000; index += 400) {
      await Promise.all(Array.from({ length: 400 }, (_, offset) => cache.find(hashOf(secretOf(index + offset)))));
    }
    expect(cache.size()).toEqual({ keys: 0, unknown: 10_000, ids: 0 });
    reads = 0;
    expect(await cache.find(hashOf(secretOf(11_999)))).toBeUndefined();
    expect(reads).toBe(0);
  });
});

describe('while PostgreSQL is away', () => {
  it('known keys pass, unknown ones are unavailable and never wrong, and it is over when it is back', async () => {
    const app = await testApp({ databaseUrl: store.url });
    const { secret } = await (await app.signUp()).createKey();
    expect(await decisionOf(app, secret)).toBe('admitted');
    await store.cutOff();
    expect(await decisionOf(app, secret)).toBe('admitted');
    expect(await decisionOf(app, secretOf(1))).toBe('unavailable');
    await store.letBack();
    await expect.poll(() => decisionOf(app, secretOf(2)), { timeout: 3_000 }).toBe('key_invalid');
    expect(await decisionOf(app, secret)).toBe('admitted');
    await app.stop();
  });
});
