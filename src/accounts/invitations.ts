import { setTimeout as pause } from 'node:timers/promises';
import { findAccount, lockPeople, type AccountRow } from '../database/accounts.js';
import { listOwners, lockApp } from '../database/apps.js';
import { inTransaction, type Queryable, type Transaction } from '../database/connect.js';
import {
  closeInvitation,
  findInvitation,
  findInvitationBySecret,
  listInvitations as listRows,
  lockInvitation,
  type InvitationRow,
} from '../database/invitations.js';
import type { Gate } from '../gate.js';
import { isMailAddress } from '../mail-address.js';
import { requireOwner } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';
import {
  acceptUnderLock,
  hashPasswordOf,
  requireStandingInviter,
  type Accepted,
  type Acceptance,
} from './accept-invitation.js';
import { isAccountName, requireAccountName } from './account-name.js';
import { countAttempt } from './attempts.js';
import {
  isModerator,
  isOperator,
  NO_TOKEN,
  requireModerator,
  requireOperator,
  requireScope,
  type Caller,
  type Role,
} from './caller.js';
import { makeLink, secretHash, type LinkParts, type MadeLink } from './one-time-link.js';
import { sendPasswordResets } from './password-reset.js';
import { isSystemAccount } from './system-account.js';
import { requireLiveToken } from './tokens.js';

/** What is asked of the gate to accept an invitation: a new account gets a password, and a session. */
export type AcceptanceParts = LinkParts & Pick<Gate, 'sessionIdleMs' | 'reservedAppIds'>;

const DAY_MS = 24 * 60 * 60 * 1000;

/** So many a day, since each may be mail to anybody. */
const INVITATIONS_A_DAY = 30;

/**
 * Invites somebody to the store: moderators as developers, administrators as anything. With a name that exists already, which
 * only administrators may give, it is for that account: it gets the role and, where it never signed in with a password, one.
 *
 * @param wish.name the name that the account will have; null: whoever accepts chooses, or is signed in already
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NAME_TAKEN`, `INVALID_REQUEST`, `TOO_MANY_ATTEMPTS`
 */
export async function inviteAccount(
  gate: LinkParts,
  caller: Caller,
  wish: { readonly name: string | null; readonly role: Role; readonly email: string | null },
): Promise<MadeLink> {
  requireModerator(caller);
  if (wish.role !== 'developer') requireOperator(caller);
  if (wish.name !== null) requireAccountName(wish.name);
  if (wish.name !== null && isSystemAccount(wish.name)) throw nameTaken(wish.name);
  requireMailAddress(wish.email);
  await countInvitation(gate, caller);
  return inTransaction(gate.database, async (tx) => {
    await requireLiveToken(tx, caller, gate.now());
    const existing = wish.name === null ? null : await findAccount(tx, wish.name);
    if (existing !== null && !isOperator(caller)) throw nameTaken(existing.name);
    return makeLink(tx, gate, {
      kind: 'account',
      accountName: wish.name,
      accountId: existing?.id ?? null,
      role: wish.role,
      appId: null,
      email: wish.email ?? existing?.email ?? null,
      ...inviterOf(caller),
    });
  });
}

/** Whom an app is offered to. */
export interface AppOffer {
  readonly appId: string;
  /** The account that alone may accept; null: whoever has the link. */
  readonly account: string | null;
  readonly email: string | null;
}

/**
 * Invites somebody who has an account to become an owner of an app, beside the others. It can be accepted for as long as the inviter is an owner,
 * or an administrator.
 *
 * @throws RequestError `NOT_OWNER`, `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `INVALID_REQUEST`, `TOO_MANY_ATTEMPTS`
 */
export async function inviteCoOwner(gate: LinkParts, caller: Caller, offer: AppOffer): Promise<MadeLink> {
  return offerApp(gate, caller, 'co-owner', offer);
}

/** Offers an app: whoever accepts becomes its only owner. Otherwise as {@link inviteCoOwner}. */
export async function offerTransfer(gate: LinkParts, caller: Caller, offer: AppOffer): Promise<MadeLink> {
  return offerApp(gate, caller, 'transfer', offer);
}

