import { createHash, randomBytes } from 'node:crypto';
import { isAppId } from '../app/app-id.js';
import { ensureAccount, findAccount, setAccountRole, type AccountRow } from '../database/accounts.js';
import { listOwners } from '../database/apps.js';
import { inTransaction, type Database, type Queryable, type Transaction } from '../database/connect.js';
import * as table from '../database/tokens.js';
import type { TokenRow } from '../database/tokens.js';
import { RequestError } from '../request-error.js';
import { isSystemAccount } from './system-account.js';
import {
  isOperator,
  NO_TOKEN,
  outranks,
  requireScope,
  roleFor,
  scopes,
  scopesOfRole,
  type Caller,
  type Scope,
} from './caller.js';

/** Secrets begin with this, so that scanners and people recognise one that leaked. */
const PREFIX = 'portcullis_';
const SECRET_PATTERN = /^portcullis_[A-Za-z0-9_-]{43}$/;
const ACCOUNT_PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The account of whoever runs the store. */
export const OPERATOR_ACCOUNT = 'operator';

/** What a new token is to be. */
export interface TokenWish {
  readonly scopes: readonly Scope[];
  /** Null: every app of the account. */
  readonly appIds: readonly string[] | null;
  readonly label: string;
  readonly expiresAt: Date | null;
}

/** A token just made; the secret is shown this once and can't be had again. */
export interface NewToken {
  readonly id: string;
  readonly secret: string;
  readonly accountName: string;
}

/**
 * Whoever the bearer of `secret` is.
 *
 * @throws RequestError `UNAUTHENTICATED`, with the same words whether the token is unknown, revoked or expired;
 *   `ACCOUNT_SUSPENDED`
 */
export async function authenticate(db: Database, secret: string, at: Date): Promise<Caller> {
  const token = SECRET_PATTERN.test(secret) ? await table.findTokenBySecret(db, hashSecret(secret)) : null;
  // What a browser keeps in a cookie is no bearer token.
  if (token?.kind !== 'bearer' || !counts(token, at)) throw unauthenticated();
  requireGoodStanding(token);
  if (isNoteOfUseOld(token, at)) await table.noteTokenUse(db, token.id, at);
  return callerOfToken(token);
}

/** Whoever a token that counts speaks for. What its account's role doesn't allow, it doesn't either. */
export function callerOfToken(token: TokenRow): Caller {
  const allowed: readonly string[] = scopesOfRole[token.accountRole];
  return {
    accountId: token.accountId,
    accountName: token.accountName,
    tokenId: token.id,
    kind: token.kind,
    scopes: token.scopes.filter(isScope).filter((scope) => allowed.includes(scope)),
    appIds: token.appIds,
    expiresAt: token.expiresAt,
  };
}

/** @throws RequestError `ACCOUNT_SUSPENDED` */
export function requireGoodStanding({ accountSuspension }: Pick<TokenRow, 'accountSuspension'>): void {
  if (accountSuspension === null) return;
  throw new RequestError('ACCOUNT_SUSPENDED', `This account is suspended. The reason given: ${accountSuspension}`);
}

/**
 * Asks again whether the caller's token counts, in the transaction that is about to act on its word, and keeps it from
 * being revoked until that ends: an upload may take a quarter of an hour, and a token be revoked in the meantime, or its account suspended.
 *
 * @throws RequestError `UNAUTHENTICATED` or `ACCOUNT_SUSPENDED`
 */
export async function requireLiveToken(tx: Transaction, caller: Caller, at: Date): Promise<void> {
  // Whoever works on the database itself from the command line: no row of it could take that from them.
  if (caller.tokenId === NO_TOKEN) return;
  const token = await table.lockToken(tx, caller.tokenId);
  if (token === null || !counts(token, at)) throw unauthenticated();
  requireGoodStanding(token);
}

/**
 * Makes a token for an account, as an operator does on the command line.
 *
 * @throws RequestError `INVALID_REQUEST` for a token that may operate or moderate the store, but only for some apps, and for
 *   one that would speak for the gate itself
 */
export async function createToken(
  db: Queryable,
  account: AccountRow,
  wish: TokenWish,
  madeBy: number = account.id,
): Promise<NewToken> {
  const wide = wish.scopes.find(isForStore);
  if (wide !== undefined && wish.appIds !== null) {
    throw new RequestError(
      'INVALID_REQUEST',
      `A token with the scope "${wide}" is for the whole store, not for some apps.`,
    );
  }
  if (isSystemAccount(account.name)) {
    throw new RequestError(
      'INVALID_REQUEST',
      `The account "${account.name}" is the gate's own; no token speaks for it.`,
    );
  }
  const role = roleFor(wish.scopes);
  if (outranks(role, account.role)) {
    // Only who may make such tokens comes here: to give an account more than its role allows is to give it the role.
    await setAccountRole(db, account, { role, by: madeBy, reason: 'a token that needs it was made' });
  }
  const secret = PREFIX + randomBytes(32).toString('base64url');
  const kept = { ...wish, accountId: account.id, secretSha256: hashSecret(secret), signInMethod: null, madeBy };
  const id = await table.insertToken(db, kept);
  return { id, secret, accountName: account.name };
}

/**
 * The account that a token made by the operator speaks for when none is named: the first owner of the app, so that a
 * second token for an app works like the first; for an app without an owner an account named after it.
 */
