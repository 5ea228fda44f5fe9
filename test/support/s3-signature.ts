import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/*
 * Signature version 4 as a server checks it, from the documentation ("Authenticating Requests: Using Query Parameters" and "Using
 * the Authorization Header"), and not with the library that the gate signs with.
 */

/** What is wrong with a request's signature at this time; null where it is right. `bodyHash` is of the bytes that came. */
export function faultOfSignature(
  request: IncomingMessage,
  secret: string,
  { bodyHash, now }: { readonly bodyHash: string; readonly now: Date },
): string | null {
  const [path = '', queryText = ''] = (request.url ?? '').split('?');
  const query = queryText
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('=').map(decodeURIComponent))
    .map(([name = '', value = '']) => ({ name, value }));
  const ofQuery = (name: string): string => query.find((pair) => pair.name === name)?.value ?? '';
  const ofHeader = (name: string): string => String(request.headers[name] ?? '');

  const isPresigned = ofQuery('X-Amz-Signature') !== '';
  const { authorization = '' } = request.headers;
  const inHeader = (name: string): string => new RegExp(`${name}=([^,\\s]+)`).exec(authorization)?.[1] ?? '';
  const credential = isPresigned ? ofQuery('X-Amz-Credential') : inHeader('Credential');
  const signedHeaders = isPresigned ? ofQuery('X-Amz-SignedHeaders') : inHeader('SignedHeaders');
  const signature = isPresigned ? ofQuery('X-Amz-Signature') : inHeader('Signature');
  const date = isPresigned ? ofQuery('X-Amz-Date') : ofHeader('x-amz-date');
  const payload = isPresigned ? 'UNSIGNED-PAYLOAD' : ofHeader('x-amz-content-sha256');
  if (signature === '') return 'AccessDenied';
  if (isPresigned) {
    const age = (now.getTime() - timeOf(date)) / 1000;
    if (age < -1 || age > Number(ofQuery('X-Amz-Expires'))) return 'AccessDenied';
  }
  if (/^[0-9a-f]{64}$/.test(payload) && payload !== bodyHash) return 'XAmzContentSHA256Mismatch';

  const canonicalQuery = query
    .filter(({ name }) => name !== 'X-Amz-Signature')
    .map(({ name, value }) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${ofHeader(name).trim()}\n`);
  const canonical = [request.method, path, canonicalQuery, canonicalHeaders.join(''), signedHeaders, payload].join(
    '\n',
  );
  const [, ...scope] = credential.split('/');
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
  const key = scope.reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`);
  return hmac(key, text).toString('hex') === signature ? null : 'SignatureDoesNotMatch';
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Of `20261122T214530Z`. */
function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
}
