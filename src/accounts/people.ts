import {
  countOtherAdministrators,
  findAccount,
  findSuspender,
  listAccounts as listRows,
  lockAccount,
  lockPeople,
  reinstateAccount as reinstateRow,
  setAccountEmail,
  setAccountRole,
  suspendAccount as suspendRow,
  type AccountFilter,
  type AccountRow,
} from '../database/accounts.js';
import { listOwnedApps } from '../database/apps.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { endSessionsOfAccount } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { isMailAddress } from '../mail-address.js';
import { addressChangedWords } from '../notices/account-texts.js';
import { queueMail } from '../notices/queue-mail.js';
import { RequestError } from '../request-error.js';
import { isAccountName } from './account-name.js';
import { countAttempt } from './attempts.js';
import {
  isModerator,
  isOperator,
  NO_TOKEN,
  outranks,
  requireModerator,
  requireOperator,
  requireAccountManager,
  scopesOfRole,
  type Caller,
  type Role,
} from './caller.js';
import { requireOwnHand, requireSamePassword } from './own-hand.js';
import { isSystemAccount } from './system-account.js';
import { requireLiveToken } from './tokens.js';

/** All that these use-cases need of a gate: an operator's command has it, too. */
type People = Pick<Gate, 'database' | 'now'>;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Of one's own address: each is mail to whoever had the one before, who may never have had anything to do with the store. */
const CHANGES_A_DAY = 5;

/** An account with what belongs to it. */
export interface AccountDetail extends AccountRow {
  /** Who suspended it; null where it isn't suspended. */
  readonly suspendedBy: string | null;
  /** The apps it owns, by id. */
  readonly apps: readonly string[];
}

/**
 * Accounts by name, for moderators.
 *
 * @param query.after the `next` of the page before; null for the first
 * @throws RequestError `SCOPE_INSUFFICIENT`
 */
export async function listAccounts(
  { database }: Pick<People, 'database'>,
  caller: Caller,
  query: AccountFilter & { readonly after: string | null; readonly limit: number },
): Promise<{ readonly accounts: readonly AccountRow[]; readonly next: string | null }> {
  requireModerator(caller);
  // One more than asked tells whether there is a next page.
  const found = await listRows(database, { ...query, after: query.after ?? '', limit: query.limit + 1 });
  const accounts = found.slice(0, query.limit);
  return { accounts, next: found.length > query.limit ? (accounts.at(-1)?.name ?? null) : null };
}

/**
 * An account, for moderators and for whoever it is.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, whether or not there is such an account, or `NOT_FOUND`
 */
export async function readAccount(
  { database }: Pick<People, 'database'>,
  caller: Caller,
  name: string,
): Promise<AccountDetail> {
  if (name === caller.accountName && !isModerator(caller)) requireAccountManager(caller);
  else requireModerator(caller);
  const account = isAccountName(name) ? await findAccount(database, name) : null;
  if (account === null) throw noSuchAccount();
  const [suspendedBy, apps] = await Promise.all([
    findSuspender(database, account.id),
    listOwnedApps(database, account.id),
  ]);
  return { ...account, suspendedBy, apps };
}

/**
 * Makes an account something else in this store. What a lower role doesn't allow its tokens and sessions don't do from the
 * commit on; a higher one gives no token more than it was made with.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless an administrator asks, `NOT_FOUND`, `LAST_ADMINISTRATOR`, `OWN_CASE` where the
 *   command line would lower the account that it acts as
 */
export async function changeRole(
  gate: People,
  caller: Caller,
  change: { readonly name: string; readonly role: Role; readonly reason: string },
): Promise<AccountRow> {
  requireOperator(caller);
  return changeAccount(gate, caller, change.name, async (tx, account) => {
    if (account.role === change.role) return account;
    if (account.role === 'administrator') await requireAnotherAdministrator(tx, account);
    if (outranks(account.role, change.role)) requireNotOfCommandLine(caller, account);
    await setAccountRole(tx, account, { role: change.role, by: caller.accountId, reason: change.reason });
    return { ...account, role: change.role };
  });
}

