/** Docs keys: the keys that one can choose from, and the one that is chosen, kept as they are now. */
import { type Key, type KeyChange, KeyListQuery, KeyQuery } from '#lib/keys/keys.documents.ts';
import type { Ask } from '#lib/live/ask.ts';

/** A list to choose from is of no use when it is longer. */
const shown = 100;

export class DocsKeys {
  rows: readonly Key[] = $state.raw([]);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');

  #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Loads the newest keys, and the asked one if it is none of them. */
  async load(askedId: string | null): Promise<void> {
    const answer = await this.#ask(KeyListQuery, { first: shown, after: null, status: null, search: null });
    if (!answer.ok) {
      if (this.phase !== 'ready') this.phase = 'failed';
      return;
    }
    this.rows = answer.data.workspace?.keys.edges.map(({ node }) => node) ?? [];
    if (askedId !== null && !this.rows.some(({ id }) => id === askedId)) await this.#learn(askedId);
    this.phase = 'ready';
  }

  /** The asked one, or else the first that passes. */
  chosen(askedId: string | null): Key | null {
    const active = this.rows.find(({ status }) => status === 'ACTIVE');
    return this.rows.find(({ id }) => id === askedId) ?? active ?? this.rows[0] ?? null;
  }

  follow({ keyId, key }: KeyChange): void {
    const others = this.rows.filter(({ id }) => id !== keyId);
    if (key === null) this.rows = others;
    else if (others.length === this.rows.length) this.rows = [key, ...others];
    else this.rows = this.rows.map((row) => (row.id === keyId ? key : row));
  }

  async #learn(id: string): Promise<void> {
    const answer = await this.#ask(KeyQuery, { id });
    if (answer.ok && answer.data.node?.__typename === 'ApiKey') this.rows = [...this.rows, answer.data.node];
  }
}
