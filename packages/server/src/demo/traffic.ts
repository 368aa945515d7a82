/**
 * Traffic: the demo's integrations call this server as their flows say, some two calls a second in all, until it is told to
 * stop. Bounded: at most so many calls are on their way, and what fails is not tried again.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { type Flow, type Integration, integrations } from './integrations.ts';
import type { Keepsake } from './keepsake.ts';

export interface Traffic {
  /** Calls no more; settles when the last call is over. */
  close(): Promise<void>;
}

interface Needs {
  /** Where this server listens. */
  readonly url: string;
  readonly keys: Keepsake['keys'];
  readonly clock: Clock;
  readonly log: Log;
}

interface Call {
  readonly integration: Integration;
  readonly flow: Flow;
  readonly secret: string;
}

const minuteMs = 60_000;
/** Within this everybody calls once, so that there is much to see at once, ms. */
const beginsMs = 3_000;
const mostAtATime = 8;
const patienceMs = 5_000;
/** How often Terraform notes a new release on a key: that is a change, which webhooks and the audit log tell of. */
const releaseEveryMs = 40_000;
const released = { by: 'Terraform', on: 'Support desk' } as const;

/** Begins to call. */
export function startTraffic({ url, keys, clock, log }: Needs): Traffic {
  const calls = callsOf(keys);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  const send = (call: Call, path: string, init: RequestInit = {}) => {
    if (running.size >= mostAtATime) return;
    const headers = {
      authorization: `Bearer ${call.secret}`,
      'user-agent': call.integration.agent,
      'x-forwarded-for': call.flow.address,
      ...init.headers,
    };
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(patienceMs)]);
    const work: Promise<void> = fetch(url + path, { ...init, headers, signal })
      .then((answer) => answer.arrayBuffer())
      .then(
        () => {},
        (error: unknown) => log.debug({ err: error }, 'a sample call had no answer'),
      )
      .finally(() => running.delete(work));
    running.add(work);
  };

  // As independent callers come: now several at once, now none for a while.
  const timers = new Map<Call, NodeJS.Timeout>();
  const callIn = (waitMs: number, call: Call) => {
    const timer = setTimeout(() => {
      send(call, call.flow.path?.(clock.now()) ?? '/api/v1/ping');
      callIn((-Math.log(1 - Math.random()) * minuteMs) / call.flow.perMinute, call);
    }, waitMs);
    timers.set(call, timer);
  };
  for (const call of calls) callIn(Math.random() * beginsMs, call);

  const release = () => {
    const call = calls.find(({ integration }) => integration.name === released.by);
    const key = keys[released.on];
    if (call === undefined || key === undefined) return;
    const metadata = { release: new Date(clock.now()).toISOString().slice(0, 19) };
    const headers = { 'content-type': 'application/json' };
    send(call, `/api/v1/keys/${key.id}`, { method: 'PATCH', headers, body: JSON.stringify({ metadata }) });
  };
  const releasing = setInterval(release, releaseEveryMs);
  release();

  return {
    async close() {
      for (const timer of timers.values()) clearTimeout(timer);
      clearInterval(releasing);
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** Every flow that goes on now, with the secret that it comes with. */
function callsOf(keys: Keepsake['keys']): Call[] {
  return integrations.flatMap((integration) => {
    const { name, flows, silentDaysAgo } = integration;
    const key = keys[name];
    if (key === undefined) return [];
    return flows
      .filter(({ refused }) => silentDaysAgo === undefined || refused !== undefined)
      .map((flow) => ({ integration, flow, secret: (flow.isPrevious && key.previous) || key.secret }));
  });
}
