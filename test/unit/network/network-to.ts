import type { Network } from '../../../src/network/fetch-bounded.js';
import { FetchError } from '../../../src/network/fetch-error.js';
import { webRoot } from '../../support/https-server.js';

/** A network where every name leads to these addresses, of which those of this machine's 127.0.0.x are in bounds. */
export function networkTo(
  addresses: readonly string[],
  changes: Partial<Network> = {},
): Network & { readonly ca: string; readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (hostname) => {
      asked.push(hostname);
      return addresses;
    },
    isAllowed: (address) => address.startsWith('127.0.0.'),
    isAllowedPort: () => true,
    ...changes,
    ca: webRoot.pem,
  };
}

/** The error that a fetch fails with; fails where it does not. */
export async function failureOf(fetched: Promise<unknown>): Promise<FetchError> {
  const outcome: unknown = await fetched.then(
    () => new Error('Fetched.'),
    (error: unknown) => error,
  );
  if (outcome instanceof FetchError) return outcome;
  throw outcome;
}
