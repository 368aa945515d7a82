import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { testRedis } from './redis.ts';

describe('a Redis of a test', () => {
  it('can be frozen, killed and brought back empty on the same address', async () => {
    const server = await testRedis();
    const client = new Redis(server.url, { commandTimeout: 200, maxRetriesPerRequest: 0, retryStrategy: () => 20 });
    client.on('error', () => undefined);
    await client.set('counted', '1');

    server.pause();
    await expect(client.get('counted')).rejects.toThrow('timed out');
    server.resume();
    expect(await client.get('counted')).toBe('1');

    const before = server.pid;
    await server.kill();
    await server.restart();
    expect(server.pid).not.toBe(before);
    await expect.poll(() => client.get('counted').catch(() => 'away')).toBeNull();

    client.disconnect();
    await server.stop();
  });
});
