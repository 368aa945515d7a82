/** Client address: who is calling, where proxies stand between. */
import type { IncomingMessage } from 'node:http';
import { type Address, type AddressRange, formatRange, isWithin, parseAddress } from '@gatekey/shared';

/** What stands for the address of a socket that has none any more. */
export const unknownAddress = 'unknown';

/**
 * The socket's peer; only if that is a trusted proxy, the first address from the right of `X-Forwarded-For` that is not.
 * An entry that is no address ends the walk at the proxy that sent it, for nothing to its left can be believed.
 *
 * @param peer          address of the socket
 * @param forwardedFor  the whole field, several joined with commas
 * @returns the address as text, IPv4-mapped IPv6 as IPv4
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: readonly AddressRange[],
): string {
  if (peer === undefined) return unknownAddress;
  // The usual case costs no parsing: the system writes peers in canonical form already.
  if (trustedProxies.length === 0) return peer.startsWith('::ffff:') ? peer.slice(7) : peer;
  let address = parseAddress(withoutZone(peer));
  if (address === undefined) return unknownAddress;
  if (forwardedFor !== undefined && isWithin(address, trustedProxies)) {
    for (const entry of forwardedFor.split(',').reverse()) {
      const next = parseAddress(entry.trim());
      if (next === undefined) break;
      address = next;
      if (!isWithin(next, trustedProxies)) break;
    }
  }
  return textOf(address);
}

/** Whether a socket's peer is one of the proxies whose word counts. */
export function isTrusted(peer: string | undefined, trustedProxies: readonly AddressRange[]): boolean {
  if (peer === undefined || trustedProxies.length === 0) return false;
  const address = parseAddress(withoutZone(peer));
  return address !== undefined && isWithin(address, trustedProxies);
}

/** The whole of `X-Forwarded-For`, several joined with commas. */
export function forwardedFor({ headers }: IncomingMessage): string | undefined {
  const field = headers['x-forwarded-for'];
  return Array.isArray(field) ? field.join(',') : field;
}

function textOf(address: Address): string {
  return formatRange({ ...address, prefix: address.family === 4 ? 32 : 128 });
}

/** `fe80::1%eth0` names an interface of this machine, which is no part of the address. */
function withoutZone(peer: string): string {
  const percent = peer.indexOf('%');
  return percent === -1 ? peer : peer.slice(0, percent);
}
