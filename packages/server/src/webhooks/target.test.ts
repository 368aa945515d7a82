import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, type TestApp, testApp } from '../../test/app.ts';
import { portOf, startReceiver } from '../../test/receiver.ts';
import {
  command,
  createEndpoint,
  deliveriesOf,
  tryCreateEndpoint,
  updateEndpoint,
} from '../../test/webhook-commands.ts';
import { refusedTarget } from './target.ts';

/** What names lead to; each time one is asked for, the next of its answers, and then the last again. */
const names: Record<string, readonly (readonly string[])[]> = {
  'public.example': [['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']],
  'private.example': [['10.1.2.3']],
  'mixed.example': [['93.184.215.14', '192.168.0.1']],
  'mixed6.example': [['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'fd00::1']],
  'mapped.example': [['::ffff:127.0.0.1']],
  'empty.example': [[]],
  'rebound.example': [['93.184.215.14'], ['127.0.0.1']],
  'vanishing.example': [['93.184.215.14'], []],
};
let asked: Record<string, number> = {};
const notFound = (host: string) => Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
const resolve = async (host: string) => {
  const answers = names[host];
  if (answers === undefined) throw notFound(host);
  const turn = asked[host] ?? 0;
  asked[host] = turn + 1;
  const addresses = answers[Math.min(turn, answers.length - 1)] ?? [];
  if (host === 'vanishing.example' && addresses.length === 0) throw notFound(host);
  return addresses.map((address) => ({
    address,
    family: address.includes(':') ? 6 : 4,
  }));
};

let app: TestApp;
let ada: Browser;
beforeAll(async () => {
  app = await testApp({ webhooks: { resolve } });
  ada = await app.signUp();
});
afterAll(() => app.stop());

const Created = z.object({ endpoint: z.object({ id: z.string() }) });

const hostile = {
  'another scheme': ['ftp://public.example/', 'file:///etc/passwd', 'gopher://public.example/', 'javascript:alert(1)'],
  'no URL at all': [
    '',
    'public.example',
    '//public.example',
    'http://',
    'http:// /',
    'https://[::1',
    'http://256.1.1.1',
  ],
  'a user in it': [
    'https://user@public.example/',
    'https://user:word@public.example/',
    'http://public.example@127.0.0.1/',
  ],
  'this machine': [
    'http://localhost/',
    'http://127.0.0.1/',
    'http://127.8.9.10:8080/',
    'http://[::1]/',
    'http://0.0.0.0/',
    'http://[::]/',
  ],
  'IPv4 in octal': ['http://0177.0.0.1/', 'http://0300.0250.0.1/', 'http://012.0.0.1/'],
  'IPv4 in hex': ['http://0x7f.0.0.1/', 'http://0x7f000001/', 'http://0xA9FEA9FE/'],
  'IPv4 as one number': ['http://2130706433/', 'http://3232235521/', 'http://017700000001/'],
  'IPv4 cut short': ['http://127.1/', 'http://10.1/', 'http://0/'],
  'IPv4 with a dot behind, or in other digits': [
    'http://127.0.0.1./',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
  ],
  'what parsers of URLs read differently': [
    ...['http:127.0.0.1', 'http:/127.0.0.1/', 'http:\\\\127.0.0.1\\', ' http://127.0.0.1/ ', 'http://127.0.\t0.1/'],
    ...['http://127.0.0.1#@public.example/', 'http://127.0.0.1?@public.example/', 'http://127.0.0.1\\@public.example/'],
    ...['http://public.example;@127.0.0.1/', 'http://１２７.0.0.1/', 'http://0x7f.1/', 'http://127.0.0.1:80\n/'],
  ],
  'private IPv4': [
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
  ],
  'special IPv4': [
    'http://192.0.2.1/',
    'http://198.18.0.1/',
    'http://203.0.113.5/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
  ],
  'IPv4 mapped into IPv6': [
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
  ],
  'IPv4 compatible with IPv6': ['http://[::127.0.0.1]/', 'http://[::7f00:1]/', 'http://[::ffff:0:127.0.0.1]/'],
  'NAT64, 6to4, Teredo': [
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::a00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:7f00:1::]/',
  ],
  'private IPv6': [
    'http://[fc00::1]/',
    'http://[fd12:3456::1]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
    'http://[fe80::1%25eth0]/',
  ],
  'where clouds tell secrets': [
    ...[
      'http://169.254.169.254/latest/meta-data/',
      'http://169.254.170.2/',
      'http://168.63.129.16/',
      'http://100.100.100.200/',
    ],
    ...['http://[fd00:ec2::254]/', 'http://192.0.0.192/'],
  ],
  'a name of none or of something private': [
    ...['https://private.example/', 'https://mixed.example/', 'https://mixed6.example/', 'https://mapped.example/'],
    ...['https://empty.example/', 'https://unknown.example/', 'http://metadata.google.internal/'],
  ],
  'a port of something else': [
    'http://public.example:25/',
    'http://public.example:22/',
    'https://public.example:53/',
    'http://93.184.215.14:23/',
  ],
  'too long': [`https://public.example/${'a'.repeat(2_048)}`],
} as const;

describe('a target that webhooks may not go to', () => {
  it.each(Object.entries(hostile))('is refused in one and the same sentence: %s', async (_what, urls) => {
    for (const url of urls) {
      const refused = { __typename: 'InvalidInputError', fields: [{ path: 'url', message: refusedTarget }] };
      expect(await tryCreateEndpoint(ada, { url }), url).toMatchObject(refused);
    }
  });

  it('is refused of an endpoint that is there, too', async () => {
    const { id } = await createEndpoint(ada, { url: 'https://public.example/hook' });
    const refused = { __typename: 'InvalidInputError', fields: [{ path: 'url', message: refusedTarget }] };
    for (const url of ['http://127.0.0.1/', 'https://mixed.example/']) {
      expect(await updateEndpoint(ada, { id, url })).toMatchObject(refused);
    }
    expect(await updateEndpoint(ada, { id, url: 'https://public.example:8443/other' })).toMatchObject({
      endpoint: { url: 'https://public.example:8443/other' },
    });
    await command(ada, 'deleteWebhookEndpoint', id);
  });
});

describe('a target on the public internet', () => {
  it.each([
    'https://public.example/',
    'http://public.example:8080/a?b=c',
    'https://93.184.215.14/',
    'http://[2606:2800:21f::1]:8080/',
  ])('is taken: %s', async (url) => {
    const made = await tryCreateEndpoint(ada, { url });
    expect(made).toMatchObject({ __typename: 'CreateWebhookEndpointPayload', endpoint: { url } });
    await command(ada, 'deleteWebhookEndpoint', Created.parse(made).endpoint.id);
  });
});

describe('every attempt', () => {
  const lastAttempt = async (endpointId: string) => (await deliveriesOf(ada, endpointId))[0]?.attempts[0];
  const test = async (endpointId: string) => {
    await command(ada, 'sendTestWebhook', endpointId);
    await expect.poll(async () => (await lastAttempt(endpointId))?.finishedAt ?? null).not.toBeNull();
    return lastAttempt(endpointId);
  };

  it('judges the addresses anew, and connects to no other', async () => {
    const receiver = await startReceiver();
    asked = {};
    // Public when it was made, this machine when it is sent.
    const { id } = await createEndpoint(ada, { url: `http://rebound.example:${new URL(receiver.url).port}/` });
    expect(await test(id)).toMatchObject({ status: null, fault: 'TARGET', summary: refusedTarget });
    expect(asked['rebound.example']).toBe(2);
    expect(receiver.received).toEqual([]);
    await receiver.stop();
    await command(ada, 'deleteWebhookEndpoint', id);
  });

  it('of a name that has no address any more says so', async () => {
    const { id } = await createEndpoint(ada, { url: 'https://vanishing.example/' });
    expect(await test(id)).toMatchObject({ fault: 'DNS', summary: 'DNS: the name has no address.' });
    await command(ada, 'deleteWebhookEndpoint', id);
  });

  it('asks for a name once, and goes to what was judged', async () => {
    const receiver = await startReceiver();
    let count = 0;
    const other = await testApp({
      env: { WEBHOOK_ALLOW_CIDRS: '127.0.0.1' },
      webhooks: {
        resolve: async () => {
          count += 1;
          return [{ address: '127.0.0.1', family: 4 }];
        },
      },
    });
    const eve = await other.signUp();
    const { id } = await createEndpoint(eve, { url: `http://pinned.example:${new URL(receiver.url).port}/` });
    const before = count;
    await command(eve, 'sendTestWebhook', id);
    const [got] = await receiver.until(1);
    expect(count - before).toBe(1);
    expect(got?.headers.host).toBe(`pinned.example:${new URL(receiver.url).port}`);
    await other.stop();
    await receiver.stop();
  });

  it('follows no redirect, wherever that leads', async () => {
    let isReached = false;
    const inner = createServer((_request, response) => {
      isReached = true;
      response.end();
    });
    await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
    const port = portOf(inner);
    const receiver = await startReceiver((_received, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end();
    });
    const open = await testApp({ env: { WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8, ::1' } });
    const eve = await open.signUp();
    const { id } = await createEndpoint(eve, { url: receiver.url });
    await command(eve, 'sendTestWebhook', id);
    await expect.poll(async () => (await deliveriesOf(eve, id))[0]?.state).toBe('FAILED');
    expect((await deliveriesOf(eve, id))[0]?.attempts[0]?.summary).toMatch(
      /^307 in \d+ ms; redirects are not followed$/,
    );
    expect(isReached).toBe(false);
    await open.stop();
    await receiver.stop();
    await new Promise((resolve) => inner.close(resolve));
  });
});
