/**
 * Sender over SMTP.
 *
 * Certificates are verified. With an account, nothing is said before the line is encrypted, so that nobody between reads
 * the password; to this very machine there is no line, and what a local mail server has for a certificate does not matter.
 */
import { isWithin, parseAddress, parseRange } from '@gatekey/shared';
import { createTransport } from 'nodemailer';
import type { MailSender } from './sender.ts';

interface Needs {
  /** `smtp://` or `smtps://`, with the user and password of its account. */
  readonly url: string;
  readonly from: { readonly name: string; readonly address: string };
  /** From the first question for a name to the last answer, ms. */
  readonly timeoutMs: number;
}

/** Opens the sender; connects to nothing until there is a mail. */
export function createSmtpSender({ url, from, timeoutMs }: Needs): MailSender {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const [isSecure, isAlone, hasAccount] = [protocol === 'smtps:', isThisMachine(host), username !== ''];
  const transport = createTransport({
    host,
    port: port === '' ? (isSecure ? 465 : 587) : Number(port),
    secure: isSecure,
    requireTLS: !isSecure && hasAccount && !isAlone,
    ignoreTLS: !isSecure && isAlone,
    forceAuth: hasAccount,
    connectionTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(hasAccount ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
  });
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);

  return {
    async send({ id, to, subject, text, createdAt }, stop) {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
      try {
        await transport.sendMail({
          signal,
          from,
          // Not as text, which could name several.
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${id}@${domain}>`,
          date: createdAt,
          // So that no machine answers. @see RFC 3834
          headers: { 'Auto-Submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        return { outcome: 'sent' };
      } catch (error) {
        return { outcome: isForGood(error) ? 'refused' : 'failed', code: codeOf(error) };
      }
    },
  };
}

const loopback = ['127.0.0.0/8', '::1'].map(parseRange).filter((range) => range !== undefined);

function isThisMachine(host: string): boolean {
  const address = parseAddress(host);
  return host === 'localhost' || (address !== undefined && isWithin(address, loopback));
}

/** Whether the server has said no to this person or this mail, and will again. @see RFC 5321, 4.2.1 */
function isForGood(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error) || !('command' in error)) return false;
  return Number(error.responseCode) >= 500 && ['RCPT TO', 'DATA'].includes(String(error.command));
}

/** A word of ours, as `EAUTH 535`: what servers say in words may repeat addresses. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error ? [String(error.code)] : [error.name];
  return [...code, ...('responseCode' in error ? [String(error.responseCode)] : [])].join(' ');
}
