import { createServer } from 'node:http';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, signUp, type TestApp, testApp } from '../../test/app.ts';
import { run as give, makePlan, workspaceOf } from '../../test/commands.ts';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { type MailServer, mailFrom, type ReceivedMail, startMailServer } from '../../test/mail-server.ts';
import { portOf } from '../../test/receiver.ts';
import { kill, programs, ready, run as start } from '../../test/server-process.ts';

const dayMs = 86_400_000;
/** Mail is looked for every second. */
const patient = { timeout: 10_000 };
let now = Date.parse('2026-05-11T10:00:00Z');
const clock = { now: () => now };
const alerts = { usageMs: 30, expiryMs: 30 };
const authSecret = 'Jw7cV2nQ9xTf4LpB8sRk3ZyG6hMdU5eA';

let database: TestDatabase;
let mailServer: MailServer;
let app: TestApp;
let other: TestApp;
let operator: Browser;
let ada: Browser;
const open = () => {
  const smtp = { SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`, SMTP_FROM: mailFrom, AUTH_SECRET: authSecret };
  return testApp({ env: smtp, clock, alerts, databaseUrl: database.url });
};
beforeAll(async () => {
  database = await testDatabase();
  mailServer = await startMailServer();
  [app, other] = [await open(), await open()];
  operator = await app.signUp('Olga');
});
afterAll(async () => {
  await Promise.all([app.stop(), other.stop()]);
  await mailServer.stop();
  await database.drop();
});
beforeEach(async () => {
  ada = await app.signUp();
});
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const Invited = z.object({
  inviteMember: z.object({ mailed: z.boolean(), token: z.string(), invitation: z.object({ id: z.string() }) }),
});
async function invite(asker: Pick<Browser, 'graphql'>, email: string, role = 'ADMIN') {
  const data = await asker.graphql(
    `mutation { inviteMember(input: { email: "${email}", role: ${role} }) {
       ... on InviteMemberPayload { mailed token invitation { id } } ... on Error { code message } } }`,
  );
  const { invitation, ...rest } = Invited.parse(data).inviteMember;
  return { ...rest, id: invitation.id };
}
const join = (asker: Pick<Browser, 'graphql'>, token: string) =>
  asker.graphql(`mutation { joinWorkspace(token: "${token}") { ... on Error { message } } }`);
const to = (email: string) => (mail: ReceivedMail) => mail.recipients.includes(email);
const subjectsTo = (email: string) =>
  mailServer.received
    .filter(to(email))
    .map(({ parsed }) => parsed.subject ?? '')
    .toSorted();
const call = async (secret: string, times: number) => {
  for (let one = 0; one < times; one++) await (await app.call(secret)).text();
};
/** How many mails a server dropped. */
async function dropped({ url }: TestApp): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/gatekey_mails_total\{outcome="dropped"\} (\d+)/.exec(metrics)?.[1]);
}
/** What the database says. */
async function rows(text: string, url = database.url): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

describe('an alert', () => {
  it('of usage goes to owners and admins of the workspace, and to nobody else', async () => {
    const [bob, eve] = [await app.signUp('Bob'), await app.signUp('Eve')];
    await join(bob, (await invite(ada, bob.email, 'ADMIN')).token);
    await join(eve, (await invite(ada, eve.email, 'MEMBER')).token);
    const key = await ada.createKey({ name: 'Checkout', limits: { day: 10 } });
    await call(key.secret, 8);
    const [mail] = await mailServer.until(
      1,
      (one) => to(ada.email)(one) && one.parsed.subject?.includes('80 %') === true,
    );
    await mailServer.until(1, (one) => to(bob.email)(one) && one.parsed.subject?.includes('80 %') === true);
    expect(mail?.parsed).toMatchObject({
      subject: 'Checkout has used 80 % of its daily limit',
      from: { text: '"Gatekey" <gatekey@mail.example>' },
      messageId: expect.stringMatching(/^<mail_\w{26}@mail\.example>$/),
      date: new Date(now),
    });
    expect(mail?.parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.parsed.text).toMatch(
      /^The key “Checkout” \(gk_.{4}….{4}\) of the workspace “[^”]+” has used 8 of the 10 calls of its daily limit\.\n/,
    );
    expect(mail?.parsed.text).toContain('A new day begins at 2026-05-12 00:00 UTC.');
    expect(mail?.parsed.text).toContain(`/keys/${key.id}\n`);
    expect(mail?.parsed.text).not.toContain(key.secret);
    await call(key.secret, 3);
    await mailServer.until(3, (one) => to(ada.email)(one) && one.parsed.subject?.startsWith('Checkout') === true);
    expect(subjectsTo(ada.email)).toEqual([
      'Checkout has reached its daily limit',
      'Checkout has used 80 % of its daily limit',
      'Checkout has used 90 % of its daily limit',
    ]);
    await mailServer.until(3, (one) => to(bob.email)(one) && one.parsed.subject?.startsWith('Checkout') === true);
    expect(subjectsTo(eve.email).filter((subject) => subject.startsWith('Checkout'))).toEqual([]);
  });

  it('of a plan names the workspace', async () => {
    const planId = await makePlan(operator, { name: 'Ten', limits: { month: 10_000 } });
    await give(operator, 'changePlan', { workspaceId: await workspaceOf(ada), planId });
    await give(operator, 'updatePlan', { id: planId, limits: { month: 10 } });
    await call((await ada.createKey()).secret, 10);
    const mails = await mailServer.until(3, to(ada.email));
    const spent = mails.find(({ parsed }) => parsed.subject === 'Ada’s workspace has reached its monthly limit');
    expect(spent?.parsed.text).toContain(
      'The workspace “Ada’s workspace” has used 10 of the 10 calls of its monthly limit.',
    );
    expect(spent?.parsed.text).toContain('refused with status 429 until 2026-06-01 00:00 UTC.');
  });

  it('of an expiry says when, and then that it has come', async () => {
    await ada.createKey({ name: 'Nightly', expiresAt: new Date(now + 20 * dayMs).toISOString() });
    for (const [index, days] of [6.5, 7, 6, 1].entries()) {
      now += days * dayMs;
      await mailServer.until(index + 1, to(ada.email));
    }
    expect(mailServer.received.filter(to(ada.email)).map(({ parsed }) => parsed.subject)).toEqual([
      'Nightly expires within 14 days',
      'Nightly expires within 7 days',
      'Nightly expires within a day',
      'Nightly has expired',
    ]);
  });
});

describe('an invitation', () => {
  it('goes to whom it is for with its link, which lets them in', async () => {
    const bob = await app.signUp('Bob');
    const { token, mailed } = await invite(ada, bob.email);
    expect(mailed).toBe(true);
    const [mail] = await mailServer.until(1, to(bob.email));
    expect(mail?.parsed.text).toContain(
      'Ada invites you to join the workspace “Ada’s workspace” on Gatekey as an admin.',
    );
    const link = /^http\S+\/join#(\S+)$/m.exec(mail?.parsed.text ?? '')?.[1];
    expect(link).toBe(token);
    await join(bob, link ?? '');
    expect(await workspaceOf(bob)).toBe(await workspaceOf(ada));
  });

  it('is mailed 50 times a day at most, each once although two servers send', async () => {
    const bob = await app.signUp('Bob');
    const guests = Array.from({ length: 50 }, (_, one) => `guest-${one}@example.com`);
    for (const guest of guests) expect((await invite(ada, guest)).mailed).toBe(true);
    expect((await invite(ada, 'one-more@example.com')).mailed).toBe(false);
    expect((await invite(bob, 'somebody@example.com')).mailed).toBe(true);
    await mailServer.until(1, to('somebody@example.com'));
    await expect.poll(() => rows('select 1 from mail where due_at is not null'), patient).toEqual([]);
    const sent = mailServer.received.map(({ recipients: [one = ''] }) => one).filter((one) => one.startsWith('guest-'));
    expect(sent.toSorted()).toEqual(guests.toSorted());
    expect(mailServer.received.filter(to('one-more@example.com'))).toEqual([]);
  });

  it('is mailed to one person 20 times a day at most, over all workspaces, who has alerts all the same', async () => {
    const [bob, victim] = [await app.signUp('Bob'), await app.signUp('Victim')];
    const mailed: boolean[] = [];
    for (let one = 0; one < 22; one++) {
      const inviter = one % 2 === 0 ? ada : bob;
      const { id, ...invited } = await invite(inviter, one % 3 === 0 ? victim.email.toUpperCase() : victim.email);
      mailed.push(invited.mailed);
      await inviter.graphql(`mutation { withdrawInvitation(id: "${id}") { __typename } }`);
    }
    expect(mailed).toEqual([...Array(20).fill(true), false, false]);
    expect((await invite(ada, 'another@example.com')).mailed).toBe(true);
    await call((await victim.createKey({ name: 'Mine', limits: { day: 10 } })).secret, 8);
    await mailServer.until(1, (one) => to(victim.email)(one) && one.parsed.subject?.startsWith('Mine') === true);
    expect(JSON.stringify(await rows('select recipient from mail'))).not.toContain('person-');
  });

  it('has no field in its head and no paragraph that is not ours, whatever people are called', async () => {
    const name = 'Mallory\r\nBcc: all@example.com\r\n\r\nYou have won.\u202E\u2028See http://example.com';
    const mallory = await app.signUp(name);
    await invite(mallory, 'victim@example.com');
    const [mail] = await mailServer.until(1, to('victim@example.com'));
    expect(mail?.recipients).toEqual(['victim@example.com']);
    expect(mail?.raw).not.toMatch(/^bcc:/im);
    expect(mail?.parsed.subject).toBe(
      'Mallory Bcc: all@example.com You have won. See http: exampl… invites you to Mallory Bcc: all@example.com You have won. See http: exampl… on Gatekey',
    );
    expect(mail?.parsed.text?.split('\n')[0]).toMatch(/^Mallory Bcc: .* invites you to join .* as an admin\.$/);
  });
});

describe('a mail server', () => {
  const account = 'gatekey:hunter2%21';
  /** A server of its own database, and what it has to say. */
  const alone = async (env: Record<string, string>) => {
    const own = await testDatabase();
    const lines: string[] = [];
    const note = (facts: object, message: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
    const log = { debug: note, info: note, warn: note, error: note };
    const app = await testApp({ env, clock, databaseUrl: own.url, log });
    ends.push(
      () => own.drop(),
      () => app.stop(),
    );
    return { app, url: own.url, lines };
  };
  const waiting = (url: string) => rows('select sealed, attempts from mail where due_at is not null', url);

  it('that is away gets what was written meanwhile; it lies sealed, and nothing of it is logged', async () => {
    const away = await startMailServer();
    await away.stop();
    const env = { SMTP_URL: `smtp://${account}@127.0.0.1:${away.port}`, SMTP_FROM: mailFrom };
    const { app, url, lines } = await alone(env);
    const eve = await app.signUp('Eve');
    const { token, mailed } = await invite(eve, 'friend@example.com');
    expect(mailed).toBe(true);
    await expect.poll(async () => lines.filter((line) => line.includes('cannot be sent')), patient).toHaveLength(1);
    const [row] = await waiting(url);
    expect(row?.attempts).toBe(1);
    expect(String(row?.sealed)).not.toMatch(new RegExp(`${token}|friend@`));
    const withdrawn = await invite(eve, 'enemy@example.com');
    await eve.graphql(`mutation { withdrawInvitation(id: "${withdrawn.id}") { __typename } }`);
    const log = await eve.graphql('{ workspace { auditEvents { edges { node { type after } } } } }');
    expect(JSON.stringify(log)).toContain('member.invited');

    const accounts: string[] = [];
    const back = await startMailServer({
      port: away.port,
      more: {
        authOptional: false,
        allowInsecureAuth: true,
        onAuth({ username, password }, _session, callback) {
          accounts.push(`${username} ${password}`);
          callback(null, { user: username });
        },
      },
    });
    ends.push(() => back.stop());
    now += 6_000;
    await back.until(1, to('friend@example.com'));
    expect(accounts).toEqual(['gatekey hunter2!']);
    const over = { length: 0, due_at: null };
    await expect
      .poll(() => rows('select octet_length(sealed) as length, due_at from mail', url), patient)
      .toEqual([over, over]);
    // The other was withdrawn meanwhile.
    expect(back.received.filter(to('enemy@example.com'))).toEqual([]);
    expect(lines.join('\n')).toContain('mail is sent again');
    expect(`${JSON.stringify(log)}${lines.join('\n')}`).not.toMatch(new RegExp(`${token}|hunter2`));
    expect(lines.join('\n')).not.toContain('friend@example.com');
  });

  it('that could not take it is given the very same again', async () => {
    const heads: string[] = [];
    const busy = await startMailServer({
      more: {
        async onData(stream, _session, callback) {
          const chunks: Buffer[] = [];
          for await (const chunk of stream) chunks.push(Buffer.from(chunk));
          heads.push(Buffer.concat(chunks).toString());
          callback(heads.length > 1 ? null : Object.assign(new Error('Later'), { responseCode: 451 }));
        },
      },
    });
    ends.push(() => busy.stop());
    const { app } = await alone({ SMTP_URL: `smtp://127.0.0.1:${busy.port}`, SMTP_FROM: mailFrom });
    await invite(await app.signUp('Eve'), 'friend@example.com');
    await expect.poll(() => heads.length, patient).toBe(1);
    const later = () => {
      now += 6_000;
      return heads.length;
    };
    await expect.poll(later, { interval: 1_000, timeout: 10_000 }).toBe(2);
    expect(heads[0]).toMatch(/^Message-ID: <mail_\w+@mail\.example>\r$/m);
    expect(heads[1]).toBe(heads[0]);
  });

  it('that refuses somebody for good is not asked again, and others get theirs', async () => {
    mailServer.refused.add('nobody@example.com');
    const before = await Promise.all([app, other].map(dropped));
    await invite(ada, 'nobody@example.com');
    await invite(ada, 'friend@example.com');
    await mailServer.until(1, to('friend@example.com'));
    const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0);
    await expect.poll(async () => sum(await Promise.all([app, other].map(dropped))) - sum(before), patient).toBe(1);
    await expect.poll(() => rows('select 1 from mail where due_at is not null'), patient).toEqual([]);
  });

  it('that is away for longer than the schedule loses the mail, which is counted', async () => {
    const away = await startMailServer();
    await away.stop();
    const { app, url, lines } = await alone({ SMTP_URL: `smtp://127.0.0.1:${away.port}`, SMTP_FROM: mailFrom });
    await invite(await app.signUp('Eve'), 'friend@example.com');
    await expect.poll(() => lines.join('\n'), patient).toContain('cannot be sent');
    // The tenth attempt is the last; the nine before it take three days.
    await rows('update mail set attempts = 9', url);
    now += 6_000;
    await expect.poll(() => dropped(app), patient).toBe(1);
    expect(await waiting(url)).toEqual([]);
  });

  it('that hangs while Gatekey is killed gets the mail from another server when the lease ends', {
    timeout: 60_000,
  }, async () => {
    const own = await testDatabase();
    ends.push(() => own.drop());
    const hanging = createServer();
    const reached = new Promise((resolve) => hanging.once('connection', resolve));
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const smtp = (port: number) => ({ SMTP_URL: `smtp://127.0.0.1:${port}`, SMTP_FROM: mailFrom });
    const env = { PORT: '0', DATABASE_URL: own.url, AUTH_SECRET: authSecret, LOG_LEVEL: 'error' };
    const killed = await ready(start(programs.main, { ...env, ...smtp(portOf(hanging)) }));
    ends.push(() => kill(killed.child));
    await invite(await signUp(killed.url, 'Eve'), 'late@example.com');
    await reached;
    await kill(killed.child);
    hanging.close();
    const later = { now: () => Date.now() + 61_000 };
    const next = await testApp({
      env: { AUTH_SECRET: authSecret, ...smtp(mailServer.port) },
      clock: later,
      databaseUrl: own.url,
    });
    ends.push(() => next.stop());
    await mailServer.until(1, to('late@example.com'));
  });

  it('that is none is pretended by nothing', async () => {
    const { app, url } = await alone({});
    const eve = await app.signUp('Eve');
    expect((await invite(eve, 'friend@example.com')).mailed).toBe(false);
    expect(await rows('select 1 from mail', url)).toEqual([]);
    expect(await (await fetch(`${app.url}/metrics`)).text()).not.toContain('gatekey_mails');
  });
});