/**
 * Suspends an account: its sessions end, and its tokens answer with the reason until it is reinstated. Moderators suspend
 * developers, administrators everybody, nobody themselves.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `OWN_CASE`, `NOT_FOUND`, `LAST_ADMINISTRATOR`
 */
export async function suspendAccount(
  gate: People,
  caller: Caller,
  order: { readonly name: string; readonly reason: string },
): Promise<AccountRow> {
  requireModerator(caller);
  return changeAccount(gate, caller, order.name, async (tx, account) => {
    requireAuthorityOver(caller, account);
    if (account.suspendedAt !== null) return account;
    if (account.role === 'administrator') await requireAnotherAdministrator(tx, account);
    requireNotOfCommandLine(caller, account);
    const at = gate.now();
    await suspendRow(tx, account, { by: caller.accountId, reason: order.reason, at });
    await endSessionsOfAccount(tx, account.id, at, { by: caller.accountId });
    return { ...account, suspendedAt: at, suspensionReason: order.reason };
  });
}

/**
 * Ends the suspension of an account: its tokens work again. Whoever may suspend it may.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `OWN_CASE`, `NOT_FOUND`
 */
export async function reinstateAccount(
  gate: People,
  caller: Caller,
  order: { readonly name: string; readonly reason: string },
): Promise<AccountRow> {
  requireModerator(caller);
  return changeAccount(gate, caller, order.name, async (tx, account) => {
    requireAuthorityOver(caller, account);
    if (account.suspendedAt === null) return account;
    await reinstateRow(tx, account, { by: caller.accountId, reason: order.reason });
    return { ...account, suspendedAt: null, suspensionReason: null };
  });
}

/**
 * Gives an account the address that mail to it goes to: one's own, or anybody's as an administrator. A new password can be had
 * through that address, so it takes the password, and a token that does less than its account may not change it; whoever had the old address is told, and
 * links that were sent there count no longer.
 *
 * @param change.email null: none
 * @param change.password for one's own address, see {@link requireOwnHand}; null where there is none
 * @throws RequestError `INVALID_REQUEST`, `SCOPE_INSUFFICIENT`, `SIGN_IN_FAILED`, `TOO_MANY_ATTEMPTS`, `NOT_FOUND`
 */
export async function changeEmail(
  gate: People & Pick<Gate, 'mail' | 'baseUrl'>,
  caller: Caller,
  change: { readonly name: string; readonly email: string | null; readonly password: string | null },
): Promise<AccountRow> {
  if (!isOperator(caller) && change.name !== caller.accountName) throw mayNotChangeEmail();
  const { email } = change;
  if (email !== null && !isMailAddress(email)) {
    throw new RequestError('INVALID_REQUEST', 'Mail can not be sent to this address.');
  }
  // Whoever works on the store's own machine is not the account that their acts are written down under.
  const isOwn = change.name === caller.accountName && caller.tokenId !== NO_TOKEN;
  const known = isOwn ? await requireOwnChange(gate, caller, change) : null;
  return inTransaction(gate.database, async (tx) => {
    const at = gate.now();
    await lockPeople(tx);
    if (isOwn) await requireSamePassword(tx, { id: caller.accountId, name: caller.accountName }, known);
    const account = await lockNamed(tx, gate, caller, change.name);
    requireWholeWord(caller, account);
    if (account.email === email) return account;
    await setAccountEmail(tx, account, { email, by: caller.accountId });
    if (account.email !== null) {
      await queueMail(tx, gate.mail, {
        topic: `account-email:${account.id}:${at.toISOString()}`,
        recipients: [account.email],
        subject: `Mail for ${account.name} goes elsewhere now`,
        body: addressChangedWords(account.name, gate.baseUrl),
        at,
      });
    }
    return { ...account, email };
  });
}

/**
 * Whether a change of one's own address is by one's own hand, and not one too many. Asked before anything is locked.
 *
 * @returns the hash of the password that was given; null where there is none
 */
