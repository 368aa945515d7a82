/**
 * Sender over HTTP: connects to judged addresses alone.
 *
 *   name -> addresses, asked anew for every POST -> all judged -> one connection to one of these very addresses -> POST
 *
 * Promises: no address is connected to that was not judged a moment before, for the connection is handed the judged ones
 * and resolves nothing itself; no connection is used twice, so no judgement is older than its POST; a redirect is an
 * answer like any other. Time and size are bounded, whatever the receiver does.
 */
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import { within } from '../kernel/within.ts';
import type { Fault, Message, Sender } from './sender.ts';
import { hostOf, type MayReach, targetFrom } from './target.ts';

/** What a name is resolved to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

const mostBodyBytes = 16 * 1_024;

class TargetRefused extends Error {
  readonly code = 'TARGET_REFUSED';
}

interface Needs {
  readonly mayReach: MayReach;
  readonly resolve: Resolve;
  /** From the first question for a name to the last byte of the answer, ms. */
  readonly timeoutMs: number;
}

/** Opens the sender. */
export function createHttpSender({ mayReach, resolve, timeoutMs }: Needs): Sender {
  /** The addresses of a URL, each of them one that may be connected to. @throws TargetRefused, or what resolving throws */
  const judged = async (text: string): Promise<readonly [URL, readonly ResolvedAddress[]]> => {
    const url = targetFrom(text);
    if (url === undefined) throw new TargetRefused();
    const host = hostOf(url);
    const family = isIP(host);
    const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
    if (addresses.length === 0 || !addresses.every(({ address }) => mayReach(address))) throw new TargetRefused();
    return [url, addresses];
  };

  return {
    mayReach: (url) =>
      within(timeoutMs, judged(url), 'a name is not resolved').then(
        () => true,
        () => false,
      ),
    async post(message, stop) {
      const startedAt = performance.now();
      const took = () => Math.round(performance.now() - startedAt);
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any([deadline, stop]);
      let agent: Agent | undefined;
      try {
        const [url, addresses] = await untilAborted(signal, judged(message.url));
        agent = agentFor(addresses);
        const answer = await request(url, { dispatcher: agent, method: 'POST', signal, ...sent(message) });
        const body = await firstOf(answer.body);
        const retryAfter = [answer.headers['retry-after']].flat()[0];
        return { status: answer.statusCode, retryAfter, body, durationMs: took() };
      } catch (error) {
        const fault = stop.aborted ? 'interrupted' : deadline.aborted ? 'timeout' : faultOf(error);
        return { fault, durationMs: took() };
      } finally {
        // Not awaited: it may not end before the receiver does.
        agent?.destroy().catch(() => {});
      }
    },
  };
}

function sent({ headers, body }: Message) {
  return {
    headers: {
      ...headers,
      'content-type': 'application/json',
      'user-agent': 'Gatekey-Webhooks/1',
      connection: 'close',
    },
    body,
  };
}

/** Connects to one of these addresses, whatever the name of the host. */
function agentFor(addresses: readonly ResolvedAddress[]): Agent {
  const [first] = addresses;
  const judgedOnly: LookupFunction = (_host, { all }, callback) => {
    if (all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
  return new Agent({ connect: { lookup: judgedOnly }, pipelining: 0 });
}

async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', end);
    work.catch(() => {});
  }
}

/** The beginning of a body. One that breaks off, or does not end in time, is told as far as it came. */
async function firstOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // What was not read is ended with the connection, which is an error to the stream.
  body.on('error', () => {});
  try {
    for await (const chunk of body) {
      chunks.push(Buffer.from(chunk));
      length += chunk.length;
      if (length >= mostBodyBytes) break;
    }
  } catch {
    // The status has come, and that decides.
  }
  // PostgreSQL takes no NUL.
  return Buffer.concat(chunks).subarray(0, mostBodyBytes).toString('utf8').replaceAll('\0', '\ufffd');
}

const dnsCodes = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENODATA', 'ESERVFAIL', 'EBADNAME'];
const timeoutCodes = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];
/** OpenSSL has a code for each way in which a certificate can be bad; these are how their names begin or go on. */
const tlsCode = /^(ERR_(TLS|SSL)|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_)/;

function faultOf(error: unknown): Fault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'TARGET_REFUSED') return 'target';
  if (dnsCodes.includes(code)) return 'dns';
  if (timeoutCodes.includes(code)) return 'timeout';
  return tlsCode.test(code) ? 'tls' : 'connection';
}
