import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { testApp } from '../../test/app.ts';
import { testDatabase } from '../../test/database.ts';
import { newAddress, postFrom } from '../../test/from-address.ts';
import { run } from '../../test/key-commands.ts';
import { testRedis } from '../../test/redis.ts';
import { close, endOf, forbidden, liveOn, opened, usageReader } from '../../test/streams.ts';
import { createSessions } from '../accounts/sessions.ts';
import { createLocalBus } from '../events/bus.local.ts';
import { createEvents } from '../events/domain-event.ts';
import { systemClock } from '../kernel/clock.ts';
import { createDatabase, createPool } from '../kernel/database.ts';
import { createLog } from '../kernel/log.ts';
import { connectRedis, disconnectRedis } from '../kernel/redis.ts';
import { createKeyCache } from '../keys/key-cache.ts';
import { createPostgresKeyLookup } from '../keys/lookup.postgres.ts';
import { createRecentChanges } from '../keys/recent-changes.ts';
import { hashOf } from '../keys/secret.ts';
import { createStreams } from './streams.ts';

/** Two servers on one database and one Redis. */
async function twoServers() {
  const [store, redis] = await Promise.all([testDatabase(), testRedis()]);
  const options = { databaseUrl: store.url, env: { REDIS_URL: redis.url } };
  const [one, other] = [await testApp(options), await testApp(options)];
  return {
    one,
    other,
    redisUrl: redis.url,
    async stop() {
      await Promise.all([one.stop(), other.stop()]);
      await Promise.all([store.drop(), redis.stop()]);
    },
  };
}

// Each waits most of its time, on servers of its own.
describe.concurrent('streams', () => {
  it('of a session end within 10 s of signing out, those of another session stay', async () => {
    const app = await testApp();
    const [ada, eve] = [await app.signUp('Ada'), await app.signUp('Eve')];
    const [streams, others] = [await opened(app, ada), await opened(app, eve)];
    const headers = { cookie: ada.cookie, origin: app.url };
    expect((await postFrom(newAddress(), `${app.url}/api/auth/sign-out`, headers, {})).status).toBe(200);
    const { how, ms } = await endOf(streams);
    expect(how).toEqual([4401, 'completed']);
    expect(ms).toBeLessThan(10_000);
    await liveOn(others);
    await close(others);
    await app.stop();
  });

  // A stream that nobody can vouch for ends after 8 s, and the test waits for it.
  it('of known keys and sessions go on while PostgreSQL is away, of a key that nobody can vouch for end', {
    timeout: 40_000,
  }, async ({ expect }) => {
    const store = await testDatabase();
    const app = await testApp({ databaseUrl: store.url });
    const ada = await app.signUp();
    const { id, secret } = await usageReader(ada);
    await app.stop();

    const log = createLog('silent');
    const pool = createPool({ url: store.url, log, connections: 5 });
    const database = createDatabase(pool);
    const bus = createLocalBus({ log });
    const events = createEvents({ bus, log });
    const source = createPostgresKeyLookup({ pool });
    const recent = createRecentChanges({ pool });
    const cache = await createKeyCache({ source, recent, bus, events, log });
    const needs = {
      sessions: createSessions({ database, events, clock: systemClock, log }),
      events,
      clock: systemClock,
      log,
    };
    const [overCache, overNothing] = await Promise.all([
      createStreams({ ...needs, lookup: cache }),
      createStreams({ ...needs, lookup: source }),
    ]);
    const key = { secretHash: hashOf(secret), workspaceId: 'ws_any', address: '127.0.0.1', scopes: ['usage:read'] };
    await cache.find(key.secretHash);
    const session = await database.session.findFirstOrThrow({ select: { id: true } });
    await store.cutOff();

    const ends: string[] = [];
    const noteAs = (whose: string) => (why: string) => void ends.push(`${whose}: ${why}`);
    overCache.ofKey(key, noteAs('known'));
    overCache.ofSession({ sessionId: session.id }, noteAs('session'));
    overNothing.ofKey(key, noteAs('not known'));
    await expect.poll(() => ends, { timeout: 15_000 }).toEqual(['not known: unavailable']);

    await store.letBack();
    const client = new pg.Client({ connectionString: store.url });
    await client.connect();
    await client.query('update api_key set revoked_at = now() where id = $1', [id]);
    await client.end();
    events.announce({ type: 'key.revoked', workspaceId: key.workspaceId, keyId: id });
    await expect.poll(() => ends, { timeout: 5_000 }).toEqual(['not known: unavailable', 'known: key_revoked']);
    overCache.close();
    overNothing.close();
    await cache.close();
    await database.$disconnect();
    await store.drop();
  });

  it('on the other of two servers end within 1 s', async () => {
    const { one, other, stop } = await twoServers();
    const ada = await one.signUp();
    const { id, secret } = await usageReader(ada);
    const streams = await opened(other, { secret });
    await run(ada, 'disableKey', id);
    const { how, ms } = await endOf(streams);
    expect(how).toEqual(forbidden);
    expect(ms).toBeLessThan(1_000);
    await stop();
  });

  it('on the other of two servers end within 10 s also when no message reaches it', async () => {
    const { one, other, redisUrl, stop } = await twoServers();
    const ada = await one.signUp();
    const { id, secret } = await usageReader(ada);
    const streams = await opened(other, { secret });
    const admin = await connectRedis({ urls: [redisUrl], log: createLog('silent') });
    // Publishing goes on, and reaches nobody.
    await admin.call('ACL', 'SETUSER', 'default', 'resetchannels');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await run(ada, 'disableKey', id);
    const { how, ms } = await endOf(streams);
    expect(how).toEqual(forbidden);
    expect(ms).toBeLessThan(10_000);
    disconnectRedis(admin);
    await stop();
  });
});
