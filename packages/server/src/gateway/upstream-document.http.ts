/**
 * Upstream document over HTTP: reads what `UPSTREAM_OPENAPI` names, and hands it on.
 *
 * Read when somebody asks, at most once in a while whatever is asked for; bounded in time and size. The last good one goes
 * on while its source is away.
 */
import { open } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { request } from 'undici';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { sendProblem } from '../kernel/problem.http.ts';
import { done, type Outcome, refuse } from '../kernel/problem.ts';
import { documentFrom } from './upstream-document.ts';

/** Where it is handed on. */
export const upstreamDocumentPath = '/upstream-openapi.json';

const mostBytes = 2 * 1_024 * 1_024;
const patienceMs = 5_000;
/** For so long what was read is not read again, ms; what could not be read sooner. */
const freshMs = 30_000;
const failedMs = 5_000;

interface Needs {
  /** URL or path; undefined = there is none. */
  readonly source: string | undefined;
  /** Its calls go through this server. */
  readonly isGateway: boolean;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Adds the document, which anybody may read. */
export function addUpstreamDocument(app: FastifyInstance, needs: Needs): void {
  const read = needs.source === undefined ? undefined : createReader(needs.source, needs);
  app.get(upstreamDocumentPath, async (_request, reply) => {
    const outcome = read === undefined ? refuse('not_found', 'The operator names no document.') : await read();
    if (!outcome.ok) return sendProblem(reply, needs.publicUrl, outcome.problem);
    return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(outcome.value);
  });
}

/** A way to read the source that all who ask at once share. */
function createReader(source: string, { isGateway, publicUrl, clock, log }: Needs): () => Promise<Outcome<string>> {
  const isUrl = URL.canParse(source);
  const base = isUrl ? source : publicUrl;
  let last: { readonly text: string; readonly document: string } | undefined;
  let validUntil = 0;
  let reading: Promise<void> | undefined;

  const renew = async () => {
    try {
      const text = await (isUrl ? textOfUrl(source) : textOfFile(source));
      // The same text is not parsed again.
      if (text !== last?.text) {
        last = { text, document: await documentFrom(text, { base, through: isGateway ? publicUrl : undefined }) };
      }
      validUntil = clock.now() + freshMs;
    } catch (error) {
      log.warn({ err: error }, 'UPSTREAM_OPENAPI names no OpenAPI 3 document that can be read');
      validUntil = clock.now() + failedMs;
    }
  };

  return async () => {
    if (clock.now() >= validUntil) {
      reading ??= renew().finally(() => {
        reading = undefined;
      });
      await reading;
    }
    const away = 'The OpenAPI document of the API behind cannot be read. The log of the server says why.';
    return last === undefined ? refuse('upstream_unavailable', away) : done(last.document);
  };
}

async function textOfUrl(url: string): Promise<string> {
  const { statusCode, body } = await request(url, {
    headers: { accept: 'application/json, application/yaml, */*;q=0.5' },
    signal: AbortSignal.timeout(patienceMs),
  });
  const text = await textOf(body);
  if (statusCode !== 200) throw new Error(`it answers ${statusCode}`);
  return text;
}

/** A file may grow while it is read, and may be none that ends. */
async function textOfFile(path: string): Promise<string> {
  const file = await open(pathToFileURL(path));
  try {
    return await textOf(
      file.createReadStream({ autoClose: false, end: mostBytes, signal: AbortSignal.timeout(patienceMs) }),
    );
  } finally {
    await file.close();
  }
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`it is larger than ${mostBytes} bytes`);
    all.push(chunk);
  }
  return Buffer.concat(all).toString('utf8');
}
