/**
 * Key draft: what a form says about a key, from what was typed to what is sent, with every mistake at its field.
 *
 *   key -> draftOf -> (typing) -> readDraft -> settings | messages by field
 *
 * The server checks all of it again; this only spares the way there.
 */
import {
  formatRange,
  largestQuota,
  type ManagementScope,
  managementScopes,
  parseRange,
  scopePattern,
} from '@gatekey/shared';
import { formatCount, thousandsSign } from '#lib/format.ts';
import { m } from '#messages';

export const expiryChoices = ['never', 'd7', 'd30', 'd90', 'd365', 'date'] as const;
/** `keep`: what the key has already. */
export type ExpiryChoice = (typeof expiryChoices)[number] | 'keep';
const daysOf: Readonly<Partial<Record<ExpiryChoice, number>>> = { d7: 7, d30: 30, d90: 90, d365: 365 };
const dayMs = 86_400_000;

/** The form as it stands, all text but what is ticked. */
export interface KeyDraft {
  name: string;
  expiry: ExpiryChoice;
  /** `2026-12-31`, for the choice `date` */
  lastDay: string;
  /** When it ends now, epoch ms; null = never. */
  endsAt: number | null;
  minute: string;
  day: string;
  month: string;
  /** One entry a line */
  allowlist: string;
  managing: readonly ManagementScope[];
  /** Words of the operator's own API, with spaces, commas or lines between them. */
  ownScopes: string;
  /** A JSON object; empty = none. */
  metadata: string;
}

/** All that can be set about a key. */
export interface KeySettings {
  readonly name: string;
  /** ISO 8601; null = never. */
  readonly expiresAt: string | null;
  readonly ipAllowlist: string[];
  readonly scopes: string[];
  readonly limits: { readonly minute: number | null; readonly day: number | null; readonly month: number | null };
  readonly metadata: Record<string, unknown>;
}

export const emptyDraft: KeyDraft = {
  name: '',
  expiry: 'never',
  lastDay: '',
  endsAt: null,
  minute: '',
  day: '',
  month: '',
  allowlist: '',
  managing: [],
  ownScopes: '',
  metadata: '',
};

/** The form of a key as it is. */
export function draftOf({ name, expiresAt, limits, ipAllowlist, scopes, metadata }: KeySettings): KeyDraft {
  const isManaging = (scope: string): boolean => managementScopes.some((one) => one === scope);
  return {
    name,
    expiry: expiresAt === null ? 'never' : 'keep',
    lastDay: '',
    endsAt: expiresAt === null ? null : Date.parse(expiresAt),
    minute: String(limits.minute ?? ''),
    day: String(limits.day ?? ''),
    month: String(limits.month ?? ''),
    allowlist: ipAllowlist.join('\n'),
    managing: managementScopes.filter((scope) => scopes.includes(scope)),
    ownScopes: scopes.filter((scope) => !isManaging(scope)).join(' '),
    metadata: Object.keys(metadata).length > 0 ? JSON.stringify(metadata, null, 2) : '',
  };
}

/**
 * When the key will end, epoch ms; null = never or not yet chosen.
 *
 * @param now  epoch ms
 */
export function expiryOf(draft: Pick<KeyDraft, 'expiry' | 'lastDay' | 'endsAt'>, now: number): number | null {
  if (draft.expiry === 'keep') return draft.endsAt;
  const days = daysOf[draft.expiry];
  if (days !== undefined) return now + days * dayMs;
  if (draft.expiry !== 'date') return null;
  // Until the end of that day where the person is: midnight after it, by their own calendar.
  const [year, month, day] = draft.lastDay.split('-').map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const at = new Date(year, month - 1, day + 1).getTime();
  return Number.isNaN(at) ? null : at;
}

export type ReadDraft =
  | { readonly ok: true; readonly settings: KeySettings }
  | { readonly ok: false; readonly fields: Readonly<Record<string, string>> };

/** Reads the form. Fields are named as the server names them. */
export function readDraft(draft: KeyDraft, now: number): ReadDraft {
  const fields: Record<string, string> = {};
  const name = draft.name.trim();
  if (name === '') fields.name = m.keys_name_missing();
  const endsAt = expiryOf(draft, now);
  if (draft.expiry === 'date' && (endsAt === null || endsAt <= now)) fields.expiresAt = m.keys_expiry_past();
  const limits = { minute: readLimit(draft.minute), day: readLimit(draft.day), month: readLimit(draft.month) };
  for (const [window, limit] of Object.entries(limits)) {
    if (limit === undefined) fields[`limits.${window}`] = m.keys_limit_invalid();
  }
  const ipAllowlist = readAllowlist(draft.allowlist, fields);
  // In the order in which the server keeps them.
  const scopes = [...new Set([...draft.managing, ...readScopes(draft.ownScopes, fields)])].sort();
  const metadata = readMetadata(draft.metadata);
  if (metadata === undefined) fields.metadata = m.keys_metadata_invalid();
  const { minute, day, month } = limits;
  const isWhole = minute !== undefined && day !== undefined && month !== undefined && metadata !== undefined;
  if (!isWhole || Object.keys(fields).length > 0) return { ok: false, fields };
  const expiresAt = endsAt === null ? null : new Date(endsAt).toISOString();
  return { ok: true, settings: { name, expiresAt, ipAllowlist, scopes, limits: { minute, day, month }, metadata } };
}

/** What differs: all that need be sent, so that what somebody else changed meanwhile stays. */
export function changesOf(before: KeySettings, after: KeySettings): Partial<KeySettings> {
  const isChanged = (name: keyof KeySettings): boolean => JSON.stringify(before[name]) !== JSON.stringify(after[name]);
  return {
    ...(isChanged('name') && { name: after.name }),
    ...(isChanged('expiresAt') && { expiresAt: after.expiresAt }),
    ...(isChanged('ipAllowlist') && { ipAllowlist: after.ipAllowlist }),
    ...(isChanged('scopes') && { scopes: after.scopes }),
    ...(isChanged('limits') && { limits: after.limits }),
    ...(isChanged('metadata') && { metadata: after.metadata }),
  };
}

/** @returns null for nothing, undefined for what is no limit */
export function readLimit(text: string): number | null | undefined {
  const typed = text.replaceAll(/\s/g, '');
  if (typed === '') return null;
  // As the person's language writes it, or in plain digits: `1,5` and `1.5` are no whole numbers in any.
  const limit = Number(typed.replaceAll(thousandsSign, ''));
  const isWhole = Number.isInteger(limit) && (typed === String(limit) || typed === formatCount(limit));
  return isWhole && limit >= 1 && limit <= largestQuota ? limit : undefined;
}

function readAllowlist(text: string, fields: Record<string, string>): string[] {
  const entries: string[] = [];
  const bad: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const typed = line.trim();
    if (typed === '') continue;
    const range = parseRange(typed);
    if (range === undefined) bad.push(m.keys_allowlist_invalid({ line: index + 1, text: typed }));
    else entries.push(formatRange(range));
  }
  if (bad.length > 0) fields.ipAllowlist = bad.join('\n');
  return entries;
}

function readScopes(text: string, fields: Record<string, string>): string[] {
  const scopes = text.split(/[\s,]+/).filter((scope) => scope !== '');
  const bad = scopes.filter((scope) => !scopePattern.test(scope));
  if (bad.length > 0) fields.scopes = bad.map((scope) => m.keys_scope_invalid({ scope })).join('\n');
  return scopes;
}

function readMetadata(text: string): Record<string, unknown> | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
