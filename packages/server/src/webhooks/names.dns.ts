/**
 * Names: the addresses behind a name, as the machine's name servers and its hosts file have them.
 *
 * Not by `dns.lookup`: that keeps a thread of the process for as long as a name server is silent, and there are four, for
 * everything that this process resolves. Whoever runs a silent name server would keep the databases waiting. These
 * questions keep nothing, and give up in time. Search domains are not tried: a webhook has a full name.
 */
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Resolve, ResolvedAddress } from './sender.http.ts';

const hostsFile = '/etc/hosts';
interface Settings {
  /** Of one question to one name server, and how often it is put, ms. */
  readonly timeout: number;
  readonly tries: number;
  /** As `address:port`; those of this machine unless told. */
  readonly servers?: readonly string[];
}

const usual: Settings = { timeout: 2_000, tries: 2 };

/** Nobody knows the name. */
class NameUnknown extends Error {
  readonly code = 'ENOTFOUND';
}

/** Whoever might know the name says nothing. */
class NameServersSilent extends Error {
  readonly code = 'ETIMEDOUT';
}

/** As this machine resolves names. It throws with the code ENOTFOUND, or ETIMEDOUT where name servers are silent. */
export function createResolve({ servers, ...settings }: Settings = usual): Resolve {
  return async (host) => {
    const known = await inHostsFile(host);
    if (known.length > 0) return known;
    const resolver = new Resolver(settings);
    if (servers !== undefined) resolver.setServers(servers);
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found.map((address) => ({ address, family: isIP(address) }));
    const isSilent = answers.some((answer) => answer.status === 'rejected' && answer.reason.code === 'ETIMEOUT');
    if (isSilent) throw new NameServersSilent('no name server answers', { cause: answers });
    throw new NameUnknown('the name is not resolved', { cause: answers });
  };
}

/** Read anew each time, as the system does: it is short, and may change. */
async function inHostsFile(host: string): Promise<ResolvedAddress[]> {
  const text = await readFile(hostsFile, 'utf8').catch(() => '');
  const wanted = host.toLowerCase().replace(/\.$/, '');
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    return family !== 0 && names.some((name) => name.toLowerCase() === wanted) ? [{ address, family }] : [];
  });
}
