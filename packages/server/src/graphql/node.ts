/** Node: anything by its id. What the viewer may not see is null, exactly like what does not exist. */
import { kindOfId } from '@gatekey/shared';
import { ApiKeyType } from './api-key.ts';
import { builder } from './builder.ts';
import { type Context, signedIn } from './context.ts';
import { PlanType } from './limits.ts';
import { UserType } from './user.ts';
import { visiblePlan, visibleWebhooks, visibleWorkspace } from './visible.ts';
import { WebhookDeliveryType, WebhookEndpointType } from './webhooks.ts';
import { WorkspaceType } from './workspace.ts';

builder.queryField('node', (t) =>
  t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'Anything with an id; null for what the viewer may not see.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, context) => find(id, context),
  }),
);

async function find(id: string, context: Context): Promise<object | null> {
  const viewer = signedIn(context);
  const { database, visible } = context;
  switch (kindOfId(id)) {
    case 'key':
      return branded(ApiKeyType, await visible.key(id));
    case 'workspace':
      return branded(
        WorkspaceType,
        await database.workspace.findUnique({ where: { id, AND: visibleWorkspace(viewer) } }),
      );
    case 'plan':
      return branded(PlanType, await database.plan.findUnique({ where: { id, AND: visiblePlan(viewer) } }));
    case 'user':
      return branded(UserType, await visible.user(id));
    case 'webhookEndpoint': {
      const where = { id, AND: visibleWebhooks(viewer) };
      return branded(WebhookEndpointType, await database.webhookEndpoint.findUnique({ where }));
    }
    case 'message': {
      const where = { id, AND: visibleWebhooks(viewer) };
      return branded(WebhookDeliveryType, await database.webhookDelivery.findUnique({ where }));
    }
    default:
      return null;
  }
}

/** Marks a row with its type, by which the interface tells it apart. */
function branded<T>(type: { addBrand(row: T): T }, row: T | null): T | null {
  return row === null ? null : type.addBrand(row);
}
