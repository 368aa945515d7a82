/** A request in GraphQL: how a guarded call ended, and why one was refused. */
import type { SpentLimit } from '../requests/entry.ts';
import { type Explanation, explain } from '../requests/explanation.ts';
import type { PlacedRequest } from '../requests/request-log.ts';
import { ApiKeyType } from './api-key.ts';
import { builder } from './builder.ts';

const LimitOwnerEnum = builder.enumType('LimitOwner', {
  description: 'Whose a limit or an allowlist is.',
  values: { KEY: { value: 'key' }, WORKSPACE: { value: 'workspace' } } as const,
});
const WindowEnum = builder.enumType('LimitWindow', {
  description: 'A UTC calendar window.',
  values: { MINUTE: { value: 'minute' }, DAY: { value: 'day' }, MONTH: { value: 'month' } } as const,
});

const SpentLimitType = builder.objectRef<SpentLimit>('SpentLimit').implement({
  description: 'A limit without room for the call.',
  fields: (t) => ({
    owner: t.field({
      type: LimitOwnerEnum,
      description: 'The key’s own, or that of the workspace’s plan.',
      resolve: ({ subject }) => subject,
    }),
    window: t.expose('window', { type: WindowEnum, description: 'Its window.' }),
    quota: t.expose('quota', { type: 'SafeInt', description: 'How many calls the window lets pass.' }),
    resetsAt: t.field({
      type: 'DateTime',
      description: 'When calls pass again.',
      resolve: ({ resetsAt }) => new Date(resetsAt),
    }),
  }),
});

const RefusalType = builder.objectRef<PlacedRequest>('RequestRefusal').implement({
  description: 'Why the guard said no, in facts of that moment; each is there where the code has it.',
  fields: (t) => ({
    scope: t.string({
      nullable: true,
      description: 'With `scope_missing`: the scope that the key lacked.',
      resolve: ({ refusal }) => refusal?.scope,
    }),
    limit: t.field({
      type: SpentLimitType,
      nullable: true,
      description: 'With `rate_limited` and `quota_exceeded`: the spent limit that resets last.',
      resolve: ({ refusal }) => refusal?.limit,
    }),
    allowlistOf: t.field({
      type: LimitOwnerEnum,
      nullable: true,
      description: 'With `ip_not_allowed`: whose allowlist does not have the address.',
      resolve: ({ refusal }) => refusal?.list,
    }),
    since: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'With `key_expired`, `key_disabled` and `key_revoked`: since when.',
      resolve: ({ refusal }) => (refusal?.since === undefined ? null : new Date(refusal.since)),
    }),
  }),
});

const ExplanationType = builder.objectRef<Explanation>('RequestExplanation').implement({
  description: 'A request in plain words.',
  fields: (t) => ({
    what: t.exposeString('what', { description: 'What happened.' }),
    why: t.exposeString('why', { description: 'Why.' }),
    mend: t.exposeString('mend', { nullable: true, description: 'What to do; null where there is nothing to mend.' }),
  }),
});

export const RequestType = builder.objectRef<PlacedRequest>('LoggedRequest').implement({
  description: 'A guarded call of a key, as it ended.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, `req_…`, as `Request-Id` of the answer says.' }),
    at: t.field({ type: 'DateTime', description: 'When it ended.', resolve: ({ at }) => new Date(at) }),
    method: t.exposeString('method', { description: 'Its method.' }),
    path: t.exposeString('path', { description: 'Its path, with the names of its query and without their values.' }),
    status: t.exposeInt('status', { description: 'The status of the answer.' }),
    code: t.exposeString('code', {
      nullable: true,
      description: 'The code of the problem that Gatekey answered with; null for any other answer.',
    }),
    keyId: t.exposeID('keyId', { description: 'The key that it came with.' }),
    key: t.field({
      type: ApiKeyType,
      nullable: true,
      description: 'The key as it is now; null once it is deleted.',
      resolve: ({ keyId }, _args, { visible }) => visible.key(keyId),
    }),
    address: t.exposeString('address', { description: 'Where it came from.' }),
    durationMs: t.exposeFloat('durationMs', { description: 'From its arrival to the end of its answer.' }),
    cost: t.exposeInt('cost', { description: 'As how many calls it counts; 0 where it counts none.' }),
    refusal: t.field({
      type: RefusalType,
      nullable: true,
      description: 'Why the guard refused it; null where it was let in.',
      resolve: (request) => (request.refusal === null ? null : request),
    }),
    explanation: t.field({ type: ExplanationType, description: 'What happened, why, and the mend.', resolve: explain }),
  }),
});
