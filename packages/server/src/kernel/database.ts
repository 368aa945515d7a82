/**
 * Database: the Prisma client over a bounded pool that gives up soon instead of waiting for ever.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../../gen/prisma/client.ts';
import type { Log } from './log.ts';

export type Database = PrismaClient;
/** The client inside a transaction. */
export type Transaction = Prisma.TransactionClient;

/** A part of a statement, with its values kept apart from its text. */
export type Sql = Prisma.Sql;
export const { sql } = Prisma;

/**
 * Opens a client; connections are made when first needed.
 *
 * Bounds: 20 connections, 2 s to get one, 5 s a statement.
 */
export function createDatabase({ url, log }: { url: string; log: Log }): Database {
  const adapter = new PrismaPg(
    { connectionString: url, max: 20, connectionTimeoutMillis: 2_000, statement_timeout: 5_000 },
    { onPoolError: (error) => log.warn({ err: error }, 'a database connection broke') },
  );
  return new PrismaClient({ adapter, errorFormat: 'minimal' });
}

/** Whether a write failed because a row with a value that must be unique is there already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}
