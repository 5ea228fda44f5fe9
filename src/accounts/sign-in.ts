import { findAccountSecrets, lockAccountSecrets, replacePasswordHash } from '../database/account-secrets.js';
import { findAccount, lockAccount, type AccountRow } from '../database/accounts.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import type { SignInMethod } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { isAccountName } from './account-name.js';
import { beginTry } from './attempts.js';
import { isOperator, scopesOfRole, type Caller } from './caller.js';
import { hashPassword, isHashOutdated, isPassword } from './password-hash.js';
import { countingCode, spendSecondFactor } from './second-factor.js';
import { beginSession, type NewSession } from './sessions.js';
import { triesOfAddress, triesOfSignIn } from './sign-in-bounds.js';
import { authenticate, requireLiveToken } from './tokens.js';

/** What came of a sign-in: a session, or the question for the second factor, asked only after the right password. */
export type SignedIn = { readonly kind: 'session'; readonly session: NewSession } | { readonly kind: 'code-needed' };

/** What somebody gives to sign in with a password. */
export interface PasswordSignIn {
  readonly name: string;
  readonly password: string;
  /** A value of the second factor, or a recovery code; null where none was asked for yet. */
  readonly code: string | null;
  /** Where the request comes from, as far as that is known. */
  readonly address: string;
  /** What the browser calls itself. */
  readonly label: string;
}

/**
 * Signs somebody in with a password, and the second factor where they have one. Whether there is an account of that name is not
 * to be learned here: an unknown name, a wrong password and an account without one have the same words, the same work and the
 * same bounds.
 *
 * @throws RequestError `SIGN_IN_FAILED`; `TOO_MANY_ATTEMPTS`; after the right password also `ACCOUNT_SUSPENDED`; `UNAVAILABLE`
 *   where too many sign in at once
 */
export async function signInWithPassword(gate: Gate, given: PasswordSignIn): Promise<SignedIn> {
  const { database, log } = gate;
  const name = given.name.trim().toLowerCase().slice(0, 200);
  const counted = await beginTry(database, triesOfSignIn(name, given.address), gate.now());
  const known = await findPassword(gate, name);
  const isRight = await isPassword(known.hash, given.password).catch(async (error: unknown) => {
    await counted.forget();
    throw error;
  });
  if (!isRight || known.account === null || known.hash === null) {
    // A name that no account has is not logged: people type passwords there.
    log.info({ account: known.account?.name ?? null, address: given.address }, 'a sign-in failed');
    throw wrongPassword();
  }
  await counted.succeed();
  requireStanding(known.account);
  const signedIn = await signInAfterPassword(gate, known.account, given, known.changedAt);
  if (isHashOutdated(known.hash)) await rehash(gate, known.account, known.hash, given.password);
  return signedIn;
}

/** @param changedAt when the password was set that was given: whoever sets another meanwhile keeps somebody out */
async function signInAfterPassword(
  gate: Gate,
  account: AccountRow,
  { code, label, address }: PasswordSignIn,
  changedAt: Date | null,
): Promise<SignedIn> {
  const begin = async (tx: Transaction, method: SignInMethod): Promise<SignedIn> => {
    const now = await lockAccount(tx, account.name);
    if (now === null) throw wrongPassword();
    requireStanding(now);
    return { kind: 'session', session: await beginSession(tx, gate, now, { method, label }) };
  };
  const holdSecondFactor = async (tx: Transaction): Promise<boolean> => {
    const { passwordChangedAt, totpConfirmedAt } = await lockAccountSecrets(tx, account.id);
    if (passwordChangedAt?.getTime() !== changedAt?.getTime()) throw wrongPassword();
    return totpConfirmedAt !== null;
  };
  if (code === null) {
    return inTransaction(gate.database, async (tx) =>
      (await holdSecondFactor(tx)) ? { kind: 'code-needed' } : begin(tx, 'password'),
    );
  }
  return countingCode(gate, account, async (tx) => {
    if (!(await holdSecondFactor(tx))) return begin(tx, 'password');
    if (await spendSecondFactor(tx, gate, account, code)) return begin(tx, 'password+totp');
    gate.log.warn(
      { account: account.name, address },
      'a sign-in failed at the second factor, after the right password',
    );
    return null;
  });
}

