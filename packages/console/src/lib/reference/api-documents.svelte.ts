/**
 * API documents: Gatekey's own, and the operator's where ours points to one. Both come from this server.
 */
import { type ApiDocument, readDocument } from './document.ts';

type Phase = 'loading' | 'ready' | 'failed';

const ownPath = '/api/v1/openapi.json';
const upstreamPath = '/upstream-openapi.json';
const patienceMs = 15_000;

export class ApiDocuments {
  own: ApiDocument | null = $state.raw(null);
  /** Null as well where the operator names none. */
  upstream: ApiDocument | null = $state.raw(null);
  phase: Phase = $state('loading');
  hasUpstreamFailed = $state(false);

  async load(): Promise<void> {
    this.phase = 'loading';
    const own = await documentAt(ownPath);
    this.own = own;
    if (own?.hasMore === true) {
      this.upstream = await documentAt(upstreamPath);
      this.hasUpstreamFailed = this.upstream === null;
    }
    this.phase = own === null ? 'failed' : 'ready';
  }
}

/** The document, or null where there is none that can be read. */
async function documentAt(path: string): Promise<ApiDocument | null> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(patienceMs) });
    return response.ok ? readDocument(await response.json(), location.origin) : null;
  } catch {
    return null;
  }
}
