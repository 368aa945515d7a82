/** Problems: a command's no as GraphQL data, so that a client handles it by type. */
import type { ProblemCode } from '@gatekey/shared';
import type { Outcome, Problem } from '../kernel/problem.ts';
import { builder } from './builder.ts';

const errorCodes = ['INVALID_INPUT', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT', 'LIMIT_REACHED'] as const;
type ErrorCode = (typeof errorCodes)[number];

const codes: Readonly<Partial<Record<ProblemCode, ErrorCode>>> = {
  invalid_input: 'INVALID_INPUT',
  not_found: 'NOT_FOUND',
  forbidden: 'FORBIDDEN',
  conflict: 'CONFLICT',
  limit_reached: 'LIMIT_REACHED',
};

/** A refused command, marked so that unions can tell it from a payload. */
export class Refused {
  readonly code: ErrorCode;
  readonly problem: Problem;

  constructor(problem: Problem) {
    const code = codes[problem.code];
    if (code === undefined) throw new Error(`a command refused with ${problem.code}, which is no GraphQL error`);
    this.code = code;
    this.problem = problem;
  }
}

/** What a mutation's union resolves to: what the command made, or the refusal. */
export function answer<T>(outcome: Outcome<T>): T | Refused {
  return outcome.ok ? outcome.value : new Refused(outcome.problem);
}

const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description: 'Why a command was refused.',
  values: errorCodes,
});

const ErrorInterface = builder.interfaceRef<Refused>('Error').implement({
  description: 'A no that the caller can do something about.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, description: 'Why; the same for every case of the type.' }),
    message: t.string({ description: 'One sentence for people.', resolve: ({ problem }) => problem.detail }),
  }),
});

const FieldErrorType = builder.objectRef<{ path: string; message: string }>('FieldError').implement({
  description: 'One thing wrong with the input.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where, for example `limits.minute` or `ipAllowlist.2`.' }),
    message: t.exposeString('message', { description: 'What is wrong, for people.' }),
  }),
});

export const InvalidInputError = builder.objectRef<Refused>('InvalidInputError').implement({
  description: 'The input breaks a rule.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    fields: t.field({
      type: [FieldErrorType],
      description: 'Everything that is wrong with it.',
      resolve: ({ problem }) => problem.errors ?? [],
    }),
  }),
});

function plainError(name: string, description: string) {
  return builder.objectRef<Refused>(name).implement({ description, interfaces: [ErrorInterface] });
}
export const NotFoundError = plainError('NotFoundError', 'There is no such thing, or the viewer may not see it.');
export const ForbiddenError = plainError('ForbiddenError', 'The role or the scopes of the viewer do not cover it.');
export const ConflictError = plainError('ConflictError', 'The thing is in a state that does not allow it.');
export const LimitReachedError = plainError('LimitReachedError', 'There is no room for one more.');

const typeNames: Readonly<Record<ErrorCode, string>> = {
  INVALID_INPUT: 'InvalidInputError',
  NOT_FOUND: 'NotFoundError',
  FORBIDDEN: 'ForbiddenError',
  CONFLICT: 'ConflictError',
  LIMIT_REACHED: 'LimitReachedError',
};

/** Tells the members of a result union apart. */
export function resultType(payloadName: string): (value: object) => string {
  return (value) => (value instanceof Refused ? typeNames[value.code] : payloadName);
}
