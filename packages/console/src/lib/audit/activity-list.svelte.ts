/** Activity list: the changes that a page shows, and how many came since. */
import type { Ask } from '#lib/live/ask.ts';
import { type FilterInput, filterInput, noFilter } from './activity-filter.ts';
import { ActivityQuery, type Entry } from './audit.documents.ts';

const pageSize = 50;

export class ActivityList {
  entries: readonly Entry[] = $state.raw([]);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  /** Why the last load failed, in words. */
  trouble = $state('');
  endCursor: string | null = $state(null);
  /** Changes that were heard of and are not shown yet. */
  unseen = $state(0);

  #ask: Ask;
  #keyId: string | null;
  #filter: FilterInput = filterInput(noFilter, 0);
  /** Answers to older questions are not shown. */
  #question = 0;

  /** @param keyId  only changes of this key */
  constructor(ask: Ask, keyId: string | null = null) {
    this.#ask = ask;
    this.#keyId = keyId;
  }

  /** Loads the newest. Entries of the last filter stay until the new ones are there. */
  async load(filter: FilterInput): Promise<void> {
    this.#filter = filter;
    if (this.phase === 'failed') this.phase = 'loading';
    await this.#fetch(null);
  }

  async refresh(): Promise<void> {
    await this.load(this.#filter);
  }

  /** Adds older ones. */
  async more(): Promise<void> {
    await this.#fetch(this.endCursor);
  }

  /** Something was changed. It is not put before the reader's eyes: that would move what they read. */
  hear(): void {
    this.unseen += 1;
  }

  async #fetch(after: string | null): Promise<void> {
    const question = ++this.#question;
    const answer = await this.#ask(ActivityQuery, {
      first: pageSize,
      after,
      ...this.#filter,
      keyId: this.#keyId,
    });
    if (question !== this.#question) return;
    if (!answer.ok) {
      this.trouble = answer.trouble.message;
      if (this.phase !== 'ready') this.phase = 'failed';
      return;
    }
    const log = answer.data.workspace?.auditEvents;
    const page = log?.edges.map(({ node }) => node) ?? [];
    this.entries = after === null ? page : [...this.entries, ...page];
    this.endCursor = log?.pageInfo.hasNextPage === true ? log.pageInfo.endCursor : null;
    if (after === null) this.unseen = 0;
    this.trouble = '';
    this.phase = 'ready';
  }
}
