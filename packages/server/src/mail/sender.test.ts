import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type MailServerOptions, startMailServer } from '../../test/mail-server.ts';
import { portOf } from '../../test/receiver.ts';
import { createSmtpSender } from './sender.smtp.ts';

const from = { name: 'Gatekey', address: 'gatekey@mail.example' };
const mail = { id: 'mail_1', to: 'ada@example.com', subject: 'Hello', text: 'There.\n', createdAt: new Date(0) };
const goOn = new AbortController().signal;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
const server = async (more: MailServerOptions['more'] = {}) => {
  const started = await startMailServer({ more });
  ends.push(() => started.stop());
  return started;
};
const sendTo = (url: string, timeoutMs = 5_000) => createSmtpSender({ url, from, timeoutMs }).send(mail, goOn);

describe('a mail', () => {
  it('is not given to a server whose certificate nobody vouches for', async () => {
    const { port, received } = await server({ secure: true });
    expect(await sendTo(`smtps://127.0.0.1:${port}`)).toMatchObject({ outcome: 'failed' });
    expect(received).toEqual([]);
  });

  it('with an account is not sent, nor its password, where the line is not encrypted', async () => {
    const accounts: unknown[] = [];
    const { port, received } = await server({
      hideSTARTTLS: true,
      allowInsecureAuth: true,
      onAuth({ username }, _session, callback) {
        accounts.push(username);
        callback(null, { user: username });
      },
    });
    // Leads to this machine as well, under an address that is not its own.
    expect(await sendTo(`smtp://gatekey:word@0.0.0.0:${port}`)).toMatchObject({ outcome: 'failed' });
    expect([accounts, received]).toEqual([[], []]);
    expect(await sendTo(`smtp://gatekey:word@127.0.0.1:${port}`)).toEqual({ outcome: 'sent' });
    expect(accounts).toEqual(['gatekey']);
  });

  it('with a wrong password is a failure, not a refusal, and tells no word of the server', async () => {
    const { port } = await server({
      allowInsecureAuth: true,
      onAuth: (_auth, _session, callback) => callback(new Error('hunter2 is wrong')),
    });
    expect(await sendTo(`smtp://gatekey:hunter2@127.0.0.1:${port}`)).toEqual({ outcome: 'failed', code: 'EAUTH 535' });
  });

  it('waits for a server that says nothing no longer than it may', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const startedAt = performance.now();
    expect(await sendTo(`smtp://127.0.0.1:${portOf(silent)}`, 300)).toMatchObject({ outcome: 'failed' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    silent.close();
  });
});
