/** The row of the gateway: ours, a proxy that guards nothing, and nginx that asks us. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measure, type Plan, ratio, type Subject } from './measure.ts';
import { freePort, listening, startProgram, startServer, temporaryFolder } from './processes.ts';
import { pidsOf, startProduct } from './product.ts';
import { atMost, type Result, told } from './result.ts';

const path = '/api/v1/orders';
// Not on everybody's PATH.
const debian = '/usr/sbin/nginx';

/** Everything but the API behind is counted, which is the same for all. */
export async function runGateway(plan: Plan, tell: (line: string) => void): Promise<readonly Result[]> {
  const upstream = await startServer('upstream', {});
  const product = await startProduct({
    withRedis: true,
    env: { UPSTREAM_URL: upstream.url, TRUSTED_PROXIES: '127.0.0.1' },
  });
  const proxy = await startServer('http-proxy', { args: [upstream.url] });
  const nginx = await startNginx({ gatekey: new URL(product.server.url).host, api: new URL(upstream.url).host });
  const authorizations = product.secrets.map((secret) => `Bearer ${secret}`);
  const subject = (name: string, url: string, pids: readonly number[]): Subject => ({
    name,
    load: { url, path, header: 'Authorization', authorizations, status: 200 },
    pids,
  });
  const bursts = await measure(
    [
      subject('gateway', product.server.url, pidsOf(product)),
      subject('http-proxy', proxy.url, [proxy.pid]),
      subject('nginx', nginx.url, [nginx.pid, ...pidsOf(product)]),
    ],
    plan,
    tell,
  );
  return [
    atMost('CPU', ratio(bursts, 'gateway', 'http-proxy', 'cpu'), 1.5),
    told('nginx with auth_request, CPU', ratio(bursts, 'nginx', 'http-proxy', 'cpu')),
  ];
}

/** nginx with the recipe of docs/forward-auth.md. */
async function startNginx({ gatekey, api }: { readonly gatekey: string; readonly api: string }) {
  const page = await readFile(new URL('../../../docs/forward-auth.md', import.meta.url), 'utf8');
  const [, recipe] = /^```nginx nginx\.conf\n(.*?)^```/ms.exec(page) ?? [];
  if (recipe === undefined) throw new Error('docs/forward-auth.md has no nginx.conf');
  const [folder, port] = [await temporaryFolder(), await freePort()];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((of) => `${of}_temp_path ${of};`)
    .join(' ');
  const text = recipe
    .replaceAll('127.0.0.1:4000', gatekey)
    .replaceAll('127.0.0.1:5000', api)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replace(/^http \{/m, `http { access_log off; ${temporary}`);
  await writeFile(join(folder, 'nginx.conf'), text);
  const flags = [
    '-p',
    folder,
    '-e',
    'stderr',
    '-c',
    'nginx.conf',
    '-g',
    'daemon off; master_process off; user root; pid nginx.pid;',
  ];
  const child = spawn(existsSync(debian) ? debian : 'nginx', flags, { stdio: 'inherit' });
  const program = startProgram(child);
  await listening(port);
  return { ...program, url: `http://127.0.0.1:${port}` };
}
