/**
 * Guard: may this call pass?
 *
 *   AccessRequest -> credential -> keys.find -> status -> address -> scope -> meter.take -> Decision
 *
 * Promises: the checks run in this order and the first no decides; a refusal before the limits costs no call; a key
 * that cannot be looked up is never let in. A refusal is a value, never an exception.
 * Does not write a header, and does not know whether REST, GraphQL or a test is asking.
 */
import { isSecret, problems, type RefusalCode } from '@gatekey/shared';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { createOutage, type Outage } from '../kernel/outage.ts';
import { andThen, type Soon } from '../kernel/soon.ts';
import type { FoundKey, KeyLookup, KnownKey } from '../keys/lookup.ts';
import { hashOf, type SecretHash } from '../keys/secret.ts';
import { type CountedCall, CounterUnavailable, type Taken } from '../metering/counter.ts';
import type { Meter, Reserved } from '../metering/meter.ts';
import { readCredential } from './credential.ts';
import { limitsRefusal, type Refusal } from './refusal.ts';
import { standingRefusal } from './standing.ts';

/** What is asked of a key, whoever shows it. */
interface Asked {
  /** Canonical text of the client's address. */
  readonly address: string;
  /** A scope that the key must have. */
  readonly scope?: string | undefined;
}

/** And how the call is counted. */
interface Metered extends Asked {
  /** Counts nothing and passes even when a limit is spent; all other checks hold. */
  readonly isFree?: boolean | undefined;
  /** As how many calls it counts, 1 to `mostCost`; 1 unless told. */
  readonly cost?: number | undefined;
  /** Whether only its end tells if it is charged: then the admission is to be settled. */
  readonly isReserved?: boolean | undefined;
}

/** A call that asks to pass. */
export interface AccessRequest extends Metered {
  /** The values of every `Authorization` field. */
  readonly authorization: readonly string[];
}

/** A call to somebody else's API, told by who was asked there. */
export interface ToldRequest extends Asked {
  /** Empty where none came with the call. */
  readonly secret: string;
  /** As how many calls it counts, 1 to `mostCost`. */
  readonly cost: number;
  /** Decides as ever, and counts nothing. */
  readonly isPeek: boolean;
  /** The key of who tells of it. */
  readonly verifier: KnownKey;
}

export type Decision = Admission | Rejection;

/** A call that passes. */
export interface Admission {
  readonly admitted: true;
  readonly key: KnownKey;
  /** Of the secret that opened the key. */
  readonly secretHash: SecretHash;
  /** When that secret ends because the key was rotated, epoch ms; null for the current one. */
  readonly secretEndsAt: number | null;
  readonly taken: Taken;
  /** Says whether the call is charged, once it has ended; undefined where it was when it was let in. */
  readonly settle: Reserved['settle'] | undefined;
}

/** A call that does not. */
export interface Rejection {
  readonly admitted: false;
  /** Undefined where the secret opened none. */
  readonly key: KnownKey | undefined;
  readonly refusal: Refusal;
  /** As of an admission; null as well when the secret opened nothing. */
  readonly secretEndsAt: number | null;
  /** The limits that were looked at; only when one of them refused. */
  readonly taken: Taken | undefined;
}

export interface Guard {
  /** At once where nothing has to be asked for it. */
  decide(request: AccessRequest): Soon<Decision>;
  /**
   * Decides on a call that somebody else was asked for. A key verifies those of its workspace, and where the operator
   * owns that workspace, those of the whole instance; any other is no key at all.
   */
  verify(request: ToldRequest): Soon<Decision>;
}

interface Needs {
  readonly lookup: KeyLookup;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly log: Log;
  readonly keyPrefix: string;
  /** Is told when a call of a key is refused for the address that it comes from. */
  readonly onAddressRefused: (key: KnownKey, address: string) => void;
}

const noScopes: readonly string[] = [];

