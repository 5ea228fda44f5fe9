import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP, isIPv6 } from 'node:net';
import type { LookupFunction, TcpNetConnectOpts } from 'node:net';
import { explainFailure } from './explain-failure.js';
import { FetchError } from './fetch-error.js';
import type { Network } from './fetch-bounded.js';

/*
 * A request to a URL that an attacker chose. The name is resolved once, every answer is judged, and the connection goes to
 * the judged addresses and nowhere else: asking twice would let a name change its answer in between (DNS rebinding).
 */

const MAX_HEADER_BYTES = 16 * 1024;
/** Of each family. A name may have a thousand addresses; who owns it must not make us knock at all of them. */
const MAX_ADDRESSES = 2;
const ADDRESS_ATTEMPT_MS = 2000;
/** RFC 1035, 2.3.4. */
const MAX_NAME_LENGTH = 253;
const LOOPBACK = '127.0.0.1';

/** What is sent: GET without a body unless told. */
export interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/**
 * Does `work`, which is to stop at its signal, within a time: for all of it, name, connection, headers and body.
 * When this settles, whatever hangs on the signal is broken off.
 *
 * @throws FetchError `timeout`
 */
export async function withinTime<T>(
  url: URL,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const seconds = Math.ceil(timeoutMs / 1000);
      reject(new FetchError('timeout', `${quotedHost(url)} did not answer in full within ${seconds} s.`));
    }, timeoutMs);
  });
  try {
    // A race, and not the signal alone: a resolver that can't be stopped would otherwise outlast the deadline.
    return await Promise.race([work(end.signal), expiry]);
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

/**
 * What can be said of a URL before anybody is asked for its addresses.
 *
 * @throws FetchError `scheme`, `credentials` or `port`
 */
export function checkUrl(url: URL, network: Network): void {
  if (url.protocol !== 'https:') throw new FetchError('scheme', 'Only https URLs are fetched.');
  if (url.username !== '' || url.password !== '') {
    throw new FetchError('credentials', 'A URL with a user name or a password is not fetched.');
  }
  const port = url.port === '' ? 443 : Number(url.port);
  if (!network.isAllowedPort(port)) throw new FetchError('port', `Port ${port} is not one to fetch from.`);
}

/**
 * What can be said besides of the host: an address as it stands there, and the name that means this machine everywhere.
 *
 * @throws FetchError `address`
 */
export function checkHost(url: URL, network: Network): void {
  const hostname = bareHostname(url);
  const address = /^(.*\.)?localhost\.?$/i.test(hostname) ? LOOPBACK : hostname;
  if (isIP(address) !== 0 && !network.isAllowed(address)) throw new FetchError('address', outOfReach(url));
}

/** @throws FetchError where the name has no address, or any that is out of bounds */
export async function judgedAddresses(url: URL, network: Network, signal: AbortSignal): Promise<readonly string[]> {
  const hostname = bareHostname(url);
  const refuse = (kind: 'name' | 'address', cause?: unknown): FetchError =>
    new FetchError(kind, outOfReach(url), cause);
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

/**
 * Sends a request to one of the judged addresses of `url`, and gives back the answer when its headers are there. Sends no
 * cookies and no credentials, asks no proxy, shares no connection, and always verifies the certificate.
 *
 * @throws FetchError where no answer came
 */
export function openRequest(
  url: URL,
  addresses: readonly string[],
  network: Network,
  signal: AbortSignal,
  { method = 'GET', headers = {}, body }: Sent = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = requestOptions(url, addresses);
    const sent = request({
      ...options,
      method,
      headers: { ...options.headers, ...headers, ...(body !== undefined && { 'content-length': body.length }) },
      ...(network.ca === undefined ? {} : { ca: network.ca }),
      signal,
    });
    // Stays for as long as the request lives, since errors come after the response too.
    sent.on('error', (error) => reject(explainFailure(error, url.host)));
    // Comes last of all, and alone where the other side changes the protocol.
    sent.on('close', () => reject(explainFailure(undefined, url.host)));
    sent.on('response', resolve);
    sent.end(body);
  });
}

type SocketOptions = Pick<TcpNetConnectOpts, 'autoSelectFamily' | 'autoSelectFamilyAttemptTimeout'>;

function requestOptions(
  url: URL,
  addresses: readonly string[],
): RequestOptions & SocketOptions & { readonly headers: Readonly<Record<string, string>> } {
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

/** The host without the brackets that a URL puts around IPv6 addresses. */
function bareHostname({ hostname }: URL): string {
  const inner = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIPv6(inner) ? inner : hostname;
}

/** A host for a sentence; the URL may be a stranger's, and as long as they like. */
function quotedHost({ host }: URL): string {
  return host.length > MAX_NAME_LENGTH ? 'The host' : host;
}

function outOfReach(url: URL): string {
  return isIP(bareHostname(url)) === 0
    ? `${quotedHost(url)} is not a name that leads to addresses within reach.`
    : `${quotedHost(url)} is not an address within reach.`;
}
