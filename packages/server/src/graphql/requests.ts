/** The request log in GraphQL: a workspace's last calls, one by its id, and the live tail. */
import { resolveCursorConnection } from '@pothos/plugin-relay';
import { GraphQLError } from 'graphql';
import { canSee, meantWorkspace } from '../accounts/actor.ts';
import { isPlace, LogAway, type PlacedRequest } from '../requests/request-log.ts';
import { type RequestFilter, statusPattern } from '../requests/search.ts';
import { mostInBatch, type RequestBatch } from '../requests/tail.ts';
import { builder } from './builder.ts';
import { type Context, meantVisibleWorkspace, need, signedIn } from './context.ts';
import { badInput, cursorOf, pageSizes, placeOf } from './pages.ts';
import { RequestType } from './request.ts';
import { whileAllowed } from './while-allowed.ts';
import { WorkspaceType } from './workspace.ts';

const RequestFilterInput = builder.inputType('RequestFilterInput', {
  description: 'Which requests; all that is given must fit.',
  fields: (t) => ({
    status: t.string({ description: 'The status of the answer, as `429`, or its class, as `4xx`.' }),
    code: t.string({ description: 'The code of the problem, as `rate_limited`.' }),
    refused: t.boolean({ description: 'Whether the guard refused it.' }),
    keyId: t.id({ description: 'The key that it came with.' }),
    method: t.string({ description: 'Its method.' }),
    path: t.string({ description: 'How its path begins.' }),
  }),
});
type FilterInput = typeof RequestFilterInput.$inferInput | null | undefined;

builder.prismaObjectField(WorkspaceType, 'requests', (t) =>
  t.connection({
    type: RequestType,
    description:
      'Its last guarded calls, newest first: at least 1,000 where there were so many, for a day. A call shows within a second. Needs keys:read and usage:read.',
    args: { filter: t.arg({ type: RequestFilterInput, description: 'Only those that fit.' }) },
    resolve: ({ id: workspaceId }, { filter: given, ...page }, context) => {
      needLog(context, workspaceId);
      const filter = filterOf(given);
      return resolveCursorConnection<Promise<PlacedRequest[]>>(
        { args: page, toCursor: ({ place }) => cursorOf(place), ...pageSizes },
        ({ before, after, limit, inverted }) =>
          searched(context, workspaceId, {
            filter,
            range: {
              olderThan: placeOf(after, readPlace),
              newerThan: placeOf(before, readPlace),
              isOldestFirst: inverted,
            },
            count: limit,
          }),
      );
    },
  }),
);

builder.queryField('request', (t) =>
  t.field({
    type: RequestType,
    nullable: true,
    description:
      'A request by its id; null where it is not, or no longer, in the log. Calls without a known key are in none. Needs keys:read and usage:read.',
    args: {
      id: t.arg.id({ required: true, description: 'As `Request-Id` of the answer says.' }),
      workspaceId: t.arg.id({ description: 'The workspace; the viewer’s own or current one when left out.' }),
    },
    resolve: async (_root, { id, workspaceId: named }, context) => {
      const actor = signedIn(context);
      const workspaceId = meantWorkspace(actor, named);
      if (workspaceId === undefined || !canSee(actor, workspaceId)) return null;
      needLog(context, workspaceId);
      const [found] = await searched(context, workspaceId, { filter: { id }, range: {}, count: 1 });
      return found;
    },
  }),
);

const RequestBatchType = builder.objectRef<RequestBatch>('RequestBatch').implement({
  description: 'Requests that ended lately.',
  fields: (t) => ({
    requests: t.field({
      type: [RequestType],
      extensions: { mostItems: () => mostInBatch },
      description: 'Newest first; at most 100.',
      resolve: ({ requests }) => requests,
    }),
    isFirst: t.exposeBoolean('isFirst', {
      description: 'Whether it begins the subscription: it has the last requests, not only new ones.',
    }),
    leftOut: t.expose('leftOut', {
      type: 'SafeInt',
      description: 'How many more came since the batch before and were passed over, because they came too fast.',
    }),
  }),
});

builder.subscriptionField('requests', (t) =>
  t.field({
    type: RequestBatchType,
    description:
      'The last requests first, then each that ends, from any server, within a second: at most 5 batches a second.',
    args: {
      workspaceId: t.arg.id({ description: 'The workspace; the viewer’s own or current one when left out.' }),
      filter: t.arg({ type: RequestFilterInput, description: 'Only those that fit.' }),
    },
    subscribe: async (_root, { workspaceId: named, filter }, context) => {
      const workspaceId = meantVisibleWorkspace(context, named);
      needLog(context, workspaceId);
      const batches = await context.requests.watch(workspaceId, filterOf(filter));
      return whileAllowed(context, { ability: 'usage:read', workspaceId }, batches);
    },
    resolve: (batch) => batch,
  }),
);

/** It names keys and where they are called from, and says what they are used for. */
function needLog(context: Context, workspaceId: string): void {
  need(context, 'keys:read', workspaceId);
  need(context, 'usage:read', workspaceId);
}

async function searched(context: Context, workspaceId: string, asked: Parameters<Context['requests']['search']>[1]) {
  try {
    return [...(await context.requests.search(workspaceId, asked))];
  } catch (error) {
    if (!(error instanceof LogAway)) throw error;
    const extensions = { code: 'INTERNAL_SERVER_ERROR' };
    throw new GraphQLError('The request log cannot be read at the moment.', { extensions });
  }
}

function filterOf(given: FilterInput): RequestFilter {
  const { status, code, refused, keyId, method, path } = given ?? {};
  if (typeof status === 'string' && !statusPattern.test(status)) {
    throw badInput('`status` is a status, as `429`, or a class, as `4xx`.');
  }
  return {
    ...{ status: status ?? undefined, code: code ?? undefined, isRefused: refused ?? undefined },
    ...{ keyId: keyId ?? undefined, method: method ?? undefined, path: path ?? undefined },
  };
}

function readPlace(text: string): string | undefined {
  return isPlace(text) ? text : undefined;
}
