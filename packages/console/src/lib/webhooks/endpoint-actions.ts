/**
 * Endpoint actions: what the menu of an endpoint offers. What can be undone is done at once; what cannot asks first, in a
 * dialog that the address names.
 */
import type { Outcome } from '#lib/live/outcome.ts';
import type { MenuItem } from '#lib/ui/Menu.svelte';
import { toasts } from '#lib/ui/toasts.svelte.ts';
import { m } from '#messages';
import type { EndpointPlace } from './endpoint-address.ts';
import { endpointName } from './endpoint-draft.ts';
import type { EndpointPage } from './endpoint-page.svelte.ts';
import type { WebhookCommands } from './webhook-commands.ts';
import type { Endpoint } from './webhooks.documents.ts';

export interface EndpointActions {
  itemsFor(endpoint: Endpoint): MenuItem[];
  enable(): Promise<Outcome<Endpoint>>;
  disable(): Promise<void>;
  test(): Promise<void>;
  /** Sends a delivery again. */
  redeliver(deliveryId: string): Promise<void>;
}

interface Needs {
  readonly shown: EndpointPage;
  readonly commands: WebhookCommands;
  readonly open: (dialog: NonNullable<EndpointPlace['dialog']>) => void;
}

export function createEndpointActions({ shown, commands, open }: Needs): EndpointActions {
  const actions: EndpointActions = {
    itemsFor: ({ disabledAt }) => [
      { label: m.webhooks_edit(), run: () => open('edit') },
      { label: m.webhooks_rotate_more(), run: () => open('rotate') },
      { label: m.webhooks_recover(), run: () => open('recover') },
      disabledAt === null
        ? { label: m.webhooks_disable(), run: () => void actions.disable() }
        : { label: m.webhooks_enable(), run: () => void actions.enable() },
      { label: m.webhooks_delete_more(), run: () => open('delete'), isFinal: true },
    ],

    async enable() {
      const outcome = await commands.update(shown.id, { enabled: true });
      if (outcome.ok) shown.endpoint = outcome.value;
      toasts.show(outcome.ok ? m.webhooks_enabled({ name: endpointName(outcome.value) }) : outcome.message);
      return outcome;
    },

    async disable() {
      const outcome = await commands.update(shown.id, { enabled: false });
      if (!outcome.ok) return toasts.show(outcome.message);
      shown.endpoint = outcome.value;
      // What was still to be sent has ended.
      void shown.refresh();
      const undo = { label: m.common_undo(), run: () => void actions.enable() };
      toasts.show(m.webhooks_disabled({ name: endpointName(outcome.value) }), undo);
    },

    async test() {
      const outcome = await commands.test(shown.id);
      if (outcome.ok) shown.watchTest(outcome.value);
      else toasts.show(outcome.message);
    },

    async redeliver(deliveryId) {
      const outcome = await commands.redeliver(deliveryId);
      if (outcome.ok) shown.put(outcome.value);
      toasts.show(outcome.ok ? m.webhooks_resent() : outcome.message);
    },
  };
  return actions;
}
