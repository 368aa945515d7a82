import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { makeCostRule, run } from '../../test/commands.ts';
import { run as runOnId } from '../../test/key-commands.ts';

let app: TestApp;
let operator: Browser;
beforeAll(async () => {
  app = await testApp();
  operator = await app.signUp('Olga');
});
afterAll(() => app.stop());

const Rules = z.object({ costRules: z.array(z.looseObject({ id: z.string(), path: z.string() })) });
const rules = async () =>
  Rules.parse(await operator.graphql('{ costRules { id method path cost scope charge } }')).costRules;
const remove = (id: string) => runOnId(operator, 'deleteCostRule', id);
const paths = async () => (await rules()).map(({ path }) => path);

/** The entries of a rule, oldest first. */
async function eventsOf(databaseUrl: string, id: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query('select * from event where cost_rule_id = $1 order by id', [id]);
  await client.end();
  return rows;
}

describe('a cost rule', () => {
  it('is an ordinary call of any method unless told', async () => {
    const id = await makeCostRule(operator, { path: '/plain/' });
    expect((await rules()).find((rule) => rule.id === id)).toEqual({
      id,
      method: null,
      path: '/plain',
      cost: 1,
      scope: null,
      charge: 'ALWAYS',
    });
  });

  it('can be changed, part by part, and deleted once', async () => {
    const id = await makeCostRule(operator, { method: 'post', path: '/reports/*', cost: 5, scope: 'reports:write' });
    expect(await run(operator, 'updateCostRule', { id, cost: 0, charge: 'NOT_ON_5XX', scope: null })).toMatchObject({
      costRule: { method: 'POST', path: '/reports/*', cost: 0, scope: null, charge: 'NOT_ON_5XX' },
    });
    expect(await run(operator, 'updateCostRule', { id, method: null })).toMatchObject({ costRule: { method: null } });
    expect(await remove(id)).toEqual({ deleteCostRule: { __typename: 'DeleteCostRulePayload' } });
    expect(await remove(id)).toEqual({ deleteCostRule: { __typename: 'NotFoundError' } });
    expect(await run(operator, 'updateCostRule', { id, cost: 1 })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await paths()).not.toContain('/reports/*');
  });

  it('is one for a method and a path, however they are written', async () => {
    await makeCostRule(operator, { method: 'GET', path: '/Once/a' });
    const again = await Promise.all([
      run(operator, 'createCostRule', { method: 'get', path: '/once/A/' }),
      run(operator, 'createCostRule', { path: '/once/a' }),
      run(operator, 'createCostRule', { path: '/once/a' }),
    ]);
    expect(again.map((answer) => answer?.__typename).toSorted()).toEqual([
      'ConflictError',
      'ConflictError',
      'CostRulePayload',
    ]);
  });

  it.each([
    ['path', { path: 'reports' }],
    ['path', { path: '/a//b' }],
    ['path', { path: '/a/../b' }],
    ['path', { path: '/a%2Fb' }],
    ['path', { path: '/a?b=1' }],
    ['path', { path: '/a/b*' }],
    ['path', { path: '/**/a' }],
    ['path', { path: `/${'a'.repeat(200)}` }],
    ['method', { path: '/a', method: 'BREW' }],
    ['cost', { path: '/a', cost: -1 }],
    ['cost', { path: '/a', cost: 1001 }],
    ['scope', { path: '/a', scope: 'Not A Scope' }],
  ])('is not made with a wrong %s: %j', async (field, input) => {
    expect(await run(operator, 'createCostRule', input)).toMatchObject({
      __typename: 'InvalidInputError',
      fields: [{ path: field }],
    });
  });

  it('is in the event log, with who made it', async () => {
    const id = await makeCostRule(operator, { path: '/logged', cost: 3 });
    await run(operator, 'updateCostRule', { id, cost: 4 });
    await remove(id);
    expect(await eventsOf(app.databaseUrl, id)).toMatchObject([
      { type: 'cost_rule.created', actor_kind: 'user', after: { path: '/logged', cost: 3 } },
      { type: 'cost_rule.updated', before: { cost: 3 }, after: { cost: 4 } },
      { type: 'cost_rule.deleted', before: { path: '/logged', cost: 4 } },
    ]);
  });
});
