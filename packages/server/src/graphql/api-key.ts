/** An API key in GraphQL. A secret has no field to leak through. */

import { keyStatuses, type PreviousSecret, previousSecretColumns, previousSecretOf, statusOf } from '../keys/key.ts';
import { usageOf } from '../metering/usage.ts';
import { limitColumns, limitsFrom } from '../plans/limits.ts';
import { builder } from './builder.ts';
import { need } from './context.ts';
import { LimitsType } from './limits.ts';
import { mostPointsIn, readHistory, UsagePointType, UsageStepEnum, UsageType } from './usage.ts';
import { UserType } from './user.ts';

export const KeyStatusEnum = builder.enumType('ApiKeyStatus', {
  description: 'Whether a key passes: ACTIVE does. DISABLED can be enabled, EXPIRED extended; REVOKED is final.',
  values: keyStatuses,
});

const PreviousSecretType = builder.objectRef<PreviousSecret>('PreviousSecret').implement({
  description: 'The old secret of a key while a rotation overlaps.',
  fields: (t) => ({
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'From when on it is refused.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last passed, at most a minute old; null = never.',
    }),
    lastUsedIp: t.exposeString('lastUsedIp', { nullable: true, description: 'The address it last passed from.' }),
  }),
});

export const ApiKeyType = builder.prismaNode('ApiKey', {
  description: 'The credential of one integration.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'How people call it.' }),
    hint: t.exposeString('hint', {
      description: 'Prefix, first and last four characters of the secret; safe to show.',
    }),
    status: t.field({
      type: KeyStatusEnum,
      description: 'Whether it passes now.',
      select: { expiresAt: true, disabledAt: true, revokedAt: true },
      resolve: (key, _args, { clock }) => statusOf(key, clock.now()),
    }),
    scopes: t.exposeStringList('scopes', { description: 'What it may do beyond calling the API.' }),
    ipAllowlist: t.exposeStringList('ipAllowlist', { description: 'Addresses it may come from; empty = any.' }),
    limits: t.field({
      type: LimitsType,
      description: 'Its own limits, beside those of the plan.',
      select: limitColumns,
      resolve: limitsFrom,
    }),
    metadata: t.expose('metadata', { type: 'JSON', description: 'Whatever was stored with it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it ends; null = never.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last passed, at most a minute old; null = never.',
    }),
    lastUsedIp: t.exposeString('lastUsedIp', { nullable: true, description: 'The address it last passed from.' }),
    lastUsedUserAgent: t.exposeString('lastUserAgent', {
      nullable: true,
      description: 'What the client that last passed said it is; at most 256 characters.',
    }),
    previousSecret: t.field({
      type: PreviousSecretType,
      nullable: true,
      description: 'The old secret while a rotation overlaps; null once it has ended.',
      select: previousSecretColumns,
      resolve: (key, _args, { clock }) => previousSecretOf(key, clock.now()),
    }),
    usage: t.field({
      type: UsageType,
      description: 'Its meters, against its own limits.',
      select: { id: true, workspaceId: true, ...limitColumns },
      resolve: async (key, _args, context) => {
        need(context, 'usage:read', key.workspaceId);
        return usageOf(await context.countsOf(key.workspaceId, key.id), limitsFrom(key));
      },
    }),
    usageHistory: t.field({
      type: [UsagePointType],
      extensions: { mostItems: mostPointsIn },
      description: 'Past usage, a point for each step, oldest first; what was counted within the last second may lack.',
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'The first instant.' }),
        to: t.arg({ type: 'DateTime', required: true, description: 'The first instant after the last.' }),
        step: t.arg({ type: UsageStepEnum, required: true, description: 'How long one point is.' }),
      },
      select: { id: true, workspaceId: true },
      resolve: ({ id, workspaceId }, range, context) =>
        readHistory(context, { ...range, workspaceId, keyId: id, isKnown: true }),
    }),
  }),
});

const KeyCreator = builder.unionType('KeyCreator', {
  description: 'A person or a program.',
  types: [UserType, ApiKeyType],
  resolveType: (creator) => ('email' in creator ? 'User' : 'ApiKey'),
});

builder.prismaObjectField(ApiKeyType, 'createdBy', (t) =>
  t.field({
    type: KeyCreator,
    nullable: true,
    description: 'Who made it; null when they are gone, and for who may not see them.',
    select: { createdById: true, createdByKeyId: true },
    resolve: ({ createdById, createdByKeyId }, _args, { visible }) => {
      if (createdById !== null) return visible.user(createdById);
      return createdByKeyId === null ? null : visible.key(createdByKeyId);
    },
  }),
);
