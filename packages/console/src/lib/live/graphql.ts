import { initGraphQLTada } from 'gql.tada';
import type { introspection } from '../../gen/graphql-env.d.ts';

/** Writes typed documents: their results and variables follow from the server's `schema.graphql`. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { DateTime: string; SafeInt: number; JSON: Record<string, unknown> };
}>();
