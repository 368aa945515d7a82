/** Actor options: whose changes can be asked for. Pure. */
import type { ResultOf } from 'gql.tada';
import { m } from '#messages';
import type { ActorsQuery } from './audit.documents.ts';

interface Option {
  readonly value: string;
  readonly label: string;
}

/** Anybody, the kinds, then each person, and each key that may change something. @param known  null while it is not known */
export function actorOptions(known: ResultOf<typeof ActorsQuery>['workspace']): readonly Option[] {
  const people = known?.members.map(({ user }) => user) ?? [];
  const keys = known?.keys.edges.map(({ node }) => node).filter(({ scopes }) => scopes.some(isWrite)) ?? [];
  return [
    { value: '', label: m.audit_by_all() },
    { value: 'people', label: m.audit_by_people() },
    { value: 'keys', label: m.audit_by_keys() },
    { value: 'system', label: m.audit_system() },
    ...[...people, ...keys].map(({ id, name }) => ({ value: id, label: name })),
  ];
}

function isWrite(scope: string): boolean {
  return scope.endsWith(':write');
}
