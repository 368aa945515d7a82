/** Words: what people are told of an attempt. Pure. */
import type { Fault } from './sender.ts';
import { refusedTarget } from './target.ts';

const wordsOf: Readonly<Record<Fault, string>> = {
  dns: 'DNS: the name has no address.',
  target: refusedTarget,
  tls: 'TLS: the certificate or the handshake is not in order.',
  connection: 'The connection was refused, or broke off before an answer.',
  timeout: 'No answer in time.',
  interrupted: 'Gatekey stopped before the answer came; it is sent again.',
  secret: 'The signing secret cannot be read, because AUTH_SECRET was changed. Rotate it.',
};

export interface AttemptFacts {
  readonly finishedAt: Date | null;
  readonly status: number | null;
  readonly durationMs: number | null;
  readonly fault: string | null;
}

/** One line on an attempt: `200 in 84 ms`, or why there was no answer. */
export function attemptSummary({ finishedAt, status, durationMs, fault }: AttemptFacts): string {
  if (finishedAt === null) return 'Sent; no answer yet.';
  if (status !== null) {
    const redirect = status >= 300 && status < 400 ? '; redirects are not followed' : '';
    return `${status} in ${durationMs} ms${redirect}`;
  }
  const known = Object.entries(wordsOf).find(([name]) => name === fault);
  return known?.[1] ?? 'No answer.';
}
