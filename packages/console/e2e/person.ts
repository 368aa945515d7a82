/** A person without the sign-up page, and commands without a page: for what a test needs before it begins. */
import { expect, type Page } from '@playwright/test';
import type { Server } from './server.ts';

/** Makes an account; the browser is signed in with it. */
export async function signedUp(
  page: Page,
  { url }: Server,
  email = 'ada@example.com',
  name = 'Ada Lovelace',
): Promise<void> {
  const data = { name, email, password: 'correct horse battery' };
  const answer = await page.request.post(`${url}/api/auth/sign-up/email`, { headers: { origin: url }, data });
  expect(answer.status()).toBe(200);
}

/** What a GraphQL operation gives as `done`, asked with the session of the browser. */
export async function command(page: Page, { url }: Server, query: string, variables: object = {}) {
  const answer = await page.request.post(`${url}/graphql`, { headers: { origin: url }, data: { query, variables } });
  const { data, errors } = await answer.json();
  expect(errors).toBeUndefined();
  return data.done;
}

export interface Made {
  readonly id: string;
  readonly secret: string;
}

/** Makes a key. @param input  as `CreateKeyInput` */
export async function makeKey(page: Page, server: Server, input: object): Promise<Made> {
  const query =
    'mutation ($input: CreateKeyInput!) { done: createKey(input: $input) { ... on CreateKeyPayload { secret key { id } } } }';
  const { secret, key } = await command(page, server, query, { input });
  return { id: key.id, secret };
}

/** Calls the API with a key. @returns the statuses */
export function calls({ url }: Server, secret: string, times = 1): Promise<number[]> {
  const call = async () =>
    (await fetch(`${url}/api/v1/ping`, { headers: { authorization: `Bearer ${secret}` } })).status;
  return Promise.all(Array.from({ length: times }, call));
}
