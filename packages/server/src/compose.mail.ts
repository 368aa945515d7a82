/** The part of compose that makes the room of mail, and starts to send. */
import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import type { Database } from './kernel/database.ts';
import type { NewId } from './kernel/id.ts';
import type { Lifecycle } from './kernel/lifecycle.ts';
import type { Log } from './kernel/log.ts';
import { createSealer } from './kernel/sealed.ts';
import { type Post, startPost } from './mail/post.ts';
import { createPostgresMailQueue } from './mail/queue.postgres.ts';
import { createSmtpSender } from './mail/sender.smtp.ts';
import { createMailWriter, type MailWriter } from './mail/write.ts';

const timeoutMs = 30_000;
/** Longer than the time-out, ms. */
const leaseMs = 60_000;

interface Needs {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly secret: string;
  readonly publicUrl: string;
  readonly log: Log;
  readonly lifecycle: Lifecycle;
}

export interface Mailing extends MailWriter {
  readonly counts: Post['counts'];
}

/** Opens the room; undefined where there is no mail server, and then nothing is written that could not be sent. */
export function openMail({ smtp }: Config, needs: Needs): Mailing | undefined {
  if (smtp === undefined) return undefined;
  const { database, clock, newId, secret, publicUrl, log, lifecycle } = needs;
  const sealer = createSealer(secret, 'mail');
  const queue = createPostgresMailQueue({ database, clock, leaseMs });
  const sender = createSmtpSender({ ...smtp, timeoutMs });
  const post = startPost({ queue, sender, sealer, clock, log });
  lifecycle.onStop('mail', () => post.close());
  return { ...createMailWriter({ newId, sealer, consoleUrl: publicUrl }), counts: post.counts };
}
