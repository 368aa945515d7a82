/**
 * Rules: which cost rule applies to a call. Held in memory, for every call of the API behind asks.
 *
 *   start | event of a rule | every 5 s -> read all -> the most specific first
 *
 * Promises: a change holds on every server within 1 s, and within 10 s where no event arrives; while they cannot be read,
 * those that were read last hold.
 *
 * Paths are compared decoded, in any case and without a slash at the end, for many frameworks route so: a needed scope
 * must not depend on a spelling.
 */
import type { Events } from '../events/domain-event.ts';
import type { Log } from '../kernel/log.ts';
import type { CostRule } from '../plans/cost-rules.ts';
import type { AccessRequest } from './guard.ts';

/** What a call costs and needs; what is left out is as for any call. */
export type Terms = Pick<AccessRequest, 'scope' | 'cost' | 'isFree' | 'isReserved'>;

export interface Rules {
  /** What the rule for a call says of it; nothing where there is none. @param path  as `readTarget` gives it */
  termsOf(method: string, path: string): Terms;
  close(): void;
}

interface Needs {
  /** Reads all rules. */
  readonly list: () => Promise<CostRule[]>;
  readonly events: Pick<Events, 'listenToAll'>;
  readonly log: Log;
}

/** Where an event gets lost. */
const rereadMs = 5_000;

/** Opens them; when it settles they hold. @throws when they cannot be read */
export async function createRules({ list, events, log }: Needs): Promise<Rules> {
  let rules: readonly Matcher[] = [];
  let isReading = false;
  let isStale = true;

  const readAll = async () => {
    while (isStale) {
      isStale = false;
      const read = await list();
      rules = read.map(matcherOf).sort(bySpecificity);
    }
  };
  /** One reading at a time; what changes meanwhile is read after it. */
  const reread = () => {
    isStale = true;
    if (isReading) return;
    isReading = true;
    readAll()
      .catch((error: unknown) => log.warn({ err: error }, 'cost rules cannot be read; the last ones hold'))
      .finally(() => {
        isReading = false;
      });
  };

  const stopListening = await events.listenToAll((event) => {
    if ('costRuleId' in event) reread();
  });
  await readAll();
  const timer = setInterval(reread, rereadMs);
  return {
    termsOf(method, path) {
      if (rules.length === 0) return ordinary;
      const asked = method === 'HEAD' ? 'GET' : method;
      const segments = segmentsOf(path);
      return rules.find((one) => fits(one, asked, segments))?.terms ?? ordinary;
    },
    close() {
      clearInterval(timer);
      stopListening();
    },
  };
}

const ordinary: Terms = {};

interface Matcher {
  readonly rule: CostRule;
  readonly terms: Terms;
  readonly segments: readonly string[];
  /** Whether any number of segments may follow. */
  readonly isOpen: boolean;
}

function segmentsOf(path: string): string[] {
  return path.toLowerCase().split('/').slice(1);
}

function matcherOf(rule: CostRule): Matcher {
  const segments = segmentsOf(rule.path);
  const isOpen = segments.at(-1) === '**';
  const { cost, scope, charge } = rule;
  const terms = { scope: scope ?? undefined, cost, isFree: cost === 0, isReserved: charge === 'not_on_5xx' };
  return { rule, terms, segments: isOpen ? segments.slice(0, -1) : segments, isOpen };
}

function fits({ rule, segments, isOpen }: Matcher, method: string, path: readonly string[]): boolean {
  if (rule.method !== null && rule.method !== method) return false;
  if (isOpen ? path.length < segments.length : path.length !== segments.length) return false;
  return segments.every((segment, index) => segment === '*' || segment === path[index]);
}

/** From the left: a word before `*`; then the longer one, one that ends before one that goes on, a method before any. */
function bySpecificity(one: Matcher, other: Matcher): number {
  const shared = Math.min(one.segments.length, other.segments.length);
  for (let i = 0; i < shared; i += 1) {
    const wild = Number(one.segments[i] === '*') - Number(other.segments[i] === '*');
    if (wild !== 0) return wild;
  }
  return (
    other.segments.length - one.segments.length ||
    Number(one.isOpen) - Number(other.isOpen) ||
    Number(one.rule.method === null) - Number(other.rule.method === null)
  );
}
