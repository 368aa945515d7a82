/** Measuring: bursts against one server after another, in rounds, so that whatever slows the machine slows all. */
import { z } from 'zod';
import type { LoadOptions } from './load.ts';
import { processorTime, runLoad } from './processes.ts';

/** Something to be measured: one route of one server. */
export interface Subject {
  readonly name: string;
  readonly load: Omit<LoadOptions, 'connections' | 'seconds'>;
  /** Processes whose time counts: the server's, and those of its stores. */
  readonly pids: readonly number[];
}

export interface Burst {
  /** Processor time, µs a request. */
  readonly cpu: number;
  readonly perSecond: number;
  /** Median time to the answer, ms. */
  readonly p50: number;
}
export type Bursts = ReadonlyMap<string, readonly Burst[]>;

export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

const warmSeconds = 0.5;
/** Before the first round each key is used for the first time, which is written down. */
const firstSeconds = 3;
const LoadResult = z.object({ requests: z.number(), perSecond: z.number(), p50: z.number() });

/** Runs all subjects in each round, beginning with another one each time. */
export async function measure(subjects: readonly Subject[], plan: Plan, tell: (line: string) => void): Promise<Bursts> {
  const bursts = new Map<string, Burst[]>(subjects.map(({ name }) => [name, []]));
  for (const { load } of subjects) await runLoad('load', { ...load, ...plan, seconds: firstSeconds });
  for (let round = 0; round < plan.rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(round + turn) % subjects.length];
      if (subject === undefined) continue;
      const result = await burst(subject, plan);
      bursts.get(subject.name)?.push(result);
      const { cpu, perSecond, p50 } = result;
      tell(`  ${subject.name}: ${cpu.toFixed(1)} us, ${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(3)} ms`);
    }
  }
  return bursts;
}

async function burst({ load, pids }: Subject, { connections, seconds }: Plan): Promise<Burst> {
  // V8 drops code that was not run for a while.
  await runLoad('load', { ...load, connections, seconds: warmSeconds });
  const before = processorTime(pids);
  const result = LoadResult.parse(await runLoad('load', { ...load, connections, seconds }));
  return { cpu: (processorTime(pids) - before) / result.requests, perSecond: result.perSecond, p50: result.p50 };
}

export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One subject by another, round by round. */
export function ratio(
  bursts: Bursts,
  name: string,
  by: string,
  of: keyof Burst,
  how: 'share' | 'difference' = 'share',
): Ratio {
  const below = bursts.get(by) ?? [];
  const values = (bursts.get(name) ?? [])
    .map((burst, round) => {
      const other = below[round]?.[of] ?? Number.NaN;
      return how === 'share' ? burst[of] / other : burst[of] - other;
    })
    .sort((a, b) => a - b);
  const at = (share: number) => values[Math.floor((values.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), least: at(0), most: at(1) };
}
