/** Endpoint list: the endpoints of the workspace, each with its newest delivery, kept as they are now. */
import type { Ask } from '#lib/live/ask.ts';
import { type Delivery, type DeliveryChange, type Endpoint, EndpointsQuery } from './webhooks.documents.ts';

/** So many changes at most come while an answer is under way. */
const mostHeard = 200;

export interface EndpointRow {
  readonly endpoint: Endpoint;
  /** null = nothing was ever sent, or nothing within 30 days. */
  readonly last: Delivery | null;
}

export class EndpointList {
  rows: readonly EndpointRow[] = $state.raw([]);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  /** Why the last load failed, in words. */
  trouble = $state('');

  #ask: Ask;
  #question = 0;
  /** What was heard since the question: an answer that was read before it does not undo it. */
  #heard: readonly DeliveryChange[] = [];

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Loads them, or loads them again; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    const question = ++this.#question;
    this.#heard = [];
    if (this.phase === 'failed') this.phase = 'loading';
    const answer = await this.#ask(EndpointsQuery, {});
    if (question !== this.#question) return;
    if (!answer.ok) {
      this.trouble = answer.trouble.message;
      if (this.phase !== 'ready') this.phase = 'failed';
      return;
    }
    const edges = answer.data.workspace?.webhookEndpoints.edges ?? [];
    this.rows = edges.map(({ node }) => {
      const { deliveries, ...endpoint } = node;
      return { endpoint, last: deliveries.edges[0]?.node ?? null };
    });
    for (const change of this.#heard) this.#fold(change);
    this.trouble = '';
    this.phase = 'ready';
  }

  follow(change: DeliveryChange): void {
    this.#heard = [...this.#heard, change].slice(-mostHeard);
    this.#fold(change);
  }

  /** Takes an endpoint as the answer to a command told it. */
  put(changed: Endpoint): void {
    this.rows = this.rows.map((row) => (row.endpoint.id === changed.id ? { ...row, endpoint: changed } : row));
  }

  #fold({ endpoint, ...delivery }: DeliveryChange): void {
    this.rows = this.rows.map((row) => {
      if (row.endpoint.id !== endpoint.id) return row;
      return { endpoint, last: row.last !== null && row.last.id > delivery.id ? row.last : delivery };
    });
  }
}
