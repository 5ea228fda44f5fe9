import { createAccount, holdAccount, lockAccount, setAccountRole, type AccountRow } from '../database/accounts.js';
import { listOwners } from '../database/apps.js';
import type { Queryable, Transaction } from '../database/connect.js';
import { lockAccountSecrets } from '../database/account-secrets.js';
import { listIdentities } from '../database/identities.js';
import { closeInvitation, type InvitationRow } from '../database/invitations.js';
import { findToken } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { joinOwners, takeOverApp } from '../releases/hand-over-app.js';
import { RequestError } from '../request-error.js';
import { requireAccountName } from './account-name.js';
import { outranks, requireApp, requireScope, scopesOfRole, type Caller } from './caller.js';
import { isFreeForStrangers } from './free-name.js';
import type { LinkParts } from './one-time-link.js';
import { hashNewPassword, setFirstPassword, type HashedPassword } from './passwords.js';
import { beginSession, type NewSession } from './sessions.js';
import { isSystemAccount } from './system-account.js';
import { OPERATOR_ACCOUNT, requireLiveToken } from './tokens.js';

/** Who accepts an invitation, and with what. */
export type Acceptance = (
  | { readonly caller: Caller }
  | { readonly newAccount: { readonly name: string; readonly password: string } }
  | { readonly newPassword: string }
) & {
  /** What the browser calls itself, for the session of a new account; null: no session is wanted. */
  readonly label: string | null;
};

/** What came of an invitation. */
export interface Accepted {
  readonly invitation: InvitationRow;
  readonly account: AccountRow;
  /** Of a new account, where one was asked for; null otherwise. */
  readonly session: NewSession | null;
}

type Parts = LinkParts & Pick<Gate, 'sessionIdleMs' | 'reservedAppIds'>;

/**
 * Judges and hashes the password that an acceptance brings, which takes a while, before anything is locked; null where it
 * brings none.
 *
 * @throws RequestError `PASSWORD_REFUSED`, `INVALID_REQUEST`, or `UNAVAILABLE` where too many wait
 */
export async function hashPasswordOf(
  invitation: InvitationRow,
  acceptance: Acceptance,
): Promise<HashedPassword | null> {
  if ('newPassword' in acceptance) return hashNewPassword(acceptance.newPassword, invitation.accountName ?? '');
  if (!('newAccount' in acceptance)) return null;
  requireAccountName(acceptance.newAccount.name);
  return hashNewPassword(acceptance.newAccount.password, acceptance.newAccount.name);
}

/**
 * Does what an open invitation says, in the transaction that holds its lock, that on its app and that on people.
 *
 * @param password as {@link hashPasswordOf} made it
 * @throws RequestError as `acceptInvitation` does
 */
export async function acceptUnderLock(
  tx: Transaction,
  gate: Parts,
  invitation: InvitationRow,
  acceptance: Acceptance,
  password: HashedPassword | null,
): Promise<Accepted> {
  // What the inviter may do is what stands when it counts; it stays so until the commit.
  await requireStandingInviter(tx, invitation, await holdAccount(tx, invitation.invitedById));
  if (invitation.kind === 'password-reset') {
    return resetPassword(tx, gate, invitation, 'newPassword' in acceptance ? password : null);
  }
  const { account, session } = await accountOf(tx, gate, invitation, acceptance, password);
  if (invitation.kind === 'account') await raiseRole(tx, invitation, account);
  else {
    const { appId, invitedBy } = invitation;
    const taker = { appId: appId ?? '', account, invitedBy };
    await (invitation.kind === 'transfer' ? takeOverApp(tx, taker) : joinOwners(tx, taker));
  }
  return { invitation: await close(tx, gate, invitation, account), account, session };
}

/**
 * Whether an inviter may still invite to what they invited to: their account is good, their token was not revoked, they still
 * have the role, or own the app. What anybody asks for without an account, a new password, needs none of it.
 *
 * @throws RequestError `INVITATION_INVALID`
 */
export async function requireStandingInviter(
  db: Queryable,
  { kind, role, appId, accountId, tokenId }: InvitationRow,
  inviter: AccountRow | null,
): Promise<void> {
  if (kind === 'password-reset') return;
  if (inviter?.suspendedAt !== null) throw noLongerGood();
  if (tokenId !== null && (await findToken(db, tokenId))?.revokedAt !== null) throw noLongerGood();
  const may = scopesOfRole[inviter.role];
  if (may.includes('operate')) return;
  if (kind === 'account') {
    // What is more than a new developer's account only administrators give.
    if (may.includes('moderate') && role === 'developer' && accountId === null) return;
    throw noLongerGood();
  }
  const owners = await listOwners(db, appId ?? '');
  if (!owners.some(({ id }) => id === inviter.id)) throw noLongerGood();
}

