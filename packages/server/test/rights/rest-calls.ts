/** How each REST operation of the table is asked. */
import type { Thing } from './calls.ts';

export interface RestCall {
  /** What `:id` in the path names. */
  readonly thing?: Thing;
  readonly query?: string;
  readonly body?: object;
}

/** By the name of the row. */
export const restCalls: Readonly<Record<string, RestCall>> = {
  'GET /ping': {},
  'GET /limits': {},
};
