/**
 * Database: a bounded pool of connections that gives up soon instead of waiting for ever, and the Prisma client over it.
 *
 * The few statements that run all the time go to the pool itself: the client's layers cost more than they do.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { Prisma, PrismaClient } from '../../gen/prisma/client.ts';
import type { Log } from './log.ts';

/** Connections. */
export type Pool = pg.Pool;
export type Database = PrismaClient;
/** The client inside a transaction. */
export type Transaction = Prisma.TransactionClient;

/** A part of a statement, with its values kept apart from its text. */
export type Sql = Prisma.Sql;
export const { sql } = Prisma;

interface Needs {
  readonly url: string;
  readonly log: Log;
  /** How many it opens at most, each when it is first needed. */
  readonly connections: number;
}

/** How long one waits for a connection, ms. */
const connectMs = 2_000;
/** After this PostgreSQL ends a statement itself, ms. */
const statementMs = 2_500;
/** After this PostgreSQL ends a transaction in which nothing is asked: whoever had it is gone, and its locks stay. */
const idleMs = 5_000;
/** After this an answer is no longer waited for, ms: a server that is frozen or cut off ends nothing. */
const silenceMs = 3_000;

/**
 * Opens a pool; connections are made when first needed.
 *
 * Whoever asks has an answer or an error after 5 s at the latest, also when the server says nothing at all.
 */
export function createPool({ url, log, connections }: Needs): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: idleMs,
    query_timeout: silenceMs,
  });
  // A transaction whose rollback was not answered would be handed to the next one who asks, still open.
  pool.on('release', (_error, client) => {
    if (client.getTransactionStatus() !== 'I') void client.end();
  });
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection broke'));
  return pool;
}

/** Opens a client over a pool, which it ends when it is disconnected. */
export function createDatabase(pool: Pool): Database {
  return new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }), errorFormat: 'minimal' });
}

/** Runs a statement without the client. @returns its rows, unread @throws what the connection throws */
export async function queryRows(pool: Pool, { text, values }: Sql): Promise<unknown> {
  return (await pool.query(text, values)).rows;
}

/** Whether a write failed because a row with a value that must be unique is there already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}

/**
 * A condition on a text: it has exactly this in it, whatever the case.
 *
 * Prisma hands it on as a pattern of LIKE: what is a wildcard there is a plain character to people.
 */
export function having(text: string) {
  return { contains: text.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' } as const;
}
