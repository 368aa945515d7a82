import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { run as runOnSpace, workspaceOf } from '../../test/commands.ts';
import { rotate, run, update } from '../../test/key-commands.ts';
import { close, endOf, forbidden, liveOn, opened, type Streams, usageReader } from '../../test/streams.ts';

describe('streams of a key', () => {
  let app: TestApp;
  let ada: Browser;
  let others: Streams;
  /** So many that the regular asking takes its 2 s, and only an event can be quicker. */
  const crowd: Streams[] = [];
  beforeAll(async () => {
    app = await testApp();
    ada = await app.signUp();
    others = await opened(app, await usageReader(ada));
    const eve = await app.signUp('Eve');
    for (let index = 0; index < 15; index++) crowd.push(await opened(app, await usageReader(eve)));
  });
  afterEach(async () => {
    await liveOn(others);
  });
  afterAll(async () => {
    await Promise.all([others, ...crowd].map(close));
    await app.stop();
  });

  const losses: [string, (id: string) => Promise<unknown>][] = [
    ['disabled', (id) => run(ada, 'disableKey', id)],
    ['revoked', (id) => run(ada, 'revokeKey', id)],
    ['deleted', (id) => run(ada, 'deleteKey', id)],
    ['rotated without grace', (id) => rotate(ada, { id, graceSeconds: 0 })],
    ['kept from its address', (id) => update(ada, { id, ipAllowlist: ['192.0.2.1'] })],
    ['stripped of a scope', (id) => update(ada, { id, scopes: [] })],
  ];
  it.each(losses)('that is %s end within 1 s, and no others do', async (_loss, lose) => {
    const { id, secret } = await usageReader(ada);
    const streams = await opened(app, { secret });
    await lose(id);
    const { how, ms } = await endOf(streams);
    expect(how).toEqual(forbidden);
    expect(ms).toBeLessThan(1_000);
  });

  it('go on when the key changes and keeps its right', async () => {
    const { id, secret } = await usageReader(ada);
    const streams = await opened(app, { secret });
    await update(ada, { id, name: 'Renamed', ipAllowlist: ['127.0.0.0/8'], scopes: ['usage:read', 'keys:read'] });
    await rotate(ada, { id });
    await liveOn(streams);
    await close(streams);
  });

  it('end when the key expires', async () => {
    const expiresAt = Date.now() + 1_500;
    const { secret } = await usageReader(ada, { expiresAt: new Date(expiresAt).toISOString() });
    const streams = await opened(app, { secret });
    expect((await endOf(streams)).how).toEqual(forbidden);
    expect(Date.now() - expiresAt).toBeGreaterThanOrEqual(0);
    expect(Date.now() - expiresAt).toBeLessThan(1_000);
  });

  it('that were opened with an old secret end with the grace, or with the overlap; those of the new one stay', async () => {
    const { id, secret } = await usageReader(ada);
    const first = await opened(app, { secret });
    const rotatedAt = Date.now();
    const second = await opened(app, await rotate(ada, { id, graceSeconds: 1 }));
    expect((await endOf(first)).how).toEqual(forbidden);
    expect(Date.now() - rotatedAt).toBeGreaterThanOrEqual(1_000);
    expect(Date.now() - rotatedAt).toBeLessThan(2_000);
    await liveOn(second);

    const third = await opened(app, await rotate(ada, { id }));
    await run(ada, 'endKeyOverlap', id);
    const { how, ms } = await endOf(second);
    expect(how).toEqual(forbidden);
    expect(ms).toBeLessThan(1_000);
    await liveOn(third);
    await close(third);
  });

  it('cost it an operation each, and nothing while they are watched over or when they end', async () => {
    const grace = await app.signUp('Grace');
    const { id, secret } = await usageReader(grace);
    const streams = await opened(app, { secret });
    await liveOn(streams);
    await run(grace, 'disableKey', id);
    await endOf(streams);
    // This refused call is the only one that is counted.
    await app.call(secret);
    await expect
      .poll(() => grace.graphql('{ workspace { usage { day { used refused } } } }'))
      .toEqual({ workspace: { usage: { day: { used: 2, refused: 1 } } } });
  });

  const workspaceLosses: [string, (workspaceId: string, owner: Browser) => Promise<unknown>][] = [
    ['suspended', (workspaceId) => runOnSpace(ada, 'suspendWorkspace', workspaceId)],
    ['kept from their address', (_id, owner) => runOnSpace(owner, 'setIpAllowlist', { ipAllowlist: ['192.0.2.1'] })],
  ];
  it.each(workspaceLosses)('of a workspace that is %s end within 1 s', async (_loss, lose) => {
    const grace = await app.signUp('Grace');
    const streams = await opened(app, await usageReader(grace));
    await lose(await workspaceOf(grace), grace);
    const { how, ms } = await endOf(streams);
    expect(how).toEqual(forbidden);
    expect(ms).toBeLessThan(1_000);
  });

  it('of a workspace that is suspended end within 10 s, though nobody tells of it', async () => {
    const grace = await app.signUp('Grace');
    const { id, secret } = await usageReader(grace);
    const streams = await opened(app, { secret });
    const client = new pg.Client({ connectionString: app.databaseUrl });
    await client.connect();
    await client.query(
      'update workspace set suspended_at = now() where id = (select workspace_id from api_key where id = $1)',
      [id],
    );
    await client.end();
    const { how, ms } = await endOf(streams);
    expect(how).toEqual(forbidden);
    expect(ms).toBeLessThan(10_000);
  });
});
