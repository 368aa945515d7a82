import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../test/app.ts';
import { newAddress, postFrom } from '../../test/from-address.ts';
import { createThrottle } from './throttle.ts';

const password = 'correct horse battery';
const wrong = 'not the password';
let now = Date.now();
let app: TestApp;
beforeAll(async () => {
  app = await testApp({ clock: { now: () => now } });
});
afterAll(() => app.stop());

interface Try {
  readonly from?: string;
  readonly headers?: Record<string, string>;
}
const post = (path: string, body: object, { from = newAddress(), headers = {} }: Try = {}, to = app) =>
  postFrom(from, `${to.url}/api/auth/${path}`, { origin: to.url, ...headers }, body);
const signIn = (email: string, secret: string, how?: Try, to = app) =>
  post('sign-in/email', { email, password: secret }, how, to);
const times = <T>(count: number, run: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));
const statuses = (answers: readonly Response[]) => answers.map(({ status }) => status).toSorted();
const statusOf = async (answer: Promise<Response>) => (await answer).status;

describe('wrong passwords', () => {
  it('of one person keep out nobody else behind their address, and not that person elsewhere', async () => {
    const [ada, eve] = [await app.signUp('Ada'), await app.signUp('Eve')];
    const from = newAddress();
    const answers = await times(20, () => signIn(ada.email, wrong, { from }));
    expect(statuses(answers)).toEqual([...Array(5).fill(401), ...Array(15).fill(429)]);
    expect(await statusOf(signIn(ada.email, password, { from }))).toBe(429);
    expect(await statusOf(signIn(ada.email.toUpperCase(), password, { from }))).toBe(429);
    expect(await statusOf(signIn(eve.email, password, { from }))).toBe(200);
    expect(await statusOf(signIn(ada.email, password))).toBe(200);
  });

  it('that are too many are told how long to wait, and that is true', async () => {
    const { email } = await app.signUp();
    const from = newAddress();
    await times(5, () => signIn(email, wrong, { from }));
    now += 17_300;
    const refused = await signIn(email, password, { from });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '43']);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await refused.json()).toMatchObject({
      code: 'too_many_attempts',
      detail: 'Too many attempts. Try again in 43 s.',
      retry_after: 43,
    });
    now += 42_000;
    expect((await signIn(email, password, { from })).headers.get('retry-after')).toBe('1');
    now += 1_000;
    expect(await statusOf(signIn(email, password, { from }))).toBe(200);
  });

  it('for one account are bounded over all addresses', async () => {
    const { email } = await app.signUp();
    const answers: Response[] = [];
    // A few at a time: each is the work of a password check.
    while (answers.length < 50) answers.push(...(await times(10, () => signIn(email, wrong))));
    expect(statuses(answers)).toEqual(Array(50).fill(401));
    expect((await signIn(email, password)).headers.get('retry-after')).toBe('600');
    now += 600_000;
    expect(await statusOf(signIn(email, password))).toBe(200);
  });

  it('for an account that does not exist are bounded alike', async () => {
    const from = newAddress();
    const answers = await times(6, () => signIn('nobody@example.com', wrong, { from }));
    expect(statuses(answers)).toEqual([...Array(5).fill(401), 429]);
  });

  it('from one address are bounded over all accounts', async () => {
    const from = newAddress();
    const answers = await times(62, (index) => signIn(`no address ${index}`, wrong, { from }));
    expect(statuses(answers)).toEqual([...Array(60).fill(400), 429, 429]);
    expect((await signIn('another', wrong, { from })).headers.get('retry-after')).toBe('60');
  });
});

it('right passwords keep nobody out', async () => {
  const { email } = await app.signUp();
  const from = newAddress();
  for (let again = 0; again < 12; again++) expect(await statusOf(signIn(email, password, { from }))).toBe(200);
});

it('sign-ups from one address are bounded', async () => {
  const from = newAddress();
  const answers = await times(21, (index) => post('sign-up/email', { name: 'x', email: `no ${index}` }, { from }));
  expect(statuses(answers)).toEqual([...Array(20).fill(400), 429]);
});

describe('the address of an attempt', () => {
  const exhaust = async (to: TestApp, forwardedFor: (index: number) => string) => {
    const { email } = await to.signUp();
    const from = newAddress();
    const tryFrom = (address: string) => signIn(email, wrong, { from, headers: { 'x-forwarded-for': address } }, to);
    return statuses(await times(6, (index) => tryFrom(forwardedFor(index))));
  };

  it('is not what just anybody says it is', async () => {
    expect(await exhaust(app, (index) => `192.0.2.${index}`)).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('is what a trusted proxy says, and of IPv6 the /64 that one client has', async () => {
    const behind = await testApp({ env: { TRUSTED_PROXIES: '127.0.0.0/8' } });
    try {
      expect(await exhaust(behind, (index) => `198.51.100.1, 192.0.2.${index}`)).toEqual(Array(6).fill(401));
      expect(await exhaust(behind, (index) => `192.0.2.${index}, 198.51.100.1`)).toEqual([...Array(5).fill(401), 429]);
      expect(await exhaust(behind, (index) => `2001:db8::${index}`)).toEqual([...Array(5).fill(401), 429]);
      expect(await exhaust(behind, (index) => `2001:db8:0:${index}::1`)).toEqual(Array(6).fill(401));
    } finally {
      await behind.stop();
    }
  });
});

describe('a throttle', () => {
  const bound = (name: string) => [{ name, most: 1, windowSeconds: 60 }];

  it('forgets the oldest rather than grow without bound', () => {
    const throttle = createThrottle({ clock: { now: () => now } });
    for (let index = 0; index < 20_000; index++) throttle.take(bound(`${index}`));
    expect(throttle.take(bound('0'))).toBe(60);
    for (let index = 0; index < 10; index++) throttle.take(bound(`more ${index}`));
    expect([throttle.take(bound('10')), throttle.take(bound('9'))]).toEqual([60, undefined]);
  });

  it('counts under all names or under none', () => {
    const throttle = createThrottle({ clock: { now: () => now } });
    throttle.take(bound('spent'));
    expect(throttle.take([...bound('spent'), ...bound('free')])).toBe(60);
    expect(throttle.take(bound('free'))).toBeUndefined();
  });
});
