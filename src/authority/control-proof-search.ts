import type { Gate } from '../gate.js';
import { isProof } from '../network/control-proof.js';
import { fetchBounded } from '../network/fetch-bounded.js';
import { FetchError } from '../network/fetch-error.js';

const MAX_BYTES = 1024;
const TIMEOUT_MS = 10_000;
const MAX_DETAIL = 2_000;

/** What came of looking for a value, in words for owners and moderators. */
export interface ProofSearch {
  /** Where the value is; null where it is nowhere. */
  readonly provenUrl: string | null;
  readonly detail: string;
}

/**
 * Looks for a value at these places, all at the same time, so that one that is slow takes nothing from the others. Settles
 * within ten seconds. Where any of them has the value and nothing else, it is proven.
 */
export async function searchForProof(
  network: Gate['network'],
  urls: readonly URL[],
  value: string,
): Promise<ProofSearch> {
  const failures = await Promise.all(urls.map(async (url) => ({ url, failure: await failureAt(network, url, value) })));
  const proven = failures.find(({ failure }) => failure === null);
  if (proven !== undefined) return { provenUrl: proven.url.href, detail: `The value is at ${proven.url.href}` };
  const lines = failures.map(({ url, failure }) => `${url.href}: ${failure ?? ''}`);
  return { provenUrl: null, detail: lines.join('\n').slice(0, MAX_DETAIL) };
}

/** Why a place proves nothing; null where it has the value. */
async function failureAt(network: Gate['network'], url: URL, value: string): Promise<string | null> {
  try {
    const { body } = await fetchBounded(url, { network, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS });
    return isProof(body, value) ? null : 'The file is there, but the value is not what it holds.';
  } catch (error) {
    if (error instanceof FetchError) return error.message;
    throw error;
  }
}
