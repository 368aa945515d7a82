/** The keys of a workspace in GraphQL: filtered, in an order, page by page. */
import { queryFromInfo } from '@pothos/plugin-prisma';
import { resolveCursorConnection } from '@pothos/plugin-relay';
import type { ApiKey } from '../../gen/prisma/client.ts';
import { keysWhere } from '../keys/list.ts';
import { type KeyOrder, keyOrders, keysInOrder, placeIn, placeText, usualOrder } from '../keys/order.ts';
import { ApiKeyType, KeyStatusEnum } from './api-key.ts';
import { builder } from './builder.ts';
import { signedIn } from './context.ts';
import { cursorOf, pageSizes, placeOf } from './pages.ts';
import { visibleKey } from './visible.ts';
import { WorkspaceType } from './workspace.ts';

const nameOf = (order: KeyOrder): string =>
  order.startsWith('-') ? `${order.slice(1).toUpperCase()}_DESC` : `${order.toUpperCase()}_ASC`;

const KeyOrderEnum = builder.enumType('ApiKeyOrder', {
  description:
    'What keys are arranged by. Upper case is no other letter; never used is as if longest ago, never expiring as if last.',
  values: Object.fromEntries(keyOrders.map((order) => [nameOf(order), { value: order }])),
});

builder.prismaObjectField(WorkspaceType, 'keys', (t) =>
  t.connection(
    {
      type: ApiKeyType,
      description: 'Its keys, newest first unless told otherwise. A cursor holds in the order that it was given in.',
      args: {
        status: t.arg({ type: [KeyStatusEnum], description: 'Only keys in one of these; of an empty list, none.' }),
        search: t.arg.string({
          description: 'Only keys with exactly this in their name or hint, whatever the case; any when empty.',
        }),
        orderBy: t.arg({ type: KeyOrderEnum, description: 'The order.' }),
      },
      select: { id: true },
      resolve: async ({ id: workspaceId }, { status, search, orderBy, ...args }, context, info) => {
        const order = orderBy ?? usualOrder;
        const filter = keysWhere({ statuses: status ?? undefined, search: search ?? undefined }, context.clock.now());
        const where = { workspaceId, AND: [visibleKey(signedIn(context)), filter] };
        const read = (text: string) => placeIn(order, text);
        const query = queryFromInfo({ context, info, include: {}, path: ['edges', 'node'] });
        const page = await resolveCursorConnection<Promise<ApiKey[]>>(
          { args, toCursor: (key) => cursorOf(placeText(order, key)), ...pageSizes },
          ({ before, after, limit, inverted: isBackwards }) => {
            const range = { after: placeOf(after, read), before: placeOf(before, read), isBackwards };
            const { where: inRange, orderBy } = keysInOrder(order, range);
            return context.database.apiKey.findMany({
              ...query,
              where: { AND: [where, inRange] },
              orderBy,
              take: limit,
            });
          },
        );
        return { ...page, totalCount: () => context.database.apiKey.count({ where }) };
      },
    },
    {
      fields: (t) => ({
        totalCount: t.int({ description: 'How many there are in all.', resolve: ({ totalCount }) => totalCount() }),
      }),
    },
  ),
);
