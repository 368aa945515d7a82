import { expect, it } from 'vitest';
import { testApp } from '../../test/app.ts';
import { testDatabase } from '../../test/database.ts';
import { run } from '../../test/key-commands.ts';
import { lockTable } from '../../test/locks.ts';

it('a deletion that fails half-way leaves the key as it was, and can be asked for again', async () => {
  const database = await testDatabase();
  const app = await testApp({ databaseUrl: database.url, env: { LOG_LEVEL: 'silent' } });
  const ada = await app.signUp();
  const { id, secret } = await ada.createKey();
  const shown = () => ada.graphql(`{ node(id: "${id}") { id } }`);
  const lock = await lockTable(database.url, 'key_secret');
  await expect(run(ada, 'deleteKey', id)).rejects.toThrow();
  await lock.release();
  expect(await shown()).toEqual({ node: { id } });
  expect((await app.call(secret)).status).toBe(200);
  await run(ada, 'deleteKey', id);
  expect(await shown()).toEqual({ node: null });
  expect((await app.call(secret)).status).toBe(401);
  await app.stop();
  await database.drop();
});
