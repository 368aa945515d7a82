import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TestApp, testApp } from '../../test/app.ts';
import { problemIn, restWith } from '../../test/rest.ts';
import { schema } from '../graphql/schema.ts';

const Operation = z.looseObject({
  operationId: z.string(),
  description: z.string().optional(),
  responses: z.record(z.string(), z.looseObject({ headers: z.record(z.string(), z.unknown()) })),
});
const Document = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

let app: TestApp;
let text: string;
let operations: { path: string; method: string; told: z.infer<typeof Operation> }[];
/** Every route below the API, as Fastify was told of it. */
const routes: string[] = [];
beforeAll(async () => {
  app = await testApp({
    extend: (server) => {
      server.addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat()) routes.push(`${one} ${url.replace(':id', '{id}')}`);
      });
    },
  });
  text = await (await app.call(undefined, '/api/v1/openapi.json')).text();
  operations = Object.entries(Document.parse(JSON.parse(text)).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, told]) => ({ path, method, told })),
  );
});
afterAll(() => app.stop());

describe('the OpenAPI document', () => {
  it('is there without a key, and is 3.1', async () => {
    const answer = await app.call(undefined, '/api/v1/openapi.json');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0', servers: [{ url: app.url }] });
  });

  it('breaks none of the recommended rules of Redocly', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gatekey-openapi-'));
    const file = join(directory, 'openapi.json');
    await writeFile(file, text);
    expect(await lint(file)).toEqual([]);
    await writeFile(file, text.replace('"operationId":"keys"', '"operationId":"key"'));
    expect(await lint(file)).toContainEqual(expect.objectContaining({ ruleId: 'operation-operationId-unique' }));
    await rm(directory, { recursive: true });
  });

  it('tells of every operation what the guard may answer, and which limits are left', () => {
    expect(operations.length).toBeGreaterThan(10);
    for (const { path, method, told } of operations) {
      const isFree = ['/api/v1/limits', '/api/v1/verify'].includes(path);
      const expected = ['401', '403', ...(isFree ? [] : ['429']), '503', ...(path.includes('{id}') ? ['404'] : [])];
      expect(Object.keys(told.responses), `${method} ${path}`).toEqual(expect.arrayContaining(expected));
      const success = Object.entries(told.responses).filter(([status]) => status.startsWith('2'));
      expect(success.length).toBeGreaterThan(0);
      for (const [, { headers }] of success) expect(Object.keys(headers)).toContain('RateLimit');
    }
  });

  it('tells of every route that is served, and of no other', () => {
    // The document does not tell of itself; HEAD is GET without the body.
    const served = routes.filter((route) => / \/api\/v1\/(?!openapi)/.test(route) && !route.startsWith('HEAD '));
    const told = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    expect(served.toSorted()).toEqual(told.toSorted());
  });

  it('tells of every method that a path takes, as the answer to any other does', async () => {
    const ask = restWith(app, (await (await app.signUp()).createKey()).secret);
    const byPath = Map.groupBy(operations, ({ path }) => path);
    for (const [path, own] of byPath) {
      const answer = await ask('PUT', path.replace('/api/v1', '').replace('{id}', 'key_00000000000000000000000000'));
      expect(problemIn(answer), path).toEqual({ status: 405, code: 'method_not_allowed' });
      const told = own.map(({ method }) => method.toUpperCase());
      const allowed = answer.headers.get('allow')?.split(', ');
      expect(allowed?.filter((method) => method !== 'HEAD').toSorted(), path).toEqual(told.toSorted());
    }
  });

  it('tells of what is served: each operation asks for a key, and without its scope is refused as it says', async () => {
    const { secret } = await (await app.signUp()).createKey();
    for (const { path, method, told } of operations) {
      const url = app.url + path.replace('{id}', 'key_00000000000000000000000000');
      const ask = (headers: Record<string, string>) => fetch(url, { method: method.toUpperCase(), headers });
      expect((await ask({})).status, `${method} ${path}`).toBe(401);
      const scope = /scope `(.+)`/.exec(told.description ?? '')?.[1];
      const answer = await ask({ authorization: `Bearer ${secret}` });
      const expected = scope === undefined ? [200, 'admitted'] : [403, 'scope_missing'];
      expect([answer.status, answer.headers.get('gatekey-decision')], `${method} ${path}`).toEqual(expected);
      if (scope !== undefined) expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
    }
  });
});

describe('the two doors', () => {
  /** Mutations that no key may give: they need a role in the workspace, or the operator. */
  const ofPeople = [
    ...['setIpAllowlist', 'changePlan', 'createPlan', 'updatePlan', 'suspendWorkspace', 'resumeWorkspace'],
    ...['inviteMember', 'withdrawInvitation', 'joinWorkspace', 'changeMemberRole', 'removeMember', 'transferOwnership'],
    ...['selectWorkspace', 'renameWorkspace', 'revokeSession', 'revokeOtherSessions'],
    ...['createCostRule', 'updateCostRule', 'deleteCostRule'],
  ];

  it('take the same commands by the same names', () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
    // Verifying changes nothing: it is a POST because a secret belongs in no URL.
    const writes = operations
      .filter(({ method, path }) => method !== 'get' && path !== '/api/v1/verify')
      .map(({ told }) => told.operationId);
    expect(writes.toSorted()).toEqual(mutations.filter((name) => !ofPeople.includes(name)).toSorted());
    expect(mutations).toEqual(expect.arrayContaining(ofPeople));
  });
});

const Found = z.object({ problems: z.array(z.looseObject({ ruleId: z.string(), message: z.string() })) });

/** What Redocly finds in a document with its recommended rules, warnings too. */
function lint(file: string): Promise<z.infer<typeof Found>['problems']> {
  const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json');
  const program = join(manifest, '..', 'bin', 'cli.js');
  const args = [program, 'lint', file, '--extends=recommended', '--format=json'];
  const env = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, cwd: join(file, '..') }, (error, output) => {
      const found = Found.safeParse(parsed(output));
      if (found.success) resolve(found.data.problems);
      else reject(error ?? new Error(output));
    });
  });
}

function parsed(output: string): unknown {
  return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1) || 'null');
}
