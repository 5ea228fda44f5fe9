import type { Request } from 'express';
import { requireModerator, requireOperator } from '../accounts/caller.js';
import { findSession, type Session } from '../accounts/sessions.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { readCookie, sessionCookieName } from './cookies.js';
import type { PageAccess } from './page.js';

/**
 * Whoever is signed in with this browser; null: nobody.
 *
 * @throws RequestError `ACCOUNT_SUSPENDED`, but not for pages that anyone sees
 */
export async function findVisitor(gate: Gate, request: Request, access: PageAccess): Promise<Session | null> {
  const secret = readCookie(request.headers, sessionCookieName(gate.baseUrl));
  if (secret === null || secret === '') return null;
  try {
    return await findSession(gate, secret);
  } catch (error) {
    if (access === 'anyone' && error instanceof RequestError && error.code === 'ACCOUNT_SUSPENDED') return null;
    throw error;
  }
}

/**
 * False where somebody must sign in first.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` where that would not be enough
 */
export function isAdmitted(access: PageAccess, session: Session | null): boolean {
  if (access === 'anyone') return true;
  if (session === null) return false;
  if (access === 'moderator') inOwnWords(() => requireModerator(session.caller), session, 'moderators');
  if (access === 'administrator') inOwnWords(() => requireOperator(session.caller), session, 'administrators');
  return true;
}

/** What is said of scopes of tokens means nothing to whoever sits before a page. */
function inOwnWords(check: () => void, { caller }: Session, whom: string): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new RequestError(
      error.code,
      `This page is for ${whom} of the store. You are signed in as ${caller.accountName}.`,
    );
  }
}
