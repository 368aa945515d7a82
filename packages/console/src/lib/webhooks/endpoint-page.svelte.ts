/**
 * Endpoint page: one endpoint and its deliveries, kept as they are now.
 *
 * Loaded once for a filter, then followed through changes; what a change told is not undone by an answer that was read
 * before it.
 */
import type { Ask } from '#lib/live/ask.ts';
import { foldDelivery, isOlder } from './delivery-rows.ts';
import type { DeliveryFilter } from './endpoint-address.ts';
import { type Delivery, type DeliveryChange, type Endpoint, EndpointQuery } from './webhooks.documents.ts';

const pageSize = 25;
/** The server gives no more than this at once. */
const largestPage = 100;
/** So many changes at most come while an answer is under way. */
const mostHeard = 200;

export class EndpointPage {
  endpoint: Endpoint | null = $state.raw(null);
  rows: readonly Delivery[] = $state.raw([]);
  endCursor: string | null = $state(null);
  /** `gone`: there is no such endpoint, or none any more. */
  phase: 'loading' | 'ready' | 'failed' | 'gone' = $state('loading');
  /** Why the last load failed, in words. */
  trouble = $state('');
  /** The test that was sent last from this page, however the rows are filtered. */
  test: Delivery | null = $state.raw(null);
  /** How many changes were heard: who shows one delivery in full looks at it again. */
  changes = $state(0);

  readonly id: string;
  #ask: Ask;
  #filter: DeliveryFilter = { state: null, type: null };
  #question = 0;
  /** The last ones that were heard of. */
  #heard: readonly Delivery[] = [];

  constructor(ask: Ask, id: string) {
    this.#ask = ask;
    this.id = id;
  }

  /** Loads the endpoint and the first deliveries for a filter. What is shown stays until the answer is there. */
  async load({ state, type }: DeliveryFilter): Promise<void> {
    this.#filter = { state, type };
    if (this.phase === 'failed') this.phase = 'loading';
    await this.#fetch(pageSize, null);
  }

  /** Adds older ones. */
  async more(): Promise<void> {
    await this.#fetch(pageSize, this.endCursor);
  }

  /** Loads again what is shown. */
  async refresh(): Promise<void> {
    await this.#fetch(Math.min(largestPage, Math.max(pageSize, this.rows.length)), null);
  }

  follow({ endpoint, ...delivery }: DeliveryChange): void {
    const wasEnabled = this.endpoint?.disabledAt === null;
    this.endpoint = endpoint;
    this.changes += 1;
    this.put(delivery);
    // What was still to be sent ended with it, and is not told one by one.
    if (wasEnabled && endpoint.disabledAt !== null) void this.refresh();
  }

  /** Takes a delivery as a change or the answer to a command told it. */
  put(delivery: Delivery): void {
    this.#heard = [...this.#heard, delivery].slice(-mostHeard);
    this.#fold(delivery);
  }

  /** Shows how a test goes that was just asked for. It may have been heard of before its answer came. */
  watchTest(asked: Delivery): void {
    this.test = this.#heard.findLast(({ id }) => id === asked.id) ?? asked;
    this.put(asked);
  }

  #fold(delivery: Delivery): void {
    const known = this.rows.find(({ id }) => id === delivery.id);
    if (known !== undefined && isOlder(delivery, known)) return;
    this.rows = foldDelivery({ rows: this.rows, filter: this.#filter, hasMore: this.endCursor !== null }, delivery);
    if (this.test?.id === delivery.id && !isOlder(delivery, this.test)) this.test = delivery;
  }

  async #fetch(first: number, after: string | null): Promise<void> {
    const question = ++this.#question;
    this.#heard = [];
    const answer = await this.#ask(EndpointQuery, { id: this.id, first, after, ...this.#filter });
    if (question !== this.#question) return;
    if (!answer.ok) {
      this.trouble = answer.trouble.message;
      if (this.endpoint === null) this.phase = 'failed';
      return;
    }
    this.trouble = '';
    const { node } = answer.data;
    if (node?.__typename !== 'WebhookEndpoint') {
      this.phase = 'gone';
      return;
    }
    const { deliveries, ...endpoint } = node;
    const page = deliveries.edges.map((edge) => edge.node);
    this.endpoint = endpoint;
    this.rows =
      after === null ? page : [...this.rows, ...page.filter(({ id }) => !this.rows.some((row) => row.id === id))];
    this.endCursor = deliveries.pageInfo.hasNextPage ? deliveries.pageInfo.endCursor : null;
    this.phase = 'ready';
    for (const delivery of this.#heard) this.#fold(delivery);
  }
}
