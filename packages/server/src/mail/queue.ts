/** Queue: mails that are to be sent; the port. */

/** A mail that this server alone sends, until its lease ends. */
export interface ClaimedMail {
  readonly id: string;
  readonly sealed: Uint8Array;
  readonly createdAt: Date;
  /** How often it was claimed, this time among them. */
  readonly attempts: number;
  /** Whether it carries a link that lets nobody in any more. */
  readonly isMoot: boolean;
}

export interface MailQueue {
  /** Takes at most so many that are due. */
  claim(most: number): Promise<readonly ClaimedMail[]>;
  /** It is sent, or never will be: what it said is forgotten. */
  end(mail: ClaimedMail): Promise<void>;
  /** It is to be sent again. Of one that another server has taken over, nothing. */
  putOff(mail: ClaimedMail, dueAt: Date): Promise<void>;
  /** Deletes what was over a day ago, until when it is counted. */
  forget(): Promise<void>;
}
