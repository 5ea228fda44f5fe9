import { BlockList, isIP } from 'node:net';

/*
 * After the IANA special-purpose address registries (RFC 6890 as updated by RFC 8190) and the address space registries.
 * Stricter than the column "globally reachable" in a few places: relays (AMT), AS112 sinks and the block 192.0.0.0/24 may
 * be routed, but no web server lives there.
 */

const notPublicIpv4 = [
  ['0.0.0.0', 8, 'this network, RFC 791'],
  ['10.0.0.0', 8, 'private use, RFC 1918'],
  ['100.64.0.0', 10, 'shared address space of carrier-grade NAT, RFC 6598'],
  ['127.0.0.0', 8, 'loopback, RFC 1122'],
  ['169.254.0.0', 16, 'link-local, RFC 3927; the metadata services of clouds'],
  ['172.16.0.0', 12, 'private use, RFC 1918'],
  ['192.0.0.0', 24, 'IETF protocol assignments, RFC 6890'],
  ['192.0.2.0', 24, 'documentation, RFC 5737'],
  ['192.31.196.0', 24, 'AS112, RFC 7535'],
  ['192.52.193.0', 24, 'AMT relays, RFC 7450'],
  ['192.88.99.0', 24, '6to4 relays, RFC 7526'],
  ['192.168.0.0', 16, 'private use, RFC 1918'],
  ['192.175.48.0', 24, 'AS112, RFC 7534'],
  ['198.18.0.0', 15, 'benchmarking, RFC 2544'],
  ['198.51.100.0', 24, 'documentation, RFC 5737'],
  ['203.0.113.0', 24, 'documentation, RFC 5737'],
  ['224.0.0.0', 4, 'multicast, RFC 5771'],
  ['240.0.0.0', 4, 'reserved, RFC 1112; broadcast, RFC 919'],
] as const;

/**
 * The only space that IANA gives out for global unicast. Outside of it lie `::`, `::1`, IPv4-mapped and IPv4-compatible
 * addresses, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), the discard prefix (100::/64), SRv6 (5f00::/16), unique local
 * (fc00::/7), link-local (fe80::/10), site-local (fec0::/10) and multicast (ff00::/8).
 */
const globalUnicastIpv6 = ['2000::', 3, 'global unicast, RFC 4291'] as const;

const notPublicIpv6 = [
  ['2001::', 23, 'IETF protocol assignments, RFC 2928: Teredo, benchmarking, AMT, ORCHID, DRIP'],
  ['2001:db8::', 32, 'documentation, RFC 3849'],
  ['2002::', 16, '6to4, RFC 3056: an IPv4 address in disguise'],
  ['2620:4f:8000::', 48, 'AS112, RFC 7534'],
  ['3ffe::', 16, '6bone, returned, RFC 3701'],
  ['3fff::', 20, 'documentation, RFC 9637'],
] as const;

type Subnet = readonly [network: string, prefix: number, why: string];

function listOf(family: 'ipv4' | 'ipv6', subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family);
  return list;
}

const closedIpv4 = listOf('ipv4', notPublicIpv4);
const openIpv6 = listOf('ipv6', [globalUnicastIpv6]);
const closedIpv6 = listOf('ipv6', notPublicIpv6);

/**
 * Whether an address is globally reachable unicast, where a stranger may send us. False for everything else, for
 * whatever has a zone, and for what is no address at all.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  const version = isIP(address);
  if (version === 4) return !closedIpv4.check(address, 'ipv4');
  return version === 6 && openIpv6.check(address, 'ipv6') && !closedIpv6.check(address, 'ipv6');
}
