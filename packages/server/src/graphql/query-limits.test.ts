import { once } from 'node:events';
import { connect } from 'node:net';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { watchSocket } from '../../test/watch.ts';

let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp();
});
afterAll(() => app.stop());

const Answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).optional(),
});
const post = async (query: string, headers: Record<string, string> = { cookie: ada.cookie, origin: app.url }) => {
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ query }),
  });
  const { errors } = Answer.parse(await answer.json());
  return { status: answer.status, code: errors?.[0]?.extensions.code };
};
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
const nested = (levels: number) =>
  `{ ${times(levels - 1, () => 'workspace { plan {')} id ${'} }'.repeat(levels - 1)} }`;
const bomb = `{ __schema { types { ${times(15, (i) => `f${i}: fields { ...F }`)} } } }
  fragment F on __Field { ${times(15, (i) => `t${i}: type { ...G }`)} }
  fragment G on __Type { ${times(15, (i) => `n${i}: name`)} }`;
const tooMuch: [string, string][] = [
  ['16 aliases', `{ ${times(16, (i) => `a${i}: __typename`)} }`],
  [
    '16 aliases in a fragment that is spread twice',
    `{ viewer { ...A user { ...A } } } fragment A on Viewer { ${times(8, (i) => `a${i}: __typename`)} }`,
  ],
  [
    '11 fields on the first level',
    `{ ...R } fragment R on Query { ${times(11, (i) => (i === 0 ? 'plans { id }' : 'plans { name }'))} }`,
  ],
  ['fields 11 levels deep', nested(6)],
  ['an answer that aliases multiply', bomb],
  ['more than 2,000 tokens', `{ ${times(2_000, () => '__typename')} }`],
];

describe('a query', () => {
  it.each(tooMuch)('with %s is refused over HTTP', async (_what, query) => {
    expect(await post(query)).toEqual({ status: 400, code: 'QUERY_TOO_COMPLEX' });
  });

  it.each(tooMuch)('with %s is refused over WebSocket', async (_what, query) => {
    const watch = watchSocket(app.url, ada, query);
    await expect(watch.until(() => true)).rejects.toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    await watch.close();
  });

  it('at the limits is answered', async () => {
    const full = `{ ${times(10, (i) => `a${i}: plans { ${i < 5 ? 'alias: name' : 'id'} }`)} }`;
    expect(await post(full)).toEqual({ status: 200, code: undefined });
  });

  it('for the types of the types of the types of the schema is refused without any alias', async () => {
    const types = '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }';
    expect((await post(types)).code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('that spreads itself is refused at once', async () => {
    const { status, code } = await post('{ viewer { ...A } } fragment A on Viewer { user { id } ...A }');
    expect([status, code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  });

  it('for the whole schema is answered to a viewer, and to nobody else', async () => {
    expect(await post(getIntrospectionQuery())).toEqual({ status: 200, code: undefined });
    expect((await post(getIntrospectionQuery(), {})).code).toBe('UNAUTHENTICATED');
    expect((await post('{ a: __type(name: "Query") { name } }', {})).code).toBe('UNAUTHENTICATED');
  });
});

describe('a client that breaks off', () => {
  it('while its upgrade is refused leaves the server alone', async () => {
    const { hostname, port } = new URL(app.url);
    for (let tries = 0; tries < 200; tries++) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(
        `GET /other HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
        () => socket.resetAndDestroy(),
      );
      await once(socket, 'close');
    }
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
  });
});
