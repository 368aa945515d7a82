/** The row of live usage: many watchers, held against the documented recipe. */
import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { FanoutOptions } from './fanout.ts';
import type { Plan } from './measure.ts';
import { memoryOf, processorTime, runLoad, startRedis, startServer, stopAll } from './processes.ts';
import { pidsOf, startProduct } from './product.ts';
import { atMost, type Result, told } from './result.ts';

const subscribers = 2_000;
const workspaces = 200;
const tickMs = 250;
const usage = '{ minute { ...W } day { ...W } month { ...W } }';
const window = 'fragment W on WindowUsage { used refused limit remaining startsAt resetsAt level }';
const fields = `{ seq at usage ${usage} keys { keyId usage ${usage} } }`;

const FanoutResult = z.object({ messages: z.number(), p50: z.number(), p99: z.number() });

interface Seen extends z.infer<typeof FanoutResult> {
  /** Processor time a second, share of one processor. */
  readonly cpu: number;
  /** Of it what the calls that make the counts move take by themselves; the recipe has none. */
  readonly cpuOfCalls: number;
  readonly megabytes: number;
}

export async function runFanout(plan: Plan, tell: (line: string) => void): Promise<readonly Result[]> {
  const [ours, theirs]: [Seen[], Seen[]] = [[], []];
  for (let round = 0; round < plan.rounds; round++) {
    ours.push(await runOurs(plan));
    theirs.push(await runTheirs(plan));
    for (const [name, seen] of [
      ['ours', ours.at(-1)],
      ['recipe', theirs.at(-1)],
    ] as const) {
      if (seen === undefined) continue;
      const { messages, p50, p99, megabytes } = seen;
      const [cpu, cpuOfCalls] = [seen.cpu, seen.cpuOfCalls].map((share) => `${(share * 100).toFixed(0)} %`);
      tell(
        `  ${name}: ${cpu} CPU, ${cpuOfCalls} of it for calls, ${messages} ticks, p50 ${p50}, p99 ${p99} ms, ${megabytes} MB`,
      );
    }
  }
  const spread = (values: number[]) => {
    const sorted = values.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return { median: at(0.5), least: at(0), most: at(1) };
  };
  const perTick = (cpuOf: (seen: Seen) => number) =>
    spread(
      ours.flatMap((own, round) => {
        const other = theirs[round];
        return other === undefined ? [] : [cpuOf(own) / own.messages / (other.cpu / other.messages)];
      }),
    );
  return [
    atMost(
      'CPU a tick',
      perTick(({ cpu, cpuOfCalls }) => cpu - cpuOfCalls),
      0.4,
    ),
    told(
      'CPU a tick, with the guarded calls that make the counts move',
      perTick(({ cpu }) => cpu),
    ),
    atMost('p99 of delivery', spread(ours.map(({ p99 }) => p99)), 25, ' ms'),
  ];
}

async function runOurs({ seconds }: Plan): Promise<Seen> {
  const product = await startProduct({ withRedis: true });
  const { server, secrets, workspaceIds } = product;
  // Five keys a workspace: ten watchers of each of 200.
  const subscriptions = Array.from({ length: subscribers }, (_, index) => ({
    query: `subscription { usage ${fields} } ${window}`,
    variables: {},
    authorization: `Bearer ${secrets[index % secrets.length]}`,
  }));
  if (new Set(workspaceIds).size !== workspaces) throw new Error(`keys of ${workspaces} workspaces are needed`);
  const callers = secrets.filter((_secret, index) => index % (secrets.length / workspaces) === 0);
  const [pids, start] = [pidsOf(product), () => trickle(server.url, callers)];
  // Before anybody watches, the calls by themselves.
  const stop = start();
  await pause(warmSeconds * 1000);
  const before = processorTime(pids);
  await pause(seconds * 1000);
  const cpuOfCalls = (processorTime(pids) - before) / 1e6 / seconds;
  stop();
  return { ...(await watch({ url: server.url, subscriptions, seconds, pids, pid: server.pid, start })), cpuOfCalls };
}

/** Each key calls at the pace of the ticks, spread over the interval. @returns how to stop */
function trickle(url: string, secrets: readonly string[]): () => void {
  const agent = new Agent({ keepAlive: true });
  const timers = secrets.map((secret, index) => {
    const headers = { authorization: `Bearer ${secret}` };
    const call = () => get(`${url}/api/v1/ping`, { agent, headers }, (answer) => answer.resume()).on('error', () => {});
    return setTimeout(() => timers.push(setInterval(call, tickMs)), (tickMs * index) / secrets.length);
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
    agent.destroy();
  };
}

async function runTheirs({ seconds }: Plan): Promise<Seen> {
  const redis = await startRedis();
  const server = await startServer('recipe', { args: [redis.url] });
  const subscriptions = Array.from({ length: subscribers }, (_, index) => ({
    query: `subscription ($workspaceId: ID!) { usage(workspaceId: $workspaceId) ${fields} } ${window}`,
    variables: { workspaceId: `workspace-${index % workspaces}` },
  }));
  const start = async () => {
    await server.ask(tickMs);
    return () => {};
  };
  const pids = [server.pid, redis.pid];
  return { ...(await watch({ url: server.url, subscriptions, seconds, pids, pid: server.pid, start })), cpuOfCalls: 0 };
}

interface Watching {
  readonly url: string;
  readonly subscriptions: FanoutOptions['subscriptions'];
  readonly seconds: number;
  /** Processes whose time counts. */
  readonly pids: readonly number[];
  /** The server's, whose memory is told. */
  readonly pid: number;
  /** Lets the ticks begin. @returns how to end them */
  start(): (() => void) | Promise<() => void>;
}

const warmSeconds = 3;

async function watch(watching: Watching): Promise<Omit<Seen, 'cpuOfCalls'>> {
  const { url, subscriptions, seconds, pids, pid, start } = watching;
  let before = 0;
  let cpu = 0;
  let stop = () => {};
  const options: FanoutOptions = { url: `${url.replace('http', 'ws')}/graphql`, subscriptions, warmSeconds, seconds };
  const said = await runLoad('fanout', options, (word) => {
    if (word === 'open') {
      void Promise.resolve(start()).then((end) => {
        stop = end;
      });
    } else if (word === 'counting') before = processorTime(pids);
    else cpu = (processorTime(pids) - before) / 1e6 / seconds;
  });
  stop();
  const megabytes = memoryOf(pid);
  await stopAll();
  const { messages, p50, p99 } = FanoutResult.parse(said);
  return { messages, p50, p99, cpu, megabytes };
}
