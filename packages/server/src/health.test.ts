/** What operators see of a server whose dependencies are away: contract section 6. */
import { composeSecret } from '@gatekey/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../test/app.ts';
import { type TestDatabase, testDatabase } from '../test/database.ts';
import { recordedLog } from '../test/log.ts';
import { type TestRedis, testRedis } from '../test/redis.ts';
import { watchSocket } from '../test/watch.ts';

let database: TestDatabase;
let redis: TestRedis;
let app: TestApp;
beforeEach(async () => {
  [database, redis] = await Promise.all([testDatabase(), testRedis()]);
});
afterEach(async () => {
  await app.stop();
  await redis.stop();
  await database.drop();
});

const start = async (env: Record<string, string> = {}) => {
  app = await testApp({ databaseUrl: database.url, env: { REDIS_URL: redis.url, ...env } });
};
const readiness = async () => {
  const answer = await fetch(`${app.url}/readyz`);
  return { code: answer.status, ...(await answer.json()) };
};
/** The value of a metric, for one dependency. */
const degraded = async (dependency: string) => {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(new RegExp(`gatekey_degraded_answers_total\\{dependency="${dependency}"\\} (\\d+)`).exec(text)?.[1]);
};

describe('a server without Redis', () => {
  it('is ready and says that it is degraded, counts what it answered, and tells watchers', async () => {
    await start();
    const ada = await app.signUp();
    const { secret } = await ada.createKey();
    const watch = watchSocket(
      app.url,
      { cookie: ada.cookie },
      'subscription { usage { isComplete usage { day { used } } } }',
    );
    const says = (isComplete: boolean, used: number) => (data: unknown) =>
      JSON.stringify(data).includes(`"isComplete":${isComplete},"usage":{"day":{"used":${used}}}`);
    expect((await app.call(secret)).status).toBe(200);
    await watch.until(says(true, 1));
    expect(await readiness()).toEqual({ code: 200, status: 'ready', checks: { database: 'ok', redis: 'ok' } });
    await redis.kill();
    for (let calls = 0; calls < 3; calls++) expect((await app.call(secret)).status).toBe(200);
    expect(await readiness()).toMatchObject({ code: 200, status: 'degraded', checks: { redis: 'degraded' } });
    expect(await degraded('redis')).toBe(3);
    await watch.until(says(false, 4));
    await redis.restart();
    await watch.until(says(true, 4));
    await expect.poll(readiness).toMatchObject({ status: 'ready' });
    await watch.close();
  });

  it('is not ready where nobody may pass', async () => {
    await start({ ON_REDIS_LOSS: 'closed' });
    const { secret } = await (await app.signUp()).createKey();
    await redis.kill();
    const answer = await app.call(secret);
    expect([answer.status, answer.headers.get('retry-after'), (await answer.json()).code]).toEqual([
      503,
      '1',
      'unavailable',
    ]);
    expect(await readiness()).toMatchObject({ code: 503, status: 'not ready', checks: { redis: 'unavailable' } });
  });
});

describe('a server without PostgreSQL', () => {
  it('says so once, however many calls it refuses', async () => {
    const { log, lines } = recordedLog();
    app = await testApp({ databaseUrl: database.url, log });
    await database.cutOff();
    const secrets = Array.from({ length: 200 }, (_, index) => composeSecret('gk', String(index).padStart(30, '0')));
    const statuses = await Promise.all(secrets.map(async (secret) => (await app.call(secret)).status));
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(lines.filter(({ message }) => message.includes('calls are refused'))).toHaveLength(1);
    // The broken connections themselves, of which there are few.
    expect(lines.filter(({ level }) => level === 'warn').length).toBeLessThan(30);
    await database.letBack();
  });

  it('lets known keys pass, counts them, and knows nothing of others', async () => {
    await start();
    const { secret } = await (await app.signUp()).createKey();
    const { secret: unknown } = await (await app.signUp()).createKey();
    expect((await app.call(secret)).status).toBe(200);
    await database.cutOff();
    expect((await app.call(unknown)).status).toBe(503);
    for (let calls = 0; calls < 5; calls++) expect((await app.call(secret)).status).toBe(200);
    expect(await readiness()).toMatchObject({ code: 200, status: 'degraded', checks: { database: 'degraded' } });
    await database.letBack();
    await expect.poll(readiness).toMatchObject({ status: 'ready' });
    expect((await app.call(unknown)).status).toBe(200);
  });
});
