import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unknownLike } from './calls.ts';
import { beside, type RestCall, restCalls } from './rest-calls.ts';
import { openRoutes, rest } from './rest-table.ts';
import { askers, expected } from './rule.ts';
import type { Asker, Row } from './table.ts';
import { type Reply, rightsWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await rightsWorld();
});
afterAll(() => world.stop());

const Problem = z.object({ code: z.string() });
const wordFor = ({ status, body }: Reply) => (status < 300 ? 'yes' : `${status} ${Problem.parse(body).code}`);
const callOf = (name: string): RestCall => {
  const call = restCalls[name];
  if (call === undefined) throw new Error(`the table has ${name}, and no call asks for it`);
  return call;
};
const request = async (name: string, asker: Asker) => {
  const [method = '', path = ''] = name.split(' ');
  const { thing, body, query = '' } = callOf(name);
  const id = (await thing?.(world, asker)) ?? '';
  return { id, of: (one: string) => ({ method, path: path.replace(':id', one) + query, ...(body && { body }) }) };
};

const consoleBuild = new URL('../../../console/build/', import.meta.url);
const isConsoleFile = (path: string) => path !== '' && existsSync(new URL(path, consoleBuild));

describe('the table', () => {
  it('names every route of the server', () => {
    // HEAD is GET without the body.
    const routes = new Set(world.routes.filter((route) => !route.startsWith('HEAD ')));
    const guarded = Object.keys(rest.rows).map((name) => name.replace(' ', ' /api/v1'));
    const served = [...routes].filter((route) => !isConsoleFile(route.replace('GET /', '')));
    expect(served.toSorted()).toEqual([...guarded, ...openRoutes].toSorted());
  });
});

describe('a REST operation', () => {
  const rows: [string, Row][] = Object.entries(rest.rows);

  it.each(rows)('%s is for whom the table says', async (name, row) => {
    const answers: [Asker, string][] = [];
    for (const asker of askers) {
      const { id, of } = await request(name, asker);
      answers.push([asker, wordFor(await world.call(asker, of(id)))]);
    }
    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(askers.map((asker) => [asker, expected(rest, row, asker)])),
    );
  });

  const ofThings = rows.flatMap(([name]) => (name.includes(':id') ? [name] : []));
  it.each(ofThings)('%s tells of a foreign thing exactly what it tells of none', async (name) => {
    const { id, of } = await request(name, 'foreign key');
    await alike(of(id), of(unknownLike(id)));
  });

  it.each(Object.entries(beside))(
    'in one’s own workspace, a foreign id is exactly an unknown one: %s',
    async (_what, { thing, path }) => {
      const id = await thing(world, 'foreign key');
      await alike({ method: 'GET', path: path(id) }, { method: 'GET', path: path(unknownLike(id)) });
    },
  );
});

/** What a key is told, but for the id of its request, and how many statements that took. */
async function costly(request: Parameters<World['call']>[1]) {
  const before = world.proxy.statements();
  const { status, body } = await world.call('foreign key', request);
  const { request_id: _, ...told } = z.looseObject({}).parse(body);
  return { status, told, statements: world.proxy.statements() - before };
}

/** Asks for two things in turn: the answers and their costs are the same. */
async function alike(...requests: [Parameters<World['call']>[1], Parameters<World['call']>[1]]): Promise<void> {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 5; round++) {
    const [foreign, unknown] = [await costly(requests[0]), await costly(requests[1])];
    expect([foreign.status, foreign.told]).toEqual([unknown.status, unknown.told]);
    // What runs in the background adds to it now and then, and never takes away.
    for (const [index, { statements }] of [foreign, unknown].entries()) {
      least[index] = Math.min(least[index] ?? 0, statements);
    }
  }
  expect(least[0], 'statements').toBe(least[1]);
}
