import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResolve } from './names.dns.ts';
import { createHttpSender } from './sender.http.ts';
import { attemptSummary } from './words.ts';

const [typeA, typeAaaa] = [1, 28];
/** What the name server has; it says nothing to what begins with `silent`, and knows nothing else. */
const records: Readonly<Record<string, Readonly<Record<number, readonly number[]>>>> = {
  'both.example': { [typeA]: [192, 0, 2, 7], [typeAaaa]: [0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 1] },
  'four.example': { [typeA]: [192, 0, 2, 8] },
};

let nameServer: Socket;
let resolve: ReturnType<typeof createResolve>;
beforeAll(async () => {
  nameServer = createSocket('udp4');
  nameServer.on('message', (question, { port, address }) => {
    const answer = answerTo(question);
    if (answer !== undefined) nameServer.send(answer, port, address);
  });
  nameServer.bind(0, '127.0.0.1');
  await once(nameServer, 'listening');
  resolve = createResolve({ timeout: 250, tries: 1, servers: [`127.0.0.1:${nameServer.address().port}`] });
});
afterAll(() => nameServer.close());

/** @see RFC 1035, section 4 */
function answerTo(question: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = question.readUInt8(at); length > 0; length = question.readUInt8(at)) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const name = labels.join('.').toLowerCase();
  if (name.startsWith('silent')) return undefined;
  const type = question.readUInt16BE(at + 1);
  const known = records[name];
  const data = known?.[type];
  const nameError = 3;
  const flags = 0x8180 + (known === undefined ? nameError : 0);
  const head = [question.readUInt16BE(0), flags, 1, data === undefined ? 0 : 1, 0, 0];
  const pointerToName = 0xc00c;
  const record = data === undefined ? [] : [pointerToName, type, 1, 0, 60, data.length];
  return Buffer.concat([words(head), question.subarray(12, at + 5), words(record), Buffer.from(data ?? [])]);
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index);
  return bytes;
}

describe('a name', () => {
  it('leads to the addresses that the name server has, of either family', async () => {
    expect(await resolve('both.example')).toEqual([
      { address: '192.0.2.7', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ]);
    expect(await resolve('four.example')).toEqual([{ address: '192.0.2.8', family: 4 }]);
  });

  it('that stands in the hosts file is no question to anybody', async () => {
    expect(await resolve('LOCALHOST')).toContainEqual({ address: '127.0.0.1', family: 4 });
  });
});

describe('an attempt at a name', () => {
  const attemptAt = async (host: string) => {
    const sender = createHttpSender({ mayReach: () => true, resolve, timeoutMs: 5_000 });
    const posted = await sender.post({ url: `http://${host}/`, headers: {}, body: '' }, AbortSignal.any([]));
    const fault = 'fault' in posted ? posted.fault : null;
    return attemptSummary({ finishedAt: new Date(), status: null, durationMs: posted.durationMs, fault });
  };

  it('that nobody knows says so', async () => {
    expect(await attemptAt('unknown.example')).toBe('DNS: the name has no address.');
  });

  it('whose name servers are silent says that no answer came in time, also before the time-out of the attempt', async () => {
    expect(await attemptAt('silent.example')).toBe('No answer in time.');
  });
});
