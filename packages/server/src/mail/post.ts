/**
 * Post: sends mails that are due, until it is told to stop.
 *
 *   a second gone by -> claim some -> send each -> sent: emptied | failed: put off, by the schedule of webhooks
 *
 * Promises: at least once while the mail server comes back within the schedule, some three days; what it refuses for good,
 * or has not taken by then, is dropped and counted. Two servers send once; one that dies may have sent what another
 * sends again, under the same Message-ID. No address, no word of a mail and no link is logged.
 */
import type { Clock } from '../kernel/clock.ts';
import { every } from '../kernel/every.ts';
import type { Log } from '../kernel/log.ts';
import type { Sealer } from '../kernel/sealed.ts';
import { within } from '../kernel/within.ts';
import { retryDelayMs } from '../webhooks/schedule.ts';
import type { ClaimedMail, MailQueue } from './queue.ts';
import type { MailSender } from './sender.ts';
import { openLetter } from './write.ts';

/** Mails of this server since it started. */
export interface MailCounts {
  readonly sent: number;
  readonly dropped: number;
}

export interface Post {
  counts(): MailCounts;
  /** Takes no more; what is being sent has some seconds left. */
  close(): Promise<void>;
}

const lookEveryMs = 1_000;
const forgetEveryMs = 600_000;
const atATime = 5;
/** What is being sent when it is to stop has so long, ms. */
const graceMs = 4_000;

interface Needs {
  readonly queue: MailQueue;
  readonly sender: MailSender;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Log;
}

/** Begins to send. */
export function startPost({ queue, sender, sealer, clock, log }: Needs): Post {
  const stopping = new AbortController();
  const counts = { sent: 0, dropped: 0 };
  let isOpen = true;
  let isAway = false;

  const drop = async (mail: ClaimedMail, code: string) => {
    await queue.end(mail);
    counts.dropped += 1;
    log.warn({ mail: mail.id, code }, 'a mail is dropped');
  };

  const send = async (mail: ClaimedMail) => {
    if (mail.isMoot) return queue.end(mail);
    const letter = openLetter(sealer, mail.id, mail.sealed);
    if (letter === undefined) return drop(mail, 'AUTH_SECRET was changed');
    const { id, createdAt, attempts } = mail;
    const result = await sender.send({ id, createdAt, ...letter }, stopping.signal);
    if (result.outcome === 'sent') {
      await queue.end(mail);
      counts.sent += 1;
      if (isAway) log.info({}, 'mail is sent again');
      isAway = false;
      return;
    }
    if (result.outcome === 'refused') return drop(mail, result.code);
    const delayMs = stopping.signal.aborted ? 0 : retryDelayMs(attempts - 1, Math.random());
    if (delayMs === undefined) return drop(mail, result.code);
    await queue.putOff(mail, new Date(clock.now() + delayMs));
    if (!isAway) log.warn({ code: result.code }, 'mail cannot be sent; it is kept and tried again');
    isAway = true;
  };

  const sendDue = async () => {
    for (let some = await queue.claim(atATime); some.length > 0; some = isOpen ? await queue.claim(atATime) : []) {
      // Each to its end, whatever becomes of the others; what could not be written is due when its lease ends.
      const results = await Promise.allSettled(some.map(send));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    }
  };

  const onFailure = (error: unknown) => log.debug({ err: error }, 'mail is looked for again later');
  const work = [every(lookEveryMs, sendDue, onFailure), every(forgetEveryMs, queue.forget, onFailure)];

  return {
    counts: () => counts,
    async close() {
      isOpen = false;
      const ended = Promise.all(work.map((one) => one.end()));
      await within(graceMs, ended, 'not all is sent').catch(() => stopping.abort());
      await ended;
    },
  };
}
