/** REST, as a program with a key asks it. */
import { z } from 'zod';
import type { TestApp } from './app.ts';

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** What the JSON holds; undefined where there is no body. */
  readonly body: unknown;
}

/** Asks. @param body  sent as JSON, or as it is when it is text */
export type Rest = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<RestAnswer>;

/** Asks below `/api/v1` with a secret. */
export function restWith(app: Pick<TestApp, 'url'>, secret: string): Rest {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${app.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
}

const Key = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  limits: z.record(z.string(), z.number().nullable()),
  secret: z.string().optional(),
});
const Page = z.object({ data: z.array(Key), next_cursor: z.string().nullable() });
const Problem = z.looseObject({
  code: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** The key in an answer. @throws when there is none */
export const keyIn = ({ body }: RestAnswer) => Key.parse(body);
/** A page of keys in an answer. @throws when there is none */
export const pageIn = ({ body }: RestAnswer) => Page.parse(body);
/** The code of a problem, and the fields it names. @throws when it is none */
export function problemIn({ status, headers, body }: RestAnswer) {
  const { code, errors } = Problem.parse(body);
  if (headers.get('content-type')?.startsWith('application/problem+json') !== true) throw new Error('not a problem');
  return { status, code, ...(errors === undefined ? {} : { paths: errors.map(({ path }) => path) }) };
}
