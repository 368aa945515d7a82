/** Queue: what is to be sent; the port. */

import type { Verdict } from './schedule.ts';
import type { Posted } from './sender.ts';

/** A delivery that this server alone sends, until its lease ends. */
export interface Claimed {
  /** Written already, as being made. */
  readonly attemptId: string;
  /** What the attempt says of itself: in its row, and as its `webhook-timestamp`. */
  readonly startedAt: Date;
  readonly deliveryId: string;
  readonly workspaceId: string;
  readonly endpointId: string;
  readonly type: string;
  readonly payload: string;
  /** How many attempts of the schedule have failed. */
  readonly failures: number;
  readonly url: string;
  /** Sealed, as the one before it. */
  readonly secret: Uint8Array;
  readonly previousSecret: Uint8Array | null;
  readonly previousSecretEndsAt: Date | null;
  readonly failingSince: Date | null;
}

export interface Finished {
  readonly posted: Posted;
  readonly verdict: Verdict;
}

export interface Queue {
  /** Takes at most so many that are due, fairly among endpoints. */
  claim(most: number): Promise<readonly Claimed[]>;
  /** Writes what became of an attempt, and what follows. Of one that another server has taken over, nothing. */
  finish(claimed: Claimed, finished: Finished): Promise<void>;
  /** Ends some of what is still to be sent to a disabled endpoint. @returns whether there may be more */
  endSome(): Promise<boolean>;
  /** Deletes some of what was over more than 30 days ago. @returns whether there may be more */
  forgetSome(): Promise<boolean>;
}
