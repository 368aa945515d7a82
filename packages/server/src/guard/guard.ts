/**
 * Guard: may this call pass?
 *
 *   AccessRequest -> credential -> keys.find -> status -> address -> scope -> meter.take -> Decision
 *
 * Promises: the checks run in this order and the first no decides; a refusal before the limits costs no call; a key
 * that cannot be looked up is never let in. A refusal is a value, never an exception.
 * Does not write a header, and does not know whether REST, GraphQL or a test is asking.
 */
import { type AddressRange, isWithin, parseAddress, problems, type RefusalCode } from '@gatekey/shared';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { statusOf } from '../keys/key.ts';
import type { KeyLookup, KnownKey } from '../keys/lookup.ts';
import { hashOf } from '../keys/secret.ts';
import { type CountedCall, CounterUnavailable, type Taken } from '../metering/counter.ts';
import type { Meter } from '../metering/meter.ts';
import { readCredential } from './credential.ts';
import { limitsRefusal, type Refusal } from './refusal.ts';

/** A call that asks to pass. */
export interface AccessRequest {
  /** The values of every `Authorization` field. */
  readonly authorization: readonly string[];
  /** Canonical text of the client's address. */
  readonly address: string;
  /** A scope that the key must have. */
  readonly scope?: string | undefined;
  /** Counts nothing and passes even when a limit is spent; all other checks hold. */
  readonly isFree?: boolean | undefined;
}

export type Decision =
  | { readonly admitted: true; readonly key: KnownKey; readonly taken: Taken }
  | {
      readonly admitted: false;
      readonly refusal: Refusal;
      /** The limits that were looked at; only when one of them refused. */
      readonly taken: Taken | undefined;
    };

export interface Guard {
  decide(request: AccessRequest): Promise<Decision>;
}

interface Needs {
  readonly lookup: KeyLookup;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly log: Log;
  readonly keyPrefix: string;
}

/** Opens the guard. */
export function createGuard({ lookup, meter, clock, log, keyPrefix }: Needs): Guard {
  /** Refuses a call of a known key before its limits, counted by reason. */
  const refuseKnown = (key: KnownKey, code: RefusalCode, scope?: string): Decision => {
    meter.refuse(callOf(key), code);
    return refuse(code, scope);
  };

  const unavailable = (error: unknown, what: string): Decision => {
    log.warn({ err: error }, what);
    return refuse('unavailable');
  };

  return {
    async decide(request) {
      const credential = readCredential(keyPrefix, request.authorization);
      if (!credential.ok) return refuse(credential.code);

      const now = clock.now();
      let key: KnownKey | undefined;
      try {
        const found = await lookup.find(hashOf(credential.secret));
        const hasEnded = found !== undefined && found.secretEndsAt !== null && found.secretEndsAt <= now;
        key = hasEnded ? undefined : found?.key;
      } catch (error) {
        return unavailable(error, 'a key could not be looked up');
      }
      if (key === undefined) return refuse('key_invalid');

      const stopped = stoppedBy(key, now);
      if (stopped !== undefined) return refuseKnown(key, stopped);
      if (!isAllowedFrom(key, request.address)) return refuseKnown(key, 'ip_not_allowed');
      if (request.scope !== undefined && !key.scopes.includes(request.scope)) {
        return refuseKnown(key, 'scope_missing', request.scope);
      }

      const call = callOf(key);
      let taken: Taken;
      try {
        if (request.isFree) return { admitted: true, key, taken: await meter.peek(call) };
        taken = await meter.take(call);
      } catch (error) {
        if (!(error instanceof CounterUnavailable)) throw error;
        return unavailable(error, 'a call could not be counted');
      }
      if (taken.exhausted === undefined) return { admitted: true, key, taken };
      return { admitted: false, refusal: limitsRefusal(taken.exhausted, taken.at), taken };
    },
  };
}

function refuse(code: RefusalCode, scope?: string): Decision {
  return { admitted: false, refusal: { code, detail: problems[code].help, scope }, taken: undefined };
}

function callOf({ id, workspaceId, planLimits, keyLimits }: KnownKey): CountedCall {
  return { workspaceId, keyId: id, planLimits, keyLimits };
}

function stoppedBy(key: KnownKey, now: number): RefusalCode | undefined {
  const status = statusOf(key, now);
  if (status === 'REVOKED') return 'key_revoked';
  if (status === 'EXPIRED') return 'key_expired';
  if (status === 'DISABLED') return 'key_disabled';
  return key.isWorkspaceSuspended ? 'workspace_suspended' : undefined;
}

function isAllowedFrom(key: KnownKey, text: string): boolean {
  if (key.allowlist.length === 0 && key.workspaceAllowlist.length === 0) return true;
  const address = parseAddress(text);
  if (address === undefined) return false;
  const matches = (ranges: readonly AddressRange[]) => ranges.length === 0 || isWithin(address, ranges);
  return matches(key.allowlist) && matches(key.workspaceAllowlist);
}
