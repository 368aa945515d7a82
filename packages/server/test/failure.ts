/** What an operation fails with. */
import { z } from 'zod';
import type { Browser, TestApp } from './app.ts';

const Answer = z.object({
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).optional(),
});

/**
 * The code of the error that an operation is answered with over HTTP; undefined where it is not.
 *
 * @throws when it is answered with a 5xx
 */
export async function failure(
  app: TestApp,
  browser: Browser,
  query: string,
  variables: object = {},
): Promise<string | undefined> {
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: browser.cookie, origin: app.url },
    body: JSON.stringify({ query, variables }),
  });
  if (answer.status >= 500) throw new Error(`answered ${answer.status}`);
  return Answer.parse(await answer.json()).errors?.[0]?.extensions.code;
}
