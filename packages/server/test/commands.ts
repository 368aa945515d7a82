/** Commands on workspaces and plans by their names, through GraphQL, as a session or a key. */
import { z } from 'zod';
import { ask, type Browser, type TestApp } from './app.ts';

/** Whoever can ask GraphQL. */
export type Asker = Pick<Browser, 'graphql'>;

const workspace = '... on WorkspacePayload { workspace { id ipAllowlist suspendedAt plan { id name } } }';
const plan = '... on PlanPayload { plan { id name selfServe limits { minute day month } } }';
const rule = '... on CostRulePayload { costRule { id method path cost scope charge } }';
const payloads = {
  setIpAllowlist: workspace,
  renameWorkspace: workspace,
  changePlan: workspace,
  suspendWorkspace: workspace,
  resumeWorkspace: workspace,
  createPlan: plan,
  updatePlan: plan,
  createCostRule: rule,
  updateCostRule: rule,
} as const;
export type CommandName = keyof typeof payloads;

const refusal = '... on Error { code message } ... on InvalidInputError { fields { path message } }';
const Answer = z.looseObject({ __typename: z.string() });

/** What a command answers: its payload or its refusal. @param argument  the id it takes, or its input */
export async function run(asker: Asker, name: CommandName, argument: string | object) {
  const [variable, type] =
    typeof argument === 'string' ? ['id', 'ID'] : ['input', `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`];
  const data = await asker.graphql(
    `mutation ($${variable}: ${type}!) { ${name}(${variable}: $${variable}) { __typename ${refusal} ${payloads[name]} } }`,
    { [variable]: argument },
  );
  return z.record(z.string(), Answer).parse(data)[name];
}

/** A program with a key, asking GraphQL. */
export function asKey(app: TestApp, secret: string): Asker {
  return { graphql: (query, variables = {}) => ask(app.url, { authorization: `Bearer ${secret}` }, query, variables) };
}

/** The id of a person's own workspace. */
export async function workspaceOf(asker: Asker): Promise<string> {
  const data = await asker.graphql('{ workspace { id } }');
  return z.object({ workspace: z.object({ id: z.string() }) }).parse(data).workspace.id;
}

/** Makes a plan as the operator. @returns its id */
export async function makePlan(operator: Asker, input: object): Promise<string> {
  const answer = await run(operator, 'createPlan', input);
  return z.object({ plan: z.object({ id: z.string() }) }).parse(answer).plan.id;
}

/** The plans that every instance starts with, by name. */
export const seededPlans = {
  Free: 'plan_00000000000000000000000001',
  Pro: 'plan_00000000000000000000000002',
  Unlimited: 'plan_00000000000000000000000004',
} as const;

/** Makes a cost rule as the operator. @returns its id */
export async function makeCostRule(operator: Asker, input: object): Promise<string> {
  const made = z.object({ costRule: z.object({ id: z.string() }) });
  return made.parse(await run(operator, 'createCostRule', input)).costRule.id;
}
