/** Walks the schema, so that a test can ask for everything there is, and a new field is asked for without a new line. */
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { schema } from '../src/graphql/schema.ts';

/** What required arguments below the root are given. */
const given: Readonly<Record<string, string>> = {
  from: '"2026-01-01T00:00:00Z"',
  to: '"2026-01-03T00:00:00Z"',
  step: 'DAY',
};
/** `workspace.keys.edges.node.createdBy.limits`, and a step more. */
const deepest = 7;

/**
 * One query for each way from a root field to an object, asking for all plain fields of that object. So each answers
 * for itself: a field that is refused takes nothing else with it.
 *
 * @param roots  root fields with their arguments, as `node(id: "key_…")`
 */
export function everyQuery(roots: readonly string[]): string[] {
  const fields = schema.getQueryType()?.getFields() ?? {};
  return roots.flatMap((root) => {
    const field = fields[root.split('(', 1)[0] ?? ''];
    if (field === undefined) throw new Error(`there is no root field ${root}`);
    return waysFrom(getNamedType(field.type), []).map((way) => `{ ${root} ${way} }`);
  });
}

function waysFrom(type: GraphQLNamedType, trail: readonly string[]): string[] {
  if (isAbstractType(type)) {
    return schema
      .getPossibleTypes(type)
      .flatMap((member) => waysFrom(member, trail).map((way) => `{ ... on ${member.name} ${way} }`));
  }
  // A key made by a key made by a key shows nothing that the first two do not.
  if (!isObjectType(type) || trail.length === deepest || trail.filter((name) => name === type.name).length === 2)
    return [];
  return [plainFields(type), ...objectFields(type).flatMap((field) => waysThrough(field, [...trail, type.name]))];
}

function plainFields(type: GraphQLObjectType): string {
  const plain = Object.values(type.getFields()).filter(({ type }) => isLeafType(getNamedType(type)));
  return `{ __typename ${plain.map(({ name }) => name).join(' ')} }`;
}

function objectFields(type: GraphQLObjectType): GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields()).filter(({ type }) => !isLeafType(getNamedType(type)));
}

function waysThrough({ name, type, args }: GraphQLField<unknown, unknown>, trail: readonly string[]): string[] {
  const filled = args.filter(isRequiredArgument).map((arg) => {
    const value = given[arg.name];
    if (value === undefined) throw new Error(`nothing to give ${name} as ${arg.name}`);
    return `${arg.name}: ${value}`;
  });
  const called = filled.length === 0 ? name : `${name}(${filled.join(', ')})`;
  return waysFrom(getNamedType(type), trail).map((way) => `{ ${called} ${way} }`);
}
