/** A workspace with everybody who may ask about it, and the things in it that they ask for. */
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../app.ts';
import { type Asker as Graphql, makePlan, run, workspaceOf } from '../commands.ts';
import { type CountingProxy, countingProxy } from '../counting-proxy.ts';
import { testDatabase } from '../database.ts';
import { allowsLoopback } from '../receiver.ts';
import { isPerson, programs, scopesOf } from './rule.ts';
import type { Asker, Person, Program } from './table.ts';

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface World {
  readonly app: TestApp;
  readonly proxy: CountingProxy;
  /** Every route of the server, as `GET /api/v1/ping`. */
  readonly routes: readonly string[];
  readonly workspaceId: string;
  /** Self-serve, and without limits. */
  readonly planId: string;
  /** One that only the operator gives, and that no workspace is on. */
  readonly hiddenPlanId: string;
  /** Where a webhook may go, and nobody listens. */
  readonly endpointUrl: string;
  /** An owner who makes what is asked for, and never asks. */
  readonly founder: Browser;
  /** Who comes and goes as a member. */
  readonly extra: Browser;
  readonly people: Readonly<Record<Person, Browser>>;
  readonly secrets: ReadonlyMap<Program, string>;
  /** The header fields that somebody comes with. */
  headersOf(asker: Asker): Record<string, string>;
  /** Asks a path below `/api/v1`. */
  call(asker: Asker, request: { method: string; path: string; body?: object }): Promise<Reply>;
  /** Asks GraphQL over HTTP. */
  ask(asker: Asker, query: string): Promise<Reply>;
  stop(): Promise<void>;
}

/** Makes it, on a server of its own whose statements are counted. */
export async function rightsWorld(): Promise<World> {
  const database = await testDatabase();
  const proxy = await countingProxy(database.url);
  const routes: string[] = [];
  const app = await testApp({
    databaseUrl: proxy.url,
    env: allowsLoopback,
    extend: (fastify) => {
      fastify.addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat()) routes.push(`${one} ${url}`);
      });
    },
  });
  const operator = await app.signUp('Operator');
  const planId = await makePlan(operator, { name: 'Without limits', limits: {}, selfServe: true });
  const hiddenPlanId = await makePlan(operator, { name: 'For nobody', limits: {} });
  const founder = await app.signUp('Founder');
  const extra = await app.signUp('Extra');
  const workspaceId = await workspaceOf(founder);
  const member = async (role: string) => {
    const browser = await app.signUp(role);
    await join(founder, browser, { workspaceId, role });
    return browser;
  };
  const persons = {
    owner: await member('OWNER'),
    admin: await member('ADMIN'),
    member: await member('MEMBER'),
    viewer: await member('VIEWER'),
    operator,
    stranger: await app.signUp('Stranger'),
  };
  for (const owner of [founder, persons.stranger]) await run(owner, 'changePlan', { planId });
  const makeSecret = async (program: Program) => {
    const owner = program === 'foreign key' ? persons.stranger : founder;
    return (await owner.createKey({ name: program, scopes: scopesOf(program) })).secret;
  };
  const secrets = new Map(
    await Promise.all(programs.map(async (program) => [program, await makeSecret(program)] as const)),
  );

  const headersOf = (asker: Asker): Record<string, string> => {
    if (asker === 'nobody') return {};
    return isPerson(asker)
      ? { cookie: persons[asker].cookie, origin: app.url }
      : { authorization: `Bearer ${secrets.get(asker)}` };
  };
  return {
    app,
    proxy,
    routes,
    workspaceId,
    planId,
    hiddenPlanId,
    endpointUrl: 'http://127.0.0.1:65535/',
    founder,
    extra,
    people: persons,
    secrets,
    headersOf,
    async call(asker, { method, path, body }) {
      const answer = await fetch(`${app.url}/api/v1${path}`, {
        method,
        headers: { ...headersOf(asker), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async ask(asker, query) {
      const answer = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf(asker) },
        body: JSON.stringify({ query }),
      });
      return { status: answer.status, body: await answer.json() };
    },
    async stop() {
      await app.stop();
      await proxy.stop();
      await database.drop();
    },
  };
}

const Link = z.object({ inviteMember: z.object({ token: z.string(), invitation: z.object({ id: z.string() }) }) });

/** Makes a link into a workspace. */
export async function invite(
  by: Graphql,
  { workspaceId, role, email }: { workspaceId: string; role: string; email: string },
): Promise<{ token: string; id: string }> {
  const data = await by.graphql(`mutation {
    inviteMember(input: { workspaceId: "${workspaceId}", email: "${email}", role: ${role} }) {
      ... on InviteMemberPayload { token invitation { id } } ... on Error { message } } }`);
  const { token, invitation } = Link.parse(data).inviteMember;
  return { token, id: invitation.id };
}

/** Makes somebody a member. */
export async function join(by: Graphql, who: Browser, into: { workspaceId: string; role: string }): Promise<void> {
  const { token } = await invite(by, { ...into, email: who.email });
  await who.graphql(`mutation { joinWorkspace(token: "${token}") { __typename } }`);
}

/** The id of a person. */
export async function idOf(browser: Graphql): Promise<string> {
  const data = await browser.graphql('{ viewer { user { id } } }');
  return z.object({ viewer: z.object({ user: z.object({ id: z.string() }) }) }).parse(data).viewer.user.id;
}
