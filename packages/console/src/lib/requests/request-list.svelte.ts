/**
 * Request list: the requests that a page shows, growing at the top as they end.
 *
 * Loaded once for a filter, then followed. While somebody reads, new ones wait; while the page is paused nothing changes,
 * not even their number. When the line is back the server's first batch closes the gap, or all is asked for again.
 */
import { untrack } from 'svelte';
import type { Ask } from '#lib/live/ask.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { extended, type Flow, noFlow, received, released } from './flow.ts';
import { filterInput, noFilter, type RequestFilter } from './request-filter.ts';
import { type Batch, RequestsQuery, RequestTail } from './requests.documents.ts';

/** Newer ones are in the answer that is waited for. */
const mostEarly = 5;

export class RequestList {
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  /** Why the last load failed, in words. */
  trouble = $state('');
  endCursor: string | null = $state(null);
  /** Somebody reads: rows stay where they are. */
  isHeld = $state(false);

  #ask: Ask;
  #live: Live;
  #size: number;
  #filter: RequestFilter = noFilter;
  #flow: Flow = $state.raw(noFlow);
  /** What is shown while the page is paused. */
  #frozen: Flow | null = $state.raw(null);
  /** Batches that come while all is asked for; null while nothing is. */
  #early: Batch[] | null = null;
  /** Answers to older questions are not shown. */
  #question = 0;

  /** @param size  of a page */
  constructor(ask: Ask, live: Live, size = 50) {
    this.#ask = ask;
    this.#live = live;
    this.#size = size;
  }

  get rows() {
    return this.#shown.rows;
  }
  /** How many new ones wait. */
  get unseen(): number {
    return this.#shown.waiting.length;
  }
  /** How many came too fast to be listed. */
  get leftOut(): number {
    return this.#shown.leftOut;
  }
  get #shown(): Flow {
    return this.#frozen ?? this.#flow;
  }

  /** Follows what fits; to be called while a component is made. */
  follow(filter: () => RequestFilter): void {
    const wanted = $derived(JSON.stringify(filter()));
    $effect(() => {
      const next: RequestFilter = JSON.parse(wanted);
      untrack(() => {
        this.#filter = next;
        this.#early = [];
        void this.reload();
      });
      return this.#live.line.subscribe(RequestTail, ({ requests }) => this.#hear(requests), {
        variables: { filter: filterInput(next) },
      });
    });
    $effect(() => {
      const isPaused = this.#live.state === 'paused';
      const isFree = !isPaused && !this.isHeld;
      untrack(() => {
        this.#frozen = isPaused ? (this.#frozen ?? this.#flow) : null;
        if (isFree) this.release();
      });
    });
  }

  /** Shows what waits. */
  release(): void {
    this.#flow = released(this.#flow, Math.max(this.#most, this.#flow.rows.length));
  }

  /** Loads the newest. Rows of before stay until the new ones are there. */
  async reload(): Promise<void> {
    this.#early ??= [];
    if (this.phase === 'failed') this.phase = 'loading';
    await this.#fetch(null);
  }

  /** Adds older ones. */
  async more(): Promise<void> {
    await this.#fetch(this.endCursor);
  }

  get #most(): number {
    return this.#size * 4;
  }

  #hear(batch: Batch): void {
    if (this.#early !== null) {
      this.#early = [...this.#early, batch].slice(-mostEarly);
      return;
    }
    const next = received(this.#flow, batch);
    if (next === undefined) return void this.reload();
    this.#flow = next;
    if (!this.isHeld && this.#frozen === null) this.release();
  }

  async #fetch(after: string | null): Promise<void> {
    const question = ++this.#question;
    const filter = filterInput(this.#filter);
    const answer = await this.#ask(RequestsQuery, { first: this.#size, after, filter });
    if (question !== this.#question) return;
    if (!answer.ok) {
      this.trouble = answer.trouble.message;
      if (this.phase !== 'ready') this.phase = 'failed';
      return;
    }
    const log = answer.data.workspace?.requests;
    const page = log?.edges.flatMap((edge) => edge?.node ?? []) ?? [];
    this.#flow = after === null ? { ...noFlow, rows: page } : extended(this.#flow, page);
    this.endCursor = log?.pageInfo.hasNextPage === true ? (log.pageInfo.endCursor ?? null) : null;
    this.trouble = '';
    this.phase = 'ready';
    if (after === null) {
      for (const batch of this.#early ?? []) this.#flow = received(this.#flow, batch) ?? this.#flow;
      this.#early = null;
    }
    if (this.#frozen !== null) this.#frozen = this.#flow;
    else if (!this.isHeld) this.release();
  }
}
