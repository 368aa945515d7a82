/**
 * Domain events: what happened, told to whoever listens on any server.
 *
 * Carried by the bus, so an event is a hint: a listener reads what is true now from the database. Nothing secret is in one.
 */
import { z } from 'zod';
import type { Log } from '../kernel/log.ts';
import type { Bus } from './bus.ts';

const SeenRequest = z.object({
  /** Epoch ms. */
  at: z.number(),
  method: z.string(),
  /** Without the query. */
  path: z.string(),
  status: z.number().int(),
  address: z.string(),
});
/** A request as it was answered. */
export type SeenRequest = z.infer<typeof SeenRequest>;

const KeyEvent = z.object({ workspaceId: z.string(), keyId: z.string() });
const keyChanges = [
  'key.created',
  'key.updated',
  'key.enabled',
  'key.disabled',
  'key.revoked',
  'key.rotated',
  'key.deleted',
] as const;
const KeyChanged = KeyEvent.extend({ type: z.enum(keyChanges) });
const KeyFirstUsed = KeyEvent.extend({ type: z.literal('key.first_used'), request: SeenRequest });
const WorkspaceChanged = z.object({
  type: z.enum(['workspace.updated', 'workspace.suspended', 'workspace.resumed']),
  workspaceId: z.string(),
});
const MemberChanged = z.object({
  type: z.enum(['member.invited', 'member.uninvited', 'member.joined', 'member.updated', 'member.removed']),
  workspaceId: z.string(),
  /** Whom; null of an invitation, which is nobody's yet. */
  userId: z.string().nullable(),
});
const PlanChanged = z.object({ type: z.enum(['plan.created', 'plan.updated']), planId: z.string() });
const CostRuleChanged = z.object({
  type: z.enum(['cost_rule.created', 'cost_rule.updated', 'cost_rule.deleted']),
  costRuleId: z.string(),
});
const webhookChanges = [
  'webhook.created',
  'webhook.updated',
  'webhook.enabled',
  'webhook.disabled',
  'webhook.rotated',
  'webhook.deleted',
] as const;
const WebhookChanged = z.object({
  type: z.enum(webhookChanges),
  workspaceId: z.string(),
  endpointId: z.string(),
});
/** A delivery of an event to an endpoint was made, tried or ended. Not kept: the delivery is. */
const DeliveryChanged = z.object({
  type: z.literal('delivery.changed'),
  workspaceId: z.string(),
  endpointId: z.string(),
  /** null = many. */
  deliveryId: z.string().nullable(),
  /** Whether it is to be sent now. */
  isDue: z.boolean(),
});
const alertTypes = ['usage.threshold', 'usage.exceeded', 'key.expiring', 'key.expired', 'ip.refused'] as const;
/** Something that nobody did, and that people want to know of; of a key, or of the whole workspace. */
const Alert = z.object({
  type: z.enum(alertTypes),
  workspaceId: z.string(),
  keyId: z.string().nullable(),
});
/** A person signed out, or was signed out. Of no workspace, and not kept. */
const SessionEnded = z.object({ type: z.literal('session.ended'), sessionId: z.string() });
const DomainEvent = z.discriminatedUnion('type', [
  KeyChanged,
  KeyFirstUsed,
  WorkspaceChanged,
  MemberChanged,
  PlanChanged,
  CostRuleChanged,
  WebhookChanged,
  DeliveryChanged,
  Alert,
  SessionEnded,
]);
/** A command changed a key. */
export type KeyChanged = z.infer<typeof KeyChanged>;
/** Something happened to a key. */
export type KeyEvent = KeyChanged | z.infer<typeof KeyFirstUsed>;
export type DomainEvent = z.infer<typeof DomainEvent>;
export type Alert = z.infer<typeof Alert>;
/** What is kept in the log; the rest is only told. */
export type ChangeEvent = Exclude<DomainEvent, { type: 'key.first_used' | 'delivery.changed' | 'session.ended' }>;

/** What changes nothing about keys, people and limits: who remembers those need not look again. */
export type Report = z.infer<typeof KeyFirstUsed | typeof WebhookChanged | typeof DeliveryChanged | typeof Alert>;
export const reportTypes: readonly string[] = ['key.first_used', 'delivery.changed', ...webhookChanges, ...alertTypes];
export function isReport(event: DomainEvent): event is Report {
  return reportTypes.includes(event.type);
}
const keyEventTypes: readonly string[] = ['key.first_used', ...keyChanges];
/** Whether an event is of something that happened to a key, by a command or by its first call. */
export function isKeyEvent(event: DomainEvent): event is KeyEvent {
  return keyEventTypes.includes(event.type);
}

export interface Events {
  /** Tells every server. Call it after the change is committed. Never waits, never throws. */
  announce(event: DomainEvent): void;
  /**
   * Calls the listener for every event of a workspace, and of every plan, for it may be held to that; resolves once it
   * will. The returned function ends it.
   */
  listen(workspaceId: string, listener: (event: DomainEvent) => void): Promise<() => void>;
  /** The same for every event there is. */
  listenToAll(listener: (event: DomainEvent) => void): Promise<() => void>;
}

const channelOf = (workspaceId: string) => `events:${workspaceId}`;
const plansChannel = 'events:plans';
const allChannel = 'events';

/** Domain events over a bus. */
export function createEvents({ bus, log }: { bus: Bus; log: Log }): Events {
  const listenOn = (channel: string, listener: (event: DomainEvent) => void) =>
    bus.subscribe(channel, (message) => {
      const event = DomainEvent.safeParse(JSON.parse(message));
      // Another version of the server may know more kinds of events than this one.
      if (event.success) listener(event.data);
      else log.debug({ channel }, 'an event of an unknown kind was left out');
    });

  return {
    announce(event) {
      const message = JSON.stringify(event);
      bus.publish(allChannel, message);
      if ('workspaceId' in event) bus.publish(channelOf(event.workspaceId), message);
      if ('planId' in event) bus.publish(plansChannel, message);
    },
    async listen(workspaceId, listener) {
      const ends = await Promise.all([listenOn(channelOf(workspaceId), listener), listenOn(plansChannel, listener)]);
      return () => {
        for (const end of ends) end();
      };
    },
    listenToAll: (listener) => listenOn(allChannel, listener),
  };
}
