import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../../test/app.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { recordedLog } from '../../test/log.ts';
import { watchEvents, watchSocket } from '../../test/watch.ts';

let database: TestDatabase;
let app: TestApp;
const { log, lines } = recordedLog();
/** Of a key that the server knows, so that only what is asked fails. */
let secret = '';
beforeAll(async () => {
  database = await testDatabase();
  app = await testApp({ databaseUrl: database.url, log });
  const ada = await app.signUp();
  secret = (await ada.createKey({ scopes: ['usage:read'] })).secret;
  await app.call(secret);
  await database.cutOff();
});
afterAll(async () => {
  await database.letBack();
  await app.stop();
  await database.drop();
});

const told = (requestId: unknown) => ({
  message: 'Unexpected error.',
  extensions: expect.objectContaining({ code: 'INTERNAL_SERVER_ERROR', requestId }),
});
/** What the log tells of a request. */
const logged = (requestId: string) => lines.filter((line) => line.requestId === requestId);

describe('a fault of ours', () => {
  const query = '{ workspace { name } }';
  const headers = () => ({ authorization: `Bearer ${secret}` });

  it('is told by the id of the request alone, and the log tells the rest', async () => {
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers() },
      body: JSON.stringify({ query }),
    });
    const requestId = answer.headers.get('request-id') ?? '';
    expect(requestId).toMatch(/^req_/);
    const text = await answer.text();
    expect(JSON.parse(text).errors).toEqual([expect.objectContaining(told(requestId))]);
    expect(text).not.toMatch(/prisma|postgres|database|stack|select|127\.0\.0\.1/i);
    expect(logged(requestId)).toMatchObject([{ level: 'error', from: 'graphql', message: 'an operation failed' }]);
  });

  it.each([
    ['WebSocket', async () => watchSocket(app.url, { secret }, query)],
    ['SSE', () => watchEvents(app.url, headers(), query)],
  ])('is told so over %s', async (_name, open) => {
    const watch = await open();
    const [error] = await watch
      .until(() => true)
      .then(
        () => [],
        (reason: unknown) => JSON.parse(reason instanceof Error ? reason.message : JSON.stringify(reason)),
      );
    expect(error).toMatchObject(told(expect.stringMatching(/^req_/)));
    expect(logged(error.extensions.requestId)).toHaveLength(1);
    await watch.close();
  });
});
