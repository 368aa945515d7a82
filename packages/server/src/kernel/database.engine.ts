/**
 * Schema engine: Prisma's own, as WebAssembly in this process, on one connection of `pg`. No binary, no download.
 *
 * Two things of Prisma's PostgreSQL adapter are put right on the way, both measured:
 * - it cuts a script at every `;`, also inside comments, strings and functions, and runs the pieces one by one. Here a
 *   script goes to PostgreSQL whole, which makes a migration all or nothing;
 * - it does not know the type `"char"` (18) that reading a schema needs.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** Only what is used here: TypeScript has it in its library for browsers. */
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

const charOid = 18;
const textOid = 25;

let loaded: Promise<void> | undefined;

/** Set while a `withSchemaEngine` runs. The engine writes here why it gave up, and then never answers. */
let onPanic: (reason: Error) => void = () => undefined;
Object.assign(globalThis, {
  PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => onPanic(new Error(message)) },
});

/**
 * Works with the engine on one database. One at a time in a process.
 *
 * @param schema  the text of schema.prisma, where the engine has to know it
 * @throws what the engine throws; also when it panics, which alone would leave its promises open for ever
 */
export async function withSchemaEngine<T>(
  needs: { url: string; schema?: string },
  work: (engine: glue.SchemaEngine) => Promise<T>,
): Promise<T> {
  loaded ??= load();
  await loaded;
  const pool = new pg.Pool({ connectionString: needs.url, max: 1, connectionTimeoutMillis: 10_000 });
  pool.on('error', () => undefined);
  const panicked = new Promise<never>((_, reject) => {
    onPanic = reject;
  });
  try {
    const engine = await glue.SchemaEngine.new(
      { datamodels: needs.schema === undefined ? undefined : [['schema.prisma', needs.schema]] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(mendedAdapter(pool)),
    );
    return await Promise.race([work(engine), panicked]);
  } finally {
    await pool.end();
  }
}

async function load(): Promise<void> {
  // Not by importing the .wasm: Node 24 warns about that on every start.
  const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const code = await readFile(script.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(code, { './schema_engine_bg.js': { ...glue } });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start !== 'function') throw new TypeError('the schema engine has no start');
  start();
}

/** Prisma's adapter, mended. Refuses shadow databases: those are for the engine's dangerous commands. */
function mendedAdapter(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const inner = new PrismaPg(pool);
  // Which columns of the running query are of the type "char": there is one connection, so there is one query.
  let chars: number[] = [];
  pool.on('connect', (client) => {
    client.connection.prependListener('rowDescription', ({ fields }: { fields: { dataTypeID: number }[] }) => {
      chars = [];
      for (const [index, field] of fields.entries()) {
        if (field.dataTypeID !== charOid) continue;
        field.dataTypeID = textOid;
        chars.push(index);
      }
    });
  });
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    connectToShadowDb: () => Promise.reject(new Error('shadow databases are not used')),
    async connect(): Promise<SqlDriverAdapter> {
      const adapter = await inner.connect();
      const queryRaw = adapter.queryRaw.bind(adapter);
      adapter.queryRaw = async (query) => {
        chars = [];
        const result = await queryRaw(query);
        for (const index of chars) result.columnTypes[index] = ColumnTypeEnum.Character;
        return result;
      };
      // Without arguments pg uses the simple protocol: many statements, one implicit transaction.
      adapter.executeScript = async (script) => {
        await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
      };
      return adapter;
    },
  };
}
