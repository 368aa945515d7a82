import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { makePlan, run, seededPlans, workspaceOf } from '../../test/commands.ts';
import { stores } from '../../test/stores.ts';

const unknownPlan = 'plan_zzzzzzzzzzzzzzzzzzzzzzzzzz';
const planOf = (asker: Browser) => asker.graphql('{ workspace { plan { name } } }');
const namesOf = async (asker: Browser) =>
  z
    .object({ plans: z.array(z.object({ name: z.string() })) })
    .parse(await asker.graphql('{ plans { name } }'))
    .plans.map(({ name }) => name);

describe('plans', () => {
  let app: TestApp;
  let operator: Browser;
  let ada: Browser;
  beforeAll(async () => {
    app = await testApp();
    operator = await app.signUp('Olga');
    ada = await app.signUp('Ada');
  });
  afterAll(() => app.stop());

  it('are shown to owners as far as they may choose them, and to the operator all', async () => {
    expect(await namesOf(ada)).toEqual(['Free', 'Pro', 'Scale']);
    expect(await namesOf(operator)).toEqual(['Free', 'Pro', 'Scale', 'Unlimited']);
  });

  it('are chosen by the owner among the self-serve ones', async () => {
    expect(await run(ada, 'changePlan', { planId: seededPlans.Pro })).toMatchObject({
      workspace: { plan: { name: 'Pro' } },
    });
    expect(await run(ada, 'changePlan', { planId: seededPlans.Unlimited })).toMatchObject({
      __typename: 'NotFoundError',
    });
    expect(await run(ada, 'changePlan', { planId: unknownPlan })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await planOf(ada)).toEqual({ workspace: { plan: { name: 'Pro' } } });
  });

  it('are given by the operator, any to any workspace', async () => {
    const bob = await app.signUp('Bob');
    const workspaceId = await workspaceOf(bob);
    await run(operator, 'changePlan', { workspaceId, planId: seededPlans.Unlimited });
    expect(await planOf(bob)).toEqual({ workspace: { plan: { name: 'Unlimited' } } });
  });

  it('are made and edited by the operator; what is left out stays', async () => {
    const limits = { minute: 1, day: 1_000_000_000_000, month: null };
    const id = await makePlan(operator, { name: ' Team ', limits });
    expect(await run(operator, 'updatePlan', { id, selfServe: true })).toEqual({
      __typename: 'PlanPayload',
      plan: { id, name: 'Team', limits, selfServe: true },
    });
    expect(await run(operator, 'updatePlan', { id })).toMatchObject({ plan: { name: 'Team', limits } });
    expect(await namesOf(ada)).toContain('Team');
    expect(await run(operator, 'updatePlan', { id, name: 'Crew', limits: { day: 5 }, selfServe: false })).toMatchObject(
      {
        plan: { name: 'Crew', limits: { minute: null, day: 5, month: null }, selfServe: false },
      },
    );
    expect(await run(ada, 'changePlan', { planId: id })).toMatchObject({ __typename: 'NotFoundError' });
  });

  it('are refused with every mistake named', async () => {
    const mistakes = { name: 'x\u0007', limits: { minute: 0, day: 1_000_000_000_001, month: -1 } };
    const paths = ['name', 'limits.minute', 'limits.day', 'limits.month'].map((path) => ({ path }));
    expect(await run(operator, 'createPlan', mistakes)).toMatchObject({ code: 'INVALID_INPUT', fields: paths });
    expect(await run(operator, 'updatePlan', { id: seededPlans.Pro, ...mistakes })).toMatchObject({ fields: paths });
    for (const name of ['', 'n'.repeat(101)]) {
      expect(await run(operator, 'createPlan', { name, limits: {} })).toMatchObject({ fields: [{ path: 'name' }] });
    }
    expect(await run(operator, 'updatePlan', { id: unknownPlan, name: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('have names of their own, also when two are made at once', async () => {
    const make = () => run(operator, 'createPlan', { name: 'Twin', limits: {} });
    const kinds = (await Promise.all([make(), make(), make()])).map((answer) => answer?.__typename);
    expect(kinds.sort()).toEqual(['ConflictError', 'ConflictError', 'PlanPayload']);
    const id = await makePlan(operator, { name: 'Other', limits: {} });
    expect(await run(operator, 'updatePlan', { id, name: 'Twin' })).toMatchObject({ code: 'CONFLICT' });
  });

  it('are neither made nor edited by anyone else', async () => {
    expect(await run(ada, 'createPlan', { name: 'Mine', limits: {} })).toMatchObject({ code: 'FORBIDDEN' });
    const limits = { minute: null };
    const refused = await run(ada, 'updatePlan', { id: seededPlans.Pro, limits });
    expect(refused).toMatchObject({ __typename: 'ForbiddenError' });
    expect(await run(ada, 'updatePlan', { id: unknownPlan, limits })).toEqual(refused);
    expect(await namesOf(operator)).not.toContain('Mine');
  });
});

describe.each(stores)('a change of plan in mid-window, with $name', ({ start }) => {
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

  const today = async (asker: Browser) =>
    z
      .object({ workspace: z.object({ usage: z.object({ day: z.unknown() }) }) })
      .parse(await asker.graphql('{ workspace { usage { day { used limit remaining } } } }')).workspace.usage.day;
  /** Waits until the guard holds the key to this many calls a day, which costs it none. */
  const holds = (secret: string, quota: number) =>
    expect
      .poll(async () => (await (await app.call(secret, '/api/v1/limits')).json()).data, {
        timeout: 1_000,
        interval: 10,
      })
      .toContainEqual(expect.objectContaining({ policy: 'day', limit: quota }));
  const call = async (secret: string) => {
    const answer = await app.call(secret);
    return [answer.headers.get('gatekey-decision'), answer.headers.get('ratelimit')?.replaceAll(/;t=\d+/g, '')];
  };

  it('keeps what was counted, in both directions', async () => {
    const ada = await app.signUp('Ada');
    const { secret } = await ada.createKey();
    const workspaceId = await workspaceOf(ada);
    const small = await makePlan(operator, { name: 'Small', limits: { day: 3 } });
    for (let calls = 1; calls <= 4; calls++) await app.call(secret);
    await run(operator, 'changePlan', { workspaceId, planId: small });
    await holds(secret, 3);
    expect(await call(secret)).toEqual(['quota_exceeded', '"day";r=0']);
    // Known to be spent by now, and refused from memory where that is done.
    expect(await call(secret)).toEqual(['quota_exceeded', '"day";r=0']);
    expect(await today(ada)).toEqual({ used: 4, limit: 3, remaining: 0 });
    await run(operator, 'updatePlan', { id: small, limits: { day: 6 } });
    expect(await today(ada)).toEqual({ used: 4, limit: 6, remaining: 2 });
    await holds(secret, 6);
    expect(await call(secret)).toEqual(['admitted', '"day";r=1']);
    expect(await call(secret)).toEqual(['admitted', '"day";r=0']);
    expect(await call(secret)).toEqual(['quota_exceeded', '"day";r=0']);
    await run(ada, 'changePlan', { planId: seededPlans.Pro });
    expect(await today(ada)).toEqual({ used: 6, limit: 100_000, remaining: 99_994 });
    await holds(secret, 100_000);
    expect((await call(secret))[0]).toBe('admitted');
  });

  it('by an edit holds for every workspace on it, and for no other', async () => {
    const planId = await makePlan(operator, { name: 'Shared', limits: { day: 100 }, selfServe: true });
    const people = await Promise.all(['Ada', 'Bob', 'Cyd'].map((name) => app.signUp(name)));
    const [ada, bob] = people;
    const secrets = await Promise.all(people.map(async (one) => (await one.createKey()).secret));
    for (const one of [ada, bob]) if (one) await run(one, 'changePlan', { planId });
    const [first = '', second = '', other = ''] = secrets;
    await Promise.all([holds(first, 100), holds(second, 100), holds(other, 5_000)]);
    const decisions = async () => (await Promise.all(secrets.map(call))).map(([decision]) => decision);
    expect(await decisions()).toEqual(['admitted', 'admitted', 'admitted']);
    await run(operator, 'updatePlan', { id: planId, limits: { day: 1 } });
    await Promise.all([holds(first, 1), holds(second, 1), holds(other, 5_000)]);
    expect(await decisions()).toEqual(['quota_exceeded', 'quota_exceeded', 'admitted']);
  });
});
