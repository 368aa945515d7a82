/** A lock that makes whoever asks the database wait, and shows when they do. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

export interface Lock {
  /** Settles when so many statements wait. */
  isWaitedFor(atLeast?: number): Promise<void>;
  release(): Promise<void>;
}

/** Locks a table, so that those who only read it wait too. */
export async function lockTable(url: string, table: 'api_key' | 'key_secret' | 'session'): Promise<Lock> {
  // Within a transaction the view of who waits stands still: another connection looks.
  const [holder, witness] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  for (const client of [holder, witness]) {
    // The server may be ended before they are.
    client.on('error', () => {});
    await client.connect();
  }
  await holder.query(`begin; lock table ${table} in access exclusive mode`);
  const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  return {
    async isWaitedFor(atLeast = 1) {
      for (let asked = 0; asked < 500; asked += 1) {
        const { rowCount } = await witness.query(waiting);
        if ((rowCount ?? 0) >= atLeast) return;
        await pause(10);
      }
      throw new Error('nobody waits for the lock');
    },
    async release() {
      await holder.query('rollback');
      await Promise.all([holder.end(), witness.end()]);
    },
  };
}
