import type { Queryable, Transaction } from './connect.js';

/** The reasons of RFC 5280 §5.3.1 that make sense for a developer's certificate. */
export const leafReasons = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const;

export type LeafReason = (typeof leafReasons)[number];

/** How a certificate stands. */
export const certificateStatuses = ['intended', 'valid', 'expired', 'revoked'] as const;

export type CertificateStatus = (typeof certificateStatuses)[number];

/** A certificate in the ledger: one that was issued, or that was about to be. */
export interface CertificateRow {
  /** As in Certificate.serial: upper-case hex. */
  readonly serial: string;
  /** The key that signed it: SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
  readonly issuerKey: string;
  readonly appId: string;
  /** SHA-256 of its own SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKey: string;
  readonly requestId: string | null;
  readonly contact: string | null;
  readonly intendedAt: Date;
  /** Null, with what follows, where nobody wrote down that it was issued: it may have got out all the same. */
  readonly fingerprint: string | null;
  /** Null also for one that was issued before the store kept certificates. */
  readonly der: Buffer | null;
  readonly notBefore: Date | null;
  readonly notAfter: Date | null;
  readonly issuedAt: Date | null;
  /** Null, with what follows, where it is not revoked. */
  readonly revokedAt: Date | null;
  readonly revocationReason: LeafReason | null;
  /** Since when the key is thought to have been in wrong hands; null where nobody said. */
  readonly invalidityDate: Date | null;
  readonly revocationNote: string | null;
}

/** A certificate as lists show it: its bytes only come with a certificate of its own. */
export type CertificateSummary = Omit<CertificateRow, 'der'>;

const SUMMARY_COLUMNS = `serial, issuer_key AS "issuerKey", app_id AS "appId", public_key AS "publicKey",
  request_id AS "requestId", contact, intended_at AS "intendedAt", fingerprint, not_before AS "notBefore",
  not_after AS "notAfter", issued_at AS "issuedAt", revoked_at AS "revokedAt",
  revocation_reason AS "revocationReason", invalidity_date AS "invalidityDate", revocation_note AS "revocationNote"`;
const COLUMNS = `${SUMMARY_COLUMNS}, der`;

/** A certificate that is about to be issued. */
export interface IntendedCertificate extends Pick<
  CertificateRow,
  'serial' | 'issuerKey' | 'appId' | 'publicKey' | 'requestId' | 'contact' | 'intendedAt'
> {
  /** Who has it issued. */
  readonly accountId: number;
}

/** What becomes known of a certificate when it is issued. */
export interface IssuedCertificate {
  readonly serial: string;
  readonly fingerprint: string;
  readonly der: Buffer | null;
  readonly notBefore: Date | null;
  readonly notAfter: Date;
  readonly issuedAt: Date;
}

/** Writes down that a certificate is about to be issued: before its issuer's key is used. Fails where the serial is taken. */
export async function insertIntendedCertificate(
  tx: Transaction,
  change: number,
  row: IntendedCertificate,
): Promise<void> {
  await tx.query(
    `INSERT INTO certificates (serial, issuer_key, app_id, public_key, request_id, contact, intended_at, account_id, change)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      row.serial,
      row.issuerKey,
      row.appId,
      row.publicKey,
      row.requestId,
      row.contact,
      row.intendedAt,
      row.accountId,
      change,
    ],
  );
}

/** Writes down that an intended certificate was issued. */
export async function setCertificateIssued(tx: Transaction, change: number, issued: IssuedCertificate): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE certificates SET fingerprint = $2, der = $3, not_before = $4, not_after = $5, issued_at = $6, change = $7
     WHERE serial = $1 AND issued_at IS NULL`,
    [issued.serial, issued.fingerprint, issued.der, issued.notBefore, issued.notAfter, issued.issuedAt, change],
  );
  if (rowCount !== 1) throw new Error('A certificate was issued that was not intended');
}

/** A revocation as it goes into the ledger. */
export interface CertificateRevocation {
  readonly serial: string;
  readonly revokedAt: Date;
  readonly reason: LeafReason;
  readonly invalidityDate: Date | null;
  /** Who revoked it. */
  readonly accountId: number;
  readonly note: string;
}

