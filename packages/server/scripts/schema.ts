/** Writes `schema.graphql`, which is reviewed like code: `pnpm --filter @gatekey/server schema`. */
import { writeFileSync } from 'node:fs';
import { printedSchema, snapshotUrl } from '../test/schema.ts';

writeFileSync(snapshotUrl, printedSchema());
