/**
 * Rule draft: what a form says about a cost rule, from what was typed to what is sent, with every mistake at its field.
 *
 * How a path is written only the server decides. Pure.
 */
import { mostCost } from '@gatekey/shared';
import { m } from '#messages';
import type { Charge, CostRule } from './rules.documents.ts';

/** Offered by name; the server takes others, too. */
export const commonMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The form as it stands, all text but what is ticked. */
export interface RuleDraft {
  /** Empty = any. */
  method: string;
  path: string;
  cost: string;
  /** Empty = none. */
  scope: string;
  charge: Charge;
}

export type RuleInput = Omit<CostRule, 'id'>;

type Read =
  | { readonly ok: true; readonly input: RuleInput }
  | { readonly ok: false; readonly fields: Readonly<Record<string, string>> };

/** The form of a rule as it is; of none, one that counts a call as one. */
export function ruleDraft(rule: RuleInput | null): RuleDraft {
  return {
    method: rule?.method ?? '',
    path: rule?.path ?? '/api/v1/',
    cost: String(rule?.cost ?? 1),
    scope: rule?.scope ?? '',
    charge: rule?.charge ?? 'ALWAYS',
  };
}

/** What is sent, or messages by field as the server names them. */
export function readRuleDraft({ method, path, cost, scope, charge }: RuleDraft): Read {
  const fields: Record<string, string> = {};
  const count = /^\d+$/.test(cost.trim()) ? Number(cost) : Number.NaN;
  if (!(count <= mostCost)) fields.cost = m.settings_cost_invalid({ most: mostCost });
  if (!path.trim().startsWith('/')) fields.path = m.settings_path_invalid();
  if (Object.keys(fields).length > 0) return { ok: false, fields };
  const input = { method: method || null, path: path.trim(), cost: count, scope: scope.trim() || null, charge };
  return { ok: true, input };
}
