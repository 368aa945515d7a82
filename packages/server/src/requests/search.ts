/** Search: the entries of a log that fit, a page at a time. Bounded by the log itself. */
import type { LoggedRequest } from './entry.ts';
import type { LogRange, PlacedRequest, RequestLog } from './request-log.ts';

/** Which requests; all that is given must fit. */
export interface RequestFilter {
  readonly id?: string | undefined;
  /** `429`, or of a class as `4xx`. */
  readonly status?: string | undefined;
  readonly code?: string | undefined;
  /** Whether the guard refused it. */
  readonly isRefused?: boolean | undefined;
  readonly keyId?: string | undefined;
  /** In any case of letters. */
  readonly method?: string | undefined;
  /** How the path begins. */
  readonly path?: string | undefined;
}

/** Entries that are read at once while looking for some that fit. */
const chunk = 200;

/** How a status is asked for. */
export const statusPattern = /^[1-5](\d\d|xx)$/;

/** Whether a request is one of those. */
export function fits(
  entry: LoggedRequest,
  { id, status, code, isRefused, keyId, method, path }: RequestFilter,
): boolean {
  return (
    (id === undefined || entry.id === id) &&
    (status === undefined || hasStatus(entry, status)) &&
    (code === undefined || entry.code === code) &&
    (isRefused === undefined || (entry.refusal !== null) === isRefused) &&
    (keyId === undefined || entry.keyId === keyId) &&
    (method === undefined || entry.method === method.toUpperCase()) &&
    (path === undefined || entry.path.startsWith(path))
  );
}

function hasStatus({ status }: LoggedRequest, asked: string): boolean {
  return asked.endsWith('xx') ? String(status).startsWith(asked.charAt(0)) : String(status) === asked;
}

/** The first entries that fit, in the order of the range. @throws LogAway */
export async function search(
  log: RequestLog,
  workspaceId: string,
  { filter, range, count }: { filter: RequestFilter; range: LogRange; count: number },
): Promise<PlacedRequest[]> {
  const found: PlacedRequest[] = [];
  const atOnce = Object.values(filter).every((one) => one === undefined) ? count : chunk;
  let rest = range;
  while (found.length < count) {
    const entries = await log.page(workspaceId, rest, atOnce);
    const last = entries.at(-1)?.place;
    if (last === undefined) break;
    found.push(...entries.filter((entry) => fits(entry, filter)));
    rest = range.isOldestFirst ? { ...rest, newerThan: last } : { ...rest, olderThan: last };
  }
  return found.slice(0, count);
}
