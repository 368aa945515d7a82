/** Signature: how a receiver knows that a message is ours. Pure. @see Standard Webhooks 1.0 */
import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** A new secret, of 256 random bits. */
export function newWebhookSecret(): string {
  return prefix + randomBytes(32).toString('base64');
}

interface Signed {
  /** The same on every attempt, so that a receiver knows what it has had. */
  readonly id: string;
  /** Epoch ms, of the attempt: a receiver refuses what is too old. */
  readonly at: number;
  readonly body: string;
}

/** The header fields of a message. @param secrets  each of them signs */
export function signatureHeaders({ id, at, body }: Signed, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
