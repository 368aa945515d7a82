/** Rule: how the table is read. */
import { type ManagementScope, managementScopes } from '@gatekey/shared';
import { roles } from '../../src/accounts/role.ts';
import type { Answer, Asker, Person, Program, Row, Section } from './table.ts';

export const people: readonly Person[] = [...roles, 'operator', 'stranger'];
export const programs: readonly Program[] = [
  'key',
  ...managementScopes.map((scope) => `key ${scope}` as const),
  'key of all scopes',
  'foreign key',
];

/** What a key has. */
export function scopesOf(program: Program): readonly ManagementScope[] {
  if (program === 'key of all scopes' || program === 'foreign key') return managementScopes;
  return managementScopes.filter((scope) => program === `key ${scope}`);
}

export const askers: readonly Asker[] = [...people, ...programs, 'nobody'];

/** The answer of one cell. */
export function expected({ rows: _, ...section }: Section, row: Row, asker: Asker): Answer {
  const { no, foreign } = { ...section, ...row };
  const named = row.except?.[asker];
  if (named !== undefined) return named;
  if (asker === 'nobody') return section.nobody;
  if (isPerson(asker)) {
    if (section.isForKeysAlone) return section.nobody;
    if (asker === 'stranger') return foreign;
    return row.people?.includes(asker) ? 'yes' : no;
  }
  if (asker === 'foreign key') return row.noKey ?? foreign;
  const may = row.key !== 'never' && row.key.every((scope) => scopesOf(asker).includes(scope));
  return may ? 'yes' : (row.noKey ?? no);
}

/** Whether they come with a session. */
export function isPerson(asker: Asker): asker is Person {
  return people.some((person) => person === asker);
}
