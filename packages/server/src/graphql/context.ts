/** Context: what a resolver may use, and who is asking. Made anew for each operation. */
import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import { type Ability, type Actor, can, canSee, isOperator, meantWorkspace } from '../accounts/actor.ts';
import type { Members } from '../accounts/members.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { Workspaces } from '../accounts/workspaces.ts';
import { namesOf } from '../audit/audit.ts';
import type { Events } from '../events/domain-event.ts';
import type { Streams } from '../guard/streams.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { Keys } from '../keys/keys.ts';
import type { KeyList } from '../keys/list.ts';
import type { UsageFeed } from '../live/usage-feed.ts';
import type { SubjectCounts } from '../metering/counter.ts';
import { createHistory, type History } from '../metering/history.ts';
import type { Ledger } from '../metering/ledger.ts';
import type { Meter } from '../metering/meter.ts';
import type { CostRules } from '../plans/cost-rules.ts';
import type { Plans } from '../plans/plans.ts';
import type { Requests } from '../requests/requests.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Endpoints } from '../webhooks/endpoints.ts';
import { batched } from './history-loader.ts';
import { createVisibleRows, type VisibleRows } from './visible.ts';

/** The rooms that resolvers call. */
export interface Rooms {
  readonly database: Database;
  readonly sessions: Pick<Sessions, 'end' | 'endOthers'>;
  readonly workspaces: Workspaces;
  readonly members: Members;
  readonly plans: Plans;
  readonly costRules: CostRules;
  readonly keys: Keys;
  readonly keyList: KeyList;
  readonly meter: Pick<Meter, 'read'>;
  readonly ledger: Ledger;
  readonly feed: UsageFeed;
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly requests: Pick<Requests, 'search' | 'watch'>;
  readonly streams: Pick<Streams, 'ofSession'>;
  readonly events: Events;
  readonly clock: Clock;
}

/** Who asks, and from where. */
export interface Caller {
  /** undefined when nobody is signed in. */
  readonly actor: Actor | undefined;
  readonly address: string;
}

export interface Context extends Rooms, Caller {
  /** Counts of a workspace, or of a key in it; all that one operation asks for are read at once. */
  readonly countsOf: (workspaceId: string, keyId?: string) => Promise<SubjectCounts>;
  /** Past usage; what one operation asks for about keys is read at once. */
  readonly history: History;
  readonly visible: VisibleRows;
  /** What a person or a key is called, a deleted one too; null when they are gone. For whoever may read the audit log. */
  readonly nameOf: (id: string) => Promise<string | null>;
}

/** The context of one operation. */
export function createContext(rooms: Rooms, caller: Caller): Context {
  const loader = createCountsLoader(rooms.meter);
  const names = new DataLoader<string, string | null>(async (ids) => {
    const found = await namesOf(rooms.database, ids);
    return ids.map((id) => found.get(id) ?? null);
  });
  return {
    ...rooms,
    ...caller,
    countsOf: (workspaceId, keyId) => loader.load({ workspaceId, keyId }),
    history: createHistory({ ledger: batched(rooms.ledger), keyList: rooms.keyList }),
    visible: createVisibleRows(rooms.database, () => signedIn(caller)),
    nameOf: (id) => names.load(id),
  };
}

type Subject = { readonly workspaceId: string; readonly keyId: string | undefined };

function createCountsLoader(meter: Pick<Meter, 'read'>) {
  return new DataLoader<Subject, SubjectCounts>(
    async (subjects) => {
      const byWorkspace = Map.groupBy(subjects, (subject) => subject.workspaceId);
      const read = new Map(
        await Promise.all(
          [...byWorkspace].map(async ([workspaceId, asked]) => {
            const keyIds = new Set(asked.flatMap(({ keyId }) => keyId ?? []));
            return [workspaceId, await meter.read(workspaceId, [...keyIds])] as const;
          }),
        ),
      );
      return subjects.map(({ workspaceId, keyId }) => {
        const counts = read.get(workspaceId);
        const own = keyId === undefined ? counts?.workspace : counts?.keys.get(keyId);
        return own ?? new Error('the counter left out a key that it was asked for');
      });
    },
    // Not remembered: a subscription asks again with every event.
    { cache: false },
  );
}

/** Who is asking. @throws GraphQLError UNAUTHENTICATED when nobody is signed in */
export function signedIn({ actor }: Pick<Caller, 'actor'>): Actor {
  if (actor !== undefined) return actor;
  throw new GraphQLError('Sign in, or send an API key.', { extensions: { code: 'UNAUTHENTICATED' } });
}

/** @throws GraphQLError FORBIDDEN when the asker lacks the ability in the workspace */
export function need(context: Context, ability: Ability, workspaceId: string): void {
  if (can(signedIn(context), ability, workspaceId)) return;
  throw new GraphQLError(`This needs ${ability}.`, { extensions: { code: 'FORBIDDEN' } });
}

/** @throws GraphQLError FORBIDDEN when the asker does not run the instance */
export function needOperator(context: Context): void {
  if (isOperator(signedIn(context))) return;
  throw new GraphQLError('This is for the operator.', { extensions: { code: 'FORBIDDEN' } });
}

/**
 * The workspace to subscribe to.
 *
 * @throws GraphQLError FORBIDDEN when there is none that the asker may see; the same for foreign and unknown ones
 */
export function meantVisibleWorkspace(context: Context, named: string | null | undefined): string {
  const actor = signedIn(context);
  const workspaceId = meantWorkspace(actor, named);
  if (workspaceId !== undefined && canSee(actor, workspaceId)) return workspaceId;
  throw new GraphQLError('No such workspace.', { extensions: { code: 'FORBIDDEN' } });
}
