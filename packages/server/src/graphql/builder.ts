/** Builder: the one from which every GraphQL type is made. Types follow from it; rules do not live here. */
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import { GraphQLError } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLSafeInt } from 'graphql-scalars';
import type PrismaTypes from '../../gen/pothos.ts';
import { getDatamodel } from '../../gen/pothos.ts';
import { largestPage, usualPage } from './arguments.ts';
import type { Context } from './context.ts';

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    SafeInt: { Input: number; Output: number };
  };
}>({
  plugins: [RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: (context) => context.database,
    dmmf: getDatamodel(),
    maxConnectionSize: largestPage,
    defaultConnectionSize: usualPage,
    onUnusedQuery: 'warn',
  },
  relay: {
    // Ids are opaque and typed by themselves; the same id is used on every door.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: '', id }),
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    cursorType: 'String',
    clientMutationId: 'omit',
  },
});

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});

builder.scalarType('DateTime', {
  description: 'An instant in ISO 8601, UTC, as `2026-11-23T10:00:00.000Z`; of the years 1 to 9999.',
  serialize: (at) => GraphQLDateTimeISO.serialize(at),
  parseValue: (value) => {
    const at = GraphQLDateTimeISO.parseValue(value);
    // The year 0 is ISO 8601's, but no database's; and an offset can lead past either end.
    if (at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999) return at;
    throw new GraphQLError('A DateTime is of the years 1 to 9999.');
  },
});
builder.addScalarType('JSON', GraphQLJSON, { description: 'Any JSON value.' });
builder.addScalarType('SafeInt', GraphQLSafeInt, {
  description: 'A whole number that a double holds exactly: up to 2^53 - 1.',
});