async function offerApp(
  gate: LinkParts,
  caller: Caller,
  kind: 'co-owner' | 'transfer',
  { appId, account, email }: AppOffer,
): Promise<MadeLink> {
  requireMailAddress(email);
  // Before anything is counted or locked, and again under the lock.
  await requireOwner(gate.database, caller, appId);
  await countInvitation(gate, caller);
  return inTransaction(gate.database, async (tx) => {
    if ((await lockApp(tx, appId)) === null) throw new RequestError('NOT_FOUND', 'There is no such app.');
    await requireOwner(tx, caller, appId);
    await requireLiveToken(tx, caller, gate.now());
    const invited = account === null ? null : await accountNamed(tx, account);
    return makeLink(tx, gate, {
      kind,
      accountName: invited?.name ?? null,
      accountId: invited?.id ?? null,
      role: null,
      appId,
      // One for a certain account goes to the address that this account has, and to no other.
      email: invited === null ? email : invited.email,
      ...inviterOf(caller),
    });
  });
}

/**
 * Sends a link to a new password to whoever has that name or address, where the store sends mail and knows an address. The
 * answer is the same, and takes the same time, whether there is such an account.
 */
export async function requestPasswordReset(gate: LinkParts, wish: { readonly nameOrEmail: string }): Promise<void> {
  await Promise.all([sendPasswordResets(gate, wish.nameOrEmail.trim()), pause(RESET_ANSWER_MS)]);
}

/** Longer than it ever takes to find an account and to write down mail to it. */
const RESET_ANSWER_MS = 400;

/**
 * What a link is to, for whoever has it.
 *
 * @throws RequestError `INVITATION_INVALID`, with the same words whether it is unknown, used, revoked or expired, or its inviter
 *   may no longer invite to it
 */
export async function readInvitation(gate: Pick<Gate, 'database' | 'now'>, secret: string): Promise<InvitationRow> {
  const invitation = await findOpen(gate.database, secret, gate.now());
  await requireStandingInviter(gate.database, invitation, await findAccount(gate.database, invitation.invitedBy));
  return invitation;
}

/**
 * Accepts an invitation, once: as the account that is signed in, or, where it is to the store, as one that is made of a name and a
 * password; a link to a new password takes only that. One that names an account is accepted by that account alone.
 *
 * @returns the account that accepted, and its session where one was made and `label` asks for a session
 * @throws RequestError `INVITATION_INVALID` as {@link readInvitation}, `SCOPE_INSUFFICIENT`, `NAME_TAKEN`, `PASSWORD_REFUSED`,
 *   `INVALID_REQUEST`, and what is wrong with the caller's token
 */
export async function acceptInvitation(
  gate: AcceptanceParts,
  secret: string,
  acceptance: Acceptance,
): Promise<Accepted> {
  const found = await findOpen(gate.database, secret, gate.now());
  const password = await hashPasswordOf(found, acceptance);
  return inTransaction(gate.database, async (tx) => {
    const invitation = await lockOpen(tx, found, gate.now());
    return acceptUnderLock(tx, gate, invitation, acceptance, password);
  });
}

/**
 * Declines an invitation, for good.
 *
 * @throws RequestError `INVITATION_INVALID`
 */
export async function declineInvitation(
  gate: Pick<Gate, 'database' | 'now'>,
  secret: string,
  caller: Caller | null = null,
): Promise<void> {
  const found = await findOpen(gate.database, secret, gate.now());
  await inTransaction(gate.database, async (tx) => {
    const at = gate.now();
    const invitation = await lockOpen(tx, found, at);
    await closeInvitation(tx, invitation, { as: 'declined', by: caller?.accountId ?? null, at });
  });
}

/**
 * Makes an invitation count for nothing: for whoever made it, owners of the app it is to, and administrators.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, also where it is none of the caller's business, `INVITATION_INVALID`
 *   where it was accepted, declined or revoked already
 */