/** Keeps the password under the parameters of today. Where that can't be done now, another sign-in does it. */
async function rehash({ database, log }: Gate, account: AccountRow, old: string, password: string): Promise<void> {
  try {
    await replacePasswordHash(database, account.id, old, await hashPassword(password));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    log.warn({ account: account.name, reason: error.message }, 'a password keeps its outdated hash');
  }
}

/**
 * Signs somebody in with a bearer token of theirs: how the first administrator comes in. The session ends with the token. What a
 * session may do the token must allow, and it must not end by itself: nobody gets more out of it than was put into it.
 *
 * @throws RequestError `SIGN_IN_FAILED`, `ACCOUNT_SUSPENDED`, `SCOPE_INSUFFICIENT`, `TOO_MANY_ATTEMPTS`
 */
export async function signInWithToken(
  gate: Gate,
  { token, label, address }: { readonly token: string; readonly label: string; readonly address: string },
): Promise<NewSession> {
  const counted = await beginTry(gate.database, triesOfAddress(address), gate.now());
  const caller = await authenticate(gate.database, token.trim(), gate.now()).catch(async (error: unknown) => {
    if (!(error instanceof RequestError) || error.code !== 'UNAUTHENTICATED') {
      await counted.forget();
      throw error;
    }
    gate.log.info({ address }, 'a sign-in with a token failed');
    throw new RequestError('SIGN_IN_FAILED', 'This token is unknown, expired or revoked.');
  });
  await counted.succeed();
  return inTransaction(gate.database, async (tx) => {
    await requireLiveToken(tx, caller, gate.now());
    const account = await findAccount(tx, caller.accountName);
    if (account === null) throw new Error('A caller without an account');
    requireWholeAccount(caller, account);
    return beginSession(tx, gate, account, { method: 'token', label, signedInWith: caller.tokenId });
  });
}

/** @throws RequestError `SCOPE_INSUFFICIENT` where a session may do more than the token */
function requireWholeAccount(caller: Caller, { role }: AccountRow): void {
  if (caller.expiresAt !== null) {
    throw new RequestError('SCOPE_INSUFFICIENT', 'A token that expires does not sign in to the console.');
  }
  const mayDoAll = caller.appIds === null && scopesOfRole[role].every((scope) => caller.scopes.includes(scope));
  if (isOperator(caller) || mayDoAll) return;
  throw new RequestError(
    'SCOPE_INSUFFICIENT',
    `To sign in, a token must be made for every app of the account, with the scopes ${scopesOfRole[role].join(', ')}.`,
  );
}

/** The account of that name and its password; the same questions to the database whether or not there is one. */
async function findPassword(
  { database }: Gate,
  name: string,
): Promise<{ readonly account: AccountRow | null; readonly hash: string | null; readonly changedAt: Date | null }> {
  const account = await findAccount(database, isAccountName(name) ? name : '');
  const { passwordHash, passwordChangedAt } = await findAccountSecrets(database, account?.id ?? 0);
  return { account, hash: passwordHash, changedAt: passwordChangedAt };
}

/** @throws RequestError `ACCOUNT_SUSPENDED` */
export function requireStanding({ suspensionReason }: Pick<AccountRow, 'suspensionReason'>): void {
  if (suspensionReason === null) return;
  throw new RequestError('ACCOUNT_SUSPENDED', `This account is suspended. The reason given: ${suspensionReason}`);
}

function wrongPassword(): RequestError {
  return new RequestError('SIGN_IN_FAILED', 'The name or the password is wrong.');
}
