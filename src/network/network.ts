import { Resolver, lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Network } from './fetch-bounded.js';
import { isPublicAddress } from './public-address.js';

/** For URLs of strangers: public addresses only, port 443 only. */
export const publicNetwork: Network = {
  resolve: (hostname, signal) => resolveByDns(hostname, signal),
  isAllowed: isPublicAddress,
  isAllowedPort: (port) => port === 443,
};

/** For URLs that the operator configured: wherever these lead, by whatever names the machine knows. */
export const configuredNetwork: Network = {
  resolve: async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address),
  isAllowed: (address) => isIP(address) !== 0,
  isAllowedPort: () => true,
};

/**
 * Every IPv4 and IPv6 address of a name. Asks DNS itself and not the machine's hosts file, and as a whole name, never
 * with the machine's search domains. Other than `lookup` it can be stopped and takes no thread, so names that are slow to
 * resolve hold nobody up.
 * @throws what DNS answered for IPv4, where it answered neither question
 */
export async function resolveByDns(
  hostname: string,
  signal: AbortSignal,
  resolver = new Resolver({ timeout: 3000, tries: 2 }),
): Promise<readonly string[]> {
  const stop = (): void => resolver.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    if (ipv4.status === 'rejected' && ipv6.status === 'rejected') throw ipv4.reason;
    return [ipv4, ipv6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
