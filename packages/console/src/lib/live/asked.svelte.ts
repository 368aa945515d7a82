/**
 * Asked: what a part of a page has asked the server, as it was last answered.
 *
 * The last answer stays while it is asked again, and where that fails, with `trouble` saying why. Answers to older
 * questions are not shown.
 */
import type { Answer } from './ask.ts';

export class Asked<T> {
  /** null before the first answer. */
  value: T | null = $state.raw(null);
  /** Why the last question has no answer, in words. */
  trouble = $state('');

  #read: () => Promise<Answer<T>>;
  #question = 0;

  constructor(read: () => Promise<Answer<T>>) {
    this.#read = read;
  }

  async load(): Promise<void> {
    const question = ++this.#question;
    const answer = await this.#read();
    if (question !== this.#question) return;
    this.trouble = answer.ok ? '' : answer.trouble.message;
    if (answer.ok) this.value = answer.data;
  }
}
