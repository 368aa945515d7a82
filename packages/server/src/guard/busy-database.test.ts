import { composeSecret } from '@gatekey/shared';
import { expect, it } from 'vitest';
import { testApp } from '../../test/app.ts';
import { testDatabase } from '../../test/database.ts';
import { lockTable } from '../../test/locks.ts';

it('keys are looked up and counted while more slow questions than there are connections wait for the database', async () => {
  const database = await testDatabase();
  const app = await testApp({ databaseUrl: database.url });
  const ada = await app.signUp();
  const { secret } = await ada.createKey();
  const lock = await lockTable(database.url, 'session');
  const questions = Array.from({ length: 40 }, () => ada.graphql('{ workspace { id } }').catch(() => 'given up'));
  await lock.isWaitedFor(15);
  expect((await app.call(secret)).status).toBe(200);
  expect((await app.call(composeSecret('gk', '0'.repeat(30)))).status).toBe(401);
  expect((await app.call(secret)).status).toBe(200);
  await lock.release();
  await Promise.all(questions);
  await app.stop();
  await database.drop();
});
