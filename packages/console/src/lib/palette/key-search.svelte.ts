/**
 * Key search: the keys that a text names, asked for after a short rest. Of a secret only its hint is asked for.
 */
import { searchable } from '#lib/keys/key-filter.ts';
import type { Ask } from '#lib/live/ask.ts';
import { FindKeysQuery, type FoundKey } from './palette.documents.ts';

const pauseMs = 150;
/** Longer ones are no name. */
const longestSearch = 200;

export class KeySearch {
  found: readonly FoundKey[] = $state.raw([]);
  phase: 'idle' | 'searching' | 'failed' = $state('idle');

  #ask: Ask;
  /** Answers to older questions are not shown. */
  #question = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Looks for what was typed by now. What was found before stays until the answer comes. */
  search(typed: string): void {
    clearTimeout(this.#timer);
    const question = ++this.#question;
    const search = searchable(typed).slice(0, longestSearch);
    if (search === '') {
      this.found = [];
      this.phase = 'idle';
      return;
    }
    this.phase = 'searching';
    this.#timer = setTimeout(() => void this.#load(search, question), pauseMs);
  }

  /** Nobody looks any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#question += 1;
  }

  async #load(search: string, question: number): Promise<void> {
    const answer = await this.#ask(FindKeysQuery, { search });
    if (question !== this.#question) return;
    this.found = answer.ok ? (answer.data.workspace?.keys.edges.map(({ node }) => node) ?? []) : [];
    this.phase = answer.ok ? 'idle' : 'failed';
  }
}
