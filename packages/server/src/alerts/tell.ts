/** Tell: an alert, once, however many servers notice it and however often they start. */
import type { Alert } from '../events/domain-event.ts';
import type { By, Facts, Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';

/** Gatekey itself. */
export const bySystem: By = { kind: 'system', id: null, address: null };

export interface Noticed {
  readonly event: Alert;
  /** What tells it apart from others of its type, as `day:80`; empty where nothing does. */
  readonly detail: string;
  /** What it is told once for: the start of a window or hour, or an expiry. */
  readonly at: Date;
  readonly facts: Facts;
}

/** Writes the alert and its event in one transaction, unless it was told before. */
export type Tell = (noticed: Noticed) => Promise<void>;

export function createTell({ outbox, clock }: { readonly outbox: Outbox; readonly clock: Clock }): Tell {
  return ({ event, detail, at, facts }) =>
    outbox.commit(async (tx, append) => {
      const subjectId = event.keyId ?? event.workspaceId;
      const type = detail === '' ? event.type : `${event.type}:${detail}`;
      const createdAt = new Date(clock.now());
      // Whoever notices it at the same time waits here, and then finds it told.
      const { count } = await tx.alert.createMany({ data: [{ subjectId, type, at, createdAt }], skipDuplicates: true });
      if (count > 0) await append({ event, by: bySystem, after: facts });
    });
}
