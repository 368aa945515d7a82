/**
 * Plan draft: what a form says about a plan, from what was typed to what is sent, with every mistake at its field.
 *
 * The server checks all of it again. Pure.
 */
import { type Limits, windowKinds } from '@gatekey/shared';
import { readLimit } from '#lib/keys/key-draft.ts';
import { m } from '#messages';
import type { Plan } from './plans.documents.ts';

/** The form as it stands. */
export interface PlanDraft {
  name: string;
  minute: string;
  day: string;
  month: string;
  selfServe: boolean;
}

export interface PlanInput {
  readonly name: string;
  readonly limits: Limits;
  readonly selfServe: boolean;
}

type Read =
  | { readonly ok: true; readonly input: PlanInput }
  | { readonly ok: false; readonly fields: Readonly<Record<string, string>> };

/** The form of a plan as it is; of none, an empty one. */
export function planDraft(plan: Omit<Plan, 'id'> | null): PlanDraft {
  const { minute, day, month } = plan?.limits ?? { minute: null, day: null, month: null };
  return {
    name: plan?.name ?? '',
    minute: String(minute ?? ''),
    day: String(day ?? ''),
    month: String(month ?? ''),
    selfServe: plan?.selfServe ?? false,
  };
}

/** What is sent, or messages by field as the server names them. */
export function readPlanDraft(draft: PlanDraft): Read {
  const fields: Record<string, string> = {};
  const name = draft.name.trim();
  if (name === '') fields.name = m.settings_plan_nameless();
  const limits = { minute: readLimit(draft.minute), day: readLimit(draft.day), month: readLimit(draft.month) };
  for (const window of windowKinds) {
    if (limits[window] === undefined) fields[`limits.${window}`] = m.settings_limit_invalid();
  }
  const { minute = null, day = null, month = null } = limits;
  if (Object.keys(fields).length > 0) return { ok: false, fields };
  return { ok: true, input: { name, limits: { minute, day, month }, selfServe: draft.selfServe } };
}
