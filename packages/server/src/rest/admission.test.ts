import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run, seededPlans } from '../../test/commands.ts';
import { testUpstream, type Upstream } from '../../test/upstream.ts';

const Logged = z.object({ code: z.string().nullable(), address: z.string(), cost: z.number() });
const Log = z.object({
  workspace: z.object({ requests: z.object({ edges: z.array(z.object({ node: Logged })) }) }),
});

let upstream: Upstream;
let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  upstream = await testUpstream();
  app = await testApp({ env: { UPSTREAM_URL: upstream.url } });
  ada = await app.signUp();
  await run(ada, 'changePlan', { planId: seededPlans.Unlimited });
});
afterAll(async () => {
  await app.stop();
  await upstream.stop();
});

/** What the log has of a key's calls. */
const logged = async (keyId: string) => {
  const query = `{ workspace { requests(filter: { keyId: "${keyId}" }) { edges { node { code address cost } } } } }`;
  return Log.parse(await ada.graphql(query)).workspace.requests.edges.map(({ node }) => node);
};

describe.each(['/api/v1/ping', '/api/v1/orders'])('a call of %s', (path) => {
  it('whose socket is ended before its turn is read is decided by its address, and noted once', async () => {
    const { id, secret } = await ada.createKey({ ipAllowlist: ['127.0.0.1'] });
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const head = `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${secret}\r\n\r\n`;
    // What follows it is no request: the server ends the connection while the call before it waits for its turn.
    socket.end(`${head}\0\r\n\r\n`);
    socket.resume();
    await once(socket, 'close');
    await expect.poll(() => logged(id)).toEqual([{ code: null, address: '127.0.0.1', cost: 1 }]);
    // One after it, to see that nothing more of the first was on its way.
    await app.call(secret);
    await expect.poll(async () => (await logged(id)).length).toBe(2);
  });
});

it('calls of one turn are each answered as their own', async () => {
  const keys = await Promise.all(Array.from({ length: 3 }, () => ada.createKey()));
  const secrets = [...keys.map(({ secret }) => secret), 'gk_not_one'];
  const asked = Array.from({ length: 40 }, (_, index) => secrets[index % secrets.length] ?? '');
  const answers = await Promise.all(asked.map((secret) => app.call(secret, '/api/v1/ping')));
  const bodies = await Promise.all(answers.map(async (answer) => z.looseObject({}).parse(await answer.json())));
  for (const [index, body] of bodies.entries()) {
    const key = keys[index % secrets.length];
    expect(body).toMatchObject(key === undefined ? { code: 'key_invalid' } : { ok: true, key_id: key.id });
  }
});

it('a call of a path that cannot be decoded, behind a fragment too, takes no other of its turn with it', async () => {
  const { secret } = await ada.createKey();
  const { hostname, port } = new URL(app.url);
  const ask = async (target: string) => {
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\nAuthorization: Bearer ${secret}\r\n\r\n`,
    );
    const [answer] = await once(socket, 'data');
    return String(answer).slice(9, 12);
  };
  const targets = ['/api/v1/ping', '/api/v1/keys/x/y#%zz', '/api/v1/ping#%', '/api/v1/%zz', '/api/v1/ping'];
  expect(await Promise.all(targets.map(ask))).toEqual(['200', '404', '200', '400', '200']);
});
