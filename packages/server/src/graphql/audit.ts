/** The audit log in GraphQL. */
import { type ActorKind, actorKindFrom, whereAudit } from '../audit/audit.ts';
import { builder } from './builder.ts';
import { need } from './context.ts';
import { WorkspaceType } from './workspace.ts';

const ActorKindEnum = builder.enumType('AuditActorKind', {
  description: 'Who changes things: a person, a program with a key, or Gatekey itself.',
  values: { USER: { value: 'user' }, KEY: { value: 'key' }, SYSTEM: { value: 'system' } } as const,
});

interface AuditActor {
  readonly kind: ActorKind;
  readonly id: string | null;
}
const AuditActorType = builder.objectRef<AuditActor>('AuditActor').implement({
  description: 'Who made a change.',
  fields: (t) => ({
    kind: t.field({ type: ActorKindEnum, description: 'What they are.', resolve: ({ kind }) => kind }),
    id: t.exposeID('id', { nullable: true, description: 'Their id; null for Gatekey itself.' }),
    name: t.string({
      nullable: true,
      description: 'How they are called now; null when they are gone.',
      resolve: ({ id }, _args, context) => (id === null ? null : context.nameOf(id)),
    }),
  }),
});

const AuditEventType = builder.prismaObject('Event', {
  name: 'AuditEvent',
  description: 'A change: who made it, from where, and what differs.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, `evt_…`.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    type: t.exposeString('type', { description: 'What happened, as `key.updated`.' }),
    actor: t.field({
      type: AuditActorType,
      description: 'Who made it.',
      select: { actorKind: true, actorId: true },
      resolve: ({ actorKind, actorId }) => ({ kind: actorKindFrom(actorKind), id: actorId }),
    }),
    address: t.exposeString('address', { nullable: true, description: 'The address it was asked from.' }),
    keyId: t.exposeID('keyId', { nullable: true, description: 'The key that was changed; it may be deleted.' }),
    userId: t.exposeID('userId', { nullable: true, description: 'The person whom it is about.' }),
    endpointId: t.exposeID('endpointId', {
      nullable: true,
      description: 'The webhook endpoint that was changed; it may be deleted.',
    }),
    subject: t.string({
      nullable: true,
      description: 'How the key or person is called that it is about; null for the workspace, and when they are gone.',
      select: { keyId: true, userId: true },
      resolve: ({ keyId, userId }, _args, context) => {
        const id = keyId ?? userId;
        return id === null ? null : context.nameOf(id);
      },
    }),
    before: t.expose('before', { type: 'JSON', nullable: true, description: 'What was there; null where it is new.' }),
    after: t.expose('after', {
      type: 'JSON',
      nullable: true,
      description: 'What came instead; null where it is gone.',
    }),
  }),
});

builder.prismaObjectField(WorkspaceType, 'auditEvents', (t) =>
  t.prismaConnection({
    type: AuditEventType,
    cursor: 'id',
    description: 'Its changes, newest first. Needs audit:read.',
    args: {
      types: t.arg.stringList({ description: 'Only these, as `key.revoked`.' }),
      actorKind: t.arg({ type: ActorKindEnum, description: 'Only what people, keys or Gatekey itself changed.' }),
      actorId: t.arg.id({ description: 'Only what this user or key changed.' }),
      keyId: t.arg.id({ description: 'Only changes of this key.' }),
      from: t.arg({ type: 'DateTime', description: 'The first instant.' }),
      to: t.arg({ type: 'DateTime', description: 'The first instant after the last.' }),
    },
    resolve: (query, { id }, { types, actorKind, actorId, keyId, from, to }, context) => {
      need(context, 'audit:read', id);
      return context.database.event.findMany({
        ...query,
        where: whereAudit(id, {
          types: types ?? undefined,
          actorKind: actorKind ?? undefined,
          actorId: actorId ?? undefined,
          keyId: keyId ?? undefined,
          from: from ?? undefined,
          to: to ?? undefined,
        }),
        orderBy: { id: 'desc' },
      });
    },
  }),
);
