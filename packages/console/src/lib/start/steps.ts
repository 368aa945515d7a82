/** Steps: the first things to do with a workspace, and which of them are done. Pure. */
import type { StartAnswer } from './start.documents.ts';

export const stepNames = ['key', 'request', 'allowlist', 'webhook'] as const;
export type StepName = (typeof stepNames)[number];

export interface Step {
  readonly name: StepName;
  readonly isDone: boolean;
}

interface Beside {
  /** The ticks have seen a call. */
  readonly isCalled: boolean;
  /** May the person make webhook endpoints? A step that one cannot do is none. */
  readonly manage: boolean;
}

export function stepsOf({ keys, ipAllowlist, webhookEndpoints }: StartAnswer, { isCalled, manage }: Beside): Step[] {
  const nodes = keys.edges.map(({ node }) => node);
  const isDone: Readonly<Record<StepName, boolean>> = {
    key: keys.totalCount > 0,
    request: isCalled || nodes.some(({ lastUsedAt }) => lastUsedAt !== null),
    allowlist: ipAllowlist.length > 0 || nodes.some((key) => key.ipAllowlist.length > 0),
    webhook: webhookEndpoints.edges.some(({ node }) => node.deliveries.edges.length > 0),
  };
  return stepNames.filter((name) => name !== 'webhook' || manage).map((name) => ({ name, isDone: isDone[name] }));
}
