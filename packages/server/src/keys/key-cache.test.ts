import { composeSecret } from '@gatekey/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { rotate, run } from '../../test/key-commands.ts';
import { type TestRedis, testRedis } from '../../test/redis.ts';
import { createLocalBus } from '../events/bus.local.ts';
import { createEvents } from '../events/domain-event.ts';
import { createDatabase, type Database } from '../kernel/database.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis } from '../kernel/redis.ts';
import { createKeyCache, type KeyCache } from './key-cache.ts';
import { createPostgresKeyLookup } from './lookup.postgres.ts';
import type { KeyLookup } from './lookup.ts';
import { hashOf } from './secret.ts';

const log = createLog('silent');
const decisionOf = async (app: TestApp, secret: string) => (await app.call(secret)).headers.get('gatekey-decision');
const secretOf = (index: number) => composeSecret('gk', String(index).padStart(30, '0'));

let store: TestDatabase;
beforeEach(async () => {
  store = await testDatabase();
});
afterEach(() => store.drop());

describe('a cache over the database', () => {
  let app: TestApp;
  let ada: Browser;
  let database: Database;
  let cache: KeyCache;
  let reads = 0;
  /** Holds reads back between the database's answer and the cache, to let something come between. */
  let hold: Promise<void> = Promise.resolve();
  const bus = createLocalBus({ log });
  const events = createEvents({ bus, log });

  beforeEach(async () => {
    app = await testApp({ databaseUrl: store.url });
    ada = await app.signUp();
    database = createDatabase({ url: store.url, log });
    const truth = createPostgresKeyLookup({ database });
    const source: KeyLookup = {
      async find(hash) {
        reads += 1;
        const found = await truth.find(hash);
        await hold;
        return found;
      },
    };
    cache = await createKeyCache({ source, bus, events, log });
    reads = 0;
  });
  afterEach(async () => {
    cache.close();
    await database.$disconnect();
    await app.stop();
  });

  it('reads a key once, however many ask at the same time and after', async () => {
    const hash = hashOf((await ada.createKey()).secret);
    await Promise.all(Array.from({ length: 100 }, () => cache.find(hash)));
    await cache.find(hash);
    expect(reads).toBe(1);
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

  it('remembers secrets that nobody has in bounded memory', async () => {
    for (let index = 0; index < 12_000; index += 400) {
      await Promise.all(Array.from({ length: 400 }, (_, offset) => cache.find(hashOf(secretOf(index + offset)))));
    }
    expect(cache.size()).toEqual({ keys: 0, unknown: 10_000 });
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

describe('a key that is changed on one of two servers', () => {
  let redis: TestRedis;
  let one: TestApp;
  let other: TestApp;
  beforeEach(async () => {
    redis = await testRedis();
    const env = { REDIS_URL: redis.url };
    one = await testApp({ databaseUrl: store.url, env });
    other = await testApp({ databaseUrl: store.url, env });
  });
  afterEach(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await redis.stop();
  });

  it('is refused by the other within 1 s of being disabled, and passes there within 1 s of being enabled', async () => {
    const ada = await one.signUp();
    const { id, secret } = await ada.createKey();
    expect(await decisionOf(other, secret)).toBe('admitted');
    await run(ada, 'disableKey', id);
    await expect.poll(() => decisionOf(other, secret), { timeout: 1_000, interval: 20 }).toBe('key_disabled');
    await run(ada, 'enableKey', id);
    await expect.poll(() => decisionOf(other, secret), { timeout: 1_000, interval: 20 }).toBe('admitted');
  });

  it('keeps or loses its secrets on the other within 1 s of being rotated', async () => {
    const ada = await one.signUp();
    const { id, secret: old } = await ada.createKey();
    expect(await decisionOf(other, old)).toBe('admitted');
    const within1s = { timeout: 1_000, interval: 20 };
    const { secret } = await rotate(ada, { id });
    const endOfOld = async () => (await other.call(old)).headers.get('gatekey-secret-expires');
    await expect.poll(endOfOld, within1s).toMatch(/ GMT$/);
    expect(await decisionOf(other, secret)).toBe('admitted');
    await run(ada, 'endKeyOverlap', id);
    await expect.poll(() => decisionOf(other, old), within1s).toBe('key_invalid');
    await rotate(ada, { id, graceSeconds: 0 });
    await expect.poll(() => decisionOf(other, secret), within1s).toBe('key_invalid');
  });

  it('is refused by the other within 10 s of being disabled also when no message reaches it', async () => {
    const ada = await one.signUp();
    const { id, secret } = await ada.createKey();
    expect(await decisionOf(other, secret)).toBe('admitted');
    const admin = await connectRedis({ urls: [redis.url], log });
    // Publishing goes on, and reaches nobody.
    await admin.call('ACL', 'SETUSER', 'default', 'resetchannels');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await run(ada, 'disableKey', id);
    await expect.poll(() => decisionOf(other, secret), { timeout: 10_000, interval: 100 }).toBe('key_disabled');
    await admin.call('ACL', 'SETUSER', 'default', 'allchannels');
    disconnectRedis(admin);
  });
});
