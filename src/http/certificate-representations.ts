import { z } from 'zod';
import { statusOfCertificate, type LedgerCertificate } from '../authority/read-ledger.js';
import type { RevokedByKey } from '../authority/revoke-by-key-holder.js';
import type { RevocationEffect } from '../authority/plan-revocation.js';
import {
  certificateStatuses,
  leafReasons,
  type CertificateRow,
  type CertificateSummary,
} from '../database/certificates.js';
import type { Certificate } from '../pki/certificate.js';
import { writePem } from '../pki/pem.js';
import { releaseStatusSchema } from './catalogue-representations.js';

/*
 * The JSON of certificates: as in representations.ts, what a program may rely on is what stands here. All of it is
 * public: who asked for a certificate, who revoked it and what they wrote about it stay out.
 */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const serialSchema = z.string().meta({ description: 'Upper-case hex, as `openssl x509 -serial` prints it.' });
export const reasonSchema = z.enum(leafReasons).meta({ description: 'As RFC 5280 §5.3.1 names it.' });
export const statusSchema = z.enum(certificateStatuses).meta({
  description:
    '`intended`: about to be issued, or never issued because that failed. A revoked one stays revoked when it expires.',
});

const entryFields = {
  serial: serialSchema,
  appId: z.string(),
  status: statusSchema,
  fingerprint: sha256.nullable().meta({ description: 'SHA-256 of the DER; null where it was only intended.' }),
  publicKeyFingerprint: sha256.meta({ description: 'SHA-256 of the SubjectPublicKeyInfo.' }),
  issuer: sha256.meta({ description: "The issuer's key: SHA-256 of its SubjectPublicKeyInfo." }),
  notBefore: time.nullable(),
  notAfter: time.nullable(),
  issuedAt: time.nullable(),
  revokedAt: time.nullable(),
  revocationReason: reasonSchema.nullable(),
  invalidityDate: time.nullable().meta({ description: 'Since when the key is thought to have been in wrong hands.' }),
};

export const certificateEntrySchema = z
  .object(entryFields)
  .meta({ id: 'CertificateEntry', description: 'A certificate as it stands in the public ledger.' });

/** A certificate in the ledger, for everybody. */
export function certificateEntry(row: CertificateSummary, at: Date) {
  return {
    serial: row.serial,
    appId: row.appId,
    status: statusOfCertificate(row, at),
    fingerprint: row.fingerprint,
    publicKeyFingerprint: row.publicKey,
    issuer: row.issuerKey,
    notBefore: row.notBefore?.toISOString() ?? null,
    notAfter: row.notAfter?.toISOString() ?? null,
    issuedAt: row.issuedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    revocationReason: row.revocationReason,
    invalidityDate: row.invalidityDate?.toISOString() ?? null,
  };
}

const chain = z
  .array(z.string())
  .meta({ description: 'PEM: the issuer, and so on up to the root, which is left out.' });

export const issuedCertificateSchema = z
  .object({ ...entryFields, leaf: z.string().meta({ description: 'PEM' }), chain })
  .meta({ id: 'IssuedCertificate', description: 'A certificate with those that lead to the root.' });

/** A certificate that was issued, with its chain, as it is handed out. */
export function issuedCertificate(
  issued: { readonly certificate: CertificateRow; readonly leaf: Certificate; readonly chain: readonly Certificate[] },
  at: Date,
) {
  return { ...certificateEntry(issued.certificate, at), leaf: pemOf(issued.leaf), chain: issued.chain.map(pemOf) };
}

export const ledgerCertificateSchema = z
  .object({
    ...entryFields,
    leaf: z.string().nullable().meta({ description: 'PEM; null where it is not kept here.' }),
    chain,
  })
  .meta({ id: 'LedgerCertificate', description: 'A certificate of the ledger with those that lead to the root.' });

/** A certificate in the ledger, with what is kept of it. */
export function ledgerCertificate({ certificate, chain: issuers }: LedgerCertificate, at: Date) {
  const leaf = certificate.der === null ? null : writePem(certificate.der, 'CERTIFICATE');
  return { ...certificateEntry(certificate, at), leaf, chain: issuers.map(pemOf) };
}

const affectedRelease = z.object({
  appId: z.string(),
  version: z.string(),
  status: releaseStatusSchema,
  publishedAt: time,
});

const alsoRevokedSchema = z.array(certificateEntrySchema).meta({
  description:
    'Others over the same key, of whatever app: one that is compromised is so in all of them. Those that were revoked so before are not repeated.',
});

export const revocationEffectSchema = z
  .object({
    certificate: certificateEntrySchema,
    alsoRevoked: alsoRevokedSchema,
    quarantined: z.array(affectedRelease).meta({ description: 'Releases that are no longer served.' }),
    kept: z.array(affectedRelease).meta({ description: 'Releases that stay as they are, and are marked.' }),
    remaining: z
      .array(certificateEntrySchema)
      .meta({ description: 'The other certificates of the app that count; none where it can sign nothing new.' }),
  })
  .meta({ id: 'RevocationEffect', description: 'What a revocation does, or would do.' });

/** What a revocation does, with the certificates that the app has left. */
export function revocationEffect(
  effect: RevocationEffect & { readonly remaining: readonly CertificateSummary[] },
  at: Date,
) {
  const { quarantined, kept, remaining } = effect;
  return {
    ...revokedByKey(effect, at),
    quarantined: quarantined.map(affected),
    kept: kept.map(affected),
    remaining: remaining.map((row) => certificateEntry(row, at)),
  };
}

export const revokedByKeySchema = z.object({ certificate: certificateEntrySchema, alsoRevoked: alsoRevokedSchema });

/** What a message revoked that was signed with the key. */
export function revokedByKey({ certificate, alsoRevoked }: RevokedByKey, at: Date) {
  return {
    certificate: certificateEntry(certificate, at),
    alsoRevoked: alsoRevoked.map((row) => certificateEntry(row, at)),
  };
}

function affected({ appId, version, status, publishedAt }: RevocationEffect['kept'][number]) {
  return { appId, version, status, publishedAt: publishedAt.toISOString() };
}

function pemOf({ der }: Certificate): string {
  return writePem(der, 'CERTIFICATE');
}
