import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { rotate } from '../../test/key-commands.ts';
import { watchSocket } from '../../test/watch.ts';

const Key = z.object({
  node: z.object({
    lastUsedAt: z.string().nullable(),
    lastUsedUserAgent: z.string().nullable(),
    previousSecret: z
      .object({ endsAt: z.string(), lastUsedAt: z.string().nullable(), lastUsedIp: z.string().nullable() })
      .nullable(),
  }),
});
const keyOf = async (browser: Browser, id: string) =>
  Key.parse(
    await browser.graphql(
      `query ($id: ID!) { node(id: $id) { ... on ApiKey {
        lastUsedAt lastUsedUserAgent previousSecret { endsAt lastUsedAt lastUsedIp } } } }`,
      { id },
    ),
  ).node;

let app: TestApp;
let ada: Browser;
let now = Date.parse('2026-01-31T12:00:00.250Z');
beforeAll(async () => {
  app = await testApp({ clock: { now: () => now } });
  ada = await app.signUp();
});
afterAll(() => app.stop());

describe('a rotated key', () => {
  it('shows when, from where and by whom each secret was last used', async () => {
    const { id, secret: old } = await ada.createKey();
    const { secret } = await rotate(ada, { id });
    await app.call(secret, '/api/v1/ping', { 'user-agent': `new\u0085client ${'x'.repeat(300)}` });
    await expect.poll(async () => (await keyOf(ada, id)).lastUsedAt).toBe(new Date(now).toISOString());
    const unused = await keyOf(ada, id);
    expect(unused.lastUsedUserAgent).toBe(`newclient ${'x'.repeat(246)}`);
    expect(unused.previousSecret).toMatchObject({ lastUsedAt: null, lastUsedIp: null });

    now += 1_000;
    await app.call(old);
    const usedAt = new Date(now).toISOString();
    await expect
      .poll(async () => (await keyOf(ada, id)).previousSecret)
      .toMatchObject({ lastUsedAt: usedAt, lastUsedIp: '127.0.0.1' });
    // The key itself was written less than a minute ago.
    expect((await keyOf(ada, id)).lastUsedAt).toBe(new Date(now - 1_000).toISOString());
    now += 60_000;
    await app.call(old);
    await expect.poll(async () => (await keyOf(ada, id)).lastUsedAt).toBe(new Date(now).toISOString());
  });

  it('shows the use of a secret over WebSocket', async () => {
    const { id, secret } = await ada.createKey({ scopes: ['usage:read'] });
    const watch = watchSocket(app.url, { secret }, 'subscription { usage { seq } }');
    await watch.until(() => true);
    await rotate(ada, { id });
    await expect.poll(async () => (await keyOf(ada, id)).previousSecret?.lastUsedAt).toBe(new Date(now).toISOString());
    await watch.close();
  });
});
