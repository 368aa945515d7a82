/**
 * GraphQL over HTTP, as its own suite of audits asks for it.
 *
 * @see https://graphql.github.io/graphql-over-http/draft/
 */
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../test/app.ts';
import { run, seededPlans } from '../../test/commands.ts';

type Fields = Record<string, string>;

let app: TestApp;
const credentials: Record<'a key' | 'a session' | 'nobody', Fields> = { 'a key': {}, 'a session': {}, nobody: {} };
beforeAll(async () => {
  app = await testApp();
  const ada = await app.signUp();
  await run(ada, 'changePlan', { planId: seededPlans.Unlimited });
  credentials['a key'] = { authorization: `Bearer ${(await ada.createKey()).secret}` };
  credentials['a session'] = { cookie: ada.cookie, origin: app.url };
});
afterAll(() => app.stop());

/** These ask for a type of the schema, which is told to viewers alone. All else holds for nobody as well. */
const aboutTheSchema = ['28B9', 'D6D5', '6A70'];

describe.each(['a key', 'a session', 'nobody'] as const)('for %s', (who) => {
  const audits = serverAudits({
    url: () => `${app.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), ...credentials[who] } }),
  });
  const asked = audits.filter(({ id }) => who !== 'nobody' || !aboutTheSchema.includes(id));

  it('is asked for all there is', () => {
    expect(audits.length - asked.length).toBe(who === 'nobody' ? aboutTheSchema.length : 0);
    expect(audits.length).toBeGreaterThan(60);
  });

  it.each(asked.map((audit) => [audit.id, audit.name, audit] as const))('%s: %s', async (_id, _name, audit) => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  });
});
