/**
 * A whole server in this process, on a database of its own and a free port, used through its public doors alone.
 */
import { z } from 'zod';
import { compose, type Surroundings } from '../src/compose.ts';
import { readConfig } from '../src/config.ts';
import type { Clock } from '../src/kernel/clock.ts';
import { createLifecycle } from '../src/kernel/lifecycle.ts';
import { createLog, type Log } from '../src/kernel/log.ts';
import { testDatabase } from './database.ts';
import { newAddress, postFrom } from './from-address.ts';

export interface TestApp {
  readonly url: string;
  /** Where it listens, whatever `PUBLIC_URL` says. */
  readonly listensAt: string;
  readonly databaseUrl: string;
  /** A signed-in browser of a new account. */
  signUp(name?: string): Promise<Browser>;
  /** A guarded call with a secret, or without any. */
  call(secret: string | undefined, path?: string, headers?: Record<string, string>): Promise<Response>;
  /** Stops the server; a database of its own goes with it. */
  stop(): Promise<void>;
}

/** What a signed-in person can do. */
export interface Browser {
  readonly cookie: string;
  readonly email: string;
  /** The data of an operation. @throws when it has errors */
  graphql(query: string, variables?: object): Promise<unknown>;
  /** Makes a key through GraphQL. */
  createKey(input?: object): Promise<{ id: string; secret: string }>;
}

export interface TestAppOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** A database to share with another server; one of its own unless told. */
  readonly databaseUrl?: string;
  /** Where it writes what it has to say; errors go to stdout unless told. */
  readonly log?: Log;
  /** As `Surroundings` have it. */
  readonly extend?: Surroundings['extend'];
  readonly webhooks?: Surroundings['webhooks'];
  readonly alerts?: Surroundings['alerts'];
}

/** Signs cookies in tests only; it opens nothing else. */
const authSecret = 'Xq3vL9sT0bRk7WnZ2mYc5HdJ8fGp4AeU';

/** Starts a server. */
export async function testApp({
  env = {},
  clock,
  databaseUrl,
  log: given,
  extend,
  webhooks,
  alerts,
}: TestAppOptions = {}): Promise<TestApp> {
  const own = databaseUrl === undefined ? await testDatabase() : undefined;
  const url = databaseUrl ?? own?.url ?? '';
  const config = readConfig({ PORT: '0', DATABASE_URL: url, AUTH_SECRET: authSecret, LOG_LEVEL: 'error', ...env });
  const log = given ?? createLog(config.logLevel);
  const lifecycle = createLifecycle(log);
  const app = await compose(config, {
    log,
    lifecycle,
    ...(clock === undefined ? {} : { clock }),
    ...(extend === undefined ? {} : { extend }),
    ...(webhooks === undefined ? {} : { webhooks }),
    ...(alerts === undefined ? {} : { alerts }),
  });
  return {
    url: app.publicUrl,
    listensAt: `http://127.0.0.1:${app.port}`,
    databaseUrl: url,
    signUp: (name) => signUp(app.publicUrl, name),
    call: (secret, path = '/api/v1/ping', headers = {}) =>
      fetch(app.publicUrl + path, {
        headers: secret === undefined ? headers : { authorization: `Bearer ${secret}`, ...headers },
      }),
    async stop() {
      await lifecycle.stop();
      await own?.drop();
    },
  };
}

let people = 0;
const password = 'correct horse battery';

/** A signed-in browser of a new account. */
export async function signUp(url: string, name = 'Ada'): Promise<Browser> {
  people += 1;
  const email = `person-${people}@example.com`;
  // From an address of their own: sign-up is throttled by address.
  const account = { name, email, password };
  const cookie = await cookieOf(
    await postFrom(newAddress(), `${url}/api/auth/sign-up/email`, { origin: url }, account),
  );
  return { ...browserWith(url, cookie), email };
}

/** Another browser of somebody who has an account, from an address of its own. */
export async function signIn(url: string, email: string, userAgent = 'test'): Promise<Omit<Browser, 'email'>> {
  const fields = { origin: url, 'user-agent': userAgent };
  return browserWith(
    url,
    await cookieOf(await postFrom(newAddress(), `${url}/api/auth/sign-in/email`, fields, { email, password })),
  );
}

/** The cookies that an answer sets. @throws when it is a refusal */
export async function cookieOf(answer: Response): Promise<string> {
  if (!answer.ok) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((field) => field.split(';', 1)[0])
    .join('; ');
}

function browserWith(url: string, cookie: string): Omit<Browser, 'email'> {
  const graphql = (query: string, variables: object = {}) => ask(url, { cookie, origin: url }, query, variables);
  return {
    cookie,
    graphql,
    async createKey(input = {}) {
      const data = await graphql(createKey, { input: { name: 'Test', ...input } });
      const { key, secret } = Created.parse(data).createKey;
      return { id: key.id, secret };
    },
  };
}

const createKey = `mutation ($input: CreateKeyInput!) {
  createKey(input: $input) { ... on CreateKeyPayload { key { id } secret } ... on Error { code message } }
}`;
const Created = z.object({ createKey: z.object({ key: z.object({ id: z.string() }), secret: z.string() }) });
const Answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** Sends an operation and gives its data. @throws when the answer has errors */
export async function ask(
  url: string,
  headers: Record<string, string>,
  query: string,
  variables: object,
): Promise<unknown> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = Answer.parse(await answer.json());
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('; '));
  return data;
}
