import type { IncomingHttpHeaders } from 'node:http';

/** A cookie of the console. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Null: until the browser closes. */
  readonly maxAgeSeconds: number | null;
}

/**
 * The name of a cookie. `__Host-` (RFC 6265bis §4.1.3.2) keeps other hosts of the same domain from setting it; it needs https.
 */
export function cookieName(baseUrl: string, name: string): string {
  return baseUrl.startsWith('https:') ? `__Host-${name}` : name;
}

/** The name of the cookie that holds the session. */
export function sessionCookieName(baseUrl: string): string {
  return baseUrl.startsWith('https:') ? '__Host-portcullis' : 'portcullis-session';
}

/** The value of a `Set-Cookie` header. No script reads it, and no other site's form brings it along. */
export function writeCookie(baseUrl: string, { name, value, maxAgeSeconds }: Cookie): string {
  const parts = [`${name}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (baseUrl.startsWith('https:')) parts.push('Secure');
  if (maxAgeSeconds !== null) parts.push(`Max-Age=${maxAgeSeconds}`);
  return parts.join('; ');
}

/** The value of a cookie as it was sent; null where there is none, or more than one: somebody else set the other. */
export function readCookie({ cookie = '' }: IncomingHttpHeaders, name: string): string | null {
  const values = cookie
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? (values[0] ?? null) : null;
}
