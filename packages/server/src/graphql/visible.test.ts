import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ask, type Browser, type TestApp, testApp } from '../../test/app.ts';
import { asKey, run, seededPlans, workspaceOf } from '../../test/commands.ts';
import { run as runOnKey } from '../../test/key-commands.ts';
import { everyQuery } from '../../test/schema-walk.ts';

let app: TestApp;
let ada: Browser;
/** Any person or key, by id, that a question can be about. */
const ids: Record<'workspace' | 'person' | 'other' | 'maker' | 'made', string> = {
  workspace: '',
  person: '',
  other: '',
  maker: '',
  made: '',
};
const secrets = { made: '', reader: '' };

/** What can be read of a key; each word stands nowhere else. */
const traits = (name: string, octet: number) => ({
  name: `the ${name}`,
  scopes: [`${name}-scope`, 'keys:write'],
  metadata: { note: `${name}-metadata` },
  ipAllowlist: ['127.0.0.0/8', `192.0.2.${octet}`],
  limits: { month: 400_000 + octet },
});
const marksOf = (name: string, octet: number) => [
  `the ${name}`,
  `${name}-scope`,
  `${name}-metadata`,
  `192.0.2.${octet}`,
  `${400_000 + octet}`,
];

beforeAll(async () => {
  app = await testApp();
  ada = await app.signUp('Ada');
  ids.workspace = await workspaceOf(ada);
  await run(ada, 'changePlan', { planId: seededPlans.Unlimited });
  ids.person = z
    .object({ viewer: z.object({ user: z.object({ id: z.string() }) }) })
    .parse(await ada.graphql('{ viewer { user { id } } }')).viewer.user.id;
  ids.other = (await ada.createKey(traits('other', 1))).id;
  const maker = await ada.createKey(traits('maker', 2));
  ids.maker = maker.id;
  const made = await createAs(maker.secret, { name: 'Made' });
  ids.made = made.id;
  secrets.made = made.secret;
  secrets.reader = (await ada.createKey({ name: 'Reader', scopes: ['keys:read'] })).secret;
});
afterAll(() => app.stop());

const Created = z.object({
  createKey: z.object({ key: z.object({ id: z.string(), createdBy: z.unknown() }), secret: z.string() }),
});
async function createAs(secret: string, input: object) {
  const mutation = `mutation ($input: CreateKeyInput!) {
    createKey(input: $input) { ... on CreateKeyPayload { key { id createdBy { ... on Node { id } } } secret } } }`;
  const { createKey } = Created.parse(await asKey(app, secret).graphql(mutation, { input }));
  return { ...createKey.key, secret: createKey.secret };
}

/** Everything that the queries of the whole schema say, as one text. Fields that are refused say so. */
async function everythingSaidTo(headers: Record<string, string>): Promise<string> {
  const nodes = Object.values(ids).map((id) => `node(id: "${id}")`);
  const roots = ['viewer', 'workspace', 'plans', `workspace(id: "${ids.workspace}")`, ...nodes];
  const answers: string[] = [];
  for (const query of everyQuery(roots)) {
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    const text = await answer.text();
    expect(answer.status, query).toBe(200);
    expect(text, query).not.toContain('INTERNAL_SERVER_ERROR');
    answers.push(text);
  }
  return answers.join('\n');
}
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const saidOf = (text: string, marks: readonly string[]) => marks.filter((mark) => text.includes(mark));

describe('whatever is asked of the whole schema', () => {
  const keys = [...marksOf('other', 1), ...marksOf('maker', 2)];

  it('its owner is told everything of keys and people, so the questions reach all of it', async () => {
    const text = await everythingSaidTo({ cookie: ada.cookie, origin: app.url });
    const marks = [...keys, ada.email, ...Object.values(ids)];
    expect(saidOf(text, marks)).toEqual(marks);
    expect(text).toContain('"createdBy":{"__typename":"ApiKey"');
    expect(text).toContain('"createdBy":{"__typename":"User"');
  });

  it('a key without scopes is told of itself alone: of no other key, not of its maker, of nobody', async () => {
    const text = await everythingSaidTo(bearer(secrets.made));
    expect(saidOf(text, [ids.workspace, ids.made])).toEqual([ids.workspace, ids.made]);
    const hidden = [...keys, ids.other, ids.maker, ids.person, ada.email, '"User"'];
    expect(saidOf(text, hidden)).toEqual([]);
  });

  it('a key that may read keys is told of keys, and the names of people, but no e-mail address', async () => {
    const text = await everythingSaidTo(bearer(secrets.reader));
    const shown = [...keys, ids.person];
    expect(saidOf(text, shown)).toEqual(shown);
    expect(text).toContain('"name":"Ada"');
    expect(text).not.toContain(ada.email);
  });
});

describe('the maker of a key', () => {
  const maker = '{ node(id: "ID") { ... on ApiKey { createdBy { ... on Node { id } } } } }';
  const makerOf = (asker: Pick<Browser, 'graphql'>, id: string) => asker.graphql(maker.replace('ID', id));

  it('is shown to the maker itself, and a key that it changes to whoever may change it, without its maker', async () => {
    const writer = await ada.createKey({ scopes: ['keys:write'] });
    const { id, createdBy } = await createAs(writer.secret, { name: 'Own' });
    expect(createdBy).toEqual({ id: writer.id });
    expect(await makerOf(asKey(app, writer.secret), id)).toEqual({ node: null });
    const change = `mutation { updateKey(input: { id: "${ids.made}" }) { ... on KeyPayload { key { name createdBy { __typename } } } } }`;
    expect(await ask(app.url, bearer(writer.secret), change, {})).toEqual({
      updateKey: { key: { name: 'Made', createdBy: null } },
    });
  });

  it('is nobody once it is deleted, for people and programs alike', async () => {
    const gone = await ada.createKey({ name: 'Gone soon', scopes: ['keys:write'] });
    const { id } = await createAs(gone.secret, { name: 'Left behind' });
    expect(await makerOf(ada, id)).toEqual({ node: { createdBy: { id: gone.id } } });
    await runOnKey(ada, 'deleteKey', gone.id);
    for (const asker of [ada, asKey(app, secrets.reader)]) {
      expect(await makerOf(asker, id)).toEqual({ node: { createdBy: null } });
    }
  });
});
