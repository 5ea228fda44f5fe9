import type { AppHistory, PastRelease, ReleaseStatus } from '../policy/facts.js';
import type { ReportedSignature } from '../report/report.js';
import { appendAuditEntry } from './audit-log.js';
import type { LeafReason } from './certificates.js';
import type { Queryable, Transaction } from './connect.js';

/** An accepted submission, public. Only its status ever changes. */
export interface ReleaseRow {
  readonly appId: string;
  readonly version: string;
  readonly submissionId: string;
  readonly archiveSha256: string;
  readonly archiveBytes: number;
  readonly signed: boolean;
  readonly signature: ReportedSignature;
  /** {@link ReportedSigner.publicKeyFingerprint} of the signer; null for an unsigned release. */
  readonly signerKey: string | null;
  /** What `appinfo/info.xml` says. */
  readonly info: unknown;
  readonly status: ReleaseStatus;
  readonly statusReason: string | null;
  /** One of the canned reasons, for programs; null where the reason is free. */
  readonly statusReasonCode: string | null;
  readonly statusChangedAt: Date | null;
  readonly publishedAt: Date;
  /** That the certificate it was signed with is revoked in the store's own ledger; null where it is not. */
  readonly signerRevoked: SignerRevocation | null;
}

/** A revocation as JSON from the database: times are ISO 8601. */
export interface SignerRevocation {
  readonly serial: string;
  readonly revokedAt: string;
  readonly reason: LeafReason;
  readonly invalidityDate: string | null;
}

/** A release as lists show it: `info`, which may be long, only comes with a release of its own. */
export type ReleaseSummary = Omit<ReleaseRow, 'info'>;

const SUMMARY_COLUMNS = `app_id AS "appId", version, submission_id AS "submissionId", archive_sha256 AS "archiveSha256",
  archive_bytes AS "archiveBytes", signed, signature, signer_key AS "signerKey", status,
  status_reason AS "statusReason", status_reason_code AS "statusReasonCode", status_changed_at AS "statusChangedAt", published_at AS "publishedAt",
  CASE WHEN signed THEN (
    SELECT json_build_object('serial', serial, 'revokedAt', revoked_at, 'reason', revocation_reason, 'invalidityDate', invalidity_date)
    FROM certificates WHERE fingerprint = releases.signature -> 'signer' ->> 'fingerprint' AND revoked_at IS NOT NULL
  ) END AS "signerRevoked"`;
const COLUMNS = `${SUMMARY_COLUMNS}, info`;

/** A release as it comes into the world. */
export interface NewRelease extends Omit<
  ReleaseRow,
  'status' | 'statusReason' | 'statusReasonCode' | 'statusChangedAt' | 'signerRevoked'
> {
  /** What the archive's `CHANGELOG.md` says of this version, in Markdown; null where it says nothing. */
  readonly changelog: string | null;
}

/** A new release as it is once it has been published. */
export function asPublished({ changelog: _changelog, ...release }: NewRelease): ReleaseRow {
  const unchanged = { statusReason: null, statusReasonCode: null, statusChangedAt: null };
  return { ...release, status: 'published', ...unchanged, signerRevoked: null };
}

/** Publishes a release, on the word of that account. The database refuses an unsigned one where the app must be signed, and a version that is taken. */
export async function insertRelease(tx: Transaction, row: NewRelease, accountId: number): Promise<void> {
  await tx.query(
    `INSERT INTO releases
       (app_id, version, submission_id, archive_sha256, archive_bytes, signed, signature, signer_key, info, changelog, published_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      row.appId,
      row.version,
      row.submissionId,
      row.archiveSha256,
      row.archiveBytes,
      row.signed,
      JSON.stringify(row.signature),
      row.signerKey,
      JSON.stringify(row.info),
      row.changelog,
      row.publishedAt,
    ],
  );
  await appendAuditEntry(tx, {
    kind: 'release-published',
    accountId,
    appId: row.appId,
    subject: { type: 'release', id: `${row.appId}@${row.version}` },
    reason: '',
    after: { submission: row.submissionId, archive: row.archiveSha256, signed: row.signed, signerKey: row.signerKey },
  });
}

export async function findRelease(db: Queryable, appId: string, version: string): Promise<ReleaseRow | null> {
  const { rows } = await db.query<ReleaseRow>(`SELECT ${COLUMNS} FROM releases WHERE app_id = $1 AND version = $2`, [
    appId,
    version,
  ]);
  return rows[0] ?? null;
}

/** The release that came of a submission, if one did. */
export async function findReleaseOfSubmission(db: Queryable, submissionId: string): Promise<ReleaseRow | null> {
  const { rows } = await db.query<ReleaseRow>(`SELECT ${COLUMNS} FROM releases WHERE submission_id = $1`, [
    submissionId,
  ]);
  return rows[0] ?? null;
}

/** The releases of an app, the one published last first, from the one after the version `after` on. */
export async function listReleases(
  db: Queryable,
  query: { appId: string; after: string | null; limit: number },
): Promise<readonly ReleaseSummary[]> {
  const { rows } = await db.query<ReleaseSummary>(
    `SELECT ${SUMMARY_COLUMNS} FROM releases
     WHERE app_id = $1 AND ($2::text IS NULL OR (published_at, id) <
       (SELECT published_at, id FROM releases WHERE app_id = $1 AND version = $2))
     ORDER BY published_at DESC, id DESC LIMIT $3`,
    [query.appId, query.after, query.limit],
  );
  return rows;
}

/** The status of many releases at once; pairs that are no release are left out. */
export async function findReleases(
  db: Queryable,
  pairs: readonly { app: string; version: string }[],
): Promise<readonly ReleaseSummary[]> {
  const { rows } = await db.query<ReleaseSummary>(
    `SELECT ${SUMMARY_COLUMNS} FROM releases
     WHERE (app_id, version) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [pairs.map(({ app }) => app), pairs.map(({ version }) => version)],
  );
  return rows;
}

