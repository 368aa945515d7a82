/**
 * Alerts: what nobody did and people want to know of, told as events, each once.
 *
 *   counted, refused -> noted in memory -> looked at in the background -> [ alert, entry of the log, deliveries ] committed
 *
 * Runs on every server at the same time: what was told is a row that only one of them can write. Nothing here is waited
 * for by a call.
 */
import type { Events } from '../events/domain-event.ts';
import type { Outbox } from '../events/outbox.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { every } from '../kernel/every.ts';
import type { Log } from '../kernel/log.ts';
import type { Meter } from '../metering/meter.ts';
import { createExpiryAlerts } from './expiry.ts';
import type { Noted } from './noted.ts';
import { createRefusalAlerts } from './refusals.ts';
import { createTell } from './tell.ts';
import { createUsageAlerts } from './usage.ts';

export interface Alerts {
  /** Notes that a call of a key was refused for its address. Never waits, never throws. */
  addressRefused(key: { readonly id: string; readonly workspaceId: string }, address: string): void;
  close(): Promise<void>;
}

/** How often it looks, ms. */
export interface AlertSettings {
  /** For usage and refusals. */
  readonly usageMs: number;
  readonly expiryMs: number;
}
const usual: AlertSettings = { usageMs: 2_000, expiryMs: 60_000 };
/** Everything is looked at that often, whether anything was noted or not, ms. */
const allMs = 3_600_000;

interface Needs {
  readonly noted: Noted;
  readonly database: Database;
  readonly outbox: Outbox;
  readonly meter: Pick<Meter, 'read'>;
  readonly events: Events;
  readonly clock: Clock;
  readonly log: Log;
  /** As they are usually unless told. */
  readonly settings: AlertSettings | undefined;
}

/** Begins to look. */
export async function startAlerts({
  noted,
  database,
  outbox,
  meter,
  events,
  clock,
  log,
  settings = usual,
}: Needs): Promise<Alerts> {
  const tell = createTell({ outbox, clock });
  const usage = createUsageAlerts({ noted, database, meter, tell, clock });
  const refusals = createRefusalAlerts({ tell, clock, log });
  const expiry = createExpiryAlerts({ outbox, clock });

  const onFailure = (error: unknown) => log.debug({ err: error }, 'alerts are looked for again later');
  const all = every(allMs, () => usage.noteAll(), onFailure);
  const work = [
    all,
    every(settings.usageMs, () => Promise.all([usage.look(), refusals.look()]), onFailure),
    every(settings.expiryMs, () => expiry.look(), onFailure),
  ];
  const endListening = await events.listenToAll((event) => {
    // Other limits are reached earlier; those of a plan by any number of workspaces.
    if (event.type === 'workspace.updated' || event.type === 'key.updated') noted.all(event.workspaceId);
    if (event.type === 'plan.updated') all.now();
  });

  return {
    addressRefused: refusals.refused,
    async close() {
      endListening();
      await Promise.all(work.map((one) => one.end()));
    },
  };
}
