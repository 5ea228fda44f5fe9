import { randomUUID } from 'node:crypto';
import type { Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { ensureApp, lockApp, type AppRow } from '../database/apps.js';
import { holdAuthorityStill } from '../database/authority-state.js';
import { inBoundedTransaction } from '../database/bounded-transactions.js';
import type { Queryable, Transaction } from '../database/connect.js';
import { countHeldUploads, listReviewsOfRevokedToken } from '../database/held-uploads.js';
import { findIdempotencyKey, keepIdempotencyKey, type SubmissionAnswerKind } from '../database/idempotency-keys.js';
import { findReleaseOfSubmission, type ReleaseRow } from '../database/releases.js';
import { findHeldSubmission, findSubmission, insertSubmission, type SubmissionRow } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import { inspectUpload } from './inspect-upload.js';
import type { Inspection } from '../inspection/inspection.js';
import type { FindingCode } from '../report/catalogue.js';
import type { Report } from '../report/report.js';
import { RequestError } from '../request-error.js';
import { identifyExposedKeys, recordExposures, type KeyExposure } from './exposed-keys.js';
import { judgeUpload, refuseToGuess } from './judge-upload.js';
import { requireUploader, type Standing } from './ownership.js';
import { claimApp, publishRelease, supersede, versionOf } from './publish-release.js';

/** An upload as it arrived: its bytes in a temporary file, read to the end and measured. */
export interface Upload {
  readonly appId: string;
  readonly file: string;
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What became of an upload, and the release if it is one. */
export interface SubmissionAnswer {
  readonly kind: SubmissionAnswerKind;
  readonly submission: SubmissionRow;
  readonly release: ReleaseRow | null;
}

/**
 * Takes an upload through the gate: inspects it, keeps its bytes, judges it under the app's lock and writes down the
 * verdict, all of it or nothing.
 *
 * The slow part (inspection) happens before the transaction, the deciding part inside it: whatever changed
 * meanwhile, a trust level, another release, an owner, counts.
 *
 * @param idempotencyKey the same key with the same upload gives the first answer again
 * @throws RequestError where the caller may not upload, or the question can't be answered now; `TOO_MANY_OPEN` where 20 uploads of
 *   theirs wait for this app
 */
export async function submitRelease(
  gate: Gate,
  caller: Caller,
  upload: Upload,
  idempotencyKey: string | null,
): Promise<SubmissionAnswer> {
  const earlier = await findEarlierAnswer(gate.database, caller, upload, idempotencyKey);
  if (earlier !== null) return earlier;
  await requireRoomToWait(gate.database, caller, upload);

  for (let attempt = 1; attempt <= MAX_INSPECTIONS; attempt++) {
    const inspection = await inspectUpload(gate, upload);
    const { exposures } = await identifyExposedKeys(gate.database, upload.appId, inspection);
    const appIds = [upload.appId, ...exposures.map(({ appId }) => appId)];
    const decided = await decideInTransaction(gate, caller, upload, idempotencyKey, inspection, appIds);
    if (decided === null) continue;
    warnOfExposures(gate, decided);
    return decided.answer;
  }
  throw new RequestError('UNAVAILABLE', 'What the upload is judged by changed again and again meanwhile; try again.');
}

/** How often an upload is inspected, at most, because trust changed while it was. */
const MAX_INSPECTIONS = 3;

/** An answer, and the keys whose exposure was written down with it. */
interface Decided {
  readonly answer: SubmissionAnswer;
  readonly recorded: readonly KeyExposure[];
}

/**
 * Decides all or nothing; null where trust has changed since the inspection, or whose keys the upload holds, and so the
 * upload must be inspected anew.
 *
 * @param appIds the apps that it is about: its own, and those whose keys it holds
 */
async function decideInTransaction(
  gate: Gate,
  caller: Caller,
  upload: Upload,
  idempotencyKey: string | null,
  inspection: Inspection,
  appIds: readonly string[],
): Promise<Decided | null> {
  // Bounded, since they all wait where the authority is being changed, and whoever changes it needs a connection.
  return inBoundedTransaction(gate.database, async (tx) => {
    // Until the commit nobody revokes anything: what is decided here is decided by what stands when it counts.
    await holdAuthorityStill(tx);
    const apps = await lockApps(tx, appIds);
    const app = apps.get(upload.appId);
    if (app === undefined) throw new Error('An app that was just ensured is not there');
    await requireLiveToken(tx, caller, gate.now());
    // The same request may have been answered while this one was inspected.
    const meanwhile = await findEarlierAnswer(tx, caller, upload, idempotencyKey);
    if (meanwhile !== null) return { answer: meanwhile, recorded: [] };
    // A certificate revoked a moment ago must count, however long the inspection and the wait for the lock took.
    if ((await gate.trust.current(tx)).id !== inspection.trustId) return null;
    const decided = await decideUnderLock(tx, gate, caller, apps, app, upload, inspection);
    if (decided === null) return null;
    await rememberAnswer(tx, caller, upload, idempotencyKey, decided.answer);
    // Last, so that only what has a record is kept; and before the commit, so that no record is without its bytes.
    await gate.archives.keep(upload.file, upload.sha256);
    return decided;
  });
}

/** Makes and locks the rows of several apps, always in the same order: two uploads never wait for each other. */
async function lockApps(tx: Transaction, appIds: readonly string[]): Promise<ReadonlyMap<string, AppRow>> {
  const apps = new Map<string, AppRow>();
  for (const appId of [...new Set(appIds)].sort()) {
    await ensureApp(tx, appId);
    const app = await lockApp(tx, appId);
    if (app !== null) apps.set(appId, app);
  }
  return apps;
}

/** For the operators, who needn't wait until somebody looks into an app's record. */
function warnOfExposures({ log }: Gate, { answer, recorded }: Decided): void {
  for (const { appId, publicKeyFingerprint, serial, proven } of recorded) {
    log.warn(
      { submission: answer.submission.id, app: appId, key: publicKeyFingerprint, serial, proven },
      'an upload held the private key of a certificate, which should be revoked',
    );
  }
}

async function decideUnderLock(
  tx: Transaction,
  gate: Gate,
  caller: Caller,
  locked: ReadonlyMap<string, AppRow>,
  app: AppRow,
  upload: Upload,
  inspection: Inspection,
): Promise<Decided | null> {
  const standing = await requireUploader(tx, gate, caller, upload.appId);
  const { report, sameVersion, exposures } = await judgeUpload(tx, gate, app, upload, inspection);
  if (!exposures.every(({ appId }) => locked.has(appId))) return null;
  const { outcome } = report;
  refuseToGuess(report);

  const submission: SubmissionRow = {
    id: randomUUID(),
    appId: upload.appId,
    version: inspection.app?.version ?? null,
    outcome,
    archiveSha256: upload.sha256,
    archiveBytes: upload.bytes,
    report,
    accountId: caller.accountId,
    tokenId: caller.tokenId,
    submittedAt: gate.now(),
  };
  if (outcome === 'refused') {
    await insertSubmission(tx, submission);
    const recorded = await recordExposures(tx, exposures, submission);
    return { answer: { kind: isConflict(report) ? 'conflict' : 'refused', submission, release: null }, recorded };
  }

  return { answer: await admit(tx, caller, standing, submission, sameVersion, inspection), recorded: [] };
}

/** Holds or publishes a submission that is not refused. */
async function admit(
  tx: Transaction,
  caller: Caller,
  standing: Standing,
  submission: SubmissionRow,
  sameVersion: ReleaseRow | null,
  inspection: Inspection,
): Promise<SubmissionAnswer> {
  const { outcome } = submission;
  // What passes the rules and has a version that exists can only be the very bytes of that release.
  if (sameVersion !== null) return repeatOf(tx, sameVersion);
  const held = await findHeldSubmission(tx, { ...submission, version: versionOf(submission) });
  if (outcome === 'held' && held !== null) return { kind: 'held', submission: held, release: null };

  await insertSubmission(tx, submission);
  if (outcome === 'held') await takeThePlace(tx, submission);
  if (standing === 'claimant') {
    const owner = { id: caller.accountId, name: caller.accountName };
    await claimApp(tx, { appId: submission.appId, owner, accountId: owner.id, reason: 'first upload' });
  }
  if (outcome === 'held') return { kind: 'held', submission, release: null };
  const { accountId, submittedAt: at } = submission;
  return { kind: 'accepted', submission, release: await publishRelease(tx, { submission, inspection, accountId, at }) };
}

const UPLOADED_ANEW = 'The token it was uploaded with has been revoked; the same was uploaded again with another one.';

/**
 * A held submission takes the place of those that waited in vain, and must find room among the others.
 *
 * @throws RequestError `TOO_MANY_OPEN`
 */
async function takeThePlace(tx: Transaction, submission: SubmissionRow): Promise<void> {
  const { id: by, submittedAt: at } = submission;
  for (const review of await listReviewsOfRevokedToken(tx, { ...submission, version: versionOf(submission) })) {
    await supersede(tx, review, { by, reason: UPLOADED_ANEW, at });
  }
  const { count } = await countHeldUploads(tx, submission);
  if (count > MAX_HELD) throw tooManyHeld();
}

/** So many uploads of one app by one account wait at once: people read them. */
const MAX_HELD = 20;

/**
 * Asked before the upload is inspected, which is the dear part of it. What waits already may be brought again.
 *
 * @throws RequestError `TOO_MANY_OPEN`
 */
async function requireRoomToWait(db: Queryable, { accountId }: Caller, { appId, sha256 }: Upload): Promise<void> {
  const { count, hasArchive } = await countHeldUploads(db, { appId, archiveSha256: sha256, accountId });
  if (count >= MAX_HELD && !hasArchive) throw tooManyHeld();
}

function tooManyHeld(): RequestError {
  return new RequestError(
    'TOO_MANY_OPEN',
    `${MAX_HELD} of your uploads of this app wait for a moderator already; upload again once they are decided.`,
  );
}

/** The answer to an upload that brings a published release's bytes again: that release, and nothing new. */
async function repeatOf(tx: Transaction, release: ReleaseRow): Promise<SubmissionAnswer> {
  const submission = await findSubmission(tx, release.submissionId);
  if (submission === null) throw new Error('A release without its submission');
  return { kind: 'repeated', submission, release };
}

const CONFLICTS: ReadonlySet<FindingCode> = new Set(['VERSION_EXISTS', 'VERSION_WITHDRAWN']);

/** True where nothing is wrong with the upload but that its version is taken. */
function isConflict(report: Report): boolean {
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  return errors.length > 0 && errors.every(({ code }) => CONFLICTS.has(code));
}

/** @throws RequestError `IDEMPOTENCY_KEY_REUSED` where the key was used for another upload */
async function findEarlierAnswer(
  db: Queryable,
  caller: Caller,
  upload: Upload,
  key: string | null,
): Promise<SubmissionAnswer | null> {
  const earlier = key === null ? null : await findIdempotencyKey(db, caller.accountId, key);
  if (earlier === null) return null;
  if (earlier.fingerprint !== fingerprintOf(upload)) throw keyReused();
  const submission = await findSubmission(db, earlier.submissionId);
  if (submission === null) throw new Error('An Idempotency-Key without its submission');
  return { kind: earlier.answer, submission, release: await findReleaseOfSubmission(db, submission.id) };
}

async function rememberAnswer(
  tx: Transaction,
  caller: Caller,
  upload: Upload,
  key: string | null,
  { kind, submission }: SubmissionAnswer,
): Promise<void> {
  if (key === null) return;
  const kept = await keepIdempotencyKey(tx, {
    accountId: caller.accountId,
    key,
    fingerprint: fingerprintOf(upload),
    answer: kind,
    submissionId: submission.id,
  });
  // The app's lock rules out the same upload: it was another one, to another app, at the same moment.
  if (!kept) throw keyReused();
}

function fingerprintOf(upload: Upload): string {
  return `${upload.appId} ${upload.sha256}`;
}

function keyReused(): RequestError {
  return new RequestError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another upload.');
}
