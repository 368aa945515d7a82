/** A pair of streams of usage ticks, one over each protocol, and how they end. */
import { z } from 'zod';
import type { Browser, TestApp } from './app.ts';
import { type Watch, watchEvents, watchSocket } from './watch.ts';

const ticks = 'subscription { usage { seq } }';
const Tick = z.object({ usage: z.object({ seq: z.number() }) });
const seqOf = (data: unknown) => Tick.parse(data).usage.seq;

type Credential = { secret: string } | { cookie: string };

/** Two streams of one credential, over WebSocket and over SSE, that flow. */
export async function opened(
  { url }: TestApp,
  credential: Credential,
  query: string = ticks,
): Promise<readonly [Watch, Watch]> {
  const headers =
    'secret' in credential
      ? { authorization: `Bearer ${credential.secret}` }
      : { cookie: credential.cookie, origin: url };
  const streams = [watchSocket(url, credential, query), await watchEvents(url, headers, query)] as const;
  await Promise.all(streams.map((stream) => stream.until(() => true)));
  return streams;
}

export type Streams = Awaited<ReturnType<typeof opened>>;

/** Ends both. */
export const close = (streams: Streams) => Promise.all(streams.map((stream) => stream.close()));

/** What both have ended with, and when the later one did, ms from now. */
export async function endOf(streams: Streams): Promise<{ how: unknown; ms: number }> {
  const from = performance.now();
  const how = await Promise.all(streams.map(({ ended }) => ended));
  return { how, ms: performance.now() - from };
}

/** As the streams of a key that lost its right end. */
export const forbidden = [4403, 'completed'];

/** Resolves with the next tick of each: they live. */
export const liveOn = (streams: Streams) =>
  Promise.all(
    streams.map((stream) => {
      const last = Math.max(...stream.messages.map(({ data }) => seqOf(data)));
      return stream.until((data) => seqOf(data) > last);
    }),
  );

/** Makes a key that may open such streams. */
export const usageReader = (browser: Browser, input: object = {}) =>
  browser.createKey({ scopes: ['usage:read'], ...input });
