/**
 * Traffic: the busiest keys of today, in an order that a person can read.
 *
 * The order is made anew every few seconds only, and not while someone points at the table: rows that jump cannot be
 * read. A busy key beyond the first page of the list is fetched by its id.
 */
import type { Ask } from '#lib/live/ask.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { createHeard } from './heard.ts';
import { allKeys, type Key, type KeyChange, KeyListQuery, KeyQuery } from './keys.documents.ts';

export const rowsShown = 10;
const pageSize = 100;

export class Traffic {
  rows: readonly Key[] = $state.raw([]);
  /** How many keys there are; null while that is not known. */
  total: number | null = $state(null);
  trouble = $state('');

  #known = new Map<string, Key>();
  #heard = createHeard();
  #ask: Ask;
  #live: Live;

  constructor(ask: Ask, live: Live) {
    this.#ask = ask;
    this.#live = live;
  }

  async load(): Promise<void> {
    const mark = this.#heard.mark();
    const answer = await this.#ask(KeyListQuery, { first: pageSize, after: null, ...allKeys });
    if (!answer.ok) {
      this.trouble = answer.trouble.message;
      return;
    }
    const keys = answer.data.workspace?.keys;
    this.trouble = '';
    this.total = keys?.totalCount ?? 0;
    this.#known = new Map();
    for (const { node } of keys?.edges ?? []) this.#know(node, mark);
    await this.arrange();
  }

  follow(change: KeyChange): void {
    const { kind, keyId, key } = change;
    this.#heard.hear(change);
    if (key === null) this.#known.delete(keyId);
    else this.#known.set(keyId, key);
    if (this.total !== null && kind === 'CREATED') this.total += 1;
    if (this.total !== null && kind === 'DELETED') this.total -= 1;
    void this.arrange();
  }

  /** Puts the rows in order by what was used today. */
  async arrange(): Promise<void> {
    const today = (id: string): number => (this.#live.view.keys.get(id) ?? this.#known.get(id)?.usage)?.day.used ?? 0;
    // A deleted key stays in the ticks until the next snapshot.
    const counted = [...this.#live.view.keys.keys()].filter((id) => !this.#heard.isGone(id));
    const ids = [...new Set([...this.#known.keys(), ...counted])];
    const top = ids.sort((a, b) => today(b) - today(a)).slice(0, rowsShown);
    await Promise.all(top.filter((id) => !this.#known.has(id)).map((id) => this.#learn(id)));
    this.rows = top.flatMap((id) => this.#known.get(id) ?? []);
  }

  async #learn(id: string): Promise<void> {
    const mark = this.#heard.mark();
    const answer = await this.#ask(KeyQuery, { id });
    if (answer.ok && answer.data.node?.__typename === 'ApiKey') this.#know(answer.data.node, mark);
  }

  /** Takes a key as an answer told it, unless an event told of it since. */
  #know(answered: Key, mark: number): void {
    const key = this.#heard.since(answered.id, mark);
    if (key !== null) this.#known.set(answered.id, key ?? answered);
  }
}
