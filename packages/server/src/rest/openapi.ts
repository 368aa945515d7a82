/**
 * OpenAPI: the document of REST, made from the operations that are served and the schemas that they are read with.
 *
 * @see OpenAPI 3.1, contract section 2
 */
import { type ProblemCode, problems } from '@gatekey/shared';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { exampleOf, headers, problemHeaders, problemsOf, successHeaders } from './openapi-answers.ts';
import type { Description } from './operation.ts';
import { nothing } from './operation.ts';
import * as common from './schemas.ts';
import { webhookAnswers, webhookBodies } from './webhook-schemas.ts';

const bodies = { ...common.bodies, ...webhookBodies };
const answers = { ...common.answers, ...webhookAnswers };

/** Where the document is. */
export const openApiPath = '/api/v1/openapi.json';

const tags = [
  { name: 'client', description: 'What any client may ask about its own key.' },
  { name: 'keys', description: 'The keys of the workspace: the same commands as in GraphQL.' },
  { name: 'usage', description: 'What was called.' },
  { name: 'webhooks', description: 'URLs that are told of events, and what was sent to them.' },
  { name: 'audit', description: 'What was changed, by whom.' },
  { name: 'verify', description: 'The guard, for an API that stands elsewhere.' },
] satisfies { name: Description['tag']; description: string }[];

interface Place {
  readonly publicUrl: string;
  /** Where the document of the operator's own API is; undefined = there is none. */
  readonly upstreamDocumentUrl: string | undefined;
}

/** Adds the document, which anybody may read. @param described  all operations, once the server serves */
export function addOpenApi(app: FastifyInstance, described: readonly Description[], place: Place): void {
  let document: string | undefined;
  app.get(openApiPath, (_request, reply) => {
    document ??= JSON.stringify(documentOf(described, place));
    return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(document);
  });
}

function documentOf(described: readonly Description[], { publicUrl, upstreamDocumentUrl: url }: Place) {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of described) {
    const path = `/api/v1${one.path.replace(':id', '{id}')}`;
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operationOf(one, publicUrl) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatekey',
      version: '1',
      description:
        'Every call needs an API key in `Authorization: Bearer <secret>` and is counted against the limits of the key and ' +
        'of its workspace’s plan. A no is `application/problem+json` (RFC 9457); decide on its `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    ...(url === undefined ? {} : { externalDocs: { url, description: 'The OpenAPI document of the API behind.' } }),
    servers: [{ url: publicUrl }],
    security: [{ bearer: [] }],
    tags,
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'The secret of an API key.' } },
      headers,
      schemas: { ...schemasOf(bodies, 'input'), ...schemasOf(answers, 'output') },
    },
  };
}

function operationOf(one: Description, publicUrl: string) {
  const { id, tag, summary, description, scope, body, bodyExample, answers: told } = one;
  const text = [description, scope && `Needs the scope \`${scope}\`.`].filter(Boolean).join(' ');
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(text === '' ? {} : { description: text }),
    security: [{ bearer: scope === undefined ? [] : [scope] }],
    parameters: parametersOf(one),
    ...(body === nothing
      ? {}
      : {
          requestBody: {
            required: !body.safeParse({}).success,
            content: { 'application/json': { schema: refTo(body, bodies), example: bodyExample } },
          },
        }),
    responses: {
      ...Object.fromEntries(Object.entries(told).map(([status, answer]) => [status, answerOf(answer)])),
      ...problemAnswers(problemsOf(one), publicUrl),
    },
  };
}

function answerOf({ description, schema, example, alsoAs = {}, headers: own }: Description['answers'][number]) {
  const told = { description, headers: successHeaders(own) };
  if (schema === undefined) return told;
  const others = Object.entries(alsoAs).map(([type, text]) => [type, { schema: { type: 'string' }, example: text }]);
  const content = { 'application/json': { schema: refTo(schema, answers), example }, ...Object.fromEntries(others) };
  return { ...told, content };
}

/** The problems by status, each code as an example. */
function problemAnswers(codes: readonly ProblemCode[], publicUrl: string) {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    Array.from(byStatus, ([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => problems[code].title).join('; '),
        headers: problemHeaders(status),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(ofStatus.map((code) => [code, { value: exampleOf(code, publicUrl) }])),
          },
        },
      },
    ]),
  );
}

const IdInPath = { name: 'id', in: 'path', required: true, description: 'Its id.', schema: { type: 'string' } };
const IdempotencyHeader = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Names the create for 24 hours: 1 to 255 visible ASCII characters.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
};
const QuerySchema = z.object({
  properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })),
  required: z.array(z.string()).default([]),
});

function parametersOf({ path, query, takesIdempotencyKey }: Description): object[] {
  const { properties, required } =
    query === nothing ? { properties: {}, required: [] } : QuerySchema.parse(jsonSchemaOf(query, 'input'));
  return [
    ...(path.includes(':id') ? [IdInPath] : []),
    ...(takesIdempotencyKey ? [IdempotencyHeader] : []),
    ...Object.entries(properties).map(([name, { description, ...schema }]) => ({
      name,
      in: 'query',
      required: required.includes(name),
      description,
      schema,
    })),
  ];
}

function refTo(schema: z.ZodType, named: Readonly<Record<string, z.ZodType>>): { $ref: string } {
  const name = Object.keys(named).find((key) => named[key] === schema);
  if (name === undefined) throw new Error('a body or an answer has no name in the document');
  return { $ref: `#/components/schemas/${name}` };
}

/** The schemas by name, those within them as references. */
function schemasOf(named: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output') {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...optionsFor(io), uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema]));
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema, ...rest } = z.toJSONSchema(schema, optionsFor(io));
  return rest;
}

function optionsFor(io: 'input' | 'output'): Pick<z.core.ToJSONSchemaParams, 'io' | 'override' | 'unrepresentable'> {
  return {
    io,
    // What a schema is turned into afterwards is not the client's business.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // `date-time` says it; the pattern is a page long.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      // Answers may get more members: no client is to refuse them for that.
      if (io === 'output') delete jsonSchema.additionalProperties;
    },
  };
}
