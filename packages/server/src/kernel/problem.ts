/**
 * Problem: a no that the caller caused, as a value. Commands and the guard return it; doors turn it into their
 * protocol's words. Anything thrown instead is our own fault.
 */
import { type ProblemCode, problems } from '@gatekey/shared';

/** One thing wrong with the input: where (`limits.minute`, `ipAllowlist.2`) and what. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface Problem {
  readonly code: ProblemCode;
  /** One sentence for this very case. Never holds a secret. */
  readonly detail: string;
  /** With `invalid_input` only. */
  readonly errors?: readonly FieldError[];
}

/** What a command gives back: what it made, or why not. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** A no. @param detail  the title of the code unless told */
export function refuse(code: ProblemCode, detail?: string): { ok: false; problem: Problem } {
  return { ok: false, problem: { code, detail: detail ?? problems[code].help } };
}

/** A no that names the fields. */
export function refuseInput(errors: readonly FieldError[]): { ok: false; problem: Problem } {
  return { ok: false, problem: { code: 'invalid_input', detail: problems.invalid_input.help, errors } };
}
