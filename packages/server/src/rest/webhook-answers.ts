/** Webhook answers: endpoints and deliveries as REST shows them. */
import type { Page, ShownDelivery, ShownEndpoint } from '../webhooks/list.ts';
import { attemptSummary } from '../webhooks/words.ts';

const textOf = (at: Date | null) => (at === null ? null : at.toISOString());

/** A page of whatever. */
export function pageAnswer<Row, Shown>({ rows, next }: Page<Row>, answerOf: (row: Row) => Shown) {
  return { data: rows.map(answerOf), next_cursor: next ?? null };
}

/** An endpoint, for JSON. */
export function endpointAnswer(endpoint: ShownEndpoint) {
  const { id, url, description, events, createdAt } = endpoint;
  return {
    id,
    url,
    description,
    events,
    created_at: createdAt.toISOString(),
    disabled_at: textOf(endpoint.disabledAt),
    disabled_reason: endpoint.disabledReason,
    failing_since: textOf(endpoint.failingSince),
    previous_secret_ends_at: textOf(endpoint.previousSecretEndsAt),
  };
}

/** A delivery in a list: without what was sent and answered. */
export function listedAnswer(delivery: ShownDelivery) {
  const { id, type, state, endpointId, eventId, createdAt, dueAt, leasedUntil, attempts } = delivery;
  return {
    id,
    endpoint_id: endpointId,
    event_id: eventId,
    type,
    state,
    created_at: createdAt.toISOString(),
    next_attempt_at: leasedUntil === null ? textOf(dueAt) : null,
    attempts: attempts.map((attempt) => ({
      id: attempt.id,
      url: attempt.url,
      started_at: attempt.startedAt.toISOString(),
      finished_at: textOf(attempt.finishedAt),
      status: attempt.status,
      duration_ms: attempt.durationMs,
      fault: attempt.fault,
      summary: attemptSummary(attempt),
    })),
  };
}

/** A delivery by itself. */
export function deliveryAnswer(delivery: ShownDelivery) {
  const { attempts, ...listed } = listedAnswer(delivery);
  return {
    ...listed,
    payload: delivery.payload,
    attempts: attempts.map((attempt, index) => ({ ...attempt, response: delivery.attempts[index]?.response ?? null })),
  };
}
