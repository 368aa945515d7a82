/**
 * New key: from what was typed to what is sent, with every mistake at its field.
 *
 * The server checks all of it again; this only spares the way there.
 */
import { formatRange, largestQuota, parseRange } from '@gatekey/shared';
import { keys as words } from '#lib/messages/keys.ts';
import type { NewKey } from './key-commands.ts';

export const expiryChoices = ['never', 'd7', 'd30', 'd90', 'd365', 'date'] as const;
export type ExpiryChoice = (typeof expiryChoices)[number];
const daysOf: Readonly<Partial<Record<ExpiryChoice, number>>> = { d7: 7, d30: 30, d90: 90, d365: 365 };
const dayMs = 86_400_000;

/** The form as it stands, all text. */
export interface NewKeyDraft {
  name: string;
  expiry: ExpiryChoice;
  /** `2026-12-31`, for the choice `date` */
  lastDay: string;
  minute: string;
  day: string;
  month: string;
  /** One entry a line */
  allowlist: string;
}

export const emptyDraft: NewKeyDraft = {
  name: '',
  expiry: 'never',
  lastDay: '',
  minute: '',
  day: '',
  month: '',
  allowlist: '',
};

/**
 * When the key will end, epoch ms; null = never or not yet chosen.
 *
 * @param now  epoch ms
 */
export function expiryOf(draft: Pick<NewKeyDraft, 'expiry' | 'lastDay'>, now: number): number | null {
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
  | { readonly ok: true; readonly input: NewKey }
  | { readonly ok: false; readonly fields: Readonly<Record<string, string>> };

/** Reads the form. Fields are named as the server names them. */
export function readDraft(draft: NewKeyDraft, now: number): ReadDraft {
  const fields: Record<string, string> = {};
  const name = draft.name.trim();
  if (name === '') fields.name = words.nameMissing;
  const expiresAt = expiryOf(draft, now);
  if (draft.expiry === 'date' && (expiresAt === null || expiresAt <= now)) fields.expiresAt = words.expiryPast;
  const limits = { minute: readLimit(draft.minute), day: readLimit(draft.day), month: readLimit(draft.month) };
  const ipAllowlist = readAllowlist(draft.allowlist, fields);
  const { minute, day, month } = limits;
  for (const [window, limit] of Object.entries(limits)) {
    if (limit === undefined) fields[`limits.${window}`] = words.limitInvalid;
  }
  if (Object.keys(fields).length > 0 || minute === undefined || day === undefined || month === undefined) {
    return { ok: false, fields };
  }
  const ends = expiresAt === null ? null : new Date(expiresAt).toISOString();
  return { ok: true, input: { name, expiresAt: ends, ipAllowlist, limits: { minute, day, month } } };
}

/** @returns null for nothing, undefined for what is no limit */
function readLimit(text: string): number | null | undefined {
  const typed = text.replaceAll(/\s/g, '');
  if (typed === '') return null;
  // Commas only where they group thousands: `1,5` and `1.5` are no whole numbers in any language.
  const isWhole = /^(\d+|\d{1,3}(,\d{3})+)$/.test(typed);
  const limit = isWhole ? Number(typed.replaceAll(',', '')) : Number.NaN;
  return limit >= 1 && limit <= largestQuota ? limit : undefined;
}

function readAllowlist(text: string, fields: Record<string, string>): string[] {
  const entries: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const range = parseRange(line.trim());
    if (range === undefined) fields.ipAllowlist ??= words.allowlistInvalid(index + 1);
    else entries.push(formatRange(range));
  }
  return entries;
}
