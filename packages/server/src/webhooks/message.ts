/** Message: the body that tells of an event. Made once, so that every attempt sends the same bytes. Pure. */
import { webhookTestType } from '@gatekey/shared';
import type { Entry, Facts } from '../events/outbox.ts';

/** The key that an event is about. */
export interface NamedKey {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
}

/** The body for an entry of the log; a change tells who made it and what differs, an alert what is the matter. */
export function messageOf(entry: Entry, key: NamedKey | null): string {
  const { event, by, at, before, after } = entry;
  const workspace = 'workspaceId' in event ? { workspace_id: event.workspaceId } : {};
  const told =
    by.kind === 'system'
      ? inSnakeCase(after ?? {})
      : {
          actor: { kind: by.kind, id: by.id },
          before: before === undefined ? null : inSnakeCase(before),
          after: after === undefined ? null : inSnakeCase(after),
        };
  return bodyOf(event.type, at, { event_id: entry.id, ...workspace, key, ...told });
}

/** The body of a test. */
export function testMessage(at: Date, endpoint: { readonly id: string; readonly workspaceId: string }): string {
  return bodyOf(webhookTestType, at, {
    workspace_id: endpoint.workspaceId,
    endpoint_id: endpoint.id,
    message: 'This is a test. Nothing happened.',
  });
}

function bodyOf(type: string, at: Date, data: object): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data });
}

/** Only the names are ours; what is in them may be the client's own. */
function inSnakeCase(facts: Facts): Facts {
  const rename = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [rename(name), value]));
}
