/** The scripts and configurations in the pages of `docs/`, so that what stands there is what the tests run. */
import { readFile } from 'node:fs/promises';

/** The text in the fence of this name. @throws when the page has none */
export async function fence(page: string, name: string): Promise<string> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
  const found = new RegExp(`^\`\`\`\\w+ ${name}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1];
  if (found === undefined) throw new Error(`docs/${page} has no ${name}`);
  return found;
}
