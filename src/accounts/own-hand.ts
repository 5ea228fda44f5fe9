import { findAccountSecrets, lockAccountSecrets } from '../database/account-secrets.js';
import type { Account } from '../database/accounts.js';
import type { Transaction } from '../database/connect.js';
import { findToken } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { beginTry } from './attempts.js';
import type { Caller } from './caller.js';
import { isPassword } from './password-hash.js';
import { triesOfAccount } from './sign-in-bounds.js';

/** Whoever signed in so long ago may have left the browser to somebody else. */
const FRESH_MS = 10 * 60 * 1000;

/**
 * Asks for proof that it is the account's owner who acts, before anything that makes a way in which lasts: a browser left open, a
 * stolen cookie or token, is not enough. It is the password; in a session of an account that has none, a sign-in of the last
 * minutes.
 *
 * @param password null only where there is no password
 * @returns the hash that it was checked against, to be compared in the transaction that acts; null where there is none
 * @throws RequestError `SIGN_IN_FAILED`, or `TOO_MANY_ATTEMPTS`
 */
export async function requireOwnHand(
  gate: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  password: string | null,
): Promise<string | null> {
  const known = await requirePassword(gate, { id: caller.accountId, name: caller.accountName }, password);
  if (known !== null || caller.kind === 'bearer') return known;
  const session = await findToken(gate.database, caller.tokenId);
  if (session !== null && gate.now().getTime() - session.createdAt.getTime() < FRESH_MS) return known;
  throw new RequestError(
    'SIGN_IN_FAILED',
    'You signed in a while ago, and your account has no password to ask for: sign out and in again, then do this at once.',
  );
}

/**
 * Asks for the password before something that only its owner may do: a browser left open, or a stolen cookie, is not enough.
 *
 * @param password null only where there is no password
 * @returns the hash that it was checked against; null where there is no password
 * @throws RequestError `SIGN_IN_FAILED`, or `TOO_MANY_ATTEMPTS`
 */
export async function requirePassword(
  gate: Pick<Gate, 'database' | 'now'>,
  account: Account,
  password: string | null,
): Promise<string | null> {
  const { passwordHash } = await findAccountSecrets(gate.database, account.id);
  if (passwordHash === null && password === null) return null;
  const counted = await beginTry(gate.database, triesOfAccount(account), gate.now());
  const matches = await isPassword(passwordHash, password ?? '').catch(async (error: unknown) => {
    await counted.forget();
    throw error;
  });
  if (!matches) throw new RequestError('SIGN_IN_FAILED', 'The current password is wrong.');
  await counted.succeed();
  return passwordHash;
}

/** Holds the account's secrets. @throws RequestError `SIGN_IN_FAILED` where the password is another than was asked for */
export async function requireSamePassword(
  tx: Transaction,
  account: Account,
  known: string | null,
): ReturnType<typeof lockAccountSecrets> {
  const secrets = await lockAccountSecrets(tx, account.id);
  if (secrets.passwordHash === known) return secrets;
  throw new RequestError('SIGN_IN_FAILED', 'The password was changed meanwhile.');
}
