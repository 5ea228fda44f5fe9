import type { IncomingMessage } from 'node:http';
import { parseUrl } from '../parse-url.js';
import { explainFailure } from './explain-failure.js';
import { FetchError } from './fetch-error.js';
import { checkUrl, judgedAddresses, openRequest, withinTime } from './judged-request.js';

const MAX_REDIRECTS = 3;

/** How far a fetch may go: which names lead where, and which addresses and ports are within bounds. */
export interface Network {
  /** Every address of a name; rejects, or has none, where there is none. `signal` says that nobody waits any more. */
  resolve(hostname: string, signal: AbortSignal): Promise<readonly string[]>;
  isAllowed(address: string): boolean;
  isAllowedPort(port: number): boolean;
  /** The roots to trust for TLS, in PEM, instead of those that Node.js knows. */
  readonly ca?: string;
}

export interface FetchOptions {
  readonly maxBytes: number;
  /** For all of it: name, connection, redirects, headers, body. */
  readonly timeoutMs: number;
  /** The statuses whose body is wanted; 200 by default. */
  readonly acceptStatus?: readonly number[];
  /** For what proves nothing of the host that was asked: redirects lead to other hosts too, each within the same bounds. */
  readonly followsToOtherHosts?: boolean;
  readonly network: Network;
}

export interface FetchedBody {
  readonly status: number;
  readonly body: Buffer;
  /** Where it came from, which after redirects is not where the search began. */
  readonly url: URL;
}

/**
 * Fetches over https, from where `network` allows, at most `maxBytes` in at most `timeoutMs`. Follows up to three
 * redirects, on the same host and port unless told otherwise. Sends no cookies and no credentials, asks no proxy, shares no connection, and
 * always verifies the certificate. When this settles, its connection is closed.
 * @throws FetchError for whatever is not as it should be
 */
export async function fetchBounded(url: URL, options: FetchOptions): Promise<FetchedBody> {
  return withinTime(url, options.timeoutMs, (signal) => fetchAndFollow(url, options, signal));
}

async function fetchAndFollow(start: URL, options: FetchOptions, signal: AbortSignal): Promise<FetchedBody> {
  checkUrl(start, options.network);
  let addresses = await judgedAddresses(start, options.network, signal);
  const { acceptStatus = [200] } = options;
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await openRequest(url, addresses, options.network, signal);
    const { statusCode: status = 0, headers } = response;
    if (acceptStatus.includes(status)) return { status, body: await readBody(response, url, options.maxBytes), url };
    response.destroy();
    if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) {
      throw new FetchError('status', `${url.host} answered with status ${status}.`);
    }
    const from = url;
    url = redirectTarget(from, headers.location, options);
    if (url.host !== from.host) addresses = await judgedAddresses(url, options.network, signal);
  }
  throw new FetchError('redirect', `${start.host} redirects more than ${MAX_REDIRECTS} times.`);
}

/** One host and one port, both https: whoever controls one host must not send us to another, nor say so in its name. */
function redirectTarget(from: URL, location: string, { network, followsToOtherHosts = false }: FetchOptions): URL {
  const to = parseUrl(location, from.href);
  if (to === null || !(followsToOtherHosts || to.host === from.host) || !isFetched(to, network)) {
    throw new FetchError('redirect', `${from.host} redirects to somewhere else, which is not followed.`);
  }
  return to;
}

function isFetched(url: URL, network: Network): boolean {
  try {
    checkUrl(url, network);
    return true;
  } catch {
    return false;
  }
}

async function readBody(response: IncomingMessage, url: URL, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): FetchError => new FetchError('too-large', `${url.host} sends more than ${maxBytes} bytes.`);
  const { 'content-encoding': content = 'identity', 'transfer-encoding': transfer = 'chunked' } = response.headers;
  if (content.toLowerCase() !== 'identity' || transfer.toLowerCase() !== 'chunked') {
    throw new FetchError('encoding', `${url.host} sends its answer compressed, which was not asked for.`);
  }
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    throw explainFailure(error, url.host);
  }
  return Buffer.concat(chunks);
}
