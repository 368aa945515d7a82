import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { workspaceOf } from '../../test/commands.ts';
import { update } from '../../test/key-commands.ts';
import { close, endOf, liveOn, opened, type Streams, usageReader } from '../../test/streams.ts';

const ticksOf = (workspaceId: string) => `subscription { usage(workspaceId: "${workspaceId}") { seq } }`;
/** The subscription is completed; a WebSocket then has nothing left to carry, and its client closes it. */
const completed = [1000, 'completed'];

describe('streams of a member', () => {
  let app: TestApp;
  let ada: Browser;
  let eve: Browser;
  let workspaceId: string;
  let client: pg.Client;
  /** What must not end: the owner's, and the member's own in another workspace. */
  let others: readonly Streams[];
  /** So many that the regular asking takes its 2 s, and only an event can be quicker. */
  const crowd: Streams[] = [];

  beforeAll(async () => {
    app = await testApp();
    const operator = await app.signUp('Olga');
    [ada, eve] = [await app.signUp('Ada'), await app.signUp('Eve')];
    workspaceId = await workspaceOf(ada);
    client = new pg.Client({ connectionString: app.databaseUrl });
    await client.connect();
    others = [await opened(app, ada, ticksOf(workspaceId)), await opened(app, eve)];
    for (let index = 0; index < 15; index++) crowd.push(await opened(app, await usageReader(operator)));
  });
  afterAll(async () => {
    await Promise.all([...others, ...crowd].map(close));
    await client.end();
    await app.stop();
  });
  beforeEach(() => change("insert into member (id, workspace_id, user_id, role) values ('eve', $1, $2, 'viewer')"));
  afterEach(async () => {
    await Promise.all(others.map(liveOn));
    await client.query("delete from member where id = 'eve'");
  });

  /** There is no command yet that changes who is a member. */
  const change = async (statement: string) => {
    const { rows } = await client.query('select id from "user" where email = $1', [eve.email]);
    await client.query(statement, statement.includes('$2') ? [workspaceId, rows[0].id] : []);
  };

  it('who is removed end within 10 s in that workspace alone', async () => {
    const streams = await opened(app, eve, ticksOf(workspaceId));
    await change("delete from member where id = 'eve'");
    const { how, ms } = await endOf(streams);
    expect(how).toEqual(completed);
    expect(ms).toBeLessThan(10_000);
  });

  it('who is removed end at once with the next event of the workspace', async () => {
    const { id } = await ada.createKey();
    const streams = await opened(app, eve, ticksOf(workspaceId));
    await change("delete from member where id = 'eve'");
    await update(ada, { id, name: 'Renamed' });
    const { how, ms } = await endOf(streams);
    expect(how).toEqual(completed);
    expect(ms).toBeLessThan(1_000);
  });

  it('whose role changes go on while it may read, as every role may', async () => {
    const streams = await opened(app, eve, ticksOf(workspaceId));
    await change("update member set role = 'admin' where id = 'eve'");
    await update(ada, { id: (await ada.createKey()).id, name: 'Renamed' });
    await liveOn(streams);
    await close(streams);
  });

  it('who is removed are not opened again', async () => {
    await change("delete from member where id = 'eve'");
    await expect(opened(app, eve, ticksOf(workspaceId))).rejects.toThrow('No such workspace');
  });
});
