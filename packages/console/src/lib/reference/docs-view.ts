/** Docs view: what of the page is looked at. It lives in the address; a secret that is searched for does not. Pure. */
import { withoutSecrets } from '#lib/keys/secret-in-text.ts';
import type { Operation } from './document.ts';
import { type Language, languages } from './snippet.ts';

export interface DocsView {
  /** The key that snippets and limits are for; null = the first one. */
  readonly keyId: string | null;
  readonly language: Language;
  readonly search: string;
}

/** What the address asks for; what it gets wrong is as if it were not there. */
export function viewFrom(params: URLSearchParams): DocsView {
  const asked = params.get('language')?.toLowerCase();
  return {
    keyId: params.get('key') || null,
    language: languages.find((language) => language.toLowerCase() === asked) ?? 'curl',
    search: searchable(params.get('search') ?? ''),
  };
}

/** What is searched for by what was typed. */
export function searchable(typed: string): string {
  return withoutSecrets(typed).trim();
}

/** The address of the page with a view. */
export function docsPath({ keyId, language, search }: DocsView): string {
  const params = new URLSearchParams();
  if (keyId !== null) params.set('key', keyId);
  if (language !== 'curl') params.set('language', language.toLowerCase());
  if (search !== '') params.set('search', searchable(search));
  return params.size === 0 ? '/docs' : `/docs?${params}`;
}

/** The operations that have every word of a search somewhere. */
export function matching(operations: readonly Operation[], search: string): readonly Operation[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return operations;
  return operations.filter(({ method, path, summary, description, group, scopes }) => {
    const text = [method, path, summary, description, group, ...scopes].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
