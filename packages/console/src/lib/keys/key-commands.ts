/**
 * Key commands: what can be done to keys, each with its typed no.
 *
 *   command -> outcome: the key as it is now | why not, in words, with the fields that are wrong
 */
import type { Answer, Ask } from '#lib/live/ask.ts';
import { CreateKey, DeleteKey, DisableKey, EnableKey, type Key, RenameKey, RevokeKey } from './keys.documents.ts';

/** `fields`: messages by field name, for the fields that the server named. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly fields: Readonly<Record<string, string>> };

export interface NewKey {
  readonly name: string;
  readonly expiresAt: string | null;
  readonly ipAllowlist: string[];
  readonly limits: { minute: number | null; day: number | null; month: number | null };
}

export interface KeyCommands {
  /** The secret is in this answer and nowhere else: whoever asked holds the only copy. */
  create(input: NewKey): Promise<Outcome<{ key: Key; secret: string }>>;
  rename(id: string, name: string): Promise<Outcome<Key>>;
  enable(id: string): Promise<Outcome<Key>>;
  disable(id: string): Promise<Outcome<Key>>;
  revoke(id: string): Promise<Outcome<Key>>;
  delete(id: string): Promise<Outcome<string>>;
}

export function createKeyCommands(ask: Ask): KeyCommands {
  const change = async (
    document: typeof EnableKey | typeof DisableKey | typeof RevokeKey,
    id: string,
  ): Promise<Outcome<Key>> => {
    return outcomeOf(await ask(document, { id }), ({ result }) =>
      result.__typename === 'KeyPayload' ? yes(result.key) : no(result),
    );
  };
  return {
    create: async (input) =>
      outcomeOf(await ask(CreateKey, { input }), ({ createKey }) => {
        if (createKey.__typename !== 'CreateKeyPayload') return no(createKey);
        const { key, secret } = createKey;
        // Only a create that was said before is answered without one, and no create is said twice here.
        return secret === null ? no({ message: 'The key was created before.' }) : yes({ key, secret });
      }),
    rename: async (id, name) =>
      outcomeOf(await ask(RenameKey, { id, name }), ({ result }) =>
        result.__typename === 'KeyPayload' ? yes(result.key) : no(result),
      ),
    enable: (id) => change(EnableKey, id),
    disable: (id) => change(DisableKey, id),
    revoke: (id) => change(RevokeKey, id),
    delete: async (id) =>
      outcomeOf(await ask(DeleteKey, { id }), ({ result }) =>
        result.__typename === 'DeleteKeyPayload' ? yes(result.deletedId) : no(result),
      ),
  };
}

function outcomeOf<Data, T>(answer: Answer<Data>, read: (data: Data) => Outcome<T>): Outcome<T> {
  return answer.ok ? read(answer.data) : no(answer.trouble);
}

function yes<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

interface Refusal {
  readonly message: string;
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}

function no({ message, fields = [] }: Refusal): { ok: false; message: string; fields: Record<string, string> } {
  return {
    ok: false,
    message,
    fields: Object.fromEntries(fields.map((field) => [fieldName(field.path), field.message])),
  };
}

/** `ipAllowlist.0` -> `ipAllowlist`, `limits.minute` -> `limits.minute`: the field of the form that a path means. */
export function fieldName(path: string): string {
  return path.replace(/^input\./, '').replace(/[.[]\d+\]?.*$/, '');
}
