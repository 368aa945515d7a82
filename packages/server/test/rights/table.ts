/**
 * Rights: who may do what, as one table. `rights.test.ts` asks a real server every cell of it, and fails where the schema
 * or the REST routes have an operation that no row names.
 *
 *   people    roles in the workspace that may, and `operator`: whoever runs the instance, in a workspace of others
 *   key       the scopes that a key of the workspace needs, all of them; [] any key may, `never` it needs a person
 *   no        what they are told who know of the workspace and may not
 *   noKey     what keys are told instead, foreign ones too
 *   foreign   what they are told who do not know of it: to the letter what they are told of an unknown id
 *   except    cells that differ from the rest of their row
 *
 * Nobody, without a credential, may do nothing.
 */
import type { ManagementScope } from '@gatekey/shared';
import { type Role, roles } from '../../src/accounts/role.ts';

/** Who has a session: by their role in the workspace, or without one there. */
export type Person = Role | 'operator' | 'stranger';
/** Keys of the workspace, by the scopes that they have; the foreign one has all of them in the stranger’s. */
export type Program = 'key' | `key ${ManagementScope}` | 'key of all scopes' | 'foreign key';
export type Asker = Person | Program | 'nobody';

/**
 * `yes`; `null` in place of the thing; `itself`, of a list of keys the asker alone; else the code of a GraphQL error, the
 * type of a command’s refusal, or the status and code of REST.
 */
export type Answer =
  | 'yes'
  | 'null'
  | 'itself'
  | 'FORBIDDEN'
  | 'UNAUTHENTICATED'
  | `${'Forbidden' | 'NotFound' | 'Conflict'}Error`
  | `${number} ${string}`;

export interface Row {
  /** Nobody of them where it is left out. */
  readonly people?: readonly Person[];
  readonly key: readonly ManagementScope[] | 'never';
  readonly no?: Answer;
  readonly noKey?: Answer;
  readonly foreign?: Answer;
  readonly except?: Readonly<Partial<Record<Asker, Answer>>>;
}

/** Rows of one kind, with what each says where a row does not. */
export interface Section {
  readonly no: Answer;
  readonly foreign: Answer;
  readonly nobody: Answer;
  /** People are nobody here. */
  readonly isForKeysAlone?: boolean;
  readonly rows: Readonly<Record<string, Row>>;
}

const insiders = [...roles, 'operator'] as const;
const writers = ['owner', 'admin', 'member'] as const;
const managers = ['owner', 'admin'] as const;
/** About oneself, or about nobody. */
const everyone = { people: insiders, key: [], foreign: 'yes' } as const;

/** Root fields, and what `node` gives by type. */
export const queries: Section = {
  no: 'null',
  foreign: 'null',
  nobody: 'UNAUTHENTICATED',
  rows: {
    viewer: everyone,
    plans: everyone,
    workspace: { people: insiders, key: [] },
    workspaces: { people: ['operator'], key: 'never', no: 'FORBIDDEN', foreign: 'FORBIDDEN' },
    // `null` of what is not in the workspace’s log, too.
    request: { people: insiders, key: ['keys:read', 'usage:read'], no: 'FORBIDDEN' },
    costRules: { people: ['operator'], key: 'never', no: 'FORBIDDEN', foreign: 'FORBIDDEN' },
    'node: Workspace': { people: insiders, key: [] },
    'node: ApiKey': { people: insiders, key: ['keys:read'] },
    'node: WebhookEndpoint': { people: writers, key: ['webhooks:read'] },
    'node: WebhookDelivery': { people: writers, key: ['webhooks:read'] },
    'node: User': { people: insiders, key: ['keys:read'] },
    // One that only the operator gives, and has given to nobody.
    'node: Plan': { people: ['operator'], key: 'never' },
  },
};

/** Fields that whoever sees the thing sees, too. */
export const plainFields: Readonly<Record<string, readonly string[]>> = {
  Workspace: ['id', 'name', 'slug', 'ipAllowlist', 'suspendedAt', 'plan'],
  ApiKey: [
    ...['id', 'name', 'hint', 'status', 'scopes', 'ipAllowlist', 'limits', 'metadata', 'createdAt', 'createdBy'],
    ...['expiresAt', 'lastUsedAt', 'lastUsedIp', 'lastUsedUserAgent', 'previousSecret'],
  ],
  WebhookEndpoint: [
    ...['id', 'url', 'description', 'events', 'createdAt', 'disabledAt', 'disabledReason', 'failingSince'],
    ...['previousSecretEndsAt', 'deliveries'],
  ],
  WebhookDelivery: ['id', 'type', 'eventId', 'payload', 'state', 'createdAt', 'nextAttemptAt', 'endpoint', 'attempts'],
  User: ['id', 'name'],
  Plan: ['id', 'name', 'limits', 'selfServe'],
};

/** One needs to see another key before one is told anything of it. */
const meterOfKey: Row = {
  people: insiders,
  key: ['keys:read', 'usage:read'],
  no: 'null',
  except: { 'key keys:read': 'FORBIDDEN' },
};

