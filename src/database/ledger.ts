import type { CertificateRevocation, CertificateRow, IssuedCertificate, LeafReason } from './certificates.js';
import type { Queryable, Transaction } from './connect.js';

/*
 * The ledger as a whole, for whoever keeps a copy of it, signs lists of it, or brings one in. Single certificates are in
 * certificates.ts.
 */

/** What has changed in the ledger after a change, for whoever keeps a copy of it. */
export async function listCertificateChanges(db: Queryable, after: number): Promise<readonly LedgerChangeRow[]> {
  const { rows } = await db.query<LedgerChangeRow>(
    `SELECT serial, issuer_key AS "issuerKey", fingerprint, revoked_at AS "revokedAt",
       revocation_reason AS "revocationReason", invalidity_date AS "invalidityDate", change
     FROM certificates WHERE change > $1 ORDER BY change`,
    [after],
  );
  return rows;
}

export type LedgerChangeRow = Pick<
  CertificateRow,
  'serial' | 'issuerKey' | 'fingerprint' | 'revokedAt' | 'revocationReason' | 'invalidityDate'
> & { readonly change: number };

/** What an authority's key revoked, for its list. */
export async function listRevoked(
  db: Queryable,
  issuerKey: string,
): Promise<readonly { serial: string; revokedAt: Date; revocationReason: LeafReason; invalidityDate: Date | null }[]> {
  const { rows } = await db.query<{
    serial: string;
    revokedAt: Date;
    revocationReason: LeafReason;
    invalidityDate: Date | null;
  }>(
    `SELECT serial, revoked_at AS "revokedAt", revocation_reason AS "revocationReason", invalidity_date AS "invalidityDate"
     FROM certificates WHERE issuer_key = $1 AND revoked_at IS NOT NULL ORDER BY revoked_at, serial`,
    [issuerKey],
  );
  return rows;
}

/** The last change by which a certificate of this key was revoked; 0 where none ever was. */
export async function lastRevocationChange(db: Queryable, issuerKey: string): Promise<number> {
  const { rows } = await db.query<{ change: number }>(
    'SELECT coalesce(max(change), 0) AS change FROM certificates WHERE issuer_key = $1 AND revoked_at IS NOT NULL',
    [issuerKey],
  );
  return rows[0]?.change ?? 0;
}

/** Of these serials the ones that the ledger has and does not say revoked. */
export async function findUnrevoked(
  db: Queryable,
  serials: readonly string[],
): Promise<readonly Pick<CertificateRow, 'serial' | 'issuerKey'>[]> {
  const { rows } = await db.query<Pick<CertificateRow, 'serial' | 'issuerKey'>>(
    `SELECT serial, issuer_key AS "issuerKey" FROM certificates
     WHERE serial = ANY($1::text[]) AND revoked_at IS NULL ORDER BY serial`,
    [serials],
  );
  return rows;
}

/** What was intended before this time, and neither issued nor revoked since. */
export async function listAbandonedIntents(
  db: Queryable,
  before: Date,
): Promise<readonly Pick<CertificateRow, 'serial'>[]> {
  const { rows } = await db.query<Pick<CertificateRow, 'serial'>>(
    `SELECT serial FROM certificates
     WHERE issued_at IS NULL AND revoked_at IS NULL AND intended_at < $1 ORDER BY intended_at LIMIT 100`,
    [before],
  );
  return rows;
}

/** What a ledger outside of the store says of a certificate. */
export type LedgerRecord = Pick<CertificateRow, 'serial' | 'issuerKey' | 'appId' | 'publicKey' | 'intendedAt'> & {
  readonly issued: Pick<IssuedCertificate, 'fingerprint' | 'notAfter' | 'issuedAt'> | null;
  readonly revoked: Pick<CertificateRevocation, 'revokedAt' | 'reason' | 'note'> | null;
};

/**
 * Adds many certificates at once. Of one that is there already, only what is not known of it yet: that it was issued, that it
 * was revoked. Their apps must be there.
 *
 * @param records each serial once
 * @param accountId who takes them over
 */
export async function insertLedgerRecords(
  tx: Transaction,
  change: number,
  records: readonly LedgerRecord[],
  accountId: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO certificates (serial, issuer_key, app_id, public_key, intended_at, fingerprint, not_after, issued_at,
       revoked_at, revocation_reason, revocation_note, revoked_by, account_id, change)
     SELECT serial, issuer_key, app_id, public_key, intended_at, fingerprint, not_after, issued_at,
       revoked_at, reason, note, CASE WHEN revoked_at IS NOT NULL THEN $12::bigint END, $12, $13
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::timestamptz[],
       $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[])
       AS record (serial, issuer_key, app_id, public_key, intended_at, fingerprint, not_after, issued_at,
         revoked_at, reason, note)
     ON CONFLICT (serial) DO UPDATE SET fingerprint = coalesce(certificates.fingerprint, excluded.fingerprint),
       not_after = coalesce(certificates.not_after, excluded.not_after),
       issued_at = coalesce(certificates.issued_at, excluded.issued_at),
       revoked_at = coalesce(certificates.revoked_at, excluded.revoked_at),
       revocation_reason = coalesce(certificates.revocation_reason, excluded.revocation_reason),
       revocation_note = coalesce(certificates.revocation_note, excluded.revocation_note),
       revoked_by = coalesce(certificates.revoked_by, excluded.revoked_by), change = excluded.change
     WHERE (certificates.issued_at IS NULL AND excluded.issued_at IS NOT NULL)
       OR (certificates.revoked_at IS NULL AND excluded.revoked_at IS NOT NULL)`,
    [
      records.map(({ serial }) => serial),
      records.map(({ issuerKey }) => issuerKey),
      records.map(({ appId }) => appId),
      records.map(({ publicKey }) => publicKey),
      records.map(({ intendedAt }) => intendedAt),
      records.map(({ issued }) => issued?.fingerprint ?? null),
      records.map(({ issued }) => issued?.notAfter ?? null),
      records.map(({ issued }) => issued?.issuedAt ?? null),
      records.map(({ revoked }) => revoked?.revokedAt ?? null),
      records.map(({ revoked }) => revoked?.reason ?? null),
      records.map(({ revoked }) => revoked?.note ?? null),
      accountId,
      change,
    ],
  );
}
