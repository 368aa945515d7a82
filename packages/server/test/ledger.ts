/** A ledger on a database of its own, which can be cut off and let back. */
import { randomUUID } from 'node:crypto';
import { createPool } from '../src/kernel/database.ts';
import { createLog } from '../src/kernel/log.ts';
import { createPostgresLedgerStore } from '../src/metering/ledger.postgres.ts';
import { createLedger, type Ledger } from '../src/metering/ledger.ts';
import { createSeeds, type Seeds } from '../src/metering/seeds.ts';
import { testDatabase } from './database.ts';

export interface TestLedger {
  readonly ledger: Ledger;
  /** What a counter on this ledger begins with. */
  readonly seeds: Seeds;
  /** Another server process on the same rows. */
  another(): Ledger;
  /** Has every server write what it has. */
  flushAll(): Promise<void>;
  /** Ends all connections to the database and lets none in. */
  cutOff(): Promise<void>;
  letBack(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a ledger. @param settleMs  as for `createSeeds` */
export async function testLedger({ settleMs = 0 } = {}): Promise<TestLedger> {
  const { url, cutOff, letBack, drop } = await testDatabase();
  const log = createLog('silent');
  const pool = createPool({ url, log, connections: 5 });
  const store = createPostgresLedgerStore({ pool });
  const ledgers: Ledger[] = [];
  const another = () => {
    const ledger = createLedger({ store, log, writer: randomUUID() });
    ledgers.push(ledger);
    return ledger;
  };
  const ledger = another();
  return {
    ledger,
    seeds: createSeeds({ ledger, settleMs }),
    another,
    async flushAll() {
      for (const one of ledgers) await one.flush();
    },
    cutOff,
    letBack,
    async close() {
      for (const one of ledgers) await one.close();
      await pool.end();
      await drop();
    },
  };
}
