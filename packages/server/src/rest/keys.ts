/** Keys over REST: each operation calls one command and answers with the key as it is then. */
import type { z } from 'zod';
import type { KeyActor } from '../accounts/actor.ts';
import { done, type Outcome, refuseInput } from '../kernel/problem.ts';
import type { ChangedKey } from '../keys/command.ts';
import type { Keys } from '../keys/keys.ts';
import type { KeyList, ShownKey } from '../keys/list.ts';
import { placeIn } from '../keys/order.ts';
import * as examples from './examples.ts';
import { type AddOperation, type Answer, type Description, nothing } from './operation.ts';
import { CreateKey, IssuedKey, Key, KeyPage, ListKeys, notOfThisList, RotateKey, UpdateKey } from './schemas.ts';

interface Needs {
  readonly keys: Keys;
  readonly keyList: KeyList;
}

const reads = { tag: 'keys', scope: 'keys:read', body: nothing } as const;
const writes = { tag: 'keys', scope: 'keys:write', query: nothing, problems: ['forbidden', 'conflict'] } as const;
const theKey = { 200: { description: 'The key as it is now.', schema: Key, example: examples.key } };
const replayHeaders = { 'idempotent-replayed': 'true' };
/** An answer with a secret is for whoever asked alone. */
const secretHeaders = { 'cache-control': 'no-store' };

/** Adds the operations on keys. */
export function addKeys(add: AddOperation, { keys, keyList }: Needs): void {
  const shown = async (actor: KeyActor, changed: Outcome<ChangedKey>): Promise<Outcome<Answer>> => {
    if (!changed.ok) return changed;
    const key = await keyList.one(actor, changed.value.keyId);
    return key.ok ? done({ status: 200, body: keyAnswer(key.value) }) : key;
  };

  add({
    ...reads,
    method: 'GET',
    path: '/keys',
    id: 'keys',
    summary: 'List keys',
    description: 'The keys of the workspace, newest first unless `sort` says another order.',
    query: ListKeys,
    answers: { 200: { description: 'A page of keys.', schema: KeyPage, example: examples.keyPage } },
    async handle({ actor, query: { status: statuses, sort: order, cursor, limit, search } }) {
      const after = cursor === undefined ? undefined : placeIn(order, Buffer.from(cursor, 'base64url').toString());
      if (cursor !== undefined && after === undefined) return refuseInput([{ path: 'cursor', message: notOfThisList }]);
      const page = await keyList.page(actor, { statuses, search, order, limit, after });
      if (!page.ok) return page;
      const { keys: found, next } = page.value;
      return done({ status: 200, body: pageAnswer(found, next) });
    },
  });
  add({
    ...reads,
    method: 'GET',
    path: '/keys/:id',
    id: 'key',
    summary: 'Read a key',
    query: nothing,
    answers: theKey,
    handle: ({ actor, id }) => shown(actor, done({ keyId: id })),
  });
  addCreate(add, { keys, keyList });
  add({
    ...writes,
    method: 'PATCH',
    path: '/keys/:id',
    id: 'updateKey',
    summary: 'Change a key',
    description: 'What is left out stays, a limit too; null is none. Lists and metadata are replaced as a whole.',
    body: UpdateKey,
    bodyExample: examples.changes,
    answers: theKey,
    async handle({ actor, id, body: { expires_at: expiresAt, ip_allowlist: ipAllowlist, ...same } }) {
      return shown(actor, await keys.update(actor, id, { ...same, expiresAt, ipAllowlist }));
    },
  });
  add({
    ...writes,
    method: 'DELETE',
    path: '/keys/:id',
    id: 'deleteKey',
    summary: 'Delete a key',
    description: 'Takes it out of every list; it no longer passes. Its usage stays in the totals.',
    body: nothing,
    problems: ['forbidden'],
    answers: { 204: { description: 'It is gone.' } },
    async handle({ actor, id }) {
      const deleted = await keys.delete(actor, id);
      return deleted.ok ? done({ status: 204 }) : deleted;
    },
  });
  addRotate(add, { keys, keyList });
  for (const { command, ...told } of simpleCommands) {
    const handle = async ({ actor, id }: { actor: KeyActor; id: string }) =>
      shown(actor, await keys[command](actor, id));
    add({ ...writes, ...told, method: 'POST', body: nothing, answers: theKey, handle });
  }
}

