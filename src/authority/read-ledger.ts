import {
  findCertificate,
  listCertificates,
  type CertificateRow,
  type CertificateStatus,
  type CertificateSummary,
} from '../database/certificates.js';
import type { Certificate } from '../pki/certificate.js';
import { RequestError } from '../request-error.js';
import type { AuthorityParts } from './authority-parts.js';
import { certificateOfKey, requireStoreAuthority } from './store-authority.js';

/** A certificate of the ledger, and the store's certificates that lead from it to the root, which is not among them. */
export interface LedgerCertificate {
  readonly certificate: CertificateRow;
  readonly chain: readonly Certificate[];
}

/**
 * A page of the ledger, the newest certificates first. What is read is everybody's to read, but for the contact and
 * the note of a row, which routes leave out.
 *
 * @throws RequestError `NO_AUTHORITY` where the store issues no certificates; `INVALID_REQUEST` where `after` is none
 *   of them
 */
export async function readLedgerPage(
  { database, now }: Pick<AuthorityParts, 'database' | 'now'>,
  query: {
    readonly appId: string | null;
    readonly status: CertificateStatus | null;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly CertificateSummary[]> {
  await requireStoreAuthority(database);
  const { status, ...page } = query;
  const standing = status === null ? null : { status, at: now() };
  const found = await listCertificates(database, { ...page, standing });
  if (found.length === 0 && query.after !== null && (await findCertificate(database, query.after)) === null) {
    throw new RequestError('INVALID_REQUEST', 'The serial in "after" is not in the ledger.');
  }
  return found;
}

/**
 * A certificate of the ledger with its chain.
 *
 * @throws RequestError `NO_AUTHORITY` where the store issues no certificates; `NOT_FOUND`
 */
export async function readLedgerCertificate(
  { database }: Pick<AuthorityParts, 'database'>,
  serial: string,
): Promise<LedgerCertificate> {
  const authority = await requireStoreAuthority(database);
  const certificate = await requireLedgerEntry({ database }, serial);
  const issuer = certificateOfKey(authority, certificate.issuerKey);
  return { certificate, chain: issuer === null ? [] : [issuer] };
}

/** @throws RequestError `NOT_FOUND` where there is no certificate with this serial in the ledger */
export async function requireLedgerEntry(
  { database }: Pick<AuthorityParts, 'database'>,
  serial: string,
): Promise<CertificateRow> {
  const certificate = await findCertificate(database, serial);
  if (certificate !== null) return certificate;
  throw new RequestError('NOT_FOUND', 'There is no certificate with this serial in the ledger of this store.');
}

/** How a certificate stands at a time. That it is revoked counts before everything else. */
export function statusOfCertificate(
  { revokedAt, issuedAt, notAfter }: Pick<CertificateRow, 'revokedAt' | 'issuedAt' | 'notAfter'>,
  at: Date,
): CertificateStatus {
  if (revokedAt !== null) return 'revoked';
  if (issuedAt === null || notAfter === null) return 'intended';
  return notAfter <= at ? 'expired' : 'valid';
}

/** More than the 20 octets of RFC 5280 §4.1.2.2, with a colon after each. */
const MAX_SERIAL_CHARACTERS = 80;

/**
 * A serial as people copy it from openssl, spelt as the ledger spells it: `x509 -serial` prints upper-case hex, `x509
 * -text` lower-case hex with colons. Null for what is no serial.
 */
export function normalizeSerial(text: string): string | null {
  const hex = text.replace(/:/g, '').toUpperCase();
  if (text.length > MAX_SERIAL_CHARACTERS || !/^[0-9A-F]+$/.test(hex)) return null;
  const digits = hex.replace(/^0+(?=.)/, '');
  return digits.length % 2 === 1 ? `0${digits}` : digits;
}

/**
 * A SHA-256 fingerprint as people copy it from openssl, with or without colons, as lower-case hex. Null for what is
 * none.
 */
export function normalizeFingerprint(text: string): string | null {
  const hex = text.replace(/:/g, '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? hex : null;
}
