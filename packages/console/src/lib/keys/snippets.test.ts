import { describe, expect, it } from 'vitest';
import { snippet, snippetKinds } from './snippets.ts';

const secret = 'gk_7Qm3kT9vBz2xW5nR8pL4cY6hJ1dF0sGa1b2C3d';

describe('the snippets of a new key', () => {
  it('run as they stand', () => {
    expect(snippet('curl', secret, 'http://127.0.0.1:4000')).toBe(
      `curl -i -H "Authorization: Bearer ${secret}" http://127.0.0.1:4000/api/v1/ping`,
    );
  });

  it.each(snippetKinds)('carry the real key and this server in %s', (kind) => {
    const text = snippet(kind, secret, 'https://keys.example.com');
    expect(text).toContain(secret);
    expect(text).toContain('https://keys.example.com/api/v1');
  });
});
