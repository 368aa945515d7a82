import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, signIn, type TestApp, testApp } from '../../test/app.ts';
import { type Asker, asKey } from '../../test/commands.ts';
import { testDatabase } from '../../test/database.ts';
import { testRedis } from '../../test/redis.ts';
import { close, endOf, liveOn, opened, type Streams, usageReader } from '../../test/streams.ts';

const List = z.object({
  viewer: z.object({
    sessions: z.array(z.looseObject({ id: z.string(), current: z.boolean(), lastSeenAt: z.string() })),
  }),
});
const listed = async (asker: Asker) =>
  List.parse(await asker.graphql('{ viewer { sessions { id current createdAt lastSeenAt ip userAgent } } }')).viewer
    .sessions;
const currentOf = async (asker: Asker) => (await listed(asker)).find(({ current }) => current);
const revoke = (asker: Asker, id = '') =>
  asker.graphql(`mutation { revokeSession(id: "${id}") { __typename ... on SessionsPayload { endedIds } } }`);
const revokeOthers = (asker: Asker) =>
  asker.graphql('mutation { revokeOtherSessions { __typename ... on SessionsPayload { endedIds } } }');
/** As the streams of a session that is over. */
const signedOut = [4401, 'completed'];

let app: TestApp;
let ahead = 0;
/** So many that the regular asking takes its 2 s, and only an event can be quicker. */
const crowd: Streams[] = [];
beforeAll(async () => {
  app = await testApp({ clock: { now: () => Date.now() + ahead } });
  const olga = await app.signUp('Olga');
  for (let index = 0; index < 15; index++) crowd.push(await opened(app, await usageReader(olga)));
});
afterAll(async () => {
  await Promise.all(crowd.map(close));
  await app.stop();
});

describe('the sessions of a person', () => {
  it('are listed for them alone, the current one marked, without what they are opened with', async () => {
    const ada = await app.signUp('Ada');
    const phone = await signIn(app.url, ada.email, 'Phone/1.0');
    const sessions = await listed(phone);
    expect(sessions).toEqual([
      {
        id: expect.stringMatching(/^ses_\w{26}$/),
        current: true,
        createdAt: expect.any(String),
        lastSeenAt: expect.any(String),
        ip: '127.0.0.1',
        userAgent: 'Phone/1.0',
      },
      expect.objectContaining({ current: false }),
    ]);
    const token = decodeURIComponent(phone.cookie).split('=')[1]?.split('.')[0] ?? '';
    expect(token.length).toBeGreaterThan(20);
    expect(JSON.stringify(sessions)).not.toContain(token);
    const { secret } = await ada.createKey({ scopes: ['keys:read'] });
    expect(await listed(asKey(app, secret))).toEqual([]);
  });

  it('tell when they were last seen, at most a minute late', async () => {
    const ada = await app.signUp('Ada');
    const seen = async () => Date.parse((await currentOf(ada))?.lastSeenAt ?? '');
    const first = await seen();
    ahead += 30_000;
    expect(await seen()).toBe(first);
    ahead += 31_000;
    expect(await seen()).toBeGreaterThanOrEqual(first + 60_000);
  });
});

/** A person with two browsers, each with streams that flow. */
async function twoBrowsers() {
  const ada = await app.signUp('Ada');
  const phone = await signIn(app.url, ada.email);
  return { ada, phone, streams: await opened(app, ada), ofPhone: await opened(app, phone) };
}
const isSignedIn = async (browser: Pick<Browser, 'graphql'>) =>
  browser.graphql('{ viewer { isOperator } }').then(
    () => true,
    () => false,
  );

describe('a session that is ended', () => {
  it('by another of the same person is over at once, with its streams; others go on', async () => {
    const { ada, phone, streams, ofPhone } = await twoBrowsers();
    const id = (await currentOf(phone))?.id;
    expect(await revoke(ada, id)).toEqual({ revokeSession: { __typename: 'SessionsPayload', endedIds: [id] } });
    const { how, ms } = await endOf(ofPhone);
    expect([how, ms < 1_000]).toEqual([signedOut, true]);
    expect([await isSignedIn(phone), await isSignedIn(ada)]).toEqual([false, true]);
    expect(await revoke(ada, id)).toEqual({ revokeSession: { __typename: 'NotFoundError' } });
    await liveOn(streams);
    await close(streams);
  });

  it('by itself is signed out', async () => {
    const ada = await app.signUp('Ada');
    const streams = await opened(app, ada);
    await revoke(ada, (await currentOf(ada))?.id);
    expect((await endOf(streams)).how).toEqual(signedOut);
    expect(await isSignedIn(ada)).toBe(false);
  });

  it('with all others leaves the one that asked, and those of other people', async () => {
    const { ada, phone, streams, ofPhone } = await twoBrowsers();
    const eve = await app.signUp('Eve');
    const ids = [(await currentOf(ada))?.id];
    expect(await revokeOthers(phone)).toEqual({
      revokeOtherSessions: { __typename: 'SessionsPayload', endedIds: ids },
    });
    const { how, ms } = await endOf(streams);
    expect([how, ms < 1_000]).toEqual([signedOut, true]);
    expect([await isSignedIn(ada), await isSignedIn(phone), await isSignedIn(eve)]).toEqual([false, true, true]);
    await liveOn(ofPhone);
    await close(ofPhone);
  });

  it('by signing out takes its streams with it at once', async () => {
    const { ada, streams, ofPhone } = await twoBrowsers();
    await fetch(`${app.url}/api/auth/sign-out`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: ada.cookie, origin: app.url },
      body: '{}',
    });
    const { how, ms } = await endOf(streams);
    expect([how, ms < 1_000]).toEqual([signedOut, true]);
    await liveOn(ofPhone);
    await close(ofPhone);
  });
});

describe('on two servers', () => {
  it('a session that is ended on one loses its streams on the other within 1 s', async () => {
    const [store, redis] = await Promise.all([testDatabase(), testRedis()]);
    const options = { databaseUrl: store.url, env: { REDIS_URL: redis.url } };
    const [one, other] = [await testApp(options), await testApp(options)];
    const ada = await one.signUp('Ada');
    const reader = await usageReader(ada);
    const others: Streams[] = [];
    for (let index = 0; index < 15; index++) others.push(await opened(other, reader));
    const phone = await signIn(one.url, ada.email);
    const streams = await opened(other, { cookie: phone.cookie });
    await revokeOthers(ada);
    const { how, ms } = await endOf(streams);
    expect([how, ms < 1_000]).toEqual([signedOut, true]);
    await Promise.all(others.map(close));
    await Promise.all([one.stop(), other.stop()]);
    await Promise.all([redis.stop(), store.drop()]);
  });
});
