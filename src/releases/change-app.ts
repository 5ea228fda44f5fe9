import {
  isModerator,
  isOperator,
  outranks,
  requireModerator,
  requireOperator,
  type Caller,
} from '../accounts/caller.js';
import { isSystemAccount } from '../accounts/system-account.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { findAccount, type Account, type AccountRow } from '../database/accounts.js';
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
import { lockQuarantineReview } from '../database/reviews.js';
import { findSubmission } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import { findCannedReason } from '../moderation/canned-reasons.js';
import { requireUnclaimed } from '../moderation/claims.js';
import { closeWithVerdict } from '../moderation/close-with-verdict.js';
import { requireNoConflict } from '../moderation/conflict-of-interest.js';
import type { ReleaseStatus } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';
import { RequestError } from '../request-error.js';
import { requireNotOwnCase } from './own-case.js';
import { requireAppId, requireOwner } from './ownership.js';
import { requireRestorable, requireStoredWhole } from './restorable.js';

/** All that these use-cases need of a gate: an operator changes an app also while the trust can't be read, say. */
export type Records = Pick<Gate, 'database' | 'now'>;

/** The reason code of what was put under quarantine with its whole app. It is nobody's to give to a single release. */
export const APP_SUSPENDED_CODE = 'app-suspended';

/**
 * Sets how much the store vouches for an app; also for one nobody has uploaded yet. Uploads that are being inspected
 * at this moment are judged by the new level.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller moderates the store, and runs it where the app is official so far;
 *   `OWN_CASE` where a moderator owns the app
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
    await requireLiveToken(tx, caller, gate.now());
    await requireNotOwnCase(tx, caller, change);
    if (app.trustLevel === change.trustLevel) return app;
    // What two moderators must agree about would else be one's, who takes the level away for a moment.
    if (app.trustLevel === 'official') requireOperator(caller);
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

/**
 * Makes an existing account an owner beside the others. Doing it twice changes nothing.
 *
 * @throws RequestError `INVITATION_REQUIRED` for one that decides about apps, unless an operator asks; `NOT_FOUND`
 */
export async function addCoOwner(
  gate: Records,
  caller: Caller,
  appId: string,
  accountName: string,
): Promise<readonly Account[]> {
  return changeOwners(gate, caller, appId, accountName, 'owner-added', async (tx, account) => {
    requireAddable(caller, account);
    return addOwner(tx, appId, account.id);
  });
}

/**
 * Nobody decides about an app of their own: who could make owners of others unasked would choose who decides about theirs.
 *
 * @throws RequestError `INVITATION_REQUIRED`; `NOT_FOUND` for the gate's own account, which owns nothing
 */
function requireAddable(caller: Caller, account: AccountRow): void {
  if (isSystemAccount(account.name)) throw noSuchAccount();
  if (isOperator(caller) || !outranks(account.role, 'developer')) return;
  throw new RequestError(
    'INVITATION_REQUIRED',
    `"${account.name}" is no developer, and becomes an owner only by accepting it: send them an invitation.`,
  );
}

/**
 * Takes an account off the owners; any owner may take themselves off.
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
  change: (tx: Transaction, account: AccountRow) => Promise<boolean>,
): Promise<readonly Account[]> {
  return inTransaction(gate.database, async (tx) => {
    if (kind === 'owner-added') await ensureOperatorsApp(tx, caller, appId);
    await lockExisting(tx, appId);
    await requireOwner(tx, caller, appId);
    await requireLiveToken(tx, caller, gate.now());
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
 * What ends a quarantine is the verdict on the review of it.
 *
 * @throws RequestError `NOT_FOUND` where there is no such release, `INVALID_REQUEST` for a reason code that isn't one of the canned
 *   reasons for this status, `OWN_CASE` where a moderator would restore, or put under quarantine, what they own or uploaded,
 *   `REVIEW_CLAIMED` where another moderator is at the review of the quarantine; what {@link requireStoredWhole} says of one that
 *   would come back; and as {@link changeStatusUnderLock}
 */
export async function changeReleaseStatus(
  gate: Records & Pick<Gate, 'archives' | 'log'>,
  caller: Caller,
  change: StatusChange,
): Promise<ReleaseRow> {
  requireCannedReason(change);
  // Nobody else restores; they are told so where everything is asked.
  if (change.status === 'published' && isModerator(caller)) await requireStoredWhole(gate, caller.accountId, change);
  return changeStatusAs(gate, caller, change);
}

