/**
 * Snippets: the first request with a new key, ready to run, in the languages people paste from.
 *
 * A secret is base62 and an origin is a URL's: neither holds a character that a shell or a string would read as more.
 */

export const snippetKinds = ['curl', 'JavaScript', 'Python', '.env'] as const;
export type SnippetKind = (typeof snippetKinds)[number];

/** @param origin  of this server, for example `https://keys.example.com` */
export function snippet(kind: SnippetKind, secret: string, origin: string): string {
  const url = `${origin}/api/v1/ping`;
  switch (kind) {
    case 'curl':
      return `curl -i -H "Authorization: Bearer ${secret}" ${url}`;
    case 'JavaScript':
      return `const response = await fetch("${url}", {
  headers: { Authorization: "Bearer ${secret}" },
});
console.log(response.status, await response.json());`;
    case 'Python':
      return `from urllib.request import Request, urlopen

request = Request("${url}", headers={"Authorization": "Bearer ${secret}"})
with urlopen(request) as response:
    print(response.status, response.read().decode())`;
    case '.env':
      return `GATEKEY_URL=${origin}/api/v1
GATEKEY_KEY=${secret}`;
  }
}
