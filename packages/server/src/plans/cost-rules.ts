/**
 * Cost rules: what calls of a method and a path cost, which scope they need, and whether they are charged when the API
 * behind fails. They hold for paths that are not built in.
 *
 *   operator -> command -> [ row, entry of the outbox ] committed -> DomainEvent -> every server reads them anew
 *
 * Does not decide on any call: the guard holds the rules and asks which one applies (`guard/rules.ts`).
 */
import { METHODS } from 'node:http';
import { mostCost, scopePattern } from '@gatekey/shared';
import { z } from 'zod';
import { type Actor, byOf, isOperator } from '../accounts/actor.ts';
import { difference, type Facts, type Outbox } from '../events/outbox.ts';
import { type Database, isDuplicate } from '../kernel/database.ts';
import type { NewId } from '../kernel/id.ts';
import { isStorable, readInput } from '../kernel/input.ts';
import { done, type Outcome, refuse, refuseInput } from '../kernel/problem.ts';

/** `not_on_5xx`: what ends with a 5xx costs nothing. */
export const charges = ['always', 'not_on_5xx'] as const;
export type Charge = (typeof charges)[number];

export interface CostRule {
  readonly id: string;
  /** In capitals; null = any. GET holds for HEAD as well. */
  readonly method: string | null;
  /** Segments, `*` for any one of them, `**` at the end for any number. */
  readonly path: string;
  /** As how many calls it counts; 0 = free. */
  readonly cost: number;
  /** A scope that the key must have. */
  readonly scope: string | null;
  readonly charge: Charge;
}

export interface CostRules {
  /** All of them, as they were made. */
  list(): Promise<CostRule[]>;
  /** @param input  checked here: `{ method, path, cost, scope, charge }` */
  create(actor: Actor, input: unknown): Promise<Outcome<CostRule>>;
  /** @param input  checked here: the same; what is left out stays, null is none */
  update(actor: Actor, id: string, input: unknown): Promise<Outcome<CostRule>>;
  delete(actor: Actor, id: string): Promise<Outcome<{ readonly id: string }>>;
}

interface Needs {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly newId: NewId;
}

const mostRules = 200;
const longestPath = 200;

const Method = z
  .string()
  .transform((text) => text.toUpperCase())
  .refine((text) => METHODS.includes(text), 'A method of HTTP, as POST.');
const Path = z
  .string()
  .max(longestPath, `At most ${longestPath} characters.`)
  .refine(isStorable, 'No NUL characters and no halves of characters.')
  .refine(isPattern, 'A path that begins with “/”, decoded; “*” for any one segment, “**” at the end for any number.')
  .transform((text) => (text.length > 1 ? text.replace(/\/$/, '') : text));
const Cost = z.int('A whole number.').min(0, 'At least 0.').max(mostCost, `At most ${mostCost}.`);
const Scope = z.string().regex(scopePattern, 'A scope is lower-case words with “:” between them.');
const NewRule = z.object({
  method: Method.nullish().transform((method) => method ?? null),
  path: Path,
  cost: Cost.nullish().transform((cost) => cost ?? 1),
  scope: Scope.nullish().transform((scope) => scope ?? null),
  charge: z
    .enum(charges)
    .nullish()
    .transform((charge) => charge ?? ('always' as const)),
});
const RuleChanges = z.object({
  method: Method.nullable().optional(),
  path: Path.optional(),
  cost: Cost.optional(),
  scope: Scope.nullable().optional(),
  charge: z.enum(charges).optional(),
});

/** Segments between single slashes, as `readTarget` lets them pass. */
function isPattern(text: string): boolean {
  if (!text.startsWith('/') || /[?#%\\]/.test(text)) return false;
  const segments = text.slice(1).replace(/\/$/, '').split('/');
  return segments.every((segment, index) => {
    if (segment === '**') return index === segments.length - 1;
    if (segment === '') return segments.length === 1;
    return segment !== '.' && segment !== '..' && (segment === '*' || !segment.includes('*'));
  });
}

const noSuchRule = refuse('not_found', 'No such rule.');
const taken = refuse('conflict', 'There is a rule for this method and path already.');
const full = refuse('limit_reached', `There may be ${mostRules} rules.`);

/** Opens it. */
export function createCostRules({ database, outbox, newId }: Needs): CostRules {
  return {
    list: () => listRules(database),

    async create(actor, input) {
      if (!isOperator(actor)) return refuse('forbidden');
      const read = readInput(NewRule, input);
      if (!read.ok) return refuseInput(read.errors);
      if ((await database.costRule.count()) >= mostRules) return full;
      const rule = { ...read.value, id: newId('costRule') };
      return orTaken(() =>
        outbox.commit(async (tx, append) => {
          await tx.costRule.create({ data: rule });
          const event = { type: 'cost_rule.created', costRuleId: rule.id } as const;
          await append({ event, by: byOf(actor), after: factsOf(rule) });
          return done(rule);
        }),
      );
    },

    async update(actor, id, input) {
      if (!isOperator(actor)) return refuse('forbidden');
      const read = readInput(RuleChanges, input);
      if (!read.ok) return refuseInput(read.errors);
      return orTaken(() =>
        outbox.commit(async (tx, append) => {
          await tx.$queryRaw`select 1 from cost_rule where id = ${id} for update`;
          const row = await tx.costRule.findUnique({ where: { id } });
          if (row === null) return noSuchRule;
          const before = ruleFrom(row);
          const after = { ...before, ...given(read.value) };
          await tx.costRule.update({ where: { id }, data: after });
          const changed = difference(factsOf(before), factsOf(after));
          await append({ event: { type: 'cost_rule.updated', costRuleId: id }, by: byOf(actor), ...changed });
          return done(after);
        }),
      );
    },

    async delete(actor, id) {
      if (!isOperator(actor)) return refuse('forbidden');
      return outbox.commit(async (tx, append) => {
        const row = await tx.costRule.findUnique({ where: { id } });
        const { count } = await tx.costRule.deleteMany({ where: { id } });
        if (row === null || count === 0) return noSuchRule;
        const event = { type: 'cost_rule.deleted', costRuleId: id } as const;
        await append({ event, by: byOf(actor), before: factsOf(ruleFrom(row)) });
        return done({ id });
      });
    },
  };
}

/** All rules there are, as they were made. */
export async function listRules(database: Database): Promise<CostRule[]> {
  const rows = await database.costRule.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
  return rows.map(ruleFrom);
}

type Row = Omit<CostRule, 'charge'> & { readonly charge: string };

function ruleFrom({ id, method, path, cost, scope, charge }: Row): CostRule {
  return { id, method, path, cost, scope, charge: charge === 'not_on_5xx' ? charge : 'always' };
}

function factsOf({ id: _id, ...facts }: CostRule): Facts {
  return { ...facts };
}

/** Without what was left out. */
function given(changes: z.infer<typeof RuleChanges>): Partial<CostRule> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Method and path are unique in the database, which alone can tell when two ask at once. */
async function orTaken(write: () => Promise<Outcome<CostRule>>): Promise<Outcome<CostRule>> {
  try {
    return await write();
  } catch (error) {
    if (isDuplicate(error)) return taken;
    throw error;
  }
}
