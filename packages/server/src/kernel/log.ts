/**
 * Log: structured JSON lines on stdout.
 *
 * A secret never reaches a line: whatever has the shape of one is replaced wherever it stands.
 */
import { pino } from 'pino';

/** What every room may write to: facts first, then one short sentence. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Secrets of webhooks, which are base64, and of keys; whatever stands before them, as `x_`, `api_key_` or a word. No
 * character can be in two attempts to match, so that a long text takes no longer than its length.
 */
const secretPattern = /(?<=whsec)_[0-9A-Za-z+/]{24,}={0,2}|(?<=[a-z0-9]{2})_[0-9A-Za-z]{30,}/g;
/** As in the secret: a slash ends the attempt, and none can stand in a password in a URL. */
const urlPasswordPattern = /(:\/\/[^:/@\s"]*:)[^@/\s"]*@/g;

/** Takes secrets and passwords in URLs out of a text, so that it may be logged. */
export function redact(text: string): string {
  return text.replace(secretPattern, '_[redacted]').replace(urlPasswordPattern, '$1[redacted]@');
}

/** A log that writes one JSON object a line to stdout. Errors go under `err`. */
export function createLog(level: LogLevel): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: errorFacts },
    hooks: { streamWrite: redact },
  });
}

/** What is told of an error: no more, for drivers hang whole connections on theirs. */
function errorFacts(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name, message, ...code, stack, ...(cause === undefined ? {} : { cause: errorFacts(cause) }) };
}
