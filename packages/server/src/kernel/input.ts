/** Input: what a caller sends, read against a schema; and the bounds that are the same for whatever is named. */
import { z } from 'zod';
import type { FieldError } from './problem.ts';

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: FieldError[] };

/** Reads an input. Every mistake is named with its place in it, as `ipAllowlist.2`; a field that is unknown is one. */
export function readInput<T>(schema: z.ZodType<T>, input: unknown): Read<T> {
  const found = schema.safeParse(input);
  if (found.success) return { ok: true, value: found.data };
  return { ok: false, errors: found.error.issues.flatMap(errorsOf) };
}

function errorsOf(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'There is no such field.' }));
}

/** Whether PostgreSQL can store a text: it knows neither NUL nor halves of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

// Control characters, and what PostgreSQL cannot store.
const visible = (text: string) => !/[\p{Cc}\p{Cs}]/u.test(text);

/** How people call a thing. */
export const Name = z
  .string()
  .trim()
  .min(1, 'Give it a name.')
  .max(100, 'A name has at most 100 characters.')
  .refine(visible, 'A name has no control characters.');
