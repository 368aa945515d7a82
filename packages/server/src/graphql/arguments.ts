/**
 * Arguments: texts and pages that nothing could be made of are refused here, once for all fields, before anything runs.
 */
import {
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  GraphQLID,
  type GraphQLInputType,
  GraphQLString,
  getArgumentValues,
  getNullableType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { isStorable } from '../kernel/input.ts';

export const largestPage = 100;
export const usualPage = 20;

export type VariableValues = Parameters<typeof getArgumentValues>[2];
type Arguments = Readonly<Record<string, unknown>>;

/** Whether a field gives pages: it takes `first` and `last`. */
export function isPage({ args }: GraphQLField<unknown, unknown>): boolean {
  return ['first', 'last'].every((name) => args.some((arg) => arg.name === name));
}

/** How many rows are asked for. @param args  read before */
export function pageSize(args: Arguments): number {
  return Number(args.first ?? args.last ?? usualPage);
}

/** @throws GraphQLError BAD_USER_INPUT */
export function readArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: VariableValues,
): Arguments {
  const args = getArgumentValues(field, node, variables);
  const isText = field.args.every(({ name, type }) => isStorableAs(type, args[name]));
  const fault = isText ? pageFault(field, args) : 'No ID and no text has NUL characters or halves of characters.';
  if (fault === undefined) return args;
  throw new GraphQLError(fault, { nodes: [node], extensions: { code: 'BAD_USER_INPUT' } });
}

/** Ids and texts are looked up as they come, so the database must be able to be asked for them. */
function isStorableAs(nullable: GraphQLInputType, value: unknown): boolean {
  const type = getNullableType(nullable);
  if ((type === GraphQLID || type === GraphQLString) && typeof value === 'string') return isStorable(value);
  if (isListType(type) && Array.isArray(value)) return value.every((one) => isStorableAs(type.ofType, one));
  if (!isInputObjectType(type) || typeof value !== 'object' || value === null) return true;
  const fields = type.getFields();
  return Object.entries(value).every(([name, one]) => {
    const field = fields[name];
    return field === undefined || isStorableAs(field.type, one);
  });
}

function pageFault(field: GraphQLField<unknown, unknown>, args: Arguments): string | undefined {
  if (!isPage(field)) return undefined;
  for (const name of ['first', 'last']) {
    const size = args[name] ?? usualPage;
    if (typeof size !== 'number' || size < 0 || size > largestPage) {
      return `\`${name}\` is a whole number from 0 to ${largestPage}.`;
    }
  }
  for (const name of ['after', 'before']) {
    const cursor = args[name] ?? undefined;
    if (cursor !== undefined && !isCursor(cursor)) return `\`${name}\` is a cursor of an answer before.`;
  }
  return undefined;
}

/** Whether it can be a cursor: Pothos makes them of an id, as base64. */
function isCursor(cursor: unknown): boolean {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64').toString() : '';
  return text.startsWith('GPC:S:') && isStorable(text);
}