export async function accountForApps(db: Queryable, appIds: readonly string[]): Promise<AccountRow> {
  const names = new Set<string>();
  for (const appId of appIds) names.add((await listOwners(db, appId))[0]?.name ?? appId);
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new RequestError('INVALID_REQUEST', 'These apps belong to several accounts; name the account of the token.');
  }
  return ensureAccount(db, name);
}

/** @throws RequestError `INVALID_REQUEST` where `name` can't name an account */
export async function namedAccount(db: Queryable, name: string): Promise<AccountRow> {
  if (!ACCOUNT_PATTERN.test(name)) {
    throw new RequestError('INVALID_REQUEST', 'An account name has 1 to 64 of a-z, 0-9, ".", "_" and "-".');
  }
  return ensureAccount(db, name);
}

/**
 * Makes another token for the caller's own account, never a mightier one than the caller's; an operator may make one
 * for any account.
 */
export async function createOwnToken(
  db: Database,
  caller: Caller,
  wish: TokenWish & { readonly account: string | null },
  at: Date,
): Promise<NewToken> {
  requireScope(caller, 'manage');
  if (wish.appIds?.some((appId) => !isAppId(appId))) {
    throw new RequestError('APP_ID_INVALID', 'One of the app ids is not valid.');
  }
  if (isOperator(caller)) {
    // A developer's token may outlive the operator's that made it; one that speaks for the store may not.
    const end = wish.scopes.some(isForStore) ? earlier(wish.expiresAt, tokenEnd(caller)) : wish.expiresAt;
    return inTransaction(db, async (tx) => {
      await requireLiveToken(tx, caller, at);
      const account = wish.account === null ? await ownAccountOf(tx, caller) : await namedAccount(tx, wish.account);
      return createToken(tx, account, { ...wish, expiresAt: end }, caller.accountId);
    });
  }
  if (wish.account !== null && wish.account !== caller.accountName) {
    throw new RequestError('SCOPE_INSUFFICIENT', 'Only an operator makes tokens for another account.');
  }
  for (const scope of wish.scopes) requireScope(caller, scope);
  if (!coversApps(caller, wish.appIds)) {
    throw new RequestError('SCOPE_INSUFFICIENT', 'A token can only be made for apps that your own token is made for.');
  }
  return inTransaction(db, async (tx) => {
    await requireLiveToken(tx, caller, at);
    return createToken(tx, await ownAccountOf(tx, caller), {
      ...wish,
      expiresAt: earlier(wish.expiresAt, tokenEnd(caller)),
    });
  });
}

/** The tokens the caller may manage, an operator everybody's; never a secret. */
export async function listOwnTokens(db: Database, caller: Caller): Promise<readonly TokenRow[]> {
  requireScope(caller, 'manage');
  if (isOperator(caller)) return table.listTokens(db, null);
  return (await table.listTokens(db, caller.accountId)).filter(({ appIds }) => coversApps(caller, appIds));
}

/**
 * Makes a token of the caller's count for nothing. Any token may revoke itself.
 *
 * @throws RequestError `NOT_FOUND` also where the token is somebody else's
 */
export async function revokeOwnToken(db: Database, caller: Caller, tokenId: string, at: Date): Promise<void> {
  if (tokenId !== caller.tokenId) requireScope(caller, 'manage');
  const token = await table.findToken(db, tokenId);
  const allowed = token !== null && mayManageToken(caller, token);
  if (!allowed) throw new RequestError('NOT_FOUND', 'There is no such token.');
  await inTransaction(db, (tx) => table.revokeToken(tx, tokenId, at, caller.accountId));
}

/** When what a caller's token makes must end, too; a session ends, but whoever signed in is still there. */
function tokenEnd({ kind, expiresAt }: Caller): Date | null {
  return kind === 'session' ? null : expiresAt;
}

/** The earlier of two times, where null is never. */
function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

async function ownAccountOf(db: Queryable, caller: Caller): Promise<AccountRow> {
  const account = await findAccount(db, caller.accountName);
  if (account === null) throw new Error('A caller without an account');
  return account;
}

function mayManageToken(caller: Caller, token: TokenRow): boolean {
  if (isOperator(caller) || token.id === caller.tokenId) return true;
  const isMine = token.accountId === caller.accountId && coversApps(caller, token.appIds);
  return isMine && !token.scopes.includes('operate');
}

/** True where the caller's token reaches every app in `appIds` (null: every app of the account). */
function coversApps(caller: Caller, appIds: readonly string[] | null): boolean {
  const own = caller.appIds;
  return own === null || (appIds?.every((appId) => own.includes(appId)) ?? false);
}

/** Whether the note of the token's last use is old enough to be written anew: a row for every request would be too much. */
function isNoteOfUseOld({ lastUsedAt }: TokenRow, at: Date): boolean {
  return lastUsedAt === null || at.getTime() - lastUsedAt.getTime() > 60_000;
}

function unauthenticated(): RequestError {
  return new RequestError('UNAUTHENTICATED', 'The token is unknown, expired or revoked.');
}

function counts(token: TokenRow, at: Date): boolean {
  return token.revokedAt === null && (token.expiresAt === null || token.expiresAt > at);
}

function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Whether a scope is for the whole store, and not for the apps of an account. */
function isForStore(scope: Scope): boolean {
  return scope === 'operate' || scope === 'moderate';
}

function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}
