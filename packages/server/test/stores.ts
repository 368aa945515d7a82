/** The two places where counts can live, for tests that must hold with both. */
import { testRedis } from './redis.ts';

interface Store {
  readonly name: string;
  /** Brings it up, and gives the variables that make a server use it. */
  start(): Promise<{ env: Record<string, string>; stop(): Promise<void> }>;
}

export const stores: readonly Store[] = [
  { name: 'in-process counters', start: async () => ({ env: {}, stop: async () => {} }) },
  {
    name: 'Redis',
    async start() {
      const redis = await testRedis();
      return { env: { REDIS_URL: redis.url }, stop: () => redis.stop() };
    },
  },
];
