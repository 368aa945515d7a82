/** Schema: every noun is a file; this one names them all. */
import { builder } from './builder.ts';
import './viewer.ts';
import './workspace.ts';
import './workspace-keys.ts';
import './api-key.ts';
import './limits.ts';
import './workspaces.ts';
import './workspace-mutations.ts';
import './cost-rules.ts';
import './plan-mutations.ts';
import './key-mutations.ts';
import './node.ts';
import './subscriptions.ts';
import './requests.ts';
import './webhooks.ts';
import './webhook-mutations.ts';
import './audit.ts';
import './members.ts';
import './sessions.ts';

export const schema = builder.toSchema();
