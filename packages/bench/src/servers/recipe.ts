/**
 * Live usage as the documentation of Yoga shows it: createPubSub over @graphql-yoga/redis-event-target, graphql-ws.
 *
 * Every `TICK_MS` each workspace publishes one tick of the shape and size that the product sends.
 */
import { createServer } from 'node:http';
import { createRedisEventTarget } from '@graphql-yoga/redis-event-target';
import type { GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { z } from 'zod';

interface Tick {
  readonly usage: {
    readonly seq: number;
    readonly at: string;
    readonly usage: object;
    readonly keys: readonly object[];
  };
}

const [url = ''] = process.argv.slice(2);
const pubSub = createPubSub<{ usage: [workspaceId: string, tick: Tick] }>({
  eventTarget: createRedisEventTarget({ publishClient: new Redis(url), subscribeClient: new Redis(url) }),
});

const schema = createSchema({
  typeDefs: /* GraphQL */ `
    type Query { ok: Boolean }
    type WindowUsage { used: Float! refused: Float! limit: Float remaining: Float startsAt: String! resetsAt: String! level: String! }
    type Usage { minute: WindowUsage! day: WindowUsage! month: WindowUsage! }
    type KeyUsage { keyId: ID! usage: Usage! }
    type UsageTick { seq: Float! at: String! usage: Usage! keys: [KeyUsage!]! }
    type Subscription { usage(workspaceId: ID!): UsageTick! }
  `,
  resolvers: {
    Subscription: {
      usage: {
        subscribe: (_root: unknown, { workspaceId }: { workspaceId: string }) => pubSub.subscribe('usage', workspaceId),
      },
    },
  },
});

const yoga = createYoga({ schema, logging: false });
const server = createServer(yoga);
type Enveloped = Pick<ReturnType<typeof yoga.getEnveloped>, 'execute' | 'subscribe'>;
const Root = z.object({ execute: z.custom<Enveloped['execute']>(), subscribe: z.custom<Enveloped['subscribe']>() });
useServer(
  {
    execute: (args) => Root.parse(args.rootValue).execute(args),
    subscribe: (args) => Root.parse(args.rootValue).subscribe(args),
    onSubscribe: async (ctx, _id, payload) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params: payload,
      });
      const args = {
        schema,
        operationName: payload.operationName,
        document: parse(payload.query),
        variableValues: payload.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors: readonly GraphQLError[] = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  new WebSocketServer({ server, path: '/graphql' }),
);

let seq = 0;
const window = () => ({
  used: seq,
  refused: 0,
  limit: 1_000_000,
  remaining: 1_000_000 - seq,
  startsAt: '2026-11-23T15:00:00.000Z',
  resetsAt: '2026-11-23T15:01:00.000Z',
  level: 'OK',
});
const usage = () => ({ minute: window(), day: window(), month: window() });
const workspaces = Array.from({ length: 200 }, (_, index) => `workspace-${index}`);

process.on('message', (word) => {
  if (typeof word !== 'number') return;
  // Spread over the interval, as calls of many customers are.
  for (const [index, workspaceId] of workspaces.entries()) {
    const publish = () => {
      seq += 1;
      const at = new Date().toISOString();
      const keys = [{ keyId: 'key_01kd3v7zzk2m5q8r9t0w1x2y3z', usage: usage() }];
      pubSub.publish('usage', workspaceId, { usage: { seq, at, usage: usage(), keys } });
    };
    setTimeout(() => setInterval(publish, word), (word * index) / workspaces.length);
  }
  process.send?.('started');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(address === null || typeof address === 'string' ? 0 : address.port);
});
process.on('disconnect', () => process.exit(0));
