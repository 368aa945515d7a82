/**
 * Answer size: how many objects an operation may be answered with, said before any of it runs.
 *
 *   page of 100 keys x (edge, key, history of 30 points ...) = 3,300
 *
 * A page counts as often as it asks for, a history once a point; other lists once, unless their field says how many it
 * may give (`extensions.mostItems`). So nested lists are bounded by what they multiply to, with fragments and variables.
 * On the way all arguments are read, see arguments.ts. Pure.
 */
import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  Kind,
  type SelectionSetNode,
  validateExecutionArgs,
} from 'graphql';
import { isPage, pageSize, readArguments, type VariableValues } from './arguments.ts';

const mostObjects = 20_000;

type CompositeType = Parameters<GraphQLSchema['getField']>[0];
/** What the sizes of one operation are told by. */
interface Asked {
  readonly schema: GraphQLSchema;
  readonly variables: VariableValues;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Sizes of fragments; each is looked at once, however often it is spread. */
  readonly known: Map<string, number>;
}

/**
 * Why an operation is not run: QUERY_TOO_COMPLEX, or BAD_USER_INPUT for arguments that cannot be.
 *
 * @param args  of a valid document; what is wrong with its variables, the engine says in its own words
 */
export function tooLarge(args: ExecutionArgs): GraphQLError | undefined {
  const validated = validateExecutionArgs(args);
  if (!('operation' in validated)) return undefined;
  const { schema, operation, variableValues: variables } = validated;
  const type = schema.getRootType(operation.operation);
  if (type === undefined || type === null) return undefined;
  try {
    const asked = { schema, variables, fragments: fragmentsOf(args.document), known: new Map() };
    if (objectsOf(asked, operation.selectionSet, type) <= mostObjects) return undefined;
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
  return new GraphQLError(
    `The answer could hold more than ${mostObjects.toLocaleString('en')} objects: ask for less.`,
    {
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    },
  );
}

function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  return new Map(definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])));
}

function objectsOf(asked: Asked, { selections }: SelectionSetNode, type: CompositeType): number {
  let sum = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) sum += objectsIn(asked, selection, type);
    else if (selection.kind === Kind.FRAGMENT_SPREAD) sum += objectsInFragment(asked, selection.name.value);
    else sum += objectsOf(asked, selection.selectionSet, typeNamed(asked, selection.typeCondition?.name.value) ?? type);
  }
  return sum;
}

function objectsInFragment(asked: Asked, name: string): number {
  const found = asked.known.get(name);
  if (found !== undefined) return found;
  const fragment = asked.fragments.get(name);
  const type = typeNamed(asked, fragment?.typeCondition.name.value);
  const size = fragment === undefined || type === undefined ? 0 : objectsOf(asked, fragment.selectionSet, type);
  asked.known.set(name, size);
  return size;
}

function objectsIn(asked: Asked, node: FieldNode, parent: CompositeType): number {
  const field = asked.schema.getField(parent, node.name.value);
  // What is told of the schema itself has bounds of its own (query-limits.ts).
  if (field === undefined || node.name.value.startsWith('__')) return 0;
  const items = itemsOf(field, node, asked.variables);
  const type = getNamedType(field.type);
  if (node.selectionSet === undefined || !isCompositeType(type)) return 0;
  return items * (1 + objectsOf(asked, node.selectionSet, type));
}

function itemsOf(field: GraphQLField<unknown, unknown>, node: FieldNode, variables: VariableValues): number {
  const args = readArguments(field, node, variables);
  if (isPage(field)) return pageSize(args);
  const { mostItems } = field.extensions;
  return typeof mostItems === 'function' ? Number(mostItems(args)) : 1;
}

function typeNamed({ schema }: Asked, name: string | undefined): CompositeType | undefined {
  const type = name === undefined ? undefined : schema.getType(name);
  return isCompositeType(type) ? type : undefined;
}
