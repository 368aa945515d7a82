/** The allowlist of the workspace, as a page shows and changes it. */
import type { Ask } from '#lib/live/ask.ts';
import { no, type Outcome, outcomeOf, yes } from '#lib/live/outcome.ts';
import { AllowlistQuery, type LastUse, SetAllowlist } from './allowlist.documents.ts';

export class Allowlist {
  /** Empty = any address; null = not known yet. */
  entries: readonly string[] | null = $state.raw(null);
  /** Keys that pass, with where each was last used from. */
  uses: readonly LastUse[] = $state.raw([]);
  /** Why it could not be loaded, in words. */
  trouble = $state('');

  #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Loads it, or loads it again; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    const answer = await this.#ask(AllowlistQuery, {});
    this.trouble = answer.ok ? '' : answer.trouble.message;
    if (!answer.ok || answer.data.workspace === null) return;
    const { ipAllowlist, keys } = answer.data.workspace;
    this.entries = ipAllowlist;
    this.uses = keys.edges.map(({ node }) => node);
  }

  async save(entries: string[]): Promise<Outcome<readonly string[]>> {
    const outcome = outcomeOf(await this.#ask(SetAllowlist, { input: { ipAllowlist: entries } }), ({ result }) =>
      result.__typename === 'WorkspacePayload' ? yes(result.workspace.ipAllowlist) : no(result),
    );
    if (outcome.ok) this.entries = outcome.value;
    return outcome;
  }
}
