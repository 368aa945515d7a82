/**
 * Key list: the keys that a page shows, kept as they are now.
 *
 * Loaded once for a filter, then followed through changes; what an event told is not undone by an answer that was read
 * before it. Usage is not kept here: it moves with the ticks.
 */
import type { Ask } from '#lib/live/ask.ts';
import { createHeard } from './heard.ts';
import type { KeyShelf } from './key-actions.svelte.ts';
import { isFiltered } from './key-filter.ts';
import { everyKey, filterInput, type KeyFilter } from './key-sort.ts';
import { type Key, type KeyChange, KeyListQuery } from './keys.documents.ts';

const pageSize = 50;
/** The server gives no more than this at once. */
const largestPage = 100;
const highlightMs = 1_200;

export class KeyList implements KeyShelf {
  rows: readonly Key[] = $state.raw([]);
  /** All keys that match the filter, shown or not. */
  total = $state(0);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  /** Why the last load failed, in words. */
  trouble = $state('');
  endCursor: string | null = $state(null);
  /** The row to show as new. */
  highlightedId: string | null = $state(null);

  #ask: Ask;
  #filter: KeyFilter = everyKey;
  /** Answers to older questions are not shown. */
  #question = 0;
  #heard = createHeard();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Loads the first page for a filter. Rows of the last filter stay until the new ones are there. */
  async load(filter: KeyFilter): Promise<void> {
    this.#filter = filter;
    if (this.phase === 'failed') this.phase = 'loading';
    await this.#fetch(pageSize, null);
  }

  /** Adds the next page. */
  async more(): Promise<void> {
    await this.#fetch(pageSize, this.endCursor);
  }

  /** Loads again what is shown, quietly: the last rows stay if it fails. */
  async refresh(): Promise<void> {
    if (this.phase !== 'ready') return this.load(this.#filter);
    await this.#fetch(Math.min(largestPage, Math.max(pageSize, this.rows.length)), null);
  }

  mark(): number {
    return this.#heard.mark();
  }

  /** Takes a key as an answer told it; a new one comes first. */
  put(key: Key, mark: number): void {
    if (this.#heard.since(key.id, mark) === undefined) this.#put(key);
  }

  #put(key: Key): void {
    const isKnown = this.rows.some((row) => row.id === key.id);
    if (isKnown) {
      this.rows = this.rows.map((row) => (row.id === key.id ? key : row));
      return;
    }
    this.rows = [key, ...this.rows];
    this.total += 1;
  }

  remove(id: string): void {
    if (!this.rows.some((row) => row.id === id)) return;
    this.rows = this.rows.filter((row) => row.id !== id);
    this.total -= 1;
  }

  /** A change that somebody made, here or elsewhere. Only the server knows whether a filter still matches, and where another order puts the key. */
  follow(change: KeyChange): void {
    this.#heard.hear(change);
    const isShown = this.rows.some((row) => row.id === change.keyId);
    if (change.key === null) this.remove(change.keyId);
    else if (isFiltered(this.#filter) || this.#filter.sort !== everyKey.sort) void this.refresh();
    else if (isShown || change.kind === 'CREATED') this.#put(change.key);
  }

  highlight(id: string): void {
    this.highlightedId = id;
    setTimeout(() => {
      if (this.highlightedId === id) this.highlightedId = null;
    }, highlightMs);
  }

  async #fetch(first: number, after: string | null): Promise<void> {
    const question = ++this.#question;
    const mark = this.#heard.mark();
    const answer = await this.#ask(KeyListQuery, { first, after, ...filterInput(this.#filter) });
    if (question !== this.#question) return;
    // Whatever is known by now is shown; what this answer may lack is asked for again.
    const isOvertaken = answer.ok && this.#heard.cameOrWent(mark);
    if (!answer.ok) {
      this.trouble = answer.trouble.message;
      if (this.phase !== 'ready') this.phase = 'failed';
      return;
    }
    const keys = answer.data.workspace?.keys;
    const page = keys?.edges.flatMap(({ node }) => newest(node, this.#heard.since(node.id, mark))) ?? [];
    // A key whose place has changed since the page before comes again.
    const shown = new Set(after === null ? [] : this.rows.map(({ id }) => id));
    this.rows = after === null ? page : [...this.rows, ...page.filter(({ id }) => !shown.has(id))];
    this.total = keys?.totalCount ?? 0;
    this.endCursor = keys?.pageInfo.hasNextPage === true ? keys.pageInfo.endCursor : null;
    this.trouble = '';
    this.phase = 'ready';
    if (isOvertaken) void this.refresh();
  }
}

/** The key as the answer has it, unless an event told of it since; nothing once it is deleted. */
function newest(answered: Key, heard: Key | null | undefined): Key[] {
  if (heard === undefined) return [answered];
  return heard === null ? [] : [heard];
}
