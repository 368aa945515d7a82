/**
 * Receivers: whole programs that verify what they are sent; those of docs/webhooks.md, to the letter.
 *
 * They read the secret from `WEBHOOK_SECRET`, so that it stands in no program.
 */
import javaScript from './receiver.mjs.txt?raw';
import python from './receiver.py.txt?raw';

export const receiverKinds = ['JavaScript', 'Python'] as const;
export type ReceiverKind = (typeof receiverKinds)[number];

export const receivers: Readonly<Record<ReceiverKind, string>> = { JavaScript: javaScript, Python: python };

/** What a receiver finds in its environment. */
export function environmentOf(secret: string): string {
  return `WEBHOOK_SECRET=${secret}\nPORT=8787\n`;
}
