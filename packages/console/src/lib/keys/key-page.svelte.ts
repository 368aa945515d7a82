/**
 * Key page: one key with all that is set about it, kept as it is now.
 *
 * Asked for again whenever an event tells of it, for events carry only what a row shows; until the answer is there the
 * event's part is shown already.
 */
import type { Ask } from '#lib/live/ask.ts';
import { createHeard } from './heard.ts';
import type { KeyShelf } from './key-actions.svelte.ts';
import { type Key, type KeyChange, type KeyDetail, type KeyDetailAnswer, KeyDetailQuery } from './keys.documents.ts';

type Place = NonNullable<KeyDetailAnswer['workspace']>;

export class KeyPage implements KeyShelf {
  key: KeyDetail | null = $state.raw(null);
  workspace: Place | null = $state.raw(null);
  /** `gone`: there is no such key, or none any more. */
  phase: 'loading' | 'ready' | 'failed' | 'gone' = $state('loading');
  trouble = $state('');

  readonly id: string;
  #ask: Ask;
  #heard = createHeard();
  #question = 0;

  constructor(ask: Ask, id: string) {
    this.#ask = ask;
    this.id = id;
  }

  /** Loads it, or loads it again; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    const question = ++this.#question;
    const mark = this.#heard.mark();
    if (this.phase === 'failed') this.phase = 'loading';
    const answer = await this.#ask(KeyDetailQuery, { id: this.id });
    if (question !== this.#question || this.phase === 'gone') return;
    if (!answer.ok) {
      this.trouble = answer.trouble.message;
      if (this.key === null) this.phase = 'failed';
      return;
    }
    this.trouble = '';
    const { node, workspace } = answer.data;
    if (node?.__typename !== 'ApiKey') return this.remove();
    this.key = { ...node, ...this.#heard.since(this.id, mark) };
    this.workspace = workspace;
    this.phase = 'ready';
  }

  follow(change: KeyChange): void {
    if (change.keyId !== this.id) return;
    this.#heard.hear(change);
    if (change.key === null) {
      this.remove();
      return;
    }
    this.#merge(change.key);
    void this.load();
  }

  mark(): number {
    return this.#heard.mark();
  }

  put(key: Key, mark: number): void {
    if (this.#heard.since(key.id, mark) === undefined) this.#merge(key);
    void this.load();
  }

  remove(): void {
    this.phase = 'gone';
  }

  #merge(key: Key): void {
    if (this.key !== null) this.key = { ...this.key, ...key };
  }
}
