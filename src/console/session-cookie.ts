import type { Request } from 'express';
import { endSession, type NewSession, type Session } from '../accounts/sessions.js';
import type { Gate } from '../gate.js';
import { sessionCookieName, writeCookie } from './cookies.js';
import { forgetAnonymousForms } from './form-token.js';

/**
 * The cookies of a browser that has just signed in. Whatever was in it before counts no more: a session that it had ends, and so
 * do forms from before sign-in.
 */
export async function cookiesOfSignIn(
  gate: Gate,
  before: Session | null,
  session: NewSession,
): Promise<readonly string[]> {
  if (before !== null) await endSession(gate, before);
  const seconds = Math.max(0, Math.floor((session.expiresAt.getTime() - gate.now().getTime()) / 1000));
  const name = sessionCookieName(gate.baseUrl);
  return [
    writeCookie(gate.baseUrl, { name, value: session.secret, maxAgeSeconds: seconds }),
    forgetAnonymousForms(gate),
  ];
}

/** The cookies of a browser that has signed out. */
export function cookiesOfSignOut({ baseUrl }: Pick<Gate, 'baseUrl'>): readonly string[] {
  return [writeCookie(baseUrl, { name: sessionCookieName(baseUrl), value: '', maxAgeSeconds: 0 })];
}

/** What a browser calls itself, for the list of somebody's sessions. */
export function browserLabel(request: Request): string {
  return request.headers['user-agent'] ?? 'A browser that does not say which';
}
