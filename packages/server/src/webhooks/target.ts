/**
 * Target: where webhooks may go.
 *
 *   text -> http or https, no user, a port of the web -> the addresses behind the name -> all of them public?
 *
 * Judged on addresses alone, for a name says nothing: whoever owns it can point it anywhere, and elsewhere a second later.
 * Pure; the names are resolved in `sender.http.ts`, which connects to nothing but addresses that were judged here.
 */
import { type Address, type AddressRange, isWithin, parseAddress, parseRange } from '@gatekey/shared';

const longest = 2_048;

/** What everybody is told of a target that webhooks may not go to, so that nobody learns what stands behind it. */
export const refusedTarget =
  'Webhooks go to http and https addresses on the public internet, without a user in them. This is none of those.';

function rangesOf(...texts: string[]): readonly AddressRange[] {
  return texts.map((text) => {
    const range = parseRange(text);
    if (range === undefined) throw new Error(`${text} is no range`);
    return range;
  });
}

/** IPv4 that is not the public internet, by the registry of IANA; the last is where Azure answers its machines. */
const specialV4 = rangesOf(
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '168.63.129.16'],
);
/** The only IPv6 that is given out to the public: all that carries an IPv4 in it but Teredo and 6to4 lies outside. */
const globalV6 = rangesOf('2000::/3');
const specialV6 = rangesOf('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20');

/** Whether an address is on the public internet. */
export function isPublic(address: Address): boolean {
  if (address.family === 4) return !isWithin(address, specialV4);
  return isWithin(address, globalV6) && !isWithin(address, specialV6);
}

/** Whether webhooks may connect to an address. */
export type MayReach = (address: string) => boolean;

/** @param allowed  ranges that are open although they are not public */
export function createReach(allowed: readonly AddressRange[]): MayReach {
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && (isPublic(address) || isWithin(address, allowed));
  };
}

/**
 * The URL that a text is, if webhooks could go to it as far as can be told without its addresses; undefined otherwise.
 *
 * Of the ports below 1024 only those of the web: behind the others are mail and name servers, which might take a request
 * for something else.
 */
export function targetFrom(text: string): URL | undefined {
  if (text.length > longest || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  const port = url.port === '' ? undefined : Number(url.port);
  if (port !== undefined && port < 1_024 && port !== 80 && port !== 443) return undefined;
  return url;
}

/** The host of a URL as it is resolved: an IPv6 without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
