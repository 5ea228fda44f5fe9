import type { Queryable, Transaction } from './connect.js';

/** A certificate of the authority itself. */
export interface AuthorityCertificateRow {
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  readonly tier: 'root' | 'developers';
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex: which key it is over. */
  readonly keyFingerprint: string;
  /** Counts the tier's keys from 1 on. */
  readonly generation: number;
  readonly der: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly addedAt: Date;
}

/** Adds a certificate of the authority; one that is there already changes nothing. The caller has begun an authority change. */
export async function insertAuthorityCertificate(tx: Transaction, row: AuthorityCertificateRow): Promise<void> {
  await tx.query(
    `INSERT INTO authority_certificates
       (fingerprint, tier, key_fingerprint, generation, der, not_before, not_after, added_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (fingerprint) DO NOTHING`,
    [row.fingerprint, row.tier, row.keyFingerprint, row.generation, row.der, row.notBefore, row.notAfter, row.addedAt],
  );
}

/** Every certificate of the authority: the root first, then developers' ones, the last added last. */
export async function listAuthorityCertificates(db: Queryable): Promise<readonly AuthorityCertificateRow[]> {
  const { rows } = await db.query<AuthorityCertificateRow>(
    `SELECT fingerprint, tier, key_fingerprint AS "keyFingerprint", generation, der, not_before AS "notBefore",
       not_after AS "notAfter", added_at AS "addedAt"
     FROM authority_certificates ORDER BY tier DESC, generation, not_after, added_at, fingerprint`,
  );
  return rows;
}
