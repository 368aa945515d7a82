/**
 * Key history: the points that a chart of one key shows.
 *
 * A range that ends now is asked for again as the key moves, a few seconds apart; the points stay until the new ones are
 * there, and when the server cannot be reached.
 */
import type { Ask } from '#lib/live/ask.ts';
import { m } from '#messages';
import { type ChartRange, namedRange } from './chart-range.ts';
import { KeyHistoryQuery, type UsagePoint } from './history.documents.ts';

export class KeyHistory {
  points: readonly UsagePoint[] = $state.raw([]);
  /** What the points are of; null before the first. */
  range: ChartRange | null = $state.raw(null);
  trouble = $state('');

  #ask: Ask;
  #keyId: string;
  #question = 0;

  constructor(ask: Ask, keyId: string) {
    this.#ask = ask;
    this.#keyId = keyId;
  }

  /** @param now  epoch ms, on the server's clock: what a named range ends with */
  async load(asked: ChartRange, now: number): Promise<void> {
    const question = ++this.#question;
    const range = asked.name === null ? asked : namedRange(asked.name, now);
    const { from, to, step } = range;
    const answer = await this.#ask(KeyHistoryQuery, {
      id: this.#keyId,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      step,
    });
    if (question !== this.#question) return;
    if (!answer.ok) {
      this.trouble = answer.trouble.message;
      return;
    }
    const { node } = answer.data;
    if (node?.__typename !== 'ApiKey') {
      this.trouble = m.common_unexpected();
      return;
    }
    this.trouble = '';
    this.range = range;
    this.points = node.usageHistory;
  }
}
