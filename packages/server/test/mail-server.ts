/** A mail server on this machine: takes what it is sent, and says no to whom it is told. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  /** To whom it was brought, whatever stands in its head. */
  readonly recipients: readonly string[];
  readonly raw: string;
  readonly parsed: ParsedMail;
}

export interface MailServer {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  /** Addresses that it refuses for good. */
  readonly refused: Set<string>;
  /** Settles when so many that fit have come. */
  until(count: number, fits?: (mail: ReceivedMail) => boolean): Promise<readonly ReceivedMail[]>;
  stop(): Promise<void>;
}

export interface MailServerOptions {
  /** A free one unless told. */
  readonly port?: number;
  readonly more?: SMTPServerOptions;
}

/** Whom mail is from in tests. */
export const mailFrom = 'Gatekey <gatekey@mail.example>';
const patienceMs = 15_000;

/** Starts one that asks for no account. */
export async function startMailServer({ port = 0, more = {} }: MailServerOptions = {}): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const refused = new Set<string>();
  const waiting = new Set<() => void>();
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    onRcptTo({ address }, _session, callback) {
      if (!refused.has(address)) return callback();
      callback(Object.assign(new Error('No such mailbox'), { responseCode: 550 }));
    },
    async onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk));
      const raw = Buffer.concat(chunks).toString();
      received.push({
        recipients: envelope.rcptTo.map(({ address }) => address),
        raw,
        parsed: await simpleParser(raw),
      });
      callback();
      for (const look of [...waiting]) look();
    },
    ...more,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return {
    port: address.port,
    received,
    refused,
    async until(count, fits = () => true) {
      const found = () => received.filter(fits);
      const enough = new Promise<void>((resolve) => {
        const look = () => {
          if (found().length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
      const late = wait(patienceMs, undefined, { ref: false }).then(() => {
        throw new Error(
          `${found().length} of ${count} came: ${received.map(({ parsed }) => parsed.subject).join(', ')}`,
        );
      });
      await Promise.race([enough, late]);
      return found();
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
