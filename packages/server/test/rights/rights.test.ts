import { isInterfaceType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { watchEvents } from '../watch.ts';
import {
  answerIn,
  type Call,
  delivery,
  fieldCall,
  mutationCalls,
  queryCalls,
  type Subject,
  session,
  subscriptionCalls,
  type Thing,
  things,
  twoDays,
  unknownLike,
} from './calls.ts';
import { askers, expected } from './rule.ts';
import { type Asker, fields, mutations, plainFields, queries, type Row, type Section, subscriptions } from './table.ts';
import { rightsWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await rightsWorld();
});
afterAll(() => world.stop());

const outsiders = ['stranger', 'foreign key'] as const;

/** What a whole row should say, and what the server does. */
async function compare(section: Section, row: Row, ask: (asker: Asker) => Promise<string>): Promise<void> {
  const answers: [Asker, string][] = [];
  for (const asker of askers) answers.push([asker, await ask(asker)]);
  expect(Object.fromEntries(answers)).toEqual(
    Object.fromEntries(askers.map((asker) => [asker, expected(section, row, asker)])),
  );
}

async function subjectOf({ thing }: Call, asker: Asker): Promise<Subject> {
  return { workspaceId: world.workspaceId, id: (await thing?.(world, asker)) ?? '' };
}
async function ask(call: Call, asker: Asker): Promise<string> {
  const subject = await subjectOf(call, asker);
  const answer = answerIn(await world.ask(asker, call.text(subject)), subject.id);
  await call.undo?.(world);
  return answer;
}

const unknown = ({ workspaceId, id }: Subject): Subject => ({
  workspaceId: unknownLike(workspaceId),
  id: id.includes('_') ? unknownLike(id) : 'nothing',
});

/** What somebody is told, and how many statements that took. */
async function costly(call: Call, asker: Asker, subject: Subject) {
  const before = world.proxy.statements();
  const reply = await world.ask(asker, call.text(subject));
  return { reply, statements: world.proxy.statements() - before };
}

/** Asks for a foreign and an unknown thing in turn: the answers and their costs are the same. */
async function foreignAndUnknown(call: Call, asker: Asker): Promise<void> {
  const foreign = await subjectOf(call, asker);
  const rounds: Record<'foreign' | 'unknown', Awaited<ReturnType<typeof costly>>>[] = [];
  for (let round = 0; round < 5; round++) {
    rounds.push({
      foreign: await costly(call, asker, foreign),
      unknown: await costly(call, asker, unknown(foreign)),
    });
  }
  for (const { foreign, unknown } of rounds) expect(foreign.reply).toEqual(unknown.reply);
  // What runs in the background adds to it now and then, and never takes away.
  const least = (whose: 'foreign' | 'unknown') => Math.min(...rounds.map((round) => round[whose].statements));
  expect(least('foreign'), 'statements').toBe(least('unknown'));
}

/** Sections whose answers come at once. */
const sections: [string, Section, (name: string) => Call][] = [
  ['a query', queries, (name) => called(queryCalls, name)],
  ['a field', fields, (name) => fieldCall(name.split('.')[0] ?? '', name.split('.').slice(1))],
  ['a mutation', mutations, (name) => called(mutationCalls, name)],
];
function called(calls: Readonly<Record<string, (world: World) => Call>>, name: string): Call {
  const call = calls[name];
  if (call === undefined) throw new Error(`the table has ${name}, and no call asks for it`);
  return call(world);
}

describe('the table', () => {
  const fieldsOf = (typeName: string) => {
    const type = schema.getType(typeName);
    return type !== undefined && 'getFields' in type ? Object.keys(type.getFields()) : [];
  };

  it('names every root field', () => {
    const roots = Object.keys(queries.rows).filter((name) => !name.startsWith('node: '));
    expect([...roots, 'node'].toSorted()).toEqual(fieldsOf('Query').toSorted());
    expect(Object.keys(mutations.rows).toSorted()).toEqual(fieldsOf('Mutation').toSorted());
    expect(Object.keys(subscriptions.rows).toSorted()).toEqual(fieldsOf('Subscription').toSorted());
  });

  it('names everything that has an id, and each of its fields', () => {
    const node = schema.getType('Node');
    const types = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : [];
    expect(Object.keys(plainFields).toSorted()).toEqual(types.toSorted());
    for (const type of types) expect(queries.rows).toHaveProperty(`node: ${type}`);
    const named = (type: string) => [
      ...(plainFields[type] ?? []),
      ...Object.keys(fields.rows).flatMap((name) => (name.startsWith(`${type}.`) ? name.slice(type.length + 1) : [])),
    ];
    for (const type of [...types, 'Viewer']) expect(named(type).toSorted(), type).toEqual(fieldsOf(type).toSorted());
  });
});

