import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type TestApp, testApp } from '../../test/app.ts';
import { type CountingProxy, countingProxy } from '../../test/counting-proxy.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { failure } from '../../test/failure.ts';

let store: TestDatabase;
let line: CountingProxy;
let app: TestApp;
beforeAll(async () => {
  store = await testDatabase();
  line = await countingProxy(store.url);
  app = await testApp({ databaseUrl: line.url });
});
afterAll(async () => {
  await app.stop();
  await line.stop();
  await store.drop();
});

const Statuses = z.record(z.string(), z.object({ status: z.string() }));

it('an operation ends after 10 s, and what it had not begun by then is not done', async () => {
  const ada = await app.signUp();
  const ids: string[] = [];
  while (ids.length < 10) ids.push((await ada.createKey()).id);
  // So that each of the ten takes seconds, and none of them too long by itself.
  line.delayAnswers(500);
  const commands = ids.map((id, n) => `k${n}: revokeKey(id: "${id}") { __typename }`);
  const code = await failure(app, ada, `mutation { ${commands.join(' ')} }`);
  line.delayAnswers(0);
  expect(code).toBe('QUERY_TOO_COMPLEX');
  const shown = await ada.graphql(
    `{ ${ids.map((id, n) => `k${n}: node(id: "${id}") { ... on ApiKey { status } }`).join(' ')} }`,
  );
  const statuses = Object.values(Statuses.parse(shown)).map(({ status }) => status);
  expect([statuses[0], statuses[9]]).toEqual(['REVOKED', 'ACTIVE']);
}, 60_000);
