import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentOf, receivers } from './receivers.ts';

const page = readFileSync(new URL('../../../../../docs/webhooks.md', import.meta.url), 'utf8');

describe('the receivers that the console shows', () => {
  it.each([
    ['receiver.mjs', receivers.JavaScript],
    ['receiver.py', receivers.Python],
  ])('are those of docs/webhooks.md, which its test runs: %s', (name, program) => {
    expect(page).toMatch(new RegExp(`^\`\`\`\\w+ ${name}$`, 'm'));
    expect(page).toContain(` ${name}\n${program}\`\`\`\n`);
  });

  it('read the secret from where the example puts it', () => {
    expect(environmentOf('whsec_abc=')).toMatch(/^WEBHOOK_SECRET=whsec_abc=$/m);
    for (const program of Object.values(receivers)) expect(program).toContain('WEBHOOK_SECRET');
  });
});
