/**
 * Addresses: IPv4, IPv6 and CIDR ranges, read strictly, written in one canonical form.
 *
 * Strict on purpose: `127.1`, `010.0.0.1` and `1.2.3.4/33` are refused, not guessed at, because an allowlist that
 * means something else than it says is worse than an error. IPv4-mapped IPv6 (`::ffff:1.2.3.4`) counts as IPv4.
 */

export interface Address {
  readonly family: 4 | 6;
  /** 32 or 128 bits. */
  readonly bits: bigint;
}

/** All addresses that share the first `prefix` bits of `bits`. */
export interface AddressRange extends Address {
  readonly prefix: number;
}

const widthOf = { 4: 32, 6: 128 } as const;
const mappedPrefix = 0xffffn << 32n;

/** Reads one address. @returns undefined when the text is not an address */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const bits = parseV4(text);
    return bits === undefined ? undefined : { family: 4, bits };
  }
  const bits = parseV6(text);
  if (bits === undefined) return undefined;
  return bits >> 32n === 0xffffn ? { family: 4, bits: bits - mappedPrefix } : { family: 6, bits };
}

/**
 * Reads one allowlist entry: an address, or an address with `/prefix`. Bits after the prefix are dropped.
 *
 * @returns undefined when the text is neither
 */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const width = widthOf[address.family];
  if (slash === -1) return { ...address, prefix: width };
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const mapped = address.family === 4 && text.includes(':');
  const prefix = mapped ? Number(digits) - 96 : Number(digits);
  if (prefix < 0 || prefix > width) return undefined;
  const free = BigInt(width - prefix);
  return { family: address.family, bits: (address.bits >> free) << free, prefix };
}

/** The one way a range is written and stored: RFC 5952 for IPv6, no prefix for a single address. */
export function formatRange(range: AddressRange): string {
  const address = range.family === 4 ? formatV4(range.bits) : formatV6(range.bits);
  return range.prefix === widthOf[range.family] ? address : `${address}/${range.prefix}`;
}

/** Whether an address lies in any of the ranges. */
export function isWithin(address: Address, ranges: readonly AddressRange[]): boolean {
  return ranges.some((range) => {
    if (range.family !== address.family) return false;
    const free = BigInt(widthOf[range.family] - range.prefix);
    return address.bits >> free === range.bits >> free;
  });
}

/** Whether all of a range lies in one of the ranges; two that only together cover it do not count. */
export function isRangeWithin(range: AddressRange, ranges: readonly AddressRange[]): boolean {
  return isWithin(
    range,
    ranges.filter(({ prefix }) => prefix <= range.prefix),
  );
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bits = (bits << 8n) | BigInt(part);
  }
  return bits;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...tail];
  return groups.reduce((bits, group) => (bits << 16n) | group, 0n);
}

/** 16-bit groups of one side of `::`; a dotted IPv4 may stand last on the last side. */
function groupsOf(text: string, isLast: boolean): bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    if (isLast && index === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return groups;
}

function formatV4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join('.');
}

function formatV6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(112 - i * 16)) & 0xffffn));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.start === -1) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}
