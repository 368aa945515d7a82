/**
 * Upstream document: the OpenAPI document of the operator's own API, as it is handed on.
 *
 *   text (JSON or YAML) -> an OpenAPI 3 document -> the same with the server to call -> JSON text
 *
 * It is a text that others wrote: nothing in it is resolved, followed or run.
 */
import { z } from 'zod';

/** What must hold for it to be one; all else goes on as it is. */
const Document = z.looseObject({
  openapi: z.string().regex(/^3\.\d/),
  paths: z.record(z.string(), z.unknown()).default({}),
  servers: z.array(z.looseObject({ url: z.string() })).default([]),
});

/** Larger YAML would hold up every call: 256 kB take a quarter of a second. JSON of 2 MB takes a hundredth. */
const mostYamlChars = 256 * 1_024;

interface Place {
  /** What a relative address in the document is relative to. */
  readonly base: string;
  /** Origin that its calls go through, whatever the document says; undefined = as it says. */
  readonly through: string | undefined;
}

/**
 * The document as JSON text, with one absolute server.
 *
 * @throws where the text is neither JSON nor YAML, or no OpenAPI 3 document
 */
export async function documentFrom(text: string, { base, through }: Place): Promise<string> {
  const document = Document.parse(text.trimStart().startsWith('{') ? JSON.parse(text) : await fromYaml(text));
  const said = document.servers[0]?.url ?? '/';
  const url = URL.canParse(said, base) ? new URL(said, base) : new URL('/', base);
  const path = url.pathname.replace(/\/$/, '');
  return JSON.stringify({ ...document, servers: [{ url: (through ?? url.origin) + path }] });
}

async function fromYaml(text: string): Promise<unknown> {
  if (text.length > mostYamlChars) throw new Error('it is YAML of more than 256 kB; JSON may have 2 MB');
  // Not before it is needed: most servers have no such document, and would start later for it.
  const { parse } = await import('yaml');
  return parse(text);
}