describe.each(sections)('%s', (_kind, section, callOf) => {
  it.each(Object.entries(section.rows))('%s is for whom the table says', (name, row) =>
    compare(section, row, (asker) => ask(callOf(name), asker)),
  );

  const ofThings = Object.keys(section.rows).filter((name) => section.rows[name]?.foreign !== 'yes');
  it.each(ofThings)('%s tells of a foreign thing exactly what it tells of none', async (name) => {
    for (const asker of outsiders) await foreignAndUnknown(callOf(name), asker);
  });
});

/** Asked by the stranger of their own workspace, where they may do all. */
const beside: Record<string, [Thing, (id: string) => string]> = {
  'a plan to change to': [things.Plan, (id) => `mutation { changePlan(input: { planId: "${id}" }) { __typename } }`],
  'a key of its history': [
    things.ApiKey,
    (id) => `{ workspace { usageHistory(${twoDays}, keyId: "${id}") { at accepted } } }`,
  ],
  'a key of its changes': [things.ApiKey, (id) => `{ workspace { auditEvents(keyId: "${id}") { edges { cursor } } } }`],
  'whoever made its changes': [
    things.User,
    (id) => `{ workspace { auditEvents(actorId: "${id}") { edges { cursor } } } }`,
  ],
  'a session to end': [(of) => session(of, 'owner'), (id) => `mutation { revokeSession(id: "${id}") { __typename } }`],
  'a member to remove': [things.User, (id) => `mutation { removeMember(input: { userId: "${id}" }) { __typename } }`],
  'a member to give a role': [
    things.User,
    (id) => `mutation { changeMemberRole(input: { userId: "${id}", role: ADMIN }) { __typename } }`,
  ],
  'a member to hand it over to': [
    things.User,
    (id) => `mutation { transferOwnership(input: { userId: "${id}" }) { __typename } }`,
  ],
};

describe('in one’s own workspace, a foreign id is exactly an unknown one', () => {
  it.each(Object.entries(beside))('of %s', async (_what, [thing, text]) => {
    await foreignAndUnknown({ thing, text: ({ id }) => text(id) }, 'stranger');
  });
});

describe('plain fields', () => {
  it.each(Object.entries(plainFields))('of a %s are for whoever sees it', async (type, names) => {
    const row = queries.rows[`node: ${type}`];
    if (row === undefined) throw new Error(`no row for ${type}`);
    await compare(queries, row, async (asker) => {
      const call = fieldCall(type, names);
      const subject = await subjectOf(call, asker);
      const reply = await world.ask(asker, call.text(subject));
      return JSON.stringify(reply.body).startsWith('{"data":{"node":{"') ? 'yes' : answerIn(reply, subject.id);
    });
  });
});

describe('a subscription', () => {
  const told = async (name: string, asker: Asker, workspaceId: string): Promise<string> => {
    const text = subscriptionCalls[name];
    if (text === undefined) throw new Error(`the table has ${name}, and no call asks for it`);
    const watch = await watchEvents(world.app.url, world.headersOf(asker), text({ workspaceId, id: '' }));
    try {
      // The stream is open: what happens from now on is in it.
      const renamed = world.founder.graphql('mutation { renameWorkspace(input: { name: "Renamed" }) { __typename } }');
      const happens = [world.founder.createKey(), delivery(world, asker), renamed];
      const [message] = await Promise.all([watch.until(() => true), ...happens]);
      return message.data === undefined ? 'null' : 'yes';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await watch.close();
    }
  };
  const codeIn = (text: string) => /"code":"(\w+)"/.exec(text)?.[1] ?? text;

  it.each(Object.entries(subscriptions.rows))('%s is for whom the table says', (name, row) =>
    compare(subscriptions, row, async (asker) => codeIn(await told(name, asker, world.workspaceId))),
  );

  it.each(Object.keys(subscriptions.rows))('%s tells of a foreign workspace what it tells of none', async (name) => {
    for (const asker of outsiders) {
      const answers = [world.workspaceId, unknownLike(world.workspaceId)].map((id) => told(name, asker, id));
      expect(await answers[0]).toBe(await answers[1]);
    }
  });
});
