import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { AccountRow } from '../database/accounts.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { revokeInvitations } from '../database/invitations.js';
import {
  endSessions,
  endSessionsOfAccount,
  findTokenBySecret,
  insertToken,
  listSessionTokens,
  prolongSession,
  type SignInMethod,
  type TokenRow,
} from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { requireScope, scopesOfRole, type Caller, type Role } from './caller.js';
import { isSystemAccount } from './system-account.js';
import { callerOfToken, counts, requireGoodStanding } from './tokens.js';

/** Other than a bearer token's, so that neither is ever taken for the other, by us or by whoever finds one. */
const PREFIX = 'portcullis_session_';
const SECRET_PATTERN = /^portcullis_session_[A-Za-z0-9_-]{43}$/;

/** Used or not, a session ends so long after it began. */
const MAX_SESSION_MS = 30 * 24 * 60 * 60 * 1000;
/** A row written for every page would be too much. */
const PROLONG_AFTER_MS = 60_000;

/** Somebody who is signed in with a browser. */
export interface Session {
  readonly id: string;
  readonly caller: Caller;
  /** The account's, as it is now. */
  readonly role: Role;
  readonly method: SignInMethod;
  /** What every form must bring along: only who has the cookie's secret can make it, and it doesn't give that away. */
  readonly csrf: string;
  readonly startedAt: Date;
}

/** A session just begun; the secret is for the cookie, and is had this once. */
export interface NewSession {
  readonly secret: string;
  /** When it ends at the latest, however much it is used. */
  readonly expiresAt: Date;
}

/** A session as a list of them shows it. */
export interface SessionSummary {
  readonly id: string;
  /** What the browser calls itself. */
  readonly label: string;
  readonly method: SignInMethod;
  readonly startedAt: Date;
  readonly lastUsedAt: Date;
  /** When it ends unless it is used. */
  readonly expiresAt: Date;
  /** Whether it is the one that asks. */
  readonly isCurrent: boolean;
}

/**
 * Begins a session for whoever has just proven who they are. Its secret is new each time: what was in a browser before it
 * signed in is worth nothing after. The caller holds the account's row, and has looked at its suspension.
 */
export async function beginSession(
  tx: Transaction,
  gate: Pick<Gate, 'now' | 'sessionIdleMs'>,
  account: AccountRow,
  how: { readonly method: SignInMethod; readonly label: string; readonly signedInWith?: string },
): Promise<NewSession> {
  if (isSystemAccount(account.name))
    throw new RequestError('SIGN_IN_FAILED', "Nobody signs in as the gate's own account.");
  const at = gate.now();
  const secret = PREFIX + randomBytes(32).toString('base64url');
  await insertToken(tx, {
    accountId: account.id,
    label: sessionLabel(how.label),
    scopes: scopesOfRole[account.role],
    appIds: null,
    expiresAt: new Date(at.getTime() + Math.min(gate.sessionIdleMs, MAX_SESSION_MS)),
    secretSha256: hashSecret(secret),
    signInMethod: how.method,
    ...(how.signedInWith !== undefined && { signedInWith: how.signedInWith }),
    madeBy: account.id,
  });
  return { secret, expiresAt: new Date(at.getTime() + MAX_SESSION_MS) };
}

/**
 * The session with that secret, as its account is at this moment: what another role allows it allows, too, unless it was begun
 * with a token that doesn't. Its end moves on while it is used. Null where there is none, or it has ended.
 *
 * @throws RequestError `ACCOUNT_SUSPENDED`
 */
export async function findSession(gate: Gate, secret: string): Promise<Session | null> {
  if (!SECRET_PATTERN.test(secret)) return null;
  const token = await findTokenBySecret(gate.database, hashSecret(secret));
  const at = gate.now();
  if (token?.kind !== 'session' || token.signInMethod === null || !lasts(token, at)) return null;
  requireGoodStanding(token);
  if (isProlongedLongAgo(token, at)) {
    const idleEnd = at.getTime() + gate.sessionIdleMs;
    const expiresAt = new Date(Math.min(idleEnd, token.createdAt.getTime() + MAX_SESSION_MS));
    // Somebody may have ended it since we looked.
    if (!(await prolongSession(gate.database, { id: token.id, at, expiresAt }))) return null;
  }
  return {
    id: token.id,
    caller: { ...callerOfToken(token), scopes: scopesOfRole[token.accountRole] },
    role: token.accountRole,
    method: token.signInMethod,
    csrf: createHmac('sha256', secret).update('portcullis forms').digest('base64url'),
    startedAt: token.createdAt,
  };
}

/** Signs out. What was asked for in the session stays asked for. */
export async function endSession(gate: Gate, session: Session): Promise<void> {
  const { accountId } = session.caller;
  await inTransaction(gate.database, (tx) => endSessions(tx, { id: session.id }, gate.now(), accountId));
}

/** Ends every other session of the account, as {@link endMistrustedSessions} does, and says how many these were. */
export async function endOtherSessions(gate: Gate, session: Session): Promise<number> {
  const { accountId } = session.caller;
  return inTransaction(gate.database, (tx) =>
    endMistrustedSessions(tx, accountId, { at: gate.now(), by: accountId, except: session.id }),
  );
}

/**
 * Ends every session of an account, but for one where it is named, because somebody else may have had one: what was invited to
 * in any of them, also in those that ended before, can't be accepted any more. Says how many sessions ended.
 */
export async function endMistrustedSessions(
  tx: Transaction,
  accountId: number,
  { at, by, except }: { readonly at: Date; readonly by: number; readonly except: string | null },
): Promise<number> {
  const ended = await endSessionsOfAccount(tx, accountId, at, { by, except });
  await revokeInvitations(tx, { inSessionsOf: accountId, except }, { by, at });
  return ended;
}

/**
 * The sessions of the caller's account that last, the newest first.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` for a token that is made for some apps, or may not manage
 */
export async function listSessions(gate: Gate, caller: Caller): Promise<readonly SessionSummary[]> {
  requireScope(caller, 'manage');
  if (caller.appIds !== null) {
    throw new RequestError('SCOPE_INSUFFICIENT', 'A token that is made for some apps does not see sessions.');
  }
  const at = gate.now();
  const tokens = await listSessionTokens(gate.database, caller.accountId, at);
  return tokens.flatMap((token) => {
    const { id, label, signInMethod: method, createdAt, lastUsedAt, expiresAt } = token;
    if (method === null || expiresAt === null || !lasts(token, at)) return [];
    const isCurrent = id === caller.tokenId;
    return [{ id, label, method, startedAt: createdAt, lastUsedAt: lastUsedAt ?? createdAt, expiresAt, isCurrent }];
  });
}

function lasts(token: TokenRow, at: Date): boolean {
  return counts(token, at) && at.getTime() - token.createdAt.getTime() < MAX_SESSION_MS;
}

function isProlongedLongAgo({ lastUsedAt, createdAt }: TokenRow, at: Date): boolean {
  return Math.abs(at.getTime() - (lastUsedAt ?? createdAt).getTime()) > PROLONG_AFTER_MS;
}

/** What a browser says of itself, as far as it can be shown anywhere. */
function sessionLabel(text: string): string {
  return text
    .replace(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .slice(0, 100);
}

function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
