/**
 * Outcome: what became of a command: its result | why not, in the server's own words, with the fields that are wrong. The
 * server speaks English, whatever the language of the console is.
 */
import type { Answer } from './ask.ts';

/** `fields`: messages by field name, for the fields that the server named. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly fields: Readonly<Record<string, string>> };

/** The outcome of a command, from the server's answer. A trouble on the way is a no. */
export function outcomeOf<Data, T>(answer: Answer<Data>, read: (data: Data) => Outcome<T>): Outcome<T> {
  return answer.ok ? read(answer.data) : no(answer.trouble);
}

/** Whether a command was done: of its results, those that say no have a message. */
export function doneOf(answer: Answer<{ readonly result: object }>): Outcome<null> {
  return outcomeOf(answer, ({ result }) => (isRefusal(result) ? no(result) : yes(null)));
}

function isRefusal(result: object): result is Refusal {
  return 'message' in result;
}

export function yes<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

interface Refusal {
  readonly message: string;
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}

/** A no. What is wrong in several lines of one field stands at that field, a line each. */
export function no({ message, fields = [] }: Refusal): { ok: false; message: string; fields: Record<string, string> } {
  const byField: Record<string, string> = {};
  for (const { path, message } of fields) {
    const name = fieldName(path);
    const before = byField[name];
    byField[name] = before === undefined ? message : `${before}\n${message}`;
  }
  return { ok: false, message, fields: byField };
}

/** `ipAllowlist.0` -> `ipAllowlist`, `limits.minute` -> `limits.minute`: the field of the form that a path means. */
function fieldName(path: string): string {
  return path.replace(/^input\./, '').replace(/[.[]\d+\]?.*$/, '');
}
