/**
 * Key commands: what can be done to keys, each with its typed no.
 *
 *   command -> outcome: the key as it is now | why not, in words, with the fields that are wrong
 */
import type { Ask } from '#lib/live/ask.ts';
import { no, type Outcome, outcomeOf, yes } from '#lib/live/outcome.ts';
import { m } from '#messages';
import type { KeySettings } from './key-draft.ts';
import {
  CreateKey,
  DeleteKey,
  DisableKey,
  EnableKey,
  EndKeyOverlap,
  type Key,
  RevokeKey,
  RotateKey,
  UpdateKey,
} from './keys.documents.ts';

/** A key and its new secret. */
export interface Issued {
  readonly key: Key;
  readonly secret: string;
}

export interface KeyCommands {
  /** The secret is in this answer and nowhere else: whoever asked holds the only copy. */
  create(input: KeySettings): Promise<Outcome<Issued>>;
  /** What is left out stays. */
  update(id: string, changes: Partial<KeySettings>): Promise<Outcome<Key>>;
  /** @param graceSeconds  for how long the old secret goes on; the new one is in this answer and nowhere else */
  rotate(id: string, graceSeconds: number): Promise<Outcome<Issued>>;
  /** Ends the old secret of a rotation now. */
  endOverlap(id: string): Promise<Outcome<Key>>;
  enable(id: string): Promise<Outcome<Key>>;
  disable(id: string): Promise<Outcome<Key>>;
  revoke(id: string): Promise<Outcome<Key>>;
  delete(id: string): Promise<Outcome<string>>;
}

export function createKeyCommands(ask: Ask): KeyCommands {
  const change = async (
    document: typeof EnableKey | typeof DisableKey | typeof RevokeKey | typeof EndKeyOverlap,
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
        return secret === null ? no({ message: m.keys_created_before() }) : yes({ key, secret });
      }),
    update: async (id, changes) =>
      outcomeOf(await ask(UpdateKey, { input: { id, ...changes } }), ({ result }) =>
        result.__typename === 'KeyPayload' ? yes(result.key) : no(result),
      ),
    rotate: async (id, graceSeconds) =>
      outcomeOf(await ask(RotateKey, { input: { id, graceSeconds } }), ({ result }) =>
        result.__typename === 'RotateKeyPayload' ? yes({ key: result.key, secret: result.secret }) : no(result),
      ),
    endOverlap: (id) => change(EndKeyOverlap, id),
    enable: (id) => change(EnableKey, id),
    disable: (id) => change(DisableKey, id),
    revoke: (id) => change(RevokeKey, id),
    delete: async (id) =>
      outcomeOf(await ask(DeleteKey, { id }), ({ result }) =>
        result.__typename === 'DeleteKeyPayload' ? yes(result.deletedId) : no(result),
      ),
  };
}
