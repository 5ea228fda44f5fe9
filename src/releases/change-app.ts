import { isModerator, isOperator, requireModerator, type Caller } from '../accounts/caller.js';
import { findAccount, type Account } from '../database/accounts.js';
import {
  addOwner,
  appendAppEvent,
  ensureApp,
  listOwners,
  lockApp,
  removeOwner,
  setTrustLevel,
  type AppRow,
} from '../database/apps.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { findRelease, setReleaseStatus, type ReleaseRow } from '../database/releases.js';
import type { Gate } from '../gate.js';
import type { ReleaseStatus } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';
import { RequestError } from '../request-error.js';
import { requireAppId, requireOwner } from './ownership.js';

/** All that these use-cases need of a gate: an operator changes an app also while the trust can't be read, say. */
export type Records = Pick<Gate, 'database' | 'now'>;

/**
 * Sets how much the store vouches for an app; also for one nobody has uploaded yet. Uploads that are being inspected
 * at this moment are judged by the new level.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller moderates the store
 */
export async function changeTrustLevel(
  gate: Records,
  caller: Caller,
  change: { appId: string; trustLevel: TrustLevel; reason: string },
): Promise<AppRow> {
  requireModerator(caller);
  requireAppId(change.appId);
  return inTransaction(gate.database, async (tx) => {
    await ensureApp(tx, change.appId);
    const app = await lockExisting(tx, change.appId);
    if (app.trustLevel === change.trustLevel) return app;
    await setTrustLevel(tx, change.appId, change.trustLevel);
    await appendAppEvent(tx, {
      appId: change.appId,
      kind: 'trust-level',
      accountId: caller.accountId,
      detail: { before: app.trustLevel, after: change.trustLevel },
      reason: change.reason,
    });
    return { ...app, trustLevel: change.trustLevel };
  });
}

/** The owners of an app, for its owners and operators. */
export async function readOwners(gate: Records, caller: Caller, appId: string): Promise<readonly Account[]> {
  await requireOwner(gate.database, caller, appId);
  return listOwners(gate.database, appId);
}

/** Makes an existing account an owner beside the others. Doing it twice changes nothing. */
export async function addCoOwner(
  gate: Records,
  caller: Caller,
  appId: string,
  accountName: string,
): Promise<readonly Account[]> {
  return changeOwners(gate, caller, appId, accountName, 'owner-added', (tx, account) =>
    addOwner(tx, appId, account.id),
  );
}

/**
 * Takes an account off the owners.
 *
 * @throws RequestError `LAST_OWNER`: an app without owners could be claimed by anybody
 */
export async function removeCoOwner(
  gate: Records,
  caller: Caller,
  appId: string,
  accountName: string,
): Promise<readonly Account[]> {
  return changeOwners(gate, caller, appId, accountName, 'owner-removed', async (tx, account) => {
    const owners = await listOwners(tx, appId);
    if (owners.length === 1 && owners[0]?.id === account.id) {
      throw new RequestError('LAST_OWNER', 'An app keeps at least one owner; add another one first.');
    }
    return removeOwner(tx, appId, account.id);
  });
}

/** Changes the owners under the app's lock, and writes it down where `change` says that something changed. */
async function changeOwners(
  gate: Records,
  caller: Caller,
  appId: string,
  accountName: string,
  kind: 'owner-added' | 'owner-removed',
  change: (tx: Transaction, account: Account) => Promise<boolean>,
): Promise<readonly Account[]> {
  return inTransaction(gate.database, async (tx) => {
    if (kind === 'owner-added') await ensureOperatorsApp(tx, caller, appId);
    await lockExisting(tx, appId);
    await requireOwner(tx, caller, appId);
    const account = await accountNamed(tx, accountName);
    if (await change(tx, account)) {
      const detail = { owner: account.name };
      await appendAppEvent(tx, { appId, kind, accountId: caller.accountId, detail, reason: '' });
    }
    return listOwners(tx, appId);
  });
}

/**
 * Withdraws a release (its owners may), or quarantines or restores one (moderators only). The release stays in the
 * history and goes on counting there.
 *
 * @throws RequestError `NOT_FOUND` where there is no such release, `SIGNATURE_REQUIRED` for one that may not come back
 */
export async function changeReleaseStatus(
  gate: Records,
  caller: Caller,
  change: {
    readonly appId: string;
    readonly version: string;
    readonly status: ReleaseStatus;
    readonly reason: string;
    readonly reasonCode: string | null;
  },
): Promise<ReleaseRow> {
  return inTransaction(gate.database, async (tx) => {
    const app = await lockExisting(tx, change.appId);
    if (!isModerator(caller)) await requireOwner(tx, caller, change.appId);
    const release = await findRelease(tx, change.appId, change.version);
    if (release === null) throw new RequestError('NOT_FOUND', 'There is no such release.');
    if (change.status !== 'withdrawn' || release.status === 'quarantined') requireModerator(caller);
    if (release.status === change.status) return release;
    if (change.status === 'published') requireSignedWhereDue(app, release);
    const at = gate.now();
    await setReleaseStatus(tx, { ...change, at });
    await appendAppEvent(tx, {
      appId: change.appId,
      kind: 'release-status',
      accountId: caller.accountId,
      detail: { version: change.version, before: release.status, after: change.status },
      reason: change.reason,
    });
    const { status, reason: statusReason, reasonCode: statusReasonCode } = change;
    return { ...release, status, statusReason, statusReasonCode, statusChangedAt: at };
  });
}

/**
 * What could not be published today is not brought back either, or an unsigned release could follow a signed one.
 *
 * @throws RequestError `SIGNATURE_REQUIRED`
 */
function requireSignedWhereDue(app: AppRow, release: ReleaseRow): void {
  if (release.signed || (app.trustLevel !== 'official' && app.signedSince === null)) return;
  throw new RequestError('SIGNATURE_REQUIRED', 'This app must be signed, and this release is not: it stays as it is.');
}

/** An operator may name owners before the first upload, which is how a reserved id gets one. */
async function ensureOperatorsApp(tx: Transaction, caller: Caller, appId: string): Promise<void> {
  requireAppId(appId);
  if (isOperator(caller)) await ensureApp(tx, appId);
}

async function lockExisting(tx: Transaction, appId: string): Promise<AppRow> {
  requireAppId(appId);
  const app = await lockApp(tx, appId);
  if (app === null) throw new RequestError('NOT_FOUND', 'There is no such app.');
  return app;
}

async function accountNamed(tx: Transaction, name: string): Promise<Account> {
  const account = await findAccount(tx, name);
  if (account === null) throw new RequestError('NOT_FOUND', 'There is no such account.');
  return account;
}
