/** A log that keeps its lines. */
import type { Log } from '../src/kernel/log.ts';

export interface RecordedLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly [fact: string]: unknown;
}

/** Opens one; its lines are in the order in which they were written. */
export function recordedLog(): { log: Log; lines: readonly RecordedLine[] } {
  const lines: RecordedLine[] = [];
  const at = (level: keyof Log) => (facts: object, message: string) => void lines.push({ ...facts, level, message });
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}
