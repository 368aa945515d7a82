/** All workspaces of the instance in GraphQL: where the operator finds whom to suspend, or to give another plan. */
import { having } from '../kernel/database.ts';
import { builder } from './builder.ts';
import { needOperator } from './context.ts';
import { WorkspaceType } from './workspace.ts';

builder.queryField('workspaces', (t) =>
  t.prismaConnection({
    type: WorkspaceType,
    cursor: 'id',
    description: 'All workspaces of this instance, newest first. For the operator.',
    args: {
      search: t.arg.string({
        description: 'Only those with exactly this in their name or slug, or in an e-mail address of a member.',
      }),
    },
    resolve: (query, _root, { search }, context) => {
      needOperator(context);
      const text = having(search ?? '');
      const member = { members: { some: { user: { email: text } } } };
      return context.database.workspace.findMany({
        ...query,
        where: search ? { OR: [{ name: text }, { slug: text }, member] } : {},
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      });
    },
  }),
);
