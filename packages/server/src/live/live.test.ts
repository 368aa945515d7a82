import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { makePlan, run } from '../../test/commands.ts';
import { watchLag } from '../../test/lag.ts';
import { stores } from '../../test/stores.ts';
import { type Watch, watchEvents, watchSocket } from '../../test/watch.ts';

const ticks = `subscription {
  usage { seq at usage { minute { used startsAt } day { used } } keys { keyId usage { day { used } } } }
}`;
const Tick = z.object({
  usage: z.object({
    seq: z.number(),
    at: z.string(),
    usage: z.object({
      minute: z.object({ used: z.number(), startsAt: z.string() }),
      day: z.object({ used: z.number() }),
    }),
    keys: z.array(z.object({ keyId: z.string(), usage: z.object({ day: z.object({ used: z.number() }) }) })),
  }),
});
const tick = (data: unknown) => Tick.parse(data).usage;
const usedToday = (count: number) => (data: unknown) => tick(data).usage.day.used >= count;

describe.each(stores)('the live meter, with $name', ({ start }) => {
  let store: Awaited<ReturnType<typeof start>>;
  let app: TestApp;
  let operator: Browser;
  beforeAll(async () => {
    store = await start();
    app = await testApp({ env: store.env });
    operator = await app.signUp('Olga');
  });
  afterAll(async () => {
    await app.stop();
    await store.stop();
  });

  const watchers = async () =>
    Number(/^gatekey_usage_watchers (\d+)$/m.exec(await (await fetch(`${app.url}/metrics`)).text())?.[1]);

  const doors: [string, (browser: Browser) => Promise<Watch>][] = [
    ['WebSocket', async (browser) => watchSocket(app.url, browser, ticks)],
    ['SSE', (browser) => watchEvents(app.url, { cookie: browser.cookie, origin: app.url }, ticks)],
  ];

  it.each(doors)('over %s begins with a snapshot of every key, then tells what changed', async (_door, open) => {
    const ada = await app.signUp();
    const [used, idle] = [await ada.createKey(), await ada.createKey()];
    await app.call(used.secret);
    const watch = await open(ada);
    const first = tick((await watch.until(() => true)).data);
    expect(first.usage.day.used).toBe(1);
    expect(new Map(first.keys.map((key) => [key.keyId, key.usage.day.used]))).toEqual(
      new Map([
        [used.id, 1],
        [idle.id, 0],
      ]),
    );
    await app.call(used.secret);
    const second = tick((await watch.until(usedToday(2))).data);
    expect(second.keys).toEqual([{ keyId: used.id, usage: { day: { used: 2 } } }]);
    await watch.close();
    await expect.poll(watchers).toBe(0);
  });

  it('shows a call within 300 ms (p95 of 50)', async () => {
    const ada = await app.signUp();
    const { secret } = await ada.createKey();
    const watch = watchSocket(app.url, ada, ticks);
    await watch.until(() => true);
    const [delays, ours]: [number[], number[]] = [[], []];
    const lag = watchLag();
    for (let calls = 1; calls <= 50; calls++) {
      lag.lost();
      const calledAt = Date.now();
      expect((await app.call(secret)).status).toBe(200);
      const { receivedAt } = await watch.until(usedToday(calls));
      delays.push(receivedAt - calledAt);
      ours.push(receivedAt - calledAt - lag.lost());
    }
    lag.stop();
    await watch.close();
    for (const list of [delays, ours]) list.sort((a, b) => a - b);
    const [median, p95] = [delays[25], Math.round(ours[47] ?? 0)];
    console.log(`call to tick: median ${median} ms, p95 ${delays[47]} ms, of which the machine let us work ${p95} ms`);
    expect(median).toBeLessThanOrEqual(300);
    expect(p95).toBeLessThanOrEqual(300);
  });

  it('sends at most 5 ticks a second under load, in growing order, and ends with the truth', async () => {
    const ada = await app.signUp();
    const { secret } = await ada.createKey();
    const watch = watchSocket(app.url, ada, ticks);
    await watch.until(() => true);
    const calls = await Promise.all(Array.from({ length: 200 }, () => app.call(secret)));
    const admitted = calls.filter(({ status }) => status === 200).length;
    await watch.until(usedToday(admitted));
    await watch.close();
    const seen = watch.messages.map(({ data }) => tick(data));
    for (const [index, { seq, usage }] of seen.entries()) {
      const before = seen[index - 1];
      if (before === undefined) continue;
      expect(seq).toBeGreaterThan(before.seq);
      expect(usage.day.used).toBeGreaterThanOrEqual(before.usage.day.used);
    }
    const lastedMs = (seen.at(-1)?.seq ?? 0) - (seen[0]?.seq ?? 0);
    expect(seen.length).toBeLessThanOrEqual(2 + Math.ceil(lastedMs / 200));
    expect(seen.at(-1)?.usage.day.used).toBe(admitted);
  });

  it('beats within 2 s also when nothing happens', async () => {
    const ada = await app.signUp();
    const watch = watchSocket(app.url, ada, ticks);
    const first = await watch.until(() => true);
    const lag = watchLag();
    const next = await watch.until((data) => tick(data).seq > tick(first.data).seq);
    // On time, but for the way here.
    expect(next.receivedAt - first.receivedAt - lag.lost()).toBeLessThanOrEqual(2_300);
    lag.stop();
    await watch.close();
  });

  it('shows a new key, a changed limit and a first request without asking again', async () => {
    const ada = await app.signUp();
    const changes = watchSocket(
      app.url,
      ada,
      'subscription { keyChanged { kind keyId key { name status } firstRequest { method path status address } } }',
    );
    const Change = z.object({ keyChanged: z.looseObject({ kind: z.string(), keyId: z.string() }) });
    const kind = (name: string) => (data: unknown) => Change.parse(data).keyChanged.kind === name;
    const meter = watchSocket(app.url, ada, ticks);
    await meter.until(() => true);
    // It says nothing until something changes, so only a change tells that it has begun.
    await expect.poll(() => ada.createKey().then(() => changes.messages.length)).toBeGreaterThan(0);
    const { id, secret } = await ada.createKey({ name: 'Fresh' });
    const created = await changes.until((data) => Change.parse(data).keyChanged.keyId === id);
    expect(created.data).toMatchObject({ keyChanged: { kind: 'CREATED', key: { name: 'Fresh', status: 'ACTIVE' } } });
    await meter.until((data) => tick(data).keys.some(({ keyId }) => keyId === id));
    await app.call(secret, '/api/v1/ping?token=hidden');
    expect((await changes.until(kind('FIRST_USED'))).data).toMatchObject({
      keyChanged: {
        keyId: id,
        firstRequest: { method: 'GET', path: '/api/v1/ping', status: 200, address: '127.0.0.1' },
      },
    });
    await ada.graphql(`mutation { disableKey(id: "${id}") { __typename } }`);
    expect((await changes.until(kind('DISABLED'))).data).toMatchObject({ keyChanged: { key: { status: 'DISABLED' } } });
    await Promise.all([changes.close(), meter.close()]);
  });

  it('shows the limits of another plan, and of an edited one, in its next tick, with what was counted', async () => {
    const ada = await app.signUp();
    const { secret } = await ada.createKey();
    const watch = watchSocket(app.url, ada, 'subscription { usage { usage { day { used limit remaining } } } }');
    const Day = z.object({ usage: z.object({ usage: z.object({ day: z.looseObject({ limit: z.number() }) }) }) });
    const day = (data: unknown) => Day.parse(data).usage.usage.day;
    await watch.until(() => true);
    await app.call(secret);
    const planId = await makePlan(operator, { name: 'Watched', limits: { day: 10 }, selfServe: true });
    for (const [limit, change] of [
      [10, () => run(ada, 'changePlan', { planId })],
      [7, () => run(operator, 'updatePlan', { id: planId, limits: { day: 7 } })],
    ] as const) {
      await change();
      const changedAt = Date.now();
      const { data, receivedAt } = await watch.until((tick) => day(tick).limit === limit);
      expect(day(data)).toEqual({ used: 1, limit, remaining: limit - 1 });
      expect(receivedAt - changedAt).toBeLessThanOrEqual(1_000);
    }
    await watch.close();
  });

  it('gives each of many watchers of one workspace what it asked for, and all the same truth', async () => {
    const ada = await app.signUp();
    const [used, other] = [await ada.createKey(), await ada.createKey()];
    const day = 'usage { day { used } }';
    const texts = [
      `subscription { usage { seq ${day} } }`,
      `subscription { usage { seq ${day} } }`,
      `subscription { meter: usage { seq ${day} } }`,
      `subscription One { usage(keyId: "${other.id}") { seq ${day} keys { keyId } } }`,
      `subscription Two { usage(keyId: "${used.id}") { seq ${day} keys { keyId } } }`,
      `subscription { ...Spread } fragment Spread on Subscription { usage { seq ${day} } }`,
    ];
    const watches = texts.map((text) => watchSocket(app.url, ada, text));
    await Promise.all(watches.map((watch) => watch.until(() => true)));
    await app.call(used.secret);
    const Seen = z.record(z.string(), z.object({ seq: z.number(), usage: z.unknown(), keys: z.unknown() }).partial());
    const counted = await Promise.all(
      watches.map((watch) => watch.until((data) => JSON.stringify(data).includes('"used":1'))),
    );
    const [plain, same, meter, one, two, spread] = counted.map(({ data }) => Seen.parse(data));
    // A reader that is a tick behind is sent the two as one, so the numbers of their ticks may differ.
    const tick = { seq: expect.any(Number), usage: { day: { used: 1 } } };
    expect([plain, same, meter, spread]).toEqual([{ usage: tick }, { usage: tick }, { meter: tick }, { usage: tick }]);
    expect(two).toEqual({ usage: { ...tick, keys: [{ keyId: used.id }] } });
    expect(one).toEqual({ usage: { ...tick, keys: expect.any(Array) } });
    expect(JSON.stringify(one)).not.toContain(used.id);
    await Promise.all(watches.map((watch) => watch.close()));
  });

  it('forgets a reader that vanished without a word', async () => {
    const ada = await app.signUp();
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { cookie: ada.cookie, origin: app.url },
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: ticks } }));
    await once(socket, 'message');
    expect(await watchers()).toBe(1);
    socket.terminate();
    await expect.poll(watchers).toBe(0);
  });

  it('is shown to members of the workspace only', async () => {
    const [ada, eve] = [await app.signUp('Ada'), await app.signUp('Eve')];
    const { workspace } = z
      .object({ workspace: z.object({ id: z.string() }) })
      .parse(await ada.graphql('{ workspace { id } }'));
    const spy = (id: string) =>
      watchSocket(app.url, eve, `subscription { usage(workspaceId: "${id}") { seq } }`).until(() => true);
    await expect(spy(workspace.id)).rejects.toThrow();
    await expect(spy('ws_unknown')).rejects.toThrow();
  });

  it('is shown to a key with usage:read, and to no other', async () => {
    const ada = await app.signUp();
    const reader = await ada.createKey({ scopes: ['usage:read'] });
    const watch = watchSocket(app.url, reader, ticks);
    expect(tick((await watch.until(() => true)).data).keys).toHaveLength(1);
    await watch.close();
    const other = await ada.createKey();
    await expect(watchSocket(app.url, other, ticks).until(() => true)).rejects.toThrow();
  });
});
