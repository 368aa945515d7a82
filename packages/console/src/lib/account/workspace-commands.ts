/** Workspace commands: what a person does about the workspaces that they belong to. */
import type { Ask } from '#lib/live/ask.ts';
import { graphql } from '#lib/live/graphql.ts';
import { doneOf, type Outcome } from '#lib/live/outcome.ts';
import { tellSessionChanged } from './session-news.ts';

const SelectWorkspace = graphql(`
  mutation SelectWorkspace($id: ID!) {
    result: selectWorkspace(id: $id) { __typename ... on WorkspacePayload { workspace { id } } ... on Error { message } }
  }
`);

/** Looks at another workspace from now on. All tabs do, this one as well: they share a session. */
export async function selectWorkspace(ask: Ask, id: string): Promise<Outcome<null>> {
  const outcome = doneOf(await ask(SelectWorkspace, { id }));
  if (outcome.ok) tellSessionChanged();
  return outcome;
}
