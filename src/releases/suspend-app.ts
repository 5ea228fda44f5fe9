import { requireModerator, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import {
  appendAppEvent,
  lockApp,
  reinstateApp as reinstateRow,
  suspendApp as suspendRow,
  type AppRow,
} from '../database/apps.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { findRelease, listVersions, setReleaseStatus, type ReleaseRow } from '../database/releases.js';
import { RequestError } from '../request-error.js';
import { APP_SUSPENDED_CODE, type Records } from './change-app.js';
import { requireNotOwnCase } from './own-case.js';
import { requireAppId } from './ownership.js';
import { mustBeSigned } from './restorable.js';

/** Why a moderator suspends an app, or reinstates it. */
interface SuspensionOrder {
  readonly appId: string;
  readonly reason: string;
}

/**
 * Suspends an app: all that it has published goes under quarantine in the same moment, and nothing further is taken, until it
 * is reinstated. Doing it twice changes nothing.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller moderates the store, `NOT_FOUND`, `OWN_CASE` where a moderator
 *   owns the app
 */
export async function suspendApp(gate: Records, caller: Caller, { appId, reason }: SuspensionOrder): Promise<AppRow> {
  requireModerator(caller);
  return inTransaction(gate.database, async (tx) => {
    const app = await lockLive(tx, gate, caller, appId);
    if (app.suspendedAt !== null) return app;
    const at = gate.now();
    const published = (await listVersions(tx, appId)).filter(({ status }) => status === 'published');
    const versions = published.map(({ version }) => version);
    await suspendRow(tx, appId, { by: caller.accountId, reason, at, versions });
    const detail = { releases: String(versions.length) };
    await appendAppEvent(tx, { appId, kind: 'suspended', accountId: caller.accountId, detail, reason });
    for (const version of versions) {
      const change = { appId, version, status: 'quarantined', reason, reasonCode: APP_SUSPENDED_CODE, at } as const;
      await setReleaseStatus(tx, change);
      await appendStatusEvent(tx, caller, { ...change, before: 'published' });
    }
    return { ...app, suspendedAt: at, suspensionReason: reason };
  });
}

/** A release that the end of its app's suspension did not bring back. */
interface StayedRelease {
  readonly version: string;
  readonly status: ReleaseRow['status'];
  /** Why it is not published. */
  readonly reason: string;
}

/** An app that is suspended no longer. */
interface ReinstatedApp extends AppRow {
  /** What went under quarantine with it and is not published now. */
  readonly stayed: readonly StayedRelease[];
}

/**
 * Ends the suspension of an app. What went under quarantine with it comes back, but for what was dealt with otherwise since, and
 * for what could not be published today: its certificate was revoked since, or it isn't signed where it must be. That stays
 * where it is for this reason, and waits for a moderator.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `OWN_CASE` where a moderator owns the app
 */
export async function reinstateApp(
  gate: Records,
  caller: Caller,
  { appId, reason }: SuspensionOrder,
): Promise<ReinstatedApp> {
  requireModerator(caller);
  return inTransaction(gate.database, async (tx) => {
    const app = await lockLive(tx, gate, caller, appId);
    if (app.suspendedAt === null) return { ...app, stayed: [] };
    const since = app.suspendedAt;
    const versions = await reinstateRow(tx, appId);
    const reinstated = { ...app, suspendedAt: null, suspensionReason: null };
    const outcomes: ReleaseOutcome[] = [];
    const stayed: StayedRelease[] = [];
    for (const version of versions) {
      const release = await findRelease(tx, appId, version);
      if (release === null) continue;
      const outcome = isStillSuspended(release) ? outcomeOf(reinstated, release, since, reason) : null;
      if (outcome !== null) outcomes.push(outcome);
      const now = outcome ?? { status: release.status, reason: release.statusReason };
      if (now.status !== 'published') stayed.push({ version, status: now.status, reason: now.reason ?? '' });
    }
    const stay = outcomes.filter(({ status }) => status !== 'published').map(({ version }) => version);
    const detail = {
      releases: String(outcomes.length - stay.length),
      ...(stay.length > 0 && { quarantined: stay.join(', ') }),
    };
    await appendAppEvent(tx, { appId, kind: 'reinstated', accountId: caller.accountId, detail, reason });
    const at = gate.now();
    for (const outcome of outcomes) {
      await setReleaseStatus(tx, { appId, ...outcome, at });
      await appendStatusEvent(tx, caller, { appId, ...outcome, before: 'quarantined' });
    }
    return { ...reinstated, stayed };
  });
}

/**
 * Locks the app and, after it, the caller's token.
 *
 * @throws RequestError `NOT_FOUND`, `OWN_CASE`, and what is wrong with the token
 */
async function lockLive(tx: Transaction, gate: Records, caller: Caller, appId: string): Promise<AppRow> {
  requireAppId(appId);
  const app = await lockApp(tx, appId);
  await requireLiveToken(tx, caller, gate.now());
  if (app === null) throw new RequestError('NOT_FOUND', 'There is no such app.');
  await requireNotOwnCase(tx, caller, { appId });
  return app;
}

/** What becomes of a release when the suspension of its app ends. */
interface ReleaseOutcome {
  readonly version: string;
  readonly status: 'published' | 'quarantined';
  readonly reason: string;
  readonly reasonCode: string;
}

function isStillSuspended({ status, statusReasonCode }: ReleaseRow): boolean {
  return status === 'quarantined' && statusReasonCode === APP_SUSPENDED_CODE;
}

function outcomeOf(app: AppRow, release: ReleaseRow, since: Date, reason: string): ReleaseOutcome {
  const { version, signerRevoked } = release;
  if (mustBeSigned(app) && !release.signed) {
    const why = 'The app must be signed by now, and this release is not.';
    return { version, status: 'quarantined', reason: why, reasonCode: 'signature-required' };
  }
  if (signerRevoked !== null && isRevokedMeanwhile(release, since)) {
    const why = `Its certificate, serial ${signerRevoked.serial}, was revoked while the app was suspended (${signerRevoked.reason}).`;
    const reasonCode = signerRevoked.reason === 'keyCompromise' ? 'key-compromised' : 'certificate-revoked';
    return { version, status: 'quarantined', reason: why, reasonCode };
  }
  return { version, status: 'published', reason, reasonCode: 'app-reinstated' };
}

/** True also where an older revocation became worse meanwhile: a compromise, or one that reaches back before the release. */
function isRevokedMeanwhile({ signerRevoked, publishedAt }: ReleaseRow, since: Date): boolean {
  if (signerRevoked === null) return false;
  const { revokedAt, reason, invalidityDate } = signerRevoked;
  if (new Date(revokedAt) >= since) return true;
  const wrongHandsSince = invalidityDate ?? (reason === 'keyCompromise' ? revokedAt : null);
  return wrongHandsSince !== null && publishedAt >= new Date(wrongHandsSince);
}

async function appendStatusEvent(
  tx: Transaction,
  { accountId }: Caller,
  { appId, version, before, status, reason, reasonCode }: ReleaseOutcome & { appId: string; before: string },
): Promise<void> {
  const detail = { version, before, after: status, reasonCode };
  await appendAppEvent(tx, { appId, kind: 'release-status', accountId, detail, reason });
}