/**
 * Withdraws a release, as {@link changeReleaseStatus} does; the storage need not be at hand.
 *
 * @throws RequestError as there
 */
export async function withdrawRelease(
  gate: Records,
  caller: Caller,
  withdrawal: Pick<StatusChange, 'appId' | 'version' | 'reason'>,
): Promise<ReleaseRow> {
  return changeStatusAs(gate, caller, { ...withdrawal, status: 'withdrawn', reasonCode: null });
}

interface StatusChange {
  readonly appId: string;
  readonly version: string;
  readonly status: ReleaseStatus;
  readonly reason: string;
  readonly reasonCode: string | null;
}

async function changeStatusAs(gate: Records, caller: Caller, change: StatusChange): Promise<ReleaseRow> {
  return inTransaction(gate.database, async (tx) => {
    const app = await lockExisting(tx, change.appId);
    if (!isModerator(caller)) await requireOwner(tx, caller, change.appId);
    const release = await findRelease(tx, change.appId, change.version);
    if (release === null) throw new RequestError('NOT_FOUND', 'There is no such release.');
    if (change.status !== 'withdrawn' || release.status === 'quarantined') requireModerator(caller);
    const review = await lockQuarantineReview(tx, change);
    await requireLiveToken(tx, caller, gate.now());
    if (change.status !== 'withdrawn') {
      const { accountId: theirs = null } = (await findSubmission(tx, release.submissionId)) ?? {};
      await requireNotOwnCase(tx, caller, { appId: change.appId, theirs });
    }
    if (review !== null && release.status !== change.status && !isOperator(caller)) {
      requireUnclaimed(review, caller, gate.now());
      if (change.status === 'published') await requireNoConflict(tx, caller, review);
    }
    // What is under quarantine with its app is not yet there for a reason of its own.
    const isOfSuspension = release.statusReasonCode === APP_SUSPENDED_CODE;
    if (release.status === change.status && !isOfSuspension) return release;
    return changeStatusUnderLock(tx, app, release, { ...change, accountId: caller.accountId, at: gate.now() });
  });
}

/**
 * Changes what became of a release, whose app is locked, and writes it down. Where it leaves a quarantine, the review of that is
 * closed with it. Who may is asked by whoever calls this.
 *
 * @throws RequestError where it may not come back, see {@link requireRestorable}
 */
export async function changeStatusUnderLock(
  tx: Transaction,
  app: AppRow,
  release: ReleaseRow,
  change: {
    readonly status: ReleaseStatus;
    readonly reason: string;
    readonly reasonCode: string | null;
    readonly accountId: number;
    readonly at: Date;
  },
): Promise<ReleaseRow> {
  const { status, reason, reasonCode, accountId, at } = change;
  const { appId, version } = release;
  if (status === 'published') requireRestorable(app, release);
  const review = status === 'quarantined' ? null : await lockQuarantineReview(tx, release);
  if (review !== null) {
    // Before the status changes, or the database would close it without saying who did.
    const verdict = status === 'published' ? 'restored' : 'withdrawn';
    await closeWithVerdict(tx, review, { verdict, reasonCode, reason }, { accountId, at });
  }
  await setReleaseStatus(tx, { appId, version, status, reason, reasonCode, at });
  await appendAppEvent(tx, {
    appId,
    kind: 'release-status',
    accountId,
    detail: { version, before: release.status, after: status, ...(reasonCode !== null && { reasonCode }) },
    reason,
  });
  return { ...release, status, statusReason: reason, statusReasonCode: reasonCode, statusChangedAt: at };
}

/** What became of a release, as the verdict that canned reasons are written for. */
const verdictOfStatus = { published: 'restored', withdrawn: 'withdrawn', quarantined: 'quarantined' } as const;

/**
 * The gate has codes of its own, which others go by: whether a mail says it already, or a review waits for it.
 *
 * @throws RequestError `INVALID_REQUEST`
 */
function requireCannedReason({ status, reasonCode }: { status: ReleaseStatus; reasonCode: string | null }): void {
  if (reasonCode === null || findCannedReason(reasonCode, verdictOfStatus[status]) !== null) return;
  throw new RequestError('INVALID_REQUEST', `There is no canned reason of this code for the status "${status}".`);
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

async function accountNamed(tx: Transaction, name: string): Promise<AccountRow> {
  const account = await findAccount(tx, name);
  if (account === null) throw noSuchAccount();
  return account;
}

function noSuchAccount(): RequestError {
  return new RequestError('NOT_FOUND', 'There is no such account.');
}
