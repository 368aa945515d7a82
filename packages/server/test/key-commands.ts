/** Commands on keys, as a signed-in person gives them through GraphQL. */
import { z } from 'zod';
import type { Browser } from './app.ts';

export interface RotationInput {
  readonly id: string;
  readonly graceSeconds?: number;
}

export const rotation = `mutation ($input: RotateKeyInput!) { rotateKey(input: $input) {
  __typename ... on Error { message } ... on InvalidInputError { fields { path } }
  ... on RotateKeyPayload { key { id name hint status } secret } } }`;
const Rotated = z.object({ key: z.looseObject({ status: z.string() }), secret: z.string() });

/** The answer to `rotateKey`, whatever it is. */
export async function tryRotate(browser: Browser, input: RotationInput): Promise<unknown> {
  return z.object({ rotateKey: z.unknown() }).parse(await browser.graphql(rotation, { input })).rotateKey;
}

/** A rotated key. @throws when it is refused */
export async function rotate(browser: Browser, input: RotationInput) {
  return Rotated.parse(await tryRotate(browser, input));
}

/** Gives a command that takes an id alone. */
export function run(browser: Browser, command: string, id: string): Promise<unknown> {
  return browser.graphql(`mutation ($id: ID!) { ${command}(id: $id) { __typename } }`, { id });
}

/** Gives `updateKey`. */
export function update(browser: Browser, input: object): Promise<unknown> {
  return browser.graphql('mutation ($input: UpdateKeyInput!) { updateKey(input: $input) { __typename } }', { input });
}
