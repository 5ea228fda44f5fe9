import { createHash, randomBytes } from 'node:crypto';
import { isAppId } from '../app/app-id.js';
import { findAccountSecrets } from '../database/account-secrets.js';
import { ensureAccount, findAccount, setAccountRole, type AccountRow } from '../database/accounts.js';
import { listOwners } from '../database/apps.js';
import { listIdentities } from '../database/identities.js';
import { inTransaction, type Database, type Queryable, type Transaction } from '../database/connect.js';
import { revokeInvitations } from '../database/invitations.js';
import * as table from '../database/tokens.js';
import type { TokenRow } from '../database/tokens.js';
import { RequestError } from '../request-error.js';
import { requireAccountName } from './account-name.js';
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

/** The account of whoever runs the store. */
export const OPERATOR_ACCOUNT = 'operator';

/** What a new token is to be. */
export interface TokenWish {
  readonly scopes: readonly Scope[];
  /** Null: every app of the account. */
  readonly appIds: readonly string[] | null;
  readonly label: string;
  readonly expiresAt: Date | null;
  /** The token or session that it is made with, and revoked with; none where it may outlive that. */
  readonly madeWith?: string;
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

/** Whether a token, or a session, counts at that time; whether its account is suspended is another question. */
export function counts(token: TokenRow, at: Date): boolean {
  const { revokedAt, endedAt, expiresAt, signInMethod, accountRole } = token;
  if (revokedAt !== null || endedAt !== null || (expiresAt !== null && expiresAt <= at)) return false;
  // A token begins no session that may do more than it, nor does one go on once its account may.
  return signInMethod !== 'token' || scopesOfRole[accountRole].every((scope) => token.scopes.includes(scope));
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
 * being revoked until that ends: an upload may take a quarter of an hour, and a token be revoked in the meantime, its account
 * suspended, or its role lowered.
 *
 * @throws RequestError `UNAUTHENTICATED`, `ACCOUNT_SUSPENDED` or `SCOPE_INSUFFICIENT`
 */
export async function requireLiveToken(tx: Transaction, caller: Caller, at: Date): Promise<void> {
  // Whoever works on the database itself from the command line: no row of it could take that from them.
  if (caller.tokenId === NO_TOKEN) return;
  const token = await table.lockToken(tx, caller.tokenId);
  if (token === null || !counts(token, at)) throw unauthenticated();
  requireGoodStanding(token);
  const allowed = scopesOfRole[token.accountRole];
  if (caller.scopes.every((scope) => allowed.includes(scope))) return;
  throw new RequestError('SCOPE_INSUFFICIENT', 'The role of this account was lowered meanwhile.');
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
 *
 * @throws RequestError `INVALID_REQUEST` where that is no one account, or somebody's who doesn't own the app
 */
export async function accountForApps(db: Queryable, appIds: readonly string[]): Promise<AccountRow> {
  const names = new Set<string>();
  for (const appId of appIds) names.add((await listOwners(db, appId))[0]?.name ?? appId);
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new RequestError('INVALID_REQUEST', 'These apps belong to several accounts; name the account of the token.');
  }
  const account = await ensureAccount(db, name);
  const owners = await listOwners(db, appIds[0] ?? '');
  // Whoever signs in under the name of an app that nobody owns would be given the app with it.
  if (!owners.some(({ id }) => id === account.id) && (await signsIn(db, account.id))) {
    throw new RequestError(
      'INVALID_REQUEST',
      `Somebody has the account "${name}", and the app has no owner yet; name the account of the token.`,
    );
  }
  return account;
}

/** Whether somebody can sign in to the account, and it is not merely a name that tokens were made for. */
async function signsIn(db: Queryable, accountId: number): Promise<boolean> {
  const { passwordHash } = await findAccountSecrets(db, accountId);
  return passwordHash !== null || (await listIdentities(db, accountId)).length > 0;
}

/** @throws RequestError `INVALID_REQUEST` where `name` can't name an account */
export async function namedAccount(db: Queryable, name: string): Promise<AccountRow> {
  requireAccountName(name);
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
    const bounds = wish.scopes.some(isForStore) ? boundsBy(caller, wish) : {};
    return inTransaction(db, async (tx) => {
      await requireLiveToken(tx, caller, at);
      const account = wish.account === null ? await ownAccountOf(tx, caller) : await namedAccount(tx, wish.account);
      return createToken(tx, account, { ...wish, ...bounds }, caller.accountId);
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
    return createToken(tx, await ownAccountOf(tx, caller), { ...wish, ...boundsBy(caller, wish) });
  });
}

/** The tokens the caller may manage, an operator everybody's; never a secret. */
export async function listOwnTokens(db: Database, caller: Caller): Promise<readonly TokenRow[]> {
  requireScope(caller, 'manage');
  if (isOperator(caller)) return table.listTokens(db, null);
  return (await table.listTokens(db, caller.accountId)).filter(({ appIds }) => coversApps(caller, appIds));
}

/**
 * Makes a token of the caller's count for nothing, and with it what stems from it, since perhaps somebody else had it: sessions
 * begun with it, tokens made with it or in these, and open invitations made with any of them. Of what an operator made only
 * tokens that speak for the store, which others that it made for may do without. The token that asks stays. Any may revoke itself.
 *
 * @throws RequestError `NOT_FOUND` also where the token is somebody else's
 */
export async function revokeOwnToken(db: Database, caller: Caller, tokenId: string, at: Date): Promise<void> {
  if (tokenId !== caller.tokenId) requireScope(caller, 'manage');
  const token = await table.findToken(db, tokenId);
  const allowed = token !== null && mayManageToken(caller, token);
  if (!allowed) throw new RequestError('NOT_FOUND', 'There is no such token.');
  const by = caller.accountId;
  await inTransaction(db, async (tx) => {
    const madeWith = await table.revokeToken(tx, tokenId, { at, by, spared: caller.tokenId });
    await revokeInvitations(tx, { madeWith }, { at, by });
  });
}

/**
 * What keeps a new token from outliving the one it is made with: it is revoked with that, and ends no later. A session ends,
 * but whoever signed in is still there.
 */
function boundsBy({ kind, tokenId, expiresAt }: Caller, wish: TokenWish): Pick<TokenWish, 'expiresAt' | 'madeWith'> {
  return {
    expiresAt: earlier(wish.expiresAt, kind === 'session' ? null : expiresAt),
    ...(tokenId !== NO_TOKEN && { madeWith: tokenId }),
  };
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
  // One that operates no longer, its account being lowered, would again with another role.
  return isMine && !callerOfToken(token).scopes.includes('operate');
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