export async function revokeInvitation(
  gate: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  id: string,
): Promise<void> {
  requireScope(caller, 'manage');
  await inTransaction(gate.database, async (tx) => {
    const found = await findInvitation(tx, id);
    if (found === null || !(await mayRevoke(tx, caller, found))) throw noSuchInvitation();
    if (found.appId !== null) await lockApp(tx, found.appId);
    const invitation = await lockInvitation(tx, id);
    await requireLiveToken(tx, caller, gate.now());
    if (invitation === null) throw noSuchInvitation();
    if (invitation.closedAt !== null) throw new RequestError('INVITATION_INVALID', 'It is closed already.');
    await closeInvitation(tx, invitation, { as: 'revoked', by: caller.accountId, at: gate.now() });
  });
}

const MOST_LISTED = 200;

/**
 * The newest invitations, open or not, that are the caller's business: made by them, for them, or to an app of theirs;
 * moderators see all. Where one was sent is seen by moderators and by whoever made it. Links to a new password are in no list.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`
 */
export async function listInvitations(
  { database }: Pick<Gate, 'database'>,
  caller: Caller,
): Promise<readonly InvitationRow[]> {
  requireScope(caller, 'manage');
  const { accountId, appIds } = caller;
  if (isModerator(caller)) return listRows(database, { accountId: null, appIds: null, limit: MOST_LISTED });
  const rows = await listRows(database, { accountId, appIds, limit: MOST_LISTED });
  return rows.map((row) => (row.invitedById === accountId ? row : { ...row, email: null }));
}

/** @throws RequestError `INVITATION_INVALID` */
async function findOpen(db: Queryable, secret: string, at: Date): Promise<InvitationRow> {
  const hash = secretHash(secret);
  const invitation = hash === null ? null : await findInvitationBySecret(db, hash);
  return requireOpen(invitation, at);
}

/** Locks what an invitation is to; people, whose roles may change with it; and the invitation, for a new password closes others. */
async function lockOpen(tx: Transaction, { id, appId }: InvitationRow, at: Date): Promise<InvitationRow> {
  if (appId !== null) await lockApp(tx, appId);
  await lockPeople(tx);
  return requireOpen(await lockInvitation(tx, id), at);
}

function requireOpen(invitation: InvitationRow | null, at: Date): InvitationRow {
  if (invitation !== null && invitation.closedAt === null && invitation.expiresAt > at) return invitation;
  throw invalidInvitation();
}

async function mayRevoke(
  tx: Transaction,
  caller: Caller,
  { invitedById, appId, kind }: InvitationRow,
): Promise<boolean> {
  if (kind === 'password-reset') return false;
  if (isOperator(caller)) return true;
  // A token that is made for some apps has nothing to do with others, nor with invitations to the store.
  if (caller.appIds !== null && (appId === null || !caller.appIds.includes(appId))) return false;
  if (invitedById === caller.accountId) return true;
  return appId !== null && (await listOwners(tx, appId)).some(({ id }) => id === caller.accountId);
}

async function countInvitation(gate: LinkParts, caller: Caller): Promise<void> {
  if (isOperator(caller)) return;
  const subject = `invitations:${caller.accountId}`;
  await countAttempt(gate.database, { subject, windowMs: DAY_MS, limit: INVITATIONS_A_DAY }, gate.now());
}

function inviterOf({ accountId, accountName, tokenId }: Caller) {
  return { invitedById: accountId, invitedBy: accountName, tokenId: tokenId === NO_TOKEN ? null : tokenId };
}

async function accountNamed(tx: Transaction, name: string): Promise<AccountRow> {
  const account = isAccountName(name) && !isSystemAccount(name) ? await findAccount(tx, name) : null;
  if (account === null) throw new RequestError('NOT_FOUND', 'There is no such account.');
  return account;
}

function requireMailAddress(email: string | null): void {
  if (email === null || isMailAddress(email)) return;
  throw new RequestError('INVALID_REQUEST', 'Mail can not be sent to this address.');
}

function nameTaken(name: string): RequestError {
  return new RequestError('NAME_TAKEN', `There is an account "${name}" already.`);
}

function noSuchInvitation(): RequestError {
  return new RequestError('NOT_FOUND', 'There is no such invitation.');
}

function invalidInvitation(): RequestError {
  return new RequestError('INVITATION_INVALID', 'This link is unknown, used, revoked or expired. Ask for another one.');
}