/** Opens the guard. */
export function createGuard({ lookup, meter, clock, log, keyPrefix, onAddressRefused }: Needs): Guard {
  /** Refuses a call of a known key before its limits, counted by reason. */
  const refuseKnown = (found: FoundKey, code: RefusalCode, scope?: string): Rejection => {
    meter.refuse(callOf(found.key), code);
    return refuse(code, found, scope);
  };

  const withoutKeys = createOutage({ log, clock, what: 'the store of keys' });
  const withoutCounts = createOutage({ log, clock, what: 'the store of counts' });
  const unavailable = (outage: Outage, error: unknown): Rejection => {
    outage.refused(error);
    return refuse('unavailable');
  };

  /** @param told  where somebody else was asked */
  const judge = (secretHash: SecretHash, asked: Metered, told?: ToldRequest): Soon<Decision> =>
    andThen(
      lookup.find(secretHash),
      (found) => judgeFound(found, secretHash, asked, told),
      (error) => unavailable(withoutKeys, error),
    );

  const judgeFound = (
    found: FoundKey | undefined,
    secretHash: SecretHash,
    asked: Metered,
    told: ToldRequest | undefined,
  ): Soon<Decision> => {
    if (found !== undefined && told !== undefined && !mayVerify(told.verifier, found.key)) return refuse('key_invalid');
    const scopes = asked.scope === undefined ? noScopes : [asked.scope];
    const code = standingRefusal(found, { address: asked.address, scopes }, clock.now());
    if (found === undefined || code === 'key_invalid') return refuse('key_invalid');
    if (code !== undefined) {
      const scope = code === 'scope_missing' ? asked.scope : undefined;
      if (code === 'ip_not_allowed' && !told?.isPeek) onAddressRefused(found.key, asked.address);
      return told?.isPeek ? refuse(code, found, scope) : refuseKnown(found, code, scope);
    }
    return andThen(
      count(callOf(found.key), asked, told),
      (counted) => decisionOf(found, secretHash, counted, asked.isFree),
      uncounted,
    );
  };

  /** Asks the meter, in the manner of the call. */
  const count = (call: CountedCall, asked: Metered, told: ToldRequest | undefined): Soon<Taken | Reserved> => {
    if (asked.isFree) return meter.peek(call);
    if (told?.isPeek) return meter.peek(call, told.cost);
    return asked.isReserved ? meter.reserve(call, asked.cost ?? 1) : meter.take(call, asked.cost);
  };

  const uncounted = (error: unknown): Rejection => {
    if (!(error instanceof CounterUnavailable)) throw error;
    return unavailable(withoutCounts, error);
  };

  return {
    decide(request) {
      const credential = readCredential(keyPrefix, request.authorization);
      if (!credential.ok) return refuse(credential.code);
      return judge(hashOf(credential.secret), request);
    },
    verify(request) {
      if (request.secret === '') return refuse('key_missing');
      if (!isSecret(keyPrefix, request.secret)) return refuse('key_invalid');
      return judge(hashOf(request.secret), request, request);
    },
  };
}

function decisionOf(
  { key, secretEndsAt }: FoundKey,
  secretHash: SecretHash,
  counted: Taken | Reserved,
  isFree: boolean | undefined,
): Decision {
  const [taken, settle] = 'taken' in counted ? [counted.taken, counted.settle] : [counted, undefined];
  if (taken.exhausted === undefined || isFree) return { admitted: true, key, secretHash, secretEndsAt, taken, settle };
  return { admitted: false, key, refusal: limitsRefusal(taken.exhausted, taken.at), secretEndsAt, taken };
}

function mayVerify(verifier: KnownKey, key: KnownKey): boolean {
  return key.workspaceId === verifier.workspaceId || verifier.isOfOperator;
}

function refuse(code: RefusalCode, found?: FoundKey, scope?: string): Rejection {
  const detail = scope === undefined ? problems[code].help : `The key lacks the scope ${scope}. Add it to the key.`;
  const { key, secretEndsAt = null } = found ?? {};
  return { admitted: false, key, refusal: { code, detail, scope }, secretEndsAt, taken: undefined };
}

/** One for all calls of a key while it is as it is: the counter keeps by it what it has worked out. */
const calls = new WeakMap<KnownKey, CountedCall>();

function callOf(key: KnownKey): CountedCall {
  let call = calls.get(key);
  if (call === undefined) {
    const { id, workspaceId, planLimits, keyLimits } = key;
    call = { workspaceId, keyId: id, planLimits, keyLimits };
    calls.set(key, call);
  }
  return call;
}
