import { describe, expect, it } from 'vitest';
import { type Opened, standingAfter } from './standing.ts';
import type { ViewerAnswer } from './viewer.documents.ts';

const window = { used: 0, refused: 0, limit: 60, remaining: 60, startsAt: '', resetsAt: '' };
const opened: Opened = {
  viewer: {
    user: { id: 'user_1', name: 'Ada', email: 'ada@example.com' },
    isOperator: false,
    address: '127.0.0.1',
    workspaces: [{ id: 'ws_1', name: 'Works' }],
  },
  workspace: {
    id: 'ws_1',
    name: 'Works',
    role: 'MEMBER',
    suspendedAt: null,
    plan: { id: 'plan_1', name: 'Free' },
    usage: { minute: window, day: window, month: window },
  },
};
const { viewer, workspace } = opened;

type Place = ViewerAnswer['viewer']['workspaces'][number];

const works = { id: 'ws_1', name: 'Works' };
const home = { id: 'ws_2', name: 'Home' };
const used = { ...workspace.usage, minute: { ...window, used: 9 } };
const eve = { id: 'user_2', name: 'Eve', email: 'eve@example.com' };

const cases: [what: string, standing: string, answer: ViewerAnswer][] = [
  ['nothing is other', 'same', opened],
  ['more was used', 'same', { viewer, workspace: { ...workspace, usage: used } }],
  ['one comes from another address', 'same', { workspace, viewer: { ...viewer, address: '10.0.0.1' } }],
  ['one has another role', 'changed', { viewer, workspace: { ...workspace, role: 'ADMIN' } }],
  ['it is suspended', 'changed', { viewer, workspace: { ...workspace, suspendedAt: '2026-11-28T00:00:00Z' } }],
  ['another one was selected', 'changed', at(home, [works, home])],
  ['one was taken out of it', 'lost', at(home, [home])],
  ['one was taken out of the only one', 'lost', { workspace: null, viewer: { ...viewer, workspaces: [] } }],
  [
    'another person signed in',
    'changed',
    { ...at(home, [home]), viewer: { ...viewer, user: eve, workspaces: [home] } },
  ],
];

/** The viewer in a workspace, among those that they have. */
function at(here: Place, workspaces: Place[]): ViewerAnswer {
  return { workspace: { ...workspace, ...here }, viewer: { ...viewer, workspaces } };
}

describe('where a page stands after the server was asked again', () => {
  it.each(cases)('%s: %s', (_what, standing, answer) => {
    expect(standingAfter(opened, answer)).toBe(standing);
  });
});
