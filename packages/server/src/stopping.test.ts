/** How a server that is told to stop parts from its clients: contract section 6. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../test/app.ts';
import { type TestDatabase, testDatabase } from '../test/database.ts';
import { lockTable } from '../test/locks.ts';
import { watchEvents, watchSocket } from '../test/watch.ts';

let database: TestDatabase;
let app: TestApp;
let ada: Browser;
beforeEach(async () => {
  database = await testDatabase();
  app = await testApp({ databaseUrl: database.url });
  ada = await app.signUp();
});
afterEach(async () => {
  await app.stop();
  await database.drop();
});

const ticks = 'subscription { usage { seq usage { day { used } } } }';
const Tick = z.object({ usage: z.object({ seq: z.number() }) });

/** Settles when the server takes no connection any more. */
const refusesConnections = (url: string) =>
  expect.poll(() => isRefused(url), { interval: 10, timeout: 5_000 }).toBe(true);

function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

describe('a server that is told to stop', () => {
  it('finishes the requests that it has begun, and takes no new ones meanwhile', async () => {
    const { secret } = await ada.createKey();
    const lock = await lockTable(database.url, 'api_key');
    const call = app.call(secret);
    await lock.isWaitedFor();
    const stopped = app.stop();
    await refusesConnections(app.url);
    await lock.release();
    expect((await call).status).toBe(200);
    await stopped;
  });

  it('says so to who looks at readiness, serves on for a moment, and has connections end', async () => {
    const { secret } = await ada.createKey();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const get = (path: string) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const headers = { authorization: `Bearer ${secret}` };
        request(app.url + path, { agent, headers }, resolve)
          .once('error', reject)
          .end();
      });
    const ready = await get('/readyz');
    expect([ready.statusCode, ready.headers.connection]).toEqual([200, 'keep-alive']);
    await text(ready);
    const stopped = app.stop();
    const notReady = await get('/readyz');
    expect([notReady.statusCode, notReady.headers.connection]).toEqual([503, 'close']);
    expect(JSON.parse(await text(notReady))).toMatchObject({ status: 'not ready' });
    const served = await get('/api/v1/ping');
    expect([served.statusCode, served.headers.connection]).toEqual([200, 'close']);
    await text(served);
    await refusesConnections(app.url);
    await stopped;
  });

  it('waits for no connection that nobody uses, and for no balancer where nobody looks at readiness', async () => {
    const { hostname, port } = new URL(app.url);
    const silent = connect(Number(port), hostname);
    await new Promise((resolve) => silent.once('connect', resolve));
    const used = new Agent({ keepAlive: true });
    await new Promise((resolve, reject) => {
      request(`${app.url}/healthz`, { agent: used }, (answer) => answer.resume().once('end', resolve))
        .once('error', reject)
        .end();
    });
    const from = performance.now();
    await app.stop();
    // Waiting for either takes 7 s.
    expect(performance.now() - from).toBeLessThan(4_000);
    used.destroy();
  });

  it('ends streams so that their clients come back, and the next server goes on with them', async () => {
    const { port } = new URL(app.url);
    const { secret } = await ada.createKey();
    const headers = { cookie: ada.cookie, origin: app.url };
    const streams = [watchSocket(app.url, ada, ticks), await watchEvents(app.url, headers, ticks)] as const;
    await app.call(secret);
    const seen = await Promise.all(
      streams.map((stream) => stream.until((data) => JSON.stringify(data).includes('"used":1'))),
    );
    await app.stop();
    expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual([1001, 'ended']);

    app = await testApp({ databaseUrl: database.url, env: { PORT: port } });
    const again = await watchEvents(app.url, headers, ticks);
    const { data } = await again.until((tick) => JSON.stringify(tick).includes('"used":1'));
    const seqOf = (tick: unknown) => Tick.parse(tick).usage.seq;
    expect(seqOf(data)).toBeGreaterThan(Math.max(...seen.map((message) => seqOf(message.data))));
    await again.close();
  });
});
