import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendRaw } from '../../test/raw.ts';
import { type Listener, listen } from './listener.http.ts';

let listener: Listener;
beforeEach(async () => {
  listener = await listen('127.0.0.1', 0);
});
afterEach(() => listener.close());

const ask = (...headers: string[]) => sendRaw(`http://127.0.0.1:${listener.port}`, { target: '/graphql', headers });
const webSocket = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AA=='];

describe('a server that starts', () => {
  it.each([
    ['a request', []],
    ['an upgrade to WebSocket', webSocket],
  ])('answers %s with 503, and when to come again', async (_what, headers) => {
    const answer = await ask(...headers);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('hands upgrades over from when there is somebody who takes them', async () => {
    listener.server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    expect((await ask(...webSocket)).status).toBe(403);
    expect((await ask()).status).toBe(503);
  });
});
