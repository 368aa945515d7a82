import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readDocument } from './document.ts';
import { callSnippet, languages, urlOf } from './snippet.ts';

const caller = { keyId: 'key_1', hint: 'gk_7Qm3…x0Ol' };
const body = { note: `it's "quoted" $HOME \`id\` \\ \n $\{x}`, list: [1, true, null, {}, []], 'a b': { c: 'ü' } };

function operation(path: string, told: object) {
  const document = readDocument({ openapi: '3.1.0', paths: { [path]: told } }, 'http://127.0.0.1:4000');
  const [first] = document?.operations ?? [];
  if (first === undefined) throw new Error('no operation');
  return first;
}
const withBody = operation('/api/v1/orders', {
  post: { requestBody: { content: { 'application/json': { example: body } } } },
});
const plain = operation('/api/v1/ping', { get: {} });

describe('the address of a call', () => {
  it.each([
    ['/api/v1/keys/{id}/rotate', [], 'http://127.0.0.1:4000/api/v1/keys/key_1/rotate'],
    ['/api/v1/webhooks/{id}', [], 'http://127.0.0.1:4000/api/v1/webhooks/ID'],
    [
      '/orders/{order-id}',
      [{ name: 'order-id', in: 'path', example: 'a/../b' }],
      'http://127.0.0.1:4000/orders/a%2F..%2Fb',
    ],
    [
      '/usage',
      [
        { name: 'from day', in: 'query', required: true, example: '1&2' },
        { name: 'step', in: 'query' },
      ],
      'http://127.0.0.1:4000/usage?from%20day=1%262',
    ],
  ])('of %s has what must be in it', (path, parameters, url) => {
    expect(urlOf(operation(path, { get: { parameters } }), caller)).toBe(url);
  });
});

describe('a snippet', () => {
  it.each(languages)('in %s names the key by its hint and takes the secret from the environment', (language) => {
    const text = callSnippet(language, plain, caller);
    expect(text.split('\n')[0]).toMatch(/^(#|\/\/) GATEKEY_KEY is the secret of gk_7Qm3…x0Ol$/);
    expect(text).toContain('GATEKEY_KEY');
    expect(text).toContain('http://127.0.0.1:4000/api/v1/ping');
    expect(callSnippet(language, plain, null)).not.toMatch(/^(#|\/\/)/);
  });

  it('for a shell hands on the body as it is, and runs nothing of it', () => {
    const text = callSnippet('curl', withBody, caller).replace('curl ', 'show ');
    const script = `show() { for one in "$@"; do printf '%s\\0' "$one"; done; }\n${text}`;
    const args = execFileSync('sh', ['-c', script], { env: { GATEKEY_KEY: 's3cret' } })
      .toString()
      .split('\0');
    expect(args.slice(0, 5)).toEqual(['-i', '-X', 'POST', '-H', 'Authorization: Bearer s3cret']);
    expect(JSON.parse(args[8] ?? '')).toEqual(body);
    expect(args[9]).toBe('http://127.0.0.1:4000/api/v1/orders');
  });

  it('in JavaScript sends the same body', async () => {
    const text = callSnippet('JavaScript', withBody, caller).split('\nconsole.log')[0];
    const run = new Function('fetch', 'process', `return (async () => {\n${text}\nreturn response; })();`);
    const sent = await run((url: string, init: RequestInit) => ({ url, init }), { env: { GATEKEY_KEY: 's3cret' } });
    expect(sent.url).toBe('http://127.0.0.1:4000/api/v1/orders');
    expect(sent.init).toMatchObject({ method: 'POST', headers: { Authorization: 'Bearer s3cret' } });
    expect(JSON.parse(sent.init.body)).toEqual(body);
  });

  it('in Python sends the same body', () => {
    const text = callSnippet('Python', withBody, caller).split('\nwith urlopen')[0];
    const script = `${text}\nprint(json.dumps([request.full_url, request.method, request.get_header("Authorization"), request.data.decode()]))`;
    const [url, method, authorization, data] = JSON.parse(
      execFileSync('python3', ['-c', script], { env: { GATEKEY_KEY: 's3cret' } }).toString(),
    );
    expect([url, method, authorization]).toEqual(['http://127.0.0.1:4000/api/v1/orders', 'POST', 'Bearer s3cret']);
    expect(JSON.parse(data)).toEqual(body);
  });
});
