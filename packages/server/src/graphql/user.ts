/** A person in GraphQL. */
import { builder } from './builder.ts';
import { signedIn } from './context.ts';

export const UserType = builder.prismaNode('User', {
  description: 'A person who signs in.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'How they call themselves.' }),
    email: t.string({
      nullable: true,
      description: 'What they sign in with; null for keys, which are never told.',
      select: { email: true },
      resolve: ({ email }, _args, context) => (signedIn(context).kind === 'user' ? email : null),
    }),
  }),
});