/** All other fields of what has an id, and of the viewer. */
export const fields: Section = {
  no: 'FORBIDDEN',
  foreign: 'null',
  nobody: 'UNAUTHENTICATED',
  rows: {
    'Workspace.role': { people: roles, key: 'never', no: 'null' },
    'Workspace.keys': { people: insiders, key: ['keys:read'], no: 'itself' },
    'Workspace.usage': { people: insiders, key: ['usage:read'] },
    'Workspace.usageHistory': { people: insiders, key: ['usage:read'] },
    'Workspace.requests': { people: insiders, key: ['keys:read', 'usage:read'] },
    'Workspace.auditEvents': { people: [...managers, 'operator'], key: ['audit:read'] },
    'Workspace.webhookEndpoints': { people: writers, key: ['webhooks:read'] },
    'Workspace.members': { people: insiders, key: 'never' },
    'Workspace.invitations': { people: managers, key: 'never' },
    'ApiKey.usage': meterOfKey,
    'ApiKey.usageHistory': meterOfKey,
    'User.email': { people: insiders, key: 'never', no: 'null' },
    'Viewer.user': { ...everyone, key: 'never', noKey: 'null' },
    'Viewer.key': { ...everyone, people: [], no: 'null', except: { stranger: 'null' } },
    'Viewer.workspaces': everyone,
    'Viewer.scopes': everyone,
    'Viewer.isOperator': everyone,
    'Viewer.address': everyone,
    'Viewer.sessions': everyone,
  },
};

export const mutations: Section = {
  no: 'ForbiddenError',
  foreign: 'NotFoundError',
  nobody: 'UNAUTHENTICATED',
  rows: {
    createKey: { people: writers, key: ['keys:write'] },
    updateKey: { people: writers, key: ['keys:write'] },
    enableKey: { people: writers, key: ['keys:write'] },
    disableKey: { people: writers, key: ['keys:write'] },
    revokeKey: { people: writers, key: ['keys:write'] },
    rotateKey: { people: writers, key: ['keys:write'] },
    endKeyOverlap: { people: writers, key: ['keys:write'] },
    deleteKey: { people: writers, key: ['keys:write'] },

    createWebhookEndpoint: { people: managers, key: ['webhooks:write'] },
    updateWebhookEndpoint: { people: managers, key: ['webhooks:write'] },
    deleteWebhookEndpoint: { people: managers, key: ['webhooks:write'] },
    rotateWebhookSecret: { people: managers, key: ['webhooks:write'] },
    sendTestWebhook: { people: managers, key: ['webhooks:write'] },
    redeliverWebhook: { people: managers, key: ['webhooks:write'] },
    recoverWebhooks: { people: managers, key: ['webhooks:write'] },

    setIpAllowlist: { people: managers, key: 'never' },
    renameWorkspace: { people: managers, key: 'never' },
    changePlan: { people: ['owner', 'operator'], key: 'never' },
    suspendWorkspace: { people: ['operator'], key: 'never' },
    resumeWorkspace: { people: ['operator'], key: 'never' },
    // Among one's own, for a session, which a key has not.
    selectWorkspace: { people: roles, key: 'never', noKey: 'ForbiddenError', except: { operator: 'NotFoundError' } },

    // One’s own, which everybody has who signs in.
    revokeSession: { ...everyone, key: 'never', noKey: 'ForbiddenError' },
    revokeOtherSessions: { ...everyone, key: 'never', noKey: 'ForbiddenError' },

    createPlan: { people: ['operator'], key: 'never', foreign: 'ForbiddenError' },
    updatePlan: { people: ['operator'], key: 'never', foreign: 'ForbiddenError' },
    createCostRule: { people: ['operator'], key: 'never', foreign: 'ForbiddenError' },
    updateCostRule: { people: ['operator'], key: 'never', foreign: 'ForbiddenError' },
    deleteCostRule: { people: ['operator'], key: 'never', foreign: 'ForbiddenError' },

    inviteMember: { people: managers, key: 'never', noKey: 'ForbiddenError' },
    changeMemberRole: { people: managers, key: 'never', noKey: 'ForbiddenError' },
    removeMember: { people: managers, key: 'never', noKey: 'ForbiddenError' },
    transferOwnership: { people: ['owner'], key: 'never', noKey: 'ForbiddenError' },
    // Whoever is not shown invitations is not told that there is one.
    withdrawInvitation: { people: managers, key: 'never', no: 'NotFoundError', noKey: 'ForbiddenError' },
    // By a link that was made for whoever asks; members need none.
    joinWorkspace: {
      people: ['operator'],
      key: 'never',
      no: 'ConflictError',
      noKey: 'ForbiddenError',
      foreign: 'yes',
    },
  },
};

export const subscriptions: Section = {
  no: 'FORBIDDEN',
  foreign: 'FORBIDDEN',
  nobody: 'UNAUTHENTICATED',
  rows: {
    usage: { people: insiders, key: ['usage:read'] },
    keyChanged: { people: insiders, key: ['keys:read'] },
    requests: { people: insiders, key: ['keys:read', 'usage:read'] },
    deliveryChanged: { people: writers, key: ['webhooks:read'] },
    workspaceChanged: { people: insiders, key: 'never' },
  },
};

/**
 * Which roles give a key a management scope, and are told the secret of one that has it. Nobody gives what they could not
 * do themselves; a key gives those that it has.
 */
export const gifts: Readonly<Record<ManagementScope, readonly Role[]>> = {
  'keys:read': writers,
  'keys:write': writers,
  'usage:read': writers,
  'webhooks:read': writers,
  'webhooks:write': managers,
  'audit:read': managers,
  'keys:verify': writers,
};