/** Whoever accepts: the caller, or an account made of a name and a password. */
async function accountOf(
  tx: Transaction,
  gate: Parts,
  invitation: InvitationRow,
  acceptance: Acceptance,
  password: HashedPassword | null,
): Promise<Pick<Accepted, 'account' | 'session'>> {
  if ('caller' in acceptance)
    return { account: await signedIn(tx, gate, invitation, acceptance.caller), session: null };
  if (!('newAccount' in acceptance) || password === null) {
    throw new RequestError('INVALID_REQUEST', 'This link is to more than a new password: sign in, or choose a name.');
  }
  // Who owns an app decides about that app, and not about who is in the store.
  if (invitation.kind !== 'account') {
    throw new RequestError(
      'INVALID_REQUEST',
      'An app is for somebody who has an account here: sign in. Those who run the store invite whoever has none.',
    );
  }
  const account = await newcomer(tx, gate, invitation, acceptance.newAccount.name);
  await setFirstPassword(tx, gate, account, password);
  const session =
    acceptance.label === null
      ? null
      : await beginSession(tx, gate, account, { method: 'invitation', label: acceptance.label });
  return { account, session };
}

async function signedIn(tx: Transaction, gate: Parts, invitation: InvitationRow, caller: Caller): Promise<AccountRow> {
  await requireLiveToken(tx, caller, gate.now());
  requireScope(caller, 'manage');
  if (invitation.appId !== null) requireApp(caller, invitation.appId);
  else if (caller.appIds !== null) {
    throw new RequestError('SCOPE_INSUFFICIENT', 'This token is made for some apps only.');
  }
  if (invitation.accountName !== null && invitation.accountName !== caller.accountName) {
    throw new RequestError('SCOPE_INSUFFICIENT', 'This invitation is for another account.');
  }
  const account = await lockAccount(tx, caller.accountName);
  if (account === null) throw new Error('A caller without an account');
  return account;
}

/** An account for somebody who had none to sign in to: a new one, or the very one that an administrator invited. */
async function newcomer(tx: Transaction, gate: Parts, invitation: InvitationRow, name: string): Promise<AccountRow> {
  const { accountName, accountId } = invitation;
  if (accountName !== null && accountName !== name) {
    throw new RequestError('SCOPE_INSUFFICIENT', 'This invitation is for another account.');
  }
  const canSignIn = accountId !== null && (await hasWayIn(tx, accountId));
  const existing = await lockAccount(tx, name);
  if (existing !== null) {
    // Without this whoever is let into the store could choose the name of somebody who is there, and be them.
    if (accountId !== existing.id || canSignIn) throw nameTaken(name);
    if (existing.suspendedAt !== null) throw noLongerGood();
    return existing;
  }
  if (isSystemAccount(name) || name === OPERATOR_ACCOUNT) throw nameTaken(name);
  // What name somebody was invited by is for the inviter to answer.
  if (accountName === null && !(await isFreeForStrangers(tx, gate, name))) {
    throw new RequestError('NAME_TAKEN', `The name "${name}" is not to be had; choose another one.`);
  }
  const role = invitation.role ?? 'developer';
  const made = await createAccount(tx, { name, role, email: invitation.email }, invitation.invitedById);
  // Somebody else made it since we looked.
  if (made === null) throw nameTaken(name);
  return made;
}

/** Whether somebody signs in to the account already; held so until the transaction ends. */
async function hasWayIn(tx: Transaction, accountId: number): Promise<boolean> {
  const { passwordHash } = await lockAccountSecrets(tx, accountId);
  return passwordHash !== null || (await listIdentities(tx, accountId)).length > 0;
}

async function raiseRole(tx: Transaction, { role, invitedById }: InvitationRow, account: AccountRow): Promise<void> {
  if (role === null || !outranks(role, account.role)) return;
  await setAccountRole(tx, account, { role, by: invitedById, reason: 'accepted an invitation' });
}

/** A new password for the account that asked for one. A second factor stays, and nobody is signed in by this. */
async function resetPassword(
  tx: Transaction,
  gate: Parts,
  invitation: InvitationRow,
  password: HashedPassword | null,
): Promise<Accepted> {
  const { accountId, accountName, email } = invitation;
  if (password === null || accountId === null) {
    throw new RequestError('INVALID_REQUEST', 'This link is to a new password, and to nothing else.');
  }
  await lockAccountSecrets(tx, accountId);
  const account = await lockAccount(tx, accountName ?? '');
  // A link to an address that the account has given up since is nobody's.
  if (account?.suspendedAt !== null || account.email !== email) throw noLongerGood();
  // Before the password is set, which closes every other link to one.
  const closed = await close(tx, gate, invitation, account);
  await setFirstPassword(tx, gate, account, password);
  return { invitation: closed, account, session: null };
}

async function close(
  tx: Transaction,
  gate: Parts,
  row: InvitationRow,
  { id, name }: AccountRow,
): Promise<InvitationRow> {
  const at = gate.now();
  await closeInvitation(tx, row, { as: 'accepted', by: id, at });
  return { ...row, closedAt: at, closedAs: 'accepted', acceptedBy: name };
}

function nameTaken(name: string): RequestError {
  return new RequestError('NAME_TAKEN', `There is an account "${name}" already; sign in to accept as that account.`);
}

function noLongerGood(): RequestError {
  return new RequestError('INVITATION_INVALID', 'This link is unknown, used, revoked or expired. Ask for another one.');
}
