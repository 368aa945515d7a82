/**
 * Query limits: how large a query may be, said before any of it is validated or run.
 *
 * Fragments count wherever they are spread, so that nothing can hide in one. Pure.
 */
import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

export const queryLimits = {
  depth: 10,
  /** The usual question for the whole schema asks for types of types of types. */
  introspectionDepth: 16,
  aliases: 15,
  rootFields: 10,
} as const;

interface Size {
  /** Levels of fields; those below `__schema` and `__type` apart. */
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly aliases: number;
  /** Fields on the first level. */
  readonly fields: number;
}
const nothing: Size = { depth: 0, introspectionDepth: 0, aliases: 0, fields: 0 };

/** Why a query is too large; undefined where none of its operations is. */
export function tooComplex(document: DocumentNode): GraphQLError | undefined {
  const sizeOf = createSizes(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const message = excess(definition, sizeOf(definition.selectionSet));
    if (message === undefined) continue;
    return new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX' } });
  }
  return undefined;
}

function excess({ operation }: OperationDefinitionNode, size: Size): string | undefined {
  const { depth, introspectionDepth, aliases, rootFields } = queryLimits;
  if (size.depth > depth || size.introspectionDepth > introspectionDepth) {
    return `Fields may be nested ${depth} levels deep.`;
  }
  if (size.aliases > aliases) return `A ${operation} may have ${aliases} aliases.`;
  return size.fields > rootFields ? `A ${operation} may ask for ${rootFields} fields on its first level.` : undefined;
}

/** Sizes of selections; each fragment is looked at once, however often it is spread. */
function createSizes(document: DocumentNode): (selections: SelectionSetNode) => Size {
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const known = new Map<string, Size>();

  const ofFragment = (name: string): Size => {
    const found = known.get(name);
    if (found !== undefined) return found;
    // One that spreads itself is refused by validation, and must not keep us busy until then.
    known.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment === undefined ? nothing : ofSelections(fragment.selectionSet);
    known.set(name, size);
    return size;
  };

  const ofSelections = ({ selections }: SelectionSetNode): Size => {
    let sum = nothing;
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) sum = together(sum, ofFragment(selection.name.value));
      else if (selection.kind === Kind.INLINE_FRAGMENT) sum = together(sum, ofSelections(selection.selectionSet));
      else {
        const below = selection.selectionSet === undefined ? nothing : ofSelections(selection.selectionSet);
        const isIntrospection = selection.name.value.startsWith('__');
        sum = together(sum, {
          depth: isIntrospection ? 1 : below.depth + 1,
          introspectionDepth: isIntrospection ? below.depth + 1 : below.introspectionDepth,
          aliases: below.aliases + (selection.alias === undefined ? 0 : 1),
          fields: 1,
        });
      }
    }
    return sum;
  };
  return ofSelections;
}

function together(one: Size, other: Size): Size {
  return {
    depth: Math.max(one.depth, other.depth),
    introspectionDepth: Math.max(one.introspectionDepth, other.introspectionDepth),
    aliases: one.aliases + other.aliases,
    fields: one.fields + other.fields,
  };
}

/** Whether a query asks about the schema itself; `__typename` does not. */
export function asksForSchema(document: DocumentNode): boolean {
  const asks = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return false;
      if (selection.kind === Kind.FIELD && ['__schema', '__type'].includes(selection.name.value)) return true;
      return selection.selectionSet !== undefined && asks(selection.selectionSet);
    });
  // Fragments are definitions of their own, so all selections are seen.
  return document.definitions.some((definition) => 'selectionSet' in definition && asks(definition.selectionSet));
}
