import { describe, expect, it } from 'vitest';
import {
  attemptCount,
  attemptFace,
  attemptNumber,
  deliveryFace,
  indented,
  requestHead,
  stepsOf,
} from './delivery-face.ts';
import type { Attempt, Delivery } from './webhooks.documents.ts';

const now = Date.parse('2026-11-28T10:00:00.900Z');
const at = (ms: number) => new Date(now + ms).toISOString();
const made: Attempt = { id: 'att_1', startedAt: at(0), finishedAt: null, status: null, durationMs: null, fault: null };
const answered = (status: number): Attempt => ({ ...made, finishedAt: at(84), status, durationMs: 84 });
const faulty = (fault: Attempt['fault']): Attempt => ({ ...made, finishedAt: at(84), durationMs: 84, fault });

describe('an attempt', () => {
  it.each<[Attempt, string, string]>([
    [made, 'waiting', 'Sent, no answer yet'],
    [answered(200), 'ok', '200 in 84 ms'],
    [answered(204), 'ok', '204 in 84 ms'],
    [answered(302), 'over', '302 in 84 ms; redirects are not followed'],
    [answered(500), 'over', '500 in 84 ms'],
    [faulty('DNS'), 'over', 'DNS: the name has no address'],
    [faulty('TLS'), 'over', 'TLS: the certificate or the handshake is not in order'],
    [faulty('TIMEOUT'), 'over', 'Time-out: no answer within 15 s'],
    [faulty('CONNECTION'), 'over', 'The connection was refused, or broke off before an answer'],
    [faulty('TARGET'), 'over', 'Not on the public internet, so nothing was sent'],
    [faulty('INTERRUPTED'), 'over', 'Gatekey stopped before the answer came; it is sent again'],
    [faulty('SECRET'), 'over', 'The signing secret cannot be read; rotate it'],
    [faulty(null), 'over', 'No answer'],
  ])('%#: %s', (attempt, shape, text) => {
    expect(attemptFace(attempt)).toEqual({ shape, text });
  });
});

describe('a delivery', () => {
  it.each<[Delivery['state'], string | null, Attempt[], string, string]>([
    ['DELIVERED', null, [answered(200)], 'ok', 'Delivered'],
    ['FAILED', null, [answered(500)], 'over', 'Failed'],
    ['PENDING', at(0), [], 'waiting', 'Queued'],
    ['PENDING', null, [made], 'waiting', 'Sending'],
    ['PENDING', at(240_000), [answered(500)], 'near', 'Again in 4 min'],
    ['PENDING', at(-10), [answered(500)], 'waiting', 'Queued'],
  ])('that is %s, next %s', (state, nextAttemptAt, attempts, shape, text) => {
    const delivery = { id: 'msg_1', type: 'key.created', state, createdAt: at(0), nextAttemptAt, attempts };
    expect(deliveryFace(delivery, now)).toEqual({ shape, text });
  });
});

describe('the attempts of a delivery', () => {
  it.each([
    [0, '0', 0],
    [3, '3', 2],
    [9, '9', 8],
    [10, '≥ 10', null],
  ])('that are %i are counted as far as they are known', (count, text, second) => {
    const attempts = Array.from({ length: count }, () => made);
    expect(attemptCount({ attempts })).toBe(text);
    if (count > 0) expect(attemptNumber({ attempts }, 1)).toBe(second);
  });
});

describe('a test', () => {
  it.each<[Attempt[], string[]]>([
    [[], ['waiting Queued']],
    [[made], ['ok Queued', 'waiting Sent']],
    [[answered(200)], ['ok Queued', 'ok Sent', 'ok 200 in 84 ms']],
    [[faulty('DNS')], ['ok Queued', 'ok Sent', 'over DNS: the name has no address']],
  ])('%# has come so far', (attempts, steps) => {
    expect(stepsOf({ attempts }).map(({ shape, text }) => `${shape} ${text}`)).toEqual(steps);
  });
});

describe('the head of a request', () => {
  it('names the message, and the second in which the attempt was made', () => {
    expect(requestHead('msg_1', made)).toEqual(
      expect.arrayContaining([
        ['webhook-id', 'msg_1'],
        ['webhook-timestamp', String(Math.floor(now / 1_000))],
      ]),
    );
  });
});

describe('a body', () => {
  it.each([
    [
      '{"type":"webhook.test","data":{"n":[1]}}',
      '{\n  "type": "webhook.test",\n  "data": {\n    "n": [\n      1\n    ]\n  }\n}',
    ],
    ['{"n":12345678901234567890}', '{"n":12345678901234567890}'],
    ['<h1>Down</h1>', '<h1>Down</h1>'],
    ['', ''],
  ])('%j is shown so that it can be read, and as it is', (body, shown) => {
    expect(indented(body)).toBe(shown);
  });
});
