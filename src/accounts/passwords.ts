import { lockAccountSecrets, setPasswordHash, setTotpSecret } from '../database/account-secrets.js';
import { findAccount, type Account, type AccountRow } from '../database/accounts.js';
import { appendAuditEntry } from '../database/audit-log.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { listIdentities } from '../database/identities.js';
import { revokeInvitations } from '../database/invitations.js';
import { replaceRecoveryCodes } from '../database/recovery-codes.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { localOperator } from './local-operator.js';
import { requireOwnHand, requirePassword, requireSamePassword } from './own-hand.js';
import { hashPassword } from './password-hash.js';
import { requireGoodPassword } from './password-rules.js';
import { endMistrustedSessions, type Session } from './sessions.js';
import { isSystemAccount } from './system-account.js';
import { requireLiveToken } from './tokens.js';

/** A new password, hashed: for whoever must not hash in a transaction. */
export interface HashedPassword {
  readonly hash: string;
}

/**
 * Judges a new password and hashes it, which takes a while.
 *
 * @throws RequestError `PASSWORD_REFUSED`, or `UNAVAILABLE` where too many wait
 */
export async function hashNewPassword(password: string, accountName: string): Promise<HashedPassword> {
  requireGoodPassword(password, accountName);
  return { hash: await hashPassword(password) };
}

/**
 * Gives an account a password, in the place of any it had: a new account's first, or one in the place of one that was forgotten. Every session
 * of the account ends. Better given hashed ({@link hashNewPassword}), for nothing waits in a transaction then.
 *
 * @throws RequestError `PASSWORD_REFUSED`, or `UNAVAILABLE`
 */
export async function setFirstPassword(
  tx: Transaction,
  gate: Pick<Gate, 'now'>,
  account: Account,
  password: string | HashedPassword,
): Promise<void> {
  const { hash } = typeof password === 'string' ? await hashNewPassword(password, account.name) : password;
  await keepPassword(tx, account, { hash, at: gate.now(), by: account.id, keptSession: null });
}

/**
 * Changes the password of whoever is signed in, or gives them their first; every other session of the account ends.
 *
 * @param change.current null only where there is no password yet, see {@link requireOwnHand}
 * @throws RequestError `SIGN_IN_FAILED` where `current` is not the password, `TOO_MANY_ATTEMPTS`, `PASSWORD_REFUSED`,
 *   `UNAUTHENTICATED` or `ACCOUNT_SUSPENDED` where the session ended meanwhile
 */
export async function changePassword(
  gate: Gate,
  session: Session,
  { current, next }: { readonly current: string | null; readonly next: string },
): Promise<void> {
  const account = { id: session.caller.accountId, name: session.caller.accountName };
  requireGoodPassword(next, account.name);
  const known = await requireOwnHand(gate, session.caller, current);
  const hash = await hashPassword(next);
  await inTransaction(gate.database, async (tx) => {
    await requireSamePassword(tx, account, known);
    await requireLiveToken(tx, session.caller, gate.now());
    await keepPassword(tx, account, { hash, at: gate.now(), by: account.id, keptSession: session.id });
  });
}

/**
 * Takes the password away from whoever signs in with a provider instead; every other session of the account ends.
 *
 * @throws RequestError `INVALID_REQUEST` where there would be no way in left, or there is a second factor, which is one to a
 *   password; otherwise as {@link changePassword}
 */
export async function removePassword(
  gate: Gate,
  session: Session,
  { current }: { readonly current: string },
): Promise<void> {
  const account = { id: session.caller.accountId, name: session.caller.accountName };
  const known = await requirePassword(gate, account, current);
  await inTransaction(gate.database, async (tx) => {
    const secrets = await requireSamePassword(tx, account, known);
    await requireLiveToken(tx, session.caller, gate.now());
    if (secrets.totpConfirmedAt !== null) {
      throw new RequestError('INVALID_REQUEST', 'Remove the second factor first: it is asked for with the password.');
    }
    if ((await listIdentities(tx, account.id)).length === 0) {
      throw new RequestError('INVALID_REQUEST', 'The password is the only way to sign in to this account; it stays.');
    }
    await keepPassword(tx, account, { hash: null, at: gate.now(), by: account.id, keptSession: session.id });
  });
}

/**
 * Gives an account a password, as an operator does on the store's own machine. Every session of the account ends.
 *
 * @param options.removeSecondFactor for whoever lost theirs, with the recovery codes
 * @throws RequestError `NOT_FOUND`, `PASSWORD_REFUSED`
 */
export async function setPasswordAsOperator(
  gate: Pick<Gate, 'database' | 'now'>,
  accountName: string,
  password: string,
  { removeSecondFactor = false }: { readonly removeSecondFactor?: boolean } = {},
): Promise<AccountRow> {
  const account = isSystemAccount(accountName) ? null : await findAccount(gate.database, accountName);
  if (account === null) throw new RequestError('NOT_FOUND', 'There is no such account.');
  const { hash } = await hashNewPassword(password, accountName);
  await inTransaction(gate.database, async (tx) => {
    const { accountId: by } = await localOperator(tx);
    const { totpConfirmedAt } = await lockAccountSecrets(tx, account.id);
    await keepPassword(tx, account, { hash, at: gate.now(), by, keptSession: null });
    if (removeSecondFactor && totpConfirmedAt !== null) await dropSecondFactor(tx, account, by);
  });
  return account;
}

/** Takes the second factor from an account, on the word of the account `by`. The caller holds the account's secrets. */
export async function dropSecondFactor(tx: Transaction, account: Account, by: number): Promise<void> {
  await setTotpSecret(tx, account.id, null);
  await replaceRecoveryCodes(tx, account.id, []);
  await auditAccount(tx, account, { kind: 'account-second-factor-removed', by });
}

/** Writes down something that became of an account; nothing of the secret itself. */
export async function auditAccount(
  tx: Transaction,
  account: Account,
  { kind, by, after }: { readonly kind: `account-${string}`; readonly by: number; readonly after?: object },
): Promise<void> {
  await appendAuditEntry(tx, {
    kind,
    accountId: by,
    appId: null,
    subject: { type: 'account', id: account.name },
    reason: '',
    ...(after !== undefined && { after: { ...after } }),
  });
}

async function keepPassword(
  tx: Transaction,
  account: Account,
  change: { readonly hash: string | null; readonly at: Date; readonly by: number; readonly keptSession: string | null },
): Promise<void> {
  const { hash, at, by, keptSession } = change;
  const { passwordHash: before } = await lockAccountSecrets(tx, account.id);
  await setPasswordHash(tx, account.id, hash, at);
  const kind = hash === null ? 'account-password-removed' : 'account-password-changed';
  await auditAccount(tx, account, { kind, by, after: { isFirst: before === null } });
  await endMistrustedSessions(tx, account.id, { at, by, except: keptSession });
  // A link that somebody else had sent, to an address they could read, would undo all this.
  await revokeInvitations(tx, { passwordResetsOf: account.id }, { by, at });
}