/** Changes the one thing about a release that changes. Where it goes into quarantine or out, so does its review. */
export async function setReleaseStatus(
  tx: Transaction,
  release: {
    appId: string;
    version: string;
    status: ReleaseStatus;
    reason: string;
    reasonCode: string | null;
    at: Date;
  },
): Promise<void> {
  await tx.query(
    `UPDATE releases SET status = $3, status_reason = $4, status_reason_code = $5, status_changed_at = $6
     WHERE app_id = $1 AND version = $2`,
    [release.appId, release.version, release.status, release.reason, release.reasonCode, release.at],
  );
}

/** Every version an app ever published, and what became of it. */
export async function listVersions(
  db: Queryable,
  appId: string,
): Promise<readonly { readonly version: string; readonly status: ReleaseStatus }[]> {
  const { rows } = await db.query<{ version: string; status: ReleaseStatus }>(
    'SELECT version, status FROM releases WHERE app_id = $1',
    [appId],
  );
  return rows;
}

/** The signer of the signed release published last, whatever became of that release. */
export async function findLastSigner(db: Queryable, appId: string): Promise<AppHistory['lastSigner']> {
  const { rows } = await db.query<{ version: string; signerKey: string }>(
    `SELECT version, signer_key AS "signerKey" FROM releases WHERE app_id = $1 AND signed
     ORDER BY published_at DESC, id DESC LIMIT 1`,
    [appId],
  );
  return rows[0] ?? null;
}

/** A certificate that a release was signed with. */
export interface PastSigner {
  readonly appId: string;
  readonly publicKeyFingerprint: string;
  readonly serial: string;
  readonly commonName: string;
}

/** More apps than anybody has under one key. */
const MAX_SIGNERS = 1_000;

/** Everything that was ever signed with one of these keys, of whatever app: each certificate once for each app. */
export async function findSigners(
  db: Queryable,
  publicKeyFingerprints: readonly string[],
): Promise<readonly PastSigner[]> {
  const { rows } = await db.query<PastSigner>(
    `SELECT DISTINCT app_id AS "appId", signer_key AS "publicKeyFingerprint",
       signature -> 'signer' ->> 'serial' AS serial, signature -> 'signer' ->> 'commonName' AS "commonName"
     FROM releases WHERE signer_key = ANY($1::text[]) ORDER BY 1, 2, 3, 4 LIMIT ${MAX_SIGNERS}`,
    [publicKeyFingerprints],
  );
  return rows;
}

/** `release` as the rules look at it. */
export function asPastRelease(release: ReleaseRow): PastRelease {
  return {
    version: release.version,
    archiveSha256: release.archiveSha256,
    status: release.status,
    publishedAt: release.publishedAt.toISOString(),
  };
}

/** A release as far as a revocation touches it. */
export type SignedReleaseRow = Pick<ReleaseRow, 'appId' | 'version' | 'status' | 'publishedAt'>;

/** Every release, of whatever app, that was signed with this very certificate: by app, the oldest first. */
export async function listReleasesSignedBy(
  db: Queryable,
  certificateFingerprint: string,
): Promise<readonly SignedReleaseRow[]> {
  const { rows } = await db.query<SignedReleaseRow>(
    `SELECT app_id AS "appId", version, status, published_at AS "publishedAt" FROM releases
     WHERE signed AND signature -> 'signer' ->> 'fingerprint' = $1 ORDER BY app_id, published_at, id`,
    [certificateFingerprint],
  );
  return rows;
}

/** The links that the release published last declares in its info.xml; null where no release is published. */
export async function findDeclaredLinks(
  db: Queryable,
  appId: string,
): Promise<{ readonly repository: string | null; readonly website: string | null } | null> {
  const { rows } = await db.query<{ repository: string | null; website: string | null }>(
    `SELECT info ->> 'repository' AS repository, info ->> 'website' AS website FROM releases
     WHERE app_id = $1 AND status = 'published' ORDER BY published_at DESC, id DESC LIMIT 1`,
    [appId],
  );
  return rows[0] ?? null;
}
