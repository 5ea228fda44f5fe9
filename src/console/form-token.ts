import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { SealError } from '../sealed-secrets.js';
import { cookieName, readCookie, writeCookie } from './cookies.js';

/** The field of a form that carries the token, and the header that does so for scripts. */
export const TOKEN_FIELD = 'csrf';
const TOKEN_HEADER = 'x-csrf-token';

const COOKIE = 'portcullis-form';
const PURPOSE = 'console: a form before sign-in';
const LIFE_MS = 12 * 60 * 60_000;

/** A browser that nobody has signed in with: what its forms carry, and the cookie to set where it has none yet. */
export interface AnonymousForms {
  readonly token: string;
  readonly setCookie: string | null;
}

/**
 * Forms before sign-in have no session to be bound to: they are bound to a cookie that this gate made and dated, so that
 * nobody is signed in to somebody else's account by another site.
 */
export function anonymousForms(
  gate: Pick<Gate, 'baseUrl' | 'now' | 'secrets'>,
  headers: IncomingHttpHeaders,
): AnonymousForms {
  const name = cookieName(gate.baseUrl, COOKIE);
  const known = readCookie(headers, name);
  if (known !== null && isOurs(gate, known)) return { token: tokenOf(known), setCookie: null };
  const content = JSON.stringify({ id: randomBytes(16).toString('base64url'), at: gate.now().getTime() });
  const value = gate.secrets.seal(content, PURPOSE).toString('base64url');
  return {
    token: tokenOf(value),
    setCookie: writeCookie(gate.baseUrl, { name, value, maxAgeSeconds: LIFE_MS / 1000 }),
  };
}

/** Makes the browser forget it: what was sent before sign-in is worth nothing after. */
export function forgetAnonymousForms({ baseUrl }: Pick<Gate, 'baseUrl'>): string {
  return writeCookie(baseUrl, { name: cookieName(baseUrl, COOKIE), value: '', maxAgeSeconds: 0 });
}

/** What a form of this browser must carry; null where it has no form of ours. */
export function expectedToken(
  gate: Pick<Gate, 'baseUrl' | 'now' | 'secrets'>,
  session: { readonly csrf: string } | null,
  headers: IncomingHttpHeaders,
): string | null {
  if (session !== null) return session.csrf;
  const known = readCookie(headers, cookieName(gate.baseUrl, COOKIE));
  return known !== null && isOurs(gate, known) ? tokenOf(known) : null;
}

/**
 * @param body the fields of the form, read
 * @throws RequestError `FORM_EXPIRED` where neither the form nor the header carries `expected`
 */
export function requireFormToken(expected: string | null, headers: IncomingHttpHeaders, body: unknown): void {
  const sent = headers[TOKEN_HEADER] ?? (body as Readonly<Record<string, unknown>> | undefined)?.[TOKEN_FIELD];
  if (expected !== null && typeof sent === 'string' && isEqual(sent, expected)) return;
  throw new RequestError(
    'FORM_EXPIRED',
    'This form is no longer good: it is too old, or you have signed in or out since. Nothing was done; open the page again and send it once more.',
  );
}

const cookieContent = z.object({ id: z.string(), at: z.number() });

function isOurs({ secrets, now }: Pick<Gate, 'now' | 'secrets'>, value: string): boolean {
  try {
    const { at } = cookieContent.parse(JSON.parse(secrets.open(Buffer.from(value, 'base64url'), PURPOSE)));
    return Math.abs(now().getTime() - at) < LIFE_MS;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

function tokenOf(cookie: string): string {
  return createHmac('sha256', cookie).update('portcullis form').digest('base64url');
}

function isEqual(a: string, b: string): boolean {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length === second.length && timingSafeEqual(first, second);
}
