/** What any client may ask about itself: whether it passes, and the live limit table of its key. */
import { policyName } from '@gatekey/shared';
import type { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { done } from '../kernel/problem.ts';
import type { Taken } from '../metering/counter.ts';
import * as examples from './examples.ts';
import { type AddOperation, admitted, nothing } from './operation.ts';
import { LimitPage, Ping } from './schemas.ts';

/** Adds the operations that need no scope. */
export function addLimits(add: AddOperation, { clock }: { clock: Clock }): void {
  add({
    method: 'GET',
    path: '/ping',
    id: 'ping',
    tag: 'client',
    summary: 'Pass the guard',
    description: 'The cheapest call that is counted.',
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'The key passes.', schema: Ping, example: examples.ping } },
    handle({ actor: { keyId, workspaceId } }) {
      const body: z.infer<typeof Ping> = {
        ok: true,
        key_id: keyId,
        workspace_id: workspaceId,
        at: new Date(clock.now()).toISOString(),
      };
      return done({ status: 200, body });
    },
  });
  add({
    method: 'GET',
    path: '/limits',
    id: 'limits',
    tag: 'client',
    summary: 'Read the live limits of the key',
    description:
      'Every limit that holds for it: the plan’s, then its own. Costs nothing, and answers when one is spent.',
    isFree: true,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'All of them.', schema: LimitPage, example: examples.limitPage } },
    handle({ request }) {
      const body: z.infer<typeof LimitPage> = { data: limitsOf(admitted(request).admission.taken), next_cursor: null };
      return done({ status: 200, body });
    },
  });
}

/** The limits as they are told. */
export function limitsOf({ states }: Taken): z.infer<typeof LimitPage>['data'] {
  return states.map((state) => ({
    policy: policyName(state),
    window: state.window,
    limit: state.quota,
    used: state.used,
    remaining: state.remaining,
    resets_at: new Date(state.resetsAt).toISOString(),
  }));
}
