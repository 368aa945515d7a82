/** One's sessions in GraphQL, and the commands that end them. A token has no field to leak through. */
import type { EndedSessions } from '../accounts/sessions.ts';
import { builder } from './builder.ts';
import { signedIn } from './context.ts';
import { answer, ForbiddenError, NotFoundError, resultType } from './problems.ts';
import { ViewerType } from './viewer.ts';

const mostSessions = 100;

const SessionType = builder.prismaObject('Session', {
  description: 'A browser that is signed in.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, `ses_…`.' }),
    current: t.boolean({
      description: 'Whether it is the one that asks.',
      select: { id: true },
      resolve: ({ id }, _args, context) => {
        const actor = signedIn(context);
        return actor.kind === 'user' && actor.sessionId === id;
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it signed in.' }),
    lastSeenAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When it was last used, at most a minute old.',
    }),
    ip: t.exposeString('ipAddress', { nullable: true, description: 'The address that it was last used from.' }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'What it said it is when it signed in.' }),
  }),
});

builder.objectField(ViewerType, 'sessions', (t) =>
  t.prismaField({
    type: [SessionType],
    extensions: { mostItems: () => mostSessions },
    description: 'The sessions of the user, the last used first; at most 100. None for a key.',
    resolve: (query, actor, _args, { database, clock }) => {
      const ofViewer = actor.kind === 'user' ? { userId: actor.userId } : { id: { in: [] } };
      const where = { ...ofViewer, expiresAt: { gt: new Date(clock.now()) } };
      return database.session.findMany({ ...query, where, orderBy: { updatedAt: 'desc' }, take: mostSessions });
    },
  }),
);

const SessionsPayload = builder.objectRef<EndedSessions>('SessionsPayload').implement({
  description: 'Sessions that were ended.',
  fields: (t) => ({
    endedIds: t.idList({ description: 'Their ids.', resolve: ({ sessionIds }) => [...sessionIds] }),
  }),
});
const SessionsResult = builder.unionType('SessionsResult', {
  description: 'The sessions that were ended, or why none was.',
  types: [SessionsPayload, NotFoundError, ForbiddenError],
  resolveType: resultType('SessionsPayload'),
});

builder.mutationField('revokeSession', (t) =>
  t.field({
    type: SessionsResult,
    description: 'Signs one of the user’s browsers out. Its streams end at once.',
    args: { id: t.arg.id({ required: true, description: 'The session.' }) },
    resolve: async (_root, { id }, context) => answer(await context.sessions.end(signedIn(context), id)),
  }),
);

builder.mutationField('revokeOtherSessions', (t) =>
  t.field({
    type: SessionsResult,
    description: 'Signs all of the user’s browsers out but the one that asks. Their streams end at once.',
    resolve: async (_root, _args, context) => answer(await context.sessions.endOthers(signedIn(context))),
  }),
);
