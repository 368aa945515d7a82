/**
 * Document: an OpenAPI 3 document as the page shows it.
 *
 *   JSON of anybody -> its operations, in groups
 *
 * Others write these documents: what has another shape than expected is left out, nothing of it is fetched, and every text
 * stays a text. Pure.
 */
import { exampleOf } from './example.ts';
import { isRecord, itemsOf, type Refs, refsOf, textOf } from './untrusted.ts';

export interface Parameter {
  readonly name: string;
  readonly place: 'path' | 'query' | 'header';
  readonly isRequired: boolean;
  readonly description: string;
  /** As `string`, `integer`, `date-time`. */
  readonly type: string;
  /** What may stand in its place in a snippet; empty = nothing is known. */
  readonly example: string;
}

export interface Operation {
  /** Its method and path: one of its kind in a document. */
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  /** Where the API is: what stands before `path`. */
  readonly baseUrl: string;
  readonly summary: string;
  readonly description: string;
  readonly group: string;
  readonly scopes: readonly string[];
  readonly parameters: readonly Parameter[];
  /** What may be sent; undefined = it takes no JSON. */
  readonly body: unknown;
  readonly isDeprecated: boolean;
}

export interface Group {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

export interface ApiDocument {
  readonly title: string;
  readonly baseUrl: string;
  readonly operations: readonly Operation[];
  /** What each group is about, by its name, in the order they are to be shown. */
  readonly groups: ReadonlyMap<string, string>;
  /** It tells that there is another document. */
  readonly hasMore: boolean;
}

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'] as const;
const places = ['path', 'query', 'header'] as const;

/**
 * The operations of a document; null where it is none.
 *
 * @param origin  of this server: where an API is of which the document does not say it
 */
export function readDocument(json: unknown, origin: string): ApiDocument | null {
  if (!isRecord(json) || !isRecord(json.paths) || !/^3\.\d/.test(textOf(json.openapi))) return null;
  const refs = refsOf(json);
  const [server] = itemsOf(json.servers);
  const baseUrl = baseOf(isRecord(server) ? textOf(server.url) : '', origin);
  const around = { refs, baseUrl, security: json.security };
  const operations = Object.entries(json.paths).flatMap(([path, item]) => operationsOf(path, refs(item), around));
  const groups = new Map(itemsOf(json.tags).flatMap(groupOf));
  for (const { group } of operations) if (!groups.has(group)) groups.set(group, '');
  const info = isRecord(json.info) ? json.info : {};
  return { title: textOf(info.title), baseUrl, operations, groups, hasMore: isRecord(json.externalDocs) };
}

/** Operations by group, as the document orders them; groups without any are left out. */
export function groupsOf({ groups }: ApiDocument, operations: readonly Operation[]): Group[] {
  const byName = Map.groupBy(operations, ({ group }) => group);
  return Array.from(groups, ([name, description]) => ({
    name,
    description,
    operations: byName.get(name) ?? [],
  })).filter((group) => group.operations.length > 0);
}

/** Only http(s), so that nothing else gets into a snippet. */
function baseOf(url: string, origin: string): string {
  if (!URL.canParse(url, origin)) return origin;
  const { protocol, href } = new URL(url, origin);
  return protocol === 'http:' || protocol === 'https:' ? href.replace(/\/+$/, '') : origin;
}

function groupOf(tag: unknown): [string, string][] {
  return isRecord(tag) && textOf(tag.name) !== '' ? [[textOf(tag.name), textOf(tag.description)]] : [];
}

interface Around {
  readonly refs: Refs;
  readonly baseUrl: string;
  readonly security: unknown;
}

function operationsOf(path: string, item: unknown, { refs, baseUrl, security }: Around): Operation[] {
  if (!isRecord(item) || !path.startsWith('/')) return [];
  return methods.flatMap((method) => {
    const told = item[method];
    if (!isRecord(told)) return [];
    const parameters = [...itemsOf(item.parameters), ...itemsOf(told.parameters)].flatMap((one) =>
      parameterOf(refs(one), refs),
    );
    return {
      id: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      baseUrl,
      summary: textOf(told.summary),
      description: textOf(told.description),
      group: textOf(itemsOf(told.tags)[0]),
      scopes: scopesOf(told.security ?? security),
      // What an operation says of a parameter goes before what its path says.
      parameters: [...new Map(parameters.map((one) => [`${one.place} ${one.name}`, one])).values()],
      body: bodyOf(refs(told.requestBody), refs),
      isDeprecated: told.deprecated === true,
    };
  });
}

function scopesOf(security: unknown): string[] {
  const named = itemsOf(security).flatMap((one) => (isRecord(one) ? Object.values(one) : []));
  return [...new Set(named.flatMap(itemsOf).filter((scope) => typeof scope === 'string'))];
}

function parameterOf(told: unknown, refs: Refs): Parameter[] {
  const place = isRecord(told) ? places.find((one) => one === told.in) : undefined;
  if (!isRecord(told) || place === undefined || textOf(told.name) === '') return [];
  const schema = refs(told.schema);
  const example = told.example ?? exampleOf(schema, refs);
  return [
    {
      name: textOf(told.name),
      place,
      isRequired: place === 'path' || told.required === true,
      description: textOf(told.description),
      type: typeOf(schema),
      example: ['string', 'number', 'boolean'].includes(typeof example) ? String(example) : '',
    },
  ];
}

function typeOf(schema: unknown): string {
  if (!isRecord(schema)) return '';
  const choices = itemsOf(schema.enum).filter((one) => typeof one === 'string');
  if (choices.length > 0) return choices.join(' | ');
  if (textOf(schema.format) !== '') return textOf(schema.format);
  return [schema.type]
    .flat()
    .filter((one) => typeof one === 'string' && one !== 'null')
    .join(' | ');
}

function bodyOf(body: unknown, refs: Refs): unknown {
  const content = isRecord(body) && isRecord(body.content) ? body.content : {};
  const json = Object.entries(content).find(([type]) => /^application\/([\w.-]+\+)?json\b/.test(type))?.[1];
  if (!isRecord(json)) return undefined;
  const [named] = isRecord(json.examples) ? Object.values(json.examples) : [];
  const told = refs(named);
  return json.example ?? (isRecord(told) ? told.value : undefined) ?? exampleOf(json.schema, refs) ?? {};
}
