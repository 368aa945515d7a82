/**
 * Recent: what each key of a list did within the last half hour, and how many of its calls limits refused today.
 *
 * Asked when the list changes, as a minute has closed, and some seconds after a key was refused: the ticks tell that, but
 * not why. The present minute is not from here but from the ticks.
 */
import { untrack } from 'svelte';
import type { Answer, Ask } from '#lib/live/ask.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { minutesShown } from './bars.ts';
import type { WantedKeys } from './keys.documents.ts';
import { type RecentAnswer, type RecentKeys, RecentQuery, type RecentUse } from './recent.documents.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const pageSize = 100;
/** Between two questions; a server writes its counts every 0.8 s. */
const paceMs = 2_500;

export class Recent {
  byKey: ReadonlyMap<string, RecentUse> = $state.raw(new Map());

  #ask: Ask;
  #live: Live;
  #question = 0;

  constructor(ask: Ask, live: Live) {
    this.#ask = ask;
    this.#live = live;
  }

  /**
   * Follows a list; to be called while a component is made.
   *
   * @param list  which keys, and how many of them are shown
   */
  follow(list: () => { readonly wanted: WantedKeys; readonly count: number }): void {
    const asked = $derived(JSON.stringify(list()));
    const refused = $derived([...this.#live.view.keys.values()].reduce((sum, { day }) => sum + day.refused, 0));
    const minute = $derived(Math.floor(this.#live.now / minuteMs));
    let askedAt = 0;
    $effect(() => {
      void [asked, refused, minute];
      const waitMs = Math.max(askedAt === 0 ? 0 : 500, askedAt + paceMs - Date.now());
      const timer = setTimeout(() => {
        askedAt = Date.now();
        void this.#load(untrack(list));
      }, waitMs);
      return () => clearTimeout(timer);
    });
  }

  async #load({ wanted, count }: { wanted: WantedKeys; count: number }): Promise<void> {
    const question = ++this.#question;
    const { now } = this.#live;
    const times = {
      from: new Date(now - minutesShown * minuteMs).toISOString(),
      day: new Date(Math.floor(now / dayMs) * dayMs).toISOString(),
      to: new Date(now).toISOString(),
    };
    const found = new Map<string, RecentUse>();
    let after: string | null = null;
    do {
      const answer: Answer<RecentAnswer> = await this.#ask(RecentQuery, {
        first: pageSize,
        after,
        ...wanted,
        ...times,
      });
      // A question that fails leaves what is known: the next one comes soon.
      if (question !== this.#question || !answer.ok) return;
      const page: RecentKeys | undefined = answer.data.workspace?.keys;
      for (const { node } of page?.edges ?? []) found.set(node.id, node);
      after = page?.pageInfo.hasNextPage === true ? page.pageInfo.endCursor : null;
    } while (after !== null && found.size < count);
    this.byKey = found;
  }
}