function addCreate(add: AddOperation, { keys, keyList }: Needs): void {
  add({
    ...writes,
    method: 'POST',
    path: '/keys',
    id: 'createKey',
    summary: 'Create a key',
    description:
      'The secret is in the answer, this once. With an `Idempotency-Key` the same create within 24 hours answers 200 with ' +
      'the same key, without its secret, and `Idempotent-Replayed: true`; another create with it is a conflict.',
    body: CreateKey,
    bodyExample: examples.newKey,
    takesIdempotencyKey: true,
    problems: ['forbidden', 'conflict', 'limit_reached'],
    answers: {
      201: {
        description: 'The new key, with its secret.',
        schema: IssuedKey,
        example: examples.issuedKey,
        headers: ['Location'],
      },
      200: {
        description: 'The key that the same create has made before.',
        schema: Key,
        example: examples.key,
        headers: ['Idempotent-Replayed'],
      },
    },
    async handle({ actor, idempotencyKey, body: { expires_at: expiresAt, ip_allowlist: ipAllowlist, ...same } }) {
      const created = await keys.create(actor, undefined, { ...same, expiresAt, ipAllowlist, idempotencyKey });
      if (!created.ok) return created;
      const { keyId, secret } = created.value;
      const key = await keyList.one(actor, keyId);
      if (!key.ok) return key;
      if (secret === null) return done({ status: 200, body: keyAnswer(key.value), headers: replayHeaders });
      const headers = { ...secretHeaders, location: `/api/v1/keys/${keyId}` };
      return done({ status: 201, body: issuedAnswer(key.value, secret), headers });
    },
  });
}

function addRotate(add: AddOperation, { keys, keyList }: Needs): void {
  add({
    ...writes,
    method: 'POST',
    path: '/keys/:id/rotate',
    id: 'rotateKey',
    summary: 'Rotate a key',
    description:
      'Gives it a new secret, which is in the answer, this once. The old one goes on for the grace, an older one ends.',
    body: RotateKey,
    bodyExample: examples.rotation,
    answers: { 200: { description: 'The key, with its new secret.', schema: IssuedKey, example: examples.rotatedKey } },
    async handle({ actor, id, body: { grace_seconds: graceSeconds } }) {
      const rotated = await keys.rotate(actor, { id, graceSeconds });
      if (!rotated.ok) return rotated;
      const key = await keyList.one(actor, id);
      if (!key.ok) return key;
      return done({ status: 200, body: issuedAnswer(key.value, rotated.value.secret), headers: secretHeaders });
    },
  });
}

const simpleCommands = [
  { command: 'enable', path: '/keys/:id/enable', id: 'enableKey', summary: 'Let a disabled key pass again' },
  { command: 'disable', path: '/keys/:id/disable', id: 'disableKey', summary: 'Stop a key until it is enabled again' },
  { command: 'revoke', path: '/keys/:id/revoke', id: 'revokeKey', summary: 'Stop a key for ever' },
  {
    command: 'endOverlap',
    path: '/keys/:id/end-overlap',
    id: 'endKeyOverlap',
    summary: 'End the old secret of a rotation now',
  },
] as const satisfies readonly (Pick<Description, 'path' | 'id' | 'summary'> & { command: keyof Keys })[];

function keyAnswer(key: ShownKey): z.infer<typeof Key> {
  const { id, name, hint, status, limits, metadata, createdBy, previousSecret } = key;
  return {
    id,
    name,
    hint,
    status,
    scopes: [...key.scopes],
    ip_allowlist: [...key.ipAllowlist],
    limits,
    metadata,
    created_at: key.createdAt.toISOString(),
    created_by: createdBy,
    expires_at: textOf(key.expiresAt),
    last_used_at: textOf(key.lastUsedAt),
    last_used_ip: key.lastUsedIp,
    last_used_user_agent: key.lastUserAgent,
    previous_secret: previousSecret && {
      ends_at: previousSecret.endsAt.toISOString(),
      last_used_at: textOf(previousSecret.lastUsedAt),
      last_used_ip: previousSecret.lastUsedIp,
    },
  };
}

function issuedAnswer(key: ShownKey, secret: string): z.infer<typeof IssuedKey> {
  return { ...keyAnswer(key), secret };
}

function pageAnswer(keys: readonly ShownKey[], next: string | undefined): z.infer<typeof KeyPage> {
  return {
    data: keys.map(keyAnswer),
    next_cursor: next === undefined ? null : Buffer.from(next).toString('base64url'),
  };
}

function textOf(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
