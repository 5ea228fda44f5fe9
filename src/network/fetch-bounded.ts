import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP, isIPv6 } from 'node:net';
import type { LookupFunction, TcpNetConnectOpts } from 'node:net';
import { parseUrl } from '../parse-url.js';
import { explainFailure } from './explain-failure.js';
import { FetchError } from './fetch-error.js';

/*
 * A fetch for URLs that an attacker chose. The name is resolved once, every answer is judged, and the connection goes to
 * the judged addresses and nowhere else: asking twice would let a name change its answer in between (DNS rebinding).
 */

const MAX_REDIRECTS = 3;
const MAX_HEADER_BYTES = 16 * 1024;
/** Of each family. A name may have a thousand addresses; who owns it must not make us knock at all of them. */
const MAX_ADDRESSES = 2;
const ADDRESS_ATTEMPT_MS = 2000;
/** RFC 1035, 2.3.4. */
const MAX_NAME_LENGTH = 253;

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
 * redirects on the same host and port. Sends no cookies and no credentials, asks no proxy, shares no connection, and
 * always verifies the certificate. When this settles, its connection is closed.
 * @throws FetchError for whatever is not as it should be
 */
export async function fetchBounded(url: URL, options: FetchOptions): Promise<FetchedBody> {
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const seconds = Math.ceil(options.timeoutMs / 1000);
      reject(new FetchError('timeout', `${quotedHost(url)} did not answer in full within ${seconds} s.`));
    }, options.timeoutMs);
  });
  try {
    // A race, and not the signal alone: a resolver that can't be stopped would otherwise outlast the deadline.
    return await Promise.race([fetchAndFollow(url, options, end.signal), expiry]);
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

async function fetchAndFollow(start: URL, options: FetchOptions, signal: AbortSignal): Promise<FetchedBody> {
  checkUrl(start, options.network);
  const addresses = await judgedAddresses(start, options.network, signal);
  const { acceptStatus = [200] } = options;
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await open(url, addresses, options.network, signal);
    const { statusCode: status = 0, headers } = response;
    if (acceptStatus.includes(status)) return { status, body: await readBody(response, url, options.maxBytes), url };
    response.destroy();
    if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) {
      throw new FetchError('status', `${url.host} answered with status ${status}.`);
    }
    url = redirectTarget(url, headers.location);
  }
  throw new FetchError('redirect', `${start.host} redirects more than ${MAX_REDIRECTS} times.`);
}

function checkUrl(url: URL, network: Network): void {
  if (url.protocol !== 'https:') throw new FetchError('scheme', 'Only https URLs are fetched.');
  if (url.username !== '' || url.password !== '') {
    throw new FetchError('credentials', 'A URL with a user name or a password is not fetched.');
  }
  const port = url.port === '' ? 443 : Number(url.port);
  if (!network.isAllowedPort(port)) throw new FetchError('port', `Port ${port} is not one to fetch from.`);
}

/** One host and one port, both https: whoever controls one host must not send us to another, nor say so in its name. */
function redirectTarget(from: URL, location: string): URL {
  const to = parseUrl(location, from.href);
  if (to?.protocol !== 'https:' || to.host !== from.host || to.username !== '' || to.password !== '') {
    throw new FetchError('redirect', `${from.host} redirects to somewhere else, which is not followed.`);
  }
  return to;
}

/** @throws FetchError where the name has no address, or any that is out of bounds */
async function judgedAddresses(url: URL, network: Network, signal: AbortSignal): Promise<readonly string[]> {
  const hostname = bareHostname(url);
  const refuse = (kind: 'name' | 'address', cause?: unknown): FetchError =>
    new FetchError(kind, `${quotedHost(url)} is not a name that leads to addresses within reach.`, cause);
  // The dot at the end of a name is dropped in some places and kept in others: two names for one host.
  if (hostname.length > MAX_NAME_LENGTH || hostname.endsWith('.')) throw refuse('name');

  const addresses =
    isIP(hostname) !== 0
      ? [hostname]
      : await network.resolve(hostname, signal).catch((error: unknown) => {
          throw refuse('name', error);
        });
  if (addresses.length === 0) throw refuse('name');
  // One bad answer spoils all: an honest name has no private address beside its public ones.
  const bad = addresses.find((address) => isIP(address) === 0 || !network.isAllowed(address));
  if (bad !== undefined) throw refuse('address', new Error(`${hostname} has the address ${JSON.stringify(bad)}`));
  const ofFamily = (family: number): string[] =>
    addresses.filter((address) => isIP(address) === family).slice(0, MAX_ADDRESSES);
  return [...ofFamily(4), ...ofFamily(6)];
}

function open(url: URL, addresses: readonly string[], network: Network, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({
      ...requestOptions(url, addresses),
      ...(network.ca === undefined ? {} : { ca: network.ca }),
      signal,
    });
    // Stays for as long as the request lives, since errors come after the response too.
    sent.on('error', (error) => reject(explainFailure(error, url.host)));
    // Comes last of all, and alone where the other side changes the protocol.
    sent.on('close', () => reject(explainFailure(undefined, url.host)));
    sent.on('response', resolve);
    sent.end();
  });
}

type SocketOptions = Pick<TcpNetConnectOpts, 'autoSelectFamily' | 'autoSelectFamilyAttemptTimeout'>;

function requestOptions(url: URL, addresses: readonly string[]): RequestOptions & SocketOptions {
  const hostname = bareHostname(url);
  return {
    host: hostname,
    port: url.port === '' ? 443 : Number(url.port),
    path: url.pathname + url.search,
    headers: {
      host: url.host,
      'user-agent': 'Portcullis',
      accept: '*/*',
      // A bound on the bytes that come is no bound on what they inflate to.
      'accept-encoding': 'identity',
    },
    // An agent of its own: no connection, no TLS session and no proxy setting is shared with anybody.
    agent: new Agent({ keepAlive: false, maxCachedSessions: 0 }),
    lookup: lookupAmong(addresses),
    // All judged addresses are tried one after the other.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    servername: isIP(hostname) === 0 ? hostname : '',
    // Said aloud, since NODE_TLS_REJECT_UNAUTHORIZED=0 and other settings of the process change what is by default.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
}

/** Answers with what was judged, whatever it is asked. */
function lookupAmong(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    // Node.js takes addresses that come before it has finished asking for a mistake of its own.
    setImmediate(() =>
      options.all === true ? callback(null, all) : callback(null, all[0]?.address ?? '', all[0]?.family),
    );
  };
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

/** The host without the brackets that a URL puts around IPv6 addresses. */
function bareHostname({ hostname }: URL): string {
  const inner = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIPv6(inner) ? inner : hostname;
}

/** A host for a sentence; the URL may be a stranger's, and as long as they like. */
function quotedHost({ host }: URL): string {
  return host.length > MAX_NAME_LENGTH ? 'The host' : host;
}
