import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { testDatabase } from '../../test/database.ts';
import { newAddress, postFrom } from '../../test/from-address.ts';

const Viewer = z.object({
  viewer: z.object({
    isOperator: z.boolean(),
    workspaces: z.array(z.object({ role: z.string(), plan: z.object({ name: z.string() }) })),
  }),
});
const viewerOf = async (browser: Browser) =>
  Viewer.parse(await browser.graphql('{ viewer { isOperator workspaces { role plan { name } } } }')).viewer;

const post = (app: TestApp, path: string, body: object, headers: Record<string, string> = {}) =>
  postFrom(newAddress(), `${app.url}/api/auth/${path}`, { origin: app.url, ...headers }, body);

describe('two first accounts at once', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await testApp();
  });
  afterAll(() => app.stop());

  it('make one operator, and a workspace on the Free plan for each', async () => {
    const people = await Promise.all([app.signUp('Ada'), app.signUp('Grace')]);
    const viewers = await Promise.all(people.map(viewerOf));
    expect(viewers.filter(({ isOperator }) => isOperator)).toHaveLength(1);
    for (const { workspaces } of viewers) expect(workspaces).toEqual([{ role: 'OWNER', plan: { name: 'Free' } }]);
  });

  it('are followed by ordinary ones', async () => {
    expect(await viewerOf(await app.signUp('Mary'))).toMatchObject({ isOperator: false });
  });
});

describe('a session', () => {
  let app: TestApp;
  let ada: Browser;
  beforeAll(async () => {
    app = await testApp();
    ada = await app.signUp('Ada');
  });
  afterAll(() => app.stop());

  it('begins with the right password only', async () => {
    const wrong = await post(app, 'sign-in/email', { email: ada.email, password: 'not the password' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.getSetCookie()).toEqual([]);
    const right = await post(app, 'sign-in/email', { email: ada.email, password: 'correct horse battery' });
    expect(right.status).toBe(200);
    expect(right.headers.getSetCookie().join()).toMatch(/gatekey\.session_token=[^;]+;.*HttpOnly;.*SameSite=Lax/);
  });

  it('ends with signing out', async () => {
    const signedIn = await post(app, 'sign-in/email', { email: ada.email, password: 'correct horse battery' });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((field) => field.split(';', 1)[0])
      .join('; ');
    const session = () =>
      fetch(`${app.url}/api/auth/get-session`, { headers: { cookie } }).then((answer) => answer.json());
    expect(await session()).toMatchObject({ user: { email: ada.email } });
    expect((await post(app, 'sign-out', {}, { cookie })).status).toBe(200);
    expect(await session()).toBeNull();
  });

  it('is not begun from a page of another origin', async () => {
    const credentials = { email: ada.email, password: 'correct horse battery' };
    const answer = await post(app, 'sign-in/email', credentials, {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
    });
    expect(answer.status).toBe(403);
  });
});

/** What the console asks before anybody is signed in. */
async function signUpState(app: TestApp): Promise<unknown> {
  const answer = await fetch(`${app.url}/api/auth/sign-up`);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return answer.json();
}

describe('the state of sign-up', () => {
  it.each(['open', 'closed'] as const)('is first, then what SIGNUP=%s says', async (signup) => {
    const app = await testApp({ env: { SIGNUP: signup } });
    try {
      expect(await signUpState(app)).toEqual({ state: 'first' });
      await app.signUp('Ada');
      expect(await signUpState(app)).toEqual({ state: signup });
    } finally {
      await app.stop();
    }
  });
});

describe('with SIGNUP=closed', () => {
  it('only the first account can be made', async () => {
    const app = await testApp({ env: { SIGNUP: 'closed' } });
    try {
      expect(await viewerOf(await app.signUp('Ada'))).toMatchObject({ isOperator: true });
      await expect(app.signUp('Grace')).rejects.toThrow(/403.*SIGNUP_CLOSED/);
    } finally {
      await app.stop();
    }
  });

  it('of eight first sign-ups at once one gets in, on two servers, every time', async () => {
    const store = await testDatabase();
    const options = { databaseUrl: store.url, env: { SIGNUP: 'closed' } };
    const servers = [await testApp(options), await testApp(options)];
    const client = new pg.Client({ connectionString: store.url });
    await client.connect();
    try {
      for (let round = 0; round < 8; round++) {
        // Nobody is written until all are about to be.
        await client.query('begin; lock table "user" in share row exclusive mode');
        const signUps = Array.from({ length: 8 }, (_, index) => servers[index % 2]?.signUp());
        const settled = Promise.allSettled(signUps);
        await expect.poll(() => waitingIn(store.url), { timeout: 4_000 }).toBe(8);
        await client.query('commit');
        const outcomes = await settled;
        const refusals = outcomes
          .filter((outcome) => outcome.status === 'rejected')
          .map(({ reason }) => String(reason));
        expect(refusals).toEqual(Array(7).fill(expect.stringMatching(/403.*SIGNUP_CLOSED/)));
        expect((await client.query('delete from "user" where is_operator')).rowCount).toBe(1);
        expect((await client.query('select from "user"')).rowCount).toBe(0);
      }
    } finally {
      await client.end();
      await Promise.all(servers.map((server) => server.stop()));
      await store.drop();
    }
  });
});

/** How many statements wait for a lock in the database. */
async function waitingIn(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rowCount } = await client.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  await client.end();
  return rowCount ?? 0;
}