/** Writes a revocation, or what became known of one: when it was first revoked, by whom and with what words stays. */
export async function setCertificateRevoked(
  tx: Transaction,
  change: number,
  revocation: CertificateRevocation,
): Promise<void> {
  await tx.query(
    `UPDATE certificates SET revoked_at = coalesce(revoked_at, $2), revocation_reason = $3, invalidity_date = $4,
       revoked_by = coalesce(revoked_by, $5), revocation_note = coalesce(revocation_note, $6), change = $7
     WHERE serial = $1`,
    [
      revocation.serial,
      revocation.revokedAt,
      revocation.reason,
      revocation.invalidityDate,
      revocation.accountId,
      revocation.note,
      change,
    ],
  );
}

export async function findCertificate(db: Queryable, serial: string): Promise<CertificateRow | null> {
  const { rows } = await db.query<CertificateRow>(`SELECT ${COLUMNS} FROM certificates WHERE serial = $1`, [serial]);
  return rows[0] ?? null;
}

/** The certificates with these serials, in no order. */
export async function findCertificatesBySerial(
  db: Queryable,
  serials: readonly string[],
): Promise<readonly CertificateSummary[]> {
  const { rows } = await db.query<CertificateSummary>(
    `SELECT ${SUMMARY_COLUMNS} FROM certificates WHERE serial = ANY($1::text[])`,
    [serials],
  );
  return rows;
}

/**
 * The ledger of an app, or of the whole store: the newest first, from the one after the serial `after` on; where a status is
 * given, those that stand so at that time.
 */
export async function listCertificates(
  db: Queryable,
  query: {
    readonly appId: string | null;
    readonly after: string | null;
    readonly limit: number;
    readonly standing?: { readonly status: CertificateStatus; readonly at: Date } | null;
  },
): Promise<readonly CertificateSummary[]> {
  const { rows } = await db.query<CertificateSummary>(
    `SELECT ${SUMMARY_COLUMNS} FROM certificates
     WHERE ($1::text IS NULL OR app_id = $1)
       AND ($2::text IS NULL OR (intended_at, serial) < (SELECT intended_at, serial FROM certificates WHERE serial = $2))
       AND ($4::text IS NULL OR $4 = CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN issued_at IS NULL THEN 'intended'
         WHEN not_after <= $5::timestamptz THEN 'expired' ELSE 'valid' END)
     ORDER BY intended_at DESC, serial DESC LIMIT $3`,
    [query.appId, query.after, query.limit, query.standing?.status ?? null, query.standing?.at ?? null],
  );
  return rows;
}

/** The certificates of the apps that an account owns, the newest first. */
export async function listCertificatesOfOwner(
  db: Queryable,
  accountId: number,
  limit: number,
): Promise<readonly CertificateSummary[]> {
  const { rows } = await db.query<CertificateSummary>(
    `SELECT ${SUMMARY_COLUMNS} FROM certificates
     WHERE app_id IN (SELECT app_owners.app_id FROM app_owners WHERE app_owners.account_id = $1)
     ORDER BY intended_at DESC, serial DESC LIMIT $2`,
    [accountId, limit],
  );
  return rows;
}

/** The certificates over one of these public keys, whatever became of them. */
export async function findCertificatesByKey(
  db: Queryable,
  publicKeys: readonly string[],
): Promise<readonly CertificateRow[]> {
  const { rows } = await db.query<CertificateRow>(
    `SELECT ${COLUMNS} FROM certificates WHERE public_key = ANY($1::text[]) ORDER BY intended_at, serial`,
    [publicKeys],
  );
  return rows;
}

/** The certificates of an app that count at a time: issued or perhaps so, not revoked, not expired; the newest first. */
export async function listLiveCertificates(
  db: Queryable,
  appId: string,
  at: Date,
): Promise<readonly CertificateSummary[]> {
  const { rows } = await db.query<CertificateSummary>(
    `SELECT ${SUMMARY_COLUMNS} FROM certificates
     WHERE app_id = $1 AND revoked_at IS NULL AND (not_after IS NULL OR not_after > $2)
     ORDER BY intended_at DESC, serial DESC`,
    [appId, at],
  );
  return rows;
}

/** Issued certificates that count and end in this span of time, the first to end first. */
export async function listCertificatesEnding(
  db: Queryable,
  span: { readonly from: Date; readonly to: Date },
): Promise<readonly CertificateSummary[]> {
  const { rows } = await db.query<CertificateSummary>(
    `SELECT ${SUMMARY_COLUMNS} FROM certificates
     WHERE revoked_at IS NULL AND not_after > $1 AND not_after <= $2 ORDER BY not_after, serial LIMIT 10000`,
    [span.from, span.to],
  );
  return rows;
}
