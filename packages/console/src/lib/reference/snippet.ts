/**
 * Snippet: a call of an operation, ready to run, in the languages people paste from.
 *
 * The secret is never in it: it comes from the environment, and a remark says which one by its hint. Paths, names and
 * bodies are of documents that others wrote, so each is quoted as its language quotes; none ends its quotation.
 */
import type { Operation } from './document.ts';

export const languages = ['curl', 'JavaScript', 'Python'] as const;
export type Language = (typeof languages)[number];

/** Whose call it is. */
export interface Caller {
  readonly keyId: string;
  /** As `gk_7Qm3…x0Ol`. */
  readonly hint: string;
}

/** @param caller  null = there is no key yet */
export function callSnippet(language: Language, operation: Operation, caller: Caller | null): string {
  const { method, body } = operation;
  const call = { method, body, url: urlOf(operation, caller) };
  const about = caller === null ? '' : `GATEKEY_KEY is the secret of ${caller.hint}`;
  if (language === 'curl') return remark('#', about) + curl(call);
  return language === 'Python' ? remark('#', about) + python(call) : remark('//', about) + javascript(call);
}

interface Call {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

const remark = (sign: string, text: string): string => (text === '' ? '' : `${sign} ${text}\n`);

/** Its address, with what must stand in it: an example, or the name in capitals for the person to replace. */
export function urlOf({ baseUrl, path, parameters }: Operation, caller: Caller | null): string {
  const values = new Map(
    parameters.map(({ place, name, example }) => [`${place} ${name}`, example || placeholder(name)]),
  );
  const isKey = path.startsWith('/api/v1/keys/{id}') && caller !== null;
  const filled = path.replace(/\{([^{}]*)\}/g, (_whole, name: string) =>
    encodeURIComponent(isKey && name === 'id' ? caller.keyId : (values.get(`path ${name}`) ?? placeholder(name))),
  );
  const query = parameters
    .filter(({ place, isRequired }) => place === 'query' && isRequired)
    .map(({ name }) => `${encodeURIComponent(name)}=${encodeURIComponent(values.get(`query ${name}`) ?? '')}`);
  return new URL(`${baseUrl}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`).href;
}

const placeholder = (name: string): string => name.replace(/\W+/g, '_').toUpperCase();

function curl({ method, url, body }: Call): string {
  const options = ['-H "Authorization: Bearer $GATEKEY_KEY"'];
  if (body !== undefined) options.push('-H "Content-Type: application/json"', `-d ${shellQuoted(json(body))}`);
  const start = method === 'GET' ? 'curl -i' : method === 'HEAD' ? 'curl -I' : `curl -i -X ${method}`;
  return [start, ...options, shellQuoted(url)].join(body === undefined ? ' ' : ' \\\n  ');
}

function javascript({ method, url, body }: Call): string {
  const type = body === undefined ? '' : '\n    "Content-Type": "application/json",';
  return `const response = await fetch(${JSON.stringify(url)}, {
  method: "${method}",
  headers: {
    Authorization: \`Bearer \${process.env.GATEKEY_KEY}\`,${type}
  },${body === undefined ? '' : `\n  body: JSON.stringify(${indented(json(body), '  ')}),`}
});
console.log(response.status, await response.text());`;
}

function python({ method, url, body }: Call): string {
  const type = body === undefined ? '' : '\n        "Content-Type": "application/json",';
  return `import ${body === undefined ? '' : 'json, '}os
from urllib.request import Request, urlopen

request = Request(
    ${JSON.stringify(url)},
    method="${method}",
    headers={
        "Authorization": "Bearer " + os.environ["GATEKEY_KEY"],${type}
    },${body === undefined ? '' : `\n    data=json.dumps(${indented(pythonOf(body), '    ')}).encode(),`}
)
with urlopen(request) as response:
    print(response.status, response.read().decode())`;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);
const indented = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`);

/** Within single quotes a shell reads nothing but their end. */
function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A JSON value as Python writes it. A text in JSON is one in Python too. */
function pythonOf(value: unknown, by = '    '): string {
  if (value === null || typeof value === 'boolean') return value === null ? 'None' : value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'None';
  const isList = Array.isArray(value);
  const lines = Object.entries(value).map(
    ([name, member]) => `${by}${isList ? '' : `${JSON.stringify(name)}: `}${pythonOf(member, `${by}    `)},\n`,
  );
  const [start, end] = isList ? ['[', ']'] : ['{', '}'];
  return lines.length === 0 ? start + end : `${start}\n${lines.join('')}${by.slice(4)}${end}`;
}
