import { describe, expect, it } from 'vitest';
import { actorOptions } from './actor-options.ts';

const kinds = ['Anybody', 'People', 'Keys', 'Gatekey'];
const labels = (known: Parameters<typeof actorOptions>[0]) => actorOptions(known).map(({ label }) => label);

describe('whose changes can be asked for', () => {
  it('are the kinds, until people and keys are known', () => {
    expect(labels(null)).toEqual(kinds);
  });

  it('are people, and keys that may change something', () => {
    const key = (name: string, scopes: string[]) => ({ node: { id: name, name, scopes } });
    const keys = {
      edges: [key('Robot', ['keys:read', 'keys:write']), key('Reader', ['keys:read']), key('Client', [])],
    };
    expect(labels({ members: [{ user: { id: 'u', name: 'Ada' } }], keys })).toEqual([...kinds, 'Ada', 'Robot']);
  });
});
