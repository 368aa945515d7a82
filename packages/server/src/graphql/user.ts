/** A person in GraphQL. */
import { builder } from './builder.ts';

export const UserType = builder.prismaNode('User', {
  description: 'A person who signs in.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'How they call themselves.' }),
    email: t.exposeString('email', { description: 'What they sign in with.' }),
  }),
});