async function requireOwnChange(
  gate: People,
  caller: Caller,
  { email, password }: { readonly email: string | null; readonly password: string | null },
): Promise<string | null> {
  const account = await findAccount(gate.database, caller.accountName);
  if (account === null) throw noSuchAccount();
  // First: a token that may not change it doesn't use up what its owner may.
  requireWholeWord(caller, account);
  const known = await requireOwnHand(gate, caller, password);
  if (account.email !== email) {
    const subject = `own-address:${account.id}`;
    await countAttempt(gate.database, { subject, windowMs: DAY_MS, limit: CHANGES_A_DAY }, gate.now());
  }
  return known;
}

/** @throws RequestError `SCOPE_INSUFFICIENT` for a token that does less than its account */
function requireWholeWord(caller: Caller, account: AccountRow): void {
  if (!isOperator(caller) && !speaksForAllOf(caller, account)) throw mayNotChangeEmail();
}

/**
 * Whether a caller may do all that its account may, for as long: a session, or a token that doesn't end, for every app, with
 * every scope of the role.
 */
function speaksForAllOf(caller: Caller, { role }: AccountRow): boolean {
  if (caller.kind === 'session') return true;
  const hasAll = scopesOfRole[role].every((scope) => caller.scopes.includes(scope));
  return hasAll && caller.appIds === null && caller.expiresAt === null;
}

async function changeAccount(
  gate: People,
  caller: Caller,
  name: string,
  change: (tx: Transaction, account: AccountRow) => Promise<AccountRow>,
): Promise<AccountRow> {
  return inTransaction(gate.database, async (tx) => {
    await lockPeople(tx);
    return change(tx, await lockNamed(tx, gate, caller, name));
  });
}

/** Locks an account that is about to change, once the caller's own word still counts. */
async function lockNamed(tx: Transaction, gate: People, caller: Caller, name: string): Promise<AccountRow> {
  await requireLiveToken(tx, caller, gate.now());
  const account = isAccountName(name) ? await lockAccount(tx, name) : null;
  if (account === null) throw noSuchAccount();
  if (isSystemAccount(name)) throw new RequestError('INVALID_REQUEST', `The account "${name}" is the gate's own.`);
  return account;
}

/** @throws RequestError `OWN_CASE` or `SCOPE_INSUFFICIENT` */
function requireAuthorityOver(caller: Caller, account: AccountRow): void {
  // Whoever works on the store's own machine is not the account that their acts are written down under.
  if (account.id === caller.accountId && caller.tokenId !== NO_TOKEN) {
    throw new RequestError('OWN_CASE', 'Nobody suspends or reinstates themselves.');
  }
  if (account.role !== 'developer') requireOperator(caller);
}

/**
 * The command line goes on acting as that account whatever becomes of it: taking it away would look as if it had ended that.
 *
 * @throws RequestError `OWN_CASE`
 */
function requireNotOfCommandLine(caller: Caller, account: AccountRow): void {
  if (caller.tokenId !== NO_TOKEN || account.id !== caller.accountId) return;
  throw new RequestError('OWN_CASE', `The command line acts as "${account.name}": it does not take that account away.`);
}

/** @throws RequestError `LAST_ADMINISTRATOR`. True until the transaction ends, by the lock on people. */
async function requireAnotherAdministrator(tx: Transaction, account: AccountRow): Promise<void> {
  if (account.suspendedAt !== null || (await countOtherAdministrators(tx, account.id)) > 0) return;
  throw new RequestError('LAST_ADMINISTRATOR', 'A store keeps at least one administrator; make another one first.');
}

function mayNotChangeEmail(): RequestError {
  return new RequestError(
    'SCOPE_INSUFFICIENT',
    'The address of an account is changed by whoever it is, signed in to the console, or by an administrator.',
  );
}

function noSuchAccount(): RequestError {
  return new RequestError('NOT_FOUND', 'There is no such account.');
}
