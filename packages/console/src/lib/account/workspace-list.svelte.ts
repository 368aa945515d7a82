/** Workspace list: the workspaces of the instance that a page shows, as the last answer or command told them. */
import type { Answer, Ask } from '#lib/live/ask.ts';
import { no, type Outcome, outcomeOf, yes } from '#lib/live/outcome.ts';
import {
  GivePlan,
  ResumeWorkspace,
  SuspendWorkspace,
  type WorkspaceRow,
  WorkspacesQuery,
} from './instance.documents.ts';

const pageSize = 20;

type Result = { readonly workspace: WorkspaceRow } | { readonly message: string };

export class WorkspaceList {
  /** null before the first answer. */
  rows: readonly WorkspaceRow[] | null = $state.raw(null);
  /** Why the last question has no answer, in words. */
  trouble = $state('');
  endCursor: string | null = $state(null);

  #ask: Ask;
  #search = '';
  /** Answers to older questions are not shown. */
  #question = 0;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Loads the first page. Rows of the last search stay until the new ones are there. */
  async load(search: string): Promise<void> {
    this.#search = search;
    await this.#fetch(null);
  }

  /** Adds the next page. */
  async more(): Promise<void> {
    await this.#fetch(this.endCursor);
  }

  async suspend(id: string): Promise<Outcome<null>> {
    return this.#put(await this.#ask(SuspendWorkspace, { id }));
  }

  async resume(id: string): Promise<Outcome<null>> {
    return this.#put(await this.#ask(ResumeWorkspace, { id }));
  }

  async givePlan(workspaceId: string, planId: string): Promise<Outcome<null>> {
    return this.#put(await this.#ask(GivePlan, { input: { workspaceId, planId } }));
  }

  #put(answer: Answer<{ readonly result: Result }>): Outcome<null> {
    return outcomeOf(answer, ({ result }) => {
      if ('message' in result) return no(result);
      const { workspace } = result;
      this.rows = this.rows?.map((row) => (row.id === workspace.id ? workspace : row)) ?? null;
      return yes(null);
    });
  }

  async #fetch(after: string | null): Promise<void> {
    const question = ++this.#question;
    const search = this.#search === '' ? null : this.#search;
    const answer = await this.#ask(WorkspacesQuery, { first: pageSize, after, search });
    if (question !== this.#question) return;
    this.trouble = answer.ok ? '' : answer.trouble.message;
    if (!answer.ok) return;
    const { edges, pageInfo } = answer.data.workspaces;
    const page = edges.map(({ node }) => node);
    this.rows = after === null ? page : [...(this.rows ?? []), ...page];
    this.endCursor = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  }
}
