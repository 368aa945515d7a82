/** The commands on keys in GraphQL: each calls one command and returns. */
import type { ChangedKey, CreatedKey, IssuedKey } from '../keys/command.ts';
import type { Keys } from '../keys/keys.ts';
import { ApiKeyType } from './api-key.ts';
import { builder } from './builder.ts';
import { signedIn } from './context.ts';
import { LimitsInput } from './limits.ts';
import {
  answer,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  LimitReachedError,
  NotFoundError,
  resultType,
} from './problems.ts';

const KeyPayload = builder.objectRef<ChangedKey>('KeyPayload').implement({
  description: 'A key that was changed.',
  fields: (t) => ({
    key: t.prismaField({
      type: ApiKeyType,
      description: 'The key as it is now.',
      resolve: (query, { keyId }, _args, { database }) =>
        database.apiKey.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
  }),
});

const CreateKeyPayload = builder.objectRef<CreatedKey>('CreateKeyPayload').implement({
  description: 'A new key, and its secret.',
  fields: (t) => ({
    key: t.prismaField({
      type: ApiKeyType,
      description: 'The key.',
      resolve: (query, { keyId }, _args, { database }) =>
        database.apiKey.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
    secret: t.exposeString('secret', {
      nullable: true,
      description:
        'What a client sends. Nobody can read it again: null when an earlier create with the same idempotency key made the key.',
    }),
  }),
});
const RotateKeyPayload = builder.objectRef<IssuedKey>('RotateKeyPayload').implement({
  description: 'A key, and its new secret.',
  fields: (t) => ({
    key: t.prismaField({
      type: ApiKeyType,
      description: 'The key.',
      resolve: (query, { keyId }, _args, { database }) =>
        database.apiKey.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
    secret: t.exposeString('secret', { description: 'What a client sends. Nobody can read it again.' }),
  }),
});

const DeleteKeyPayload = builder.objectRef<ChangedKey>('DeleteKeyPayload').implement({
  description: 'A key that is gone.',
  fields: (t) => ({ deletedId: t.exposeID('keyId', { description: 'What its id was.' }) }),
});

const CreateKeyResult = builder.unionType('CreateKeyResult', {
  description: 'The new key, or why there is none.',
  types: [CreateKeyPayload, InvalidInputError, NotFoundError, ForbiddenError, ConflictError, LimitReachedError],
  resolveType: resultType('CreateKeyPayload'),
});
const KeyResult = builder.unionType('KeyResult', {
  description: 'The key as it is now, or why it did not change.',
  types: [KeyPayload, InvalidInputError, NotFoundError, ForbiddenError, ConflictError],
  resolveType: resultType('KeyPayload'),
});
const RotateKeyResult = builder.unionType('RotateKeyResult', {
  description: 'The key with its new secret, or why it kept the old one.',
  types: [RotateKeyPayload, InvalidInputError, NotFoundError, ForbiddenError, ConflictError],
  resolveType: resultType('RotateKeyPayload'),
});
const DeleteKeyResult = builder.unionType('DeleteKeyResult', {
  description: 'What was deleted, or why nothing was.',
  types: [DeleteKeyPayload, NotFoundError, ForbiddenError],
  resolveType: resultType('DeleteKeyPayload'),
});

const CreateKeyInput = builder.inputType('CreateKeyInput', {
  description: 'What a new key is given.',
  fields: (t) => ({
    workspaceId: t.id({ description: 'Whose it is; the key’s own or the session’s current workspace when left out.' }),
    name: t.string({ required: true, description: '1 to 100 characters.' }),
    scopes: t.stringList({ description: 'Lower-case words with `:`; none when left out.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends; never when left out.' }),
    ipAllowlist: t.stringList({ description: 'Addresses and CIDR ranges it may come from; any when empty.' }),
    limits: t.field({ type: LimitsInput, description: 'Its own limits; only the plan’s when left out.' }),
    metadata: t.field({ type: 'JSON', description: 'An object of up to 50 entries, 20 levels and 16 kB.' }),
    idempotencyKey: t.string({
      description:
        '1 to 255 visible ASCII characters. Within 24 hours the same create gives the same key, without its secret; another one a conflict.',
    }),
  }),
});
const UpdateKeyInput = builder.inputType('UpdateKeyInput', {
  description: 'What changes; what is left out stays, and null is none.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The key.' }),
    name: t.string({ description: '1 to 100 characters.' }),
    scopes: t.stringList({ description: 'All scopes it has from now on.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends; null = never.' }),
    ipAllowlist: t.stringList({ description: 'All addresses and CIDR ranges it may come from; empty = any.' }),
    limits: t.field({ type: LimitsInput, description: 'Those of its own limits that change; null = only the plan’s.' }),
    metadata: t.field({ type: 'JSON', description: 'All its metadata; null = none.' }),
  }),
});

const RotateKeyInput = builder.inputType('RotateKeyInput', {
  description: 'Which key gets a new secret, and for how long the old one goes on.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The key.' }),
    graceSeconds: t.int({ description: 'Seconds until the old secret ends, 0 to 2592000; 86400 when left out.' }),
  }),
});

builder.mutationField('createKey', (t) =>
  t.field({
    type: CreateKeyResult,
    description:
      'Makes a key. The secret is in the answer, this once. A key gives no scope that it lacks, and a key that manages no more than it has.',
    args: { input: t.arg({ type: CreateKeyInput, required: true, description: 'What it is given.' }) },
    resolve: async (_root, { input: { workspaceId, ...input } }, context) =>
      answer(await context.keys.create(signedIn(context), workspaceId, input)),
  }),
);

builder.mutationField('updateKey', (t) =>
  t.field({
    type: KeyResult,
    description:
      'Changes a key. A key may narrow itself and others that manage, never widen them: expiry, allowlist, limits, scopes.',
    args: { input: t.arg({ type: UpdateKeyInput, required: true, description: 'What changes.' }) },
    resolve: async (_root, { input: { id, ...changes } }, context) =>
      answer(await context.keys.update(signedIn(context), id, changes)),
  }),
);

builder.mutationField('rotateKey', (t) =>
  t.field({
    type: RotateKeyResult,
    description:
      'Gives a key a new secret, which is in the answer, this once. The old one goes on for the grace, an older one ends.',
    args: { input: t.arg({ type: RotateKeyInput, required: true, description: 'Which key, and how.' }) },
    resolve: async (_root, { input }, context) => answer(await context.keys.rotate(signedIn(context), input)),
  }),
);

const simpleCommands = {
  enableKey: ['enable', 'Lets a disabled key pass again.'],
  disableKey: ['disable', 'Stops a key until it is enabled again.'],
  revokeKey: ['revoke', 'Stops a key for ever.'],
  endKeyOverlap: ['endOverlap', 'Ends the old secret of a rotation now.'],
} as const satisfies Record<string, readonly [keyof Keys, string]>;

for (const [field, [command, description]] of Object.entries(simpleCommands)) {
  builder.mutationField(field, (t) =>
    t.field({
      type: KeyResult,
      description,
      args: { id: t.arg.id({ required: true, description: 'The key.' }) },
      resolve: async (_root, { id }, context) => answer(await context.keys[command](signedIn(context), id)),
    }),
  );
}

builder.mutationField('deleteKey', (t) =>
  t.field({
    type: DeleteKeyResult,
    description: 'Takes a key out of every list; it no longer passes. Its usage stays in the totals.',
    args: { id: t.arg.id({ required: true, description: 'The key.' }) },
    resolve: async (_root, { id }, context) => answer(await context.keys.delete(signedIn(context), id)),
  }),
);
