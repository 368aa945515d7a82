/**
 * Outbox: what was changed, by whom and from where; written in the transaction of the change, told after it.
 *
 *   commit( rows, append(change) ) -> one transaction -> announce -> whoever listens
 *
 * Promises: no change without its entry, and no entry without its change; an entry never changes again; before and after
 * hold what differs, and nothing secret. Whoever is told reads what is true from the database: a message may get lost,
 * an entry does not.
 */
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import type { Database, Transaction } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import type { ChangeEvent, DomainEvent, Events } from './domain-event.ts';

/** Who changed something: a person, a program, or Gatekey itself. */
export interface By {
  readonly kind: 'user' | 'key' | 'system';
  /** Their id; null for the system. */
  readonly id: string | null;
  /** Canonical text of the address it was asked from; null for the system. */
  readonly address: string | null;
}

/** Values by their name in GraphQL; dates are kept as ISO text. */
export type Facts = Readonly<Record<string, unknown>>;

export interface Change {
  readonly event: ChangeEvent;
  readonly by: By;
  /** What was there; left out where it is new. */
  readonly before?: Facts;
  /** What is there now; left out where it is gone. */
  readonly after?: Facts;
}

/** A change as it is kept. */
export interface Entry extends Change {
  readonly id: string;
  readonly at: Date;
}

export type Append = (change: Change) => Promise<void>;

export interface Outbox {
  /**
   * Does the work in one transaction, and tells of what it appended when that is committed.
   *
   * @throws what the work or the database throws; then nothing was changed
   */
  commit<T>(work: (tx: Transaction, append: Append) => Promise<T>): Promise<T>;
}

interface Needs {
  readonly database: Database;
  readonly events: Pick<Events, 'announce'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly follows?: readonly Follow[];
}

/** Writes what follows from an entry, in its transaction; what it gives is told when that is committed. */
export type Follow = (tx: Transaction, entry: Entry) => Promise<readonly DomainEvent[]>;

/** Opens the outbox. */
export function createOutbox({ database, events, clock, newId, follows = [] }: Needs): Outbox {
  return {
    async commit(work) {
      const appended: DomainEvent[] = [];
      const result = await database.$transaction((tx) =>
        work(tx, async (change) => {
          const { event, by, before, after } = change;
          const { type, ...subject } = event;
          const [id, at] = [newId('event'), new Date(clock.now())];
          await tx.event.create({
            data: {
              id,
              at,
              type,
              ...subject,
              actorKind: by.kind,
              actorId: by.id,
              address: by.address,
              ...(before === undefined ? {} : { before: jsonOf(before) }),
              ...(after === undefined ? {} : { after: jsonOf(after) }),
            },
          });
          appended.push(event);
          for (const follow of follows) appended.push(...(await follow(tx, { ...change, id, at })));
        }),
      );
      for (const event of appended) events.announce(event);
      return result;
    },
  };
}

/** What differs between two states of a thing. A name that only one of them has differs. */
export function difference(before: Facts, after: Facts): { readonly before: Facts; readonly after: Facts } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const pick = (facts: Facts) => Object.fromEntries(changed.map((name) => [name, facts[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}

const Json = z.record(z.string(), z.json());

function jsonOf(facts: Facts): z.infer<typeof Json> {
  return Json.parse(JSON.parse(JSON.stringify(facts)));
}
