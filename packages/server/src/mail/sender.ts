/** Sender: one mail to one person; the port. What it does to the world stands in `sender.smtp.ts`. */
import type { Letter } from './letter.ts';

export interface Mail extends Letter {
  /** The same on every attempt, so that a mail server that has it knows it. */
  readonly id: string;
  readonly createdAt: Date;
}

/** What became of it: the mail server took it, will never take it, or could not now. */
export type Sent =
  | { readonly outcome: 'sent' }
  /** @param code  what is known of the reason, without a word that the other side said */
  | { readonly outcome: 'refused' | 'failed'; readonly code: string };

export interface MailSender {
  /**
   * Sends once and settles within its time-out; whatever becomes of it is a value.
   *
   * @param stop  ends it early; that is a failure
   */
  send(mail: Mail, stop: AbortSignal): Promise<Sent>;
}
