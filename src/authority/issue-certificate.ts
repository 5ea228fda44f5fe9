import type { KeyObject } from 'node:crypto';
import type { Account } from '../database/accounts.js';
import { appendAppEvent, ensureApp, lockApp } from '../database/apps.js';
import { beginAuthorityChange } from '../database/authority-state.js';
import {
  findCertificate,
  insertIntendedCertificate,
  setCertificateIssued,
  type CertificateRow,
} from '../database/certificates.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { wordsOfError } from '../error-words.js';
import { parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { IssueError, SERIAL_BYTES, issueCertificate, serialOf } from '../pki/issue.js';
import { keyFingerprint } from '../pki/keys.js';
import { writePem } from '../pki/pem.js';
import { leafProfile } from '../pki/profiles.js';
import { RequestError } from '../request-error.js';
import type { AuthorityParts } from './authority-parts.js';
import { revokeUnissued } from './revoke-unissued.js';
import {
  certificateOfKey,
  issuerUnavailable,
  openIssuer,
  publishedName,
  readStoreAuthority,
  type Issuer,
} from './store-authority.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate that is to be issued to the developers of an app. Whether it may be is decided by whoever orders it. */
export interface CertificateOrder {
  readonly appId: string;
  readonly publicKey: KeyObject;
  /** How long it is valid; null for as long as the profile allows. */
  readonly days: number | null;
  readonly requestId: string | null;
  /** An address that is written to before it ends. */
  readonly contact: string | null;
  /** Who has it issued. */
  readonly account: Account;
}

/** What else happens in the two transactions of an issue. */
export interface IssueHooks {
  /** With the intent; what it throws keeps the certificate from being signed. The app is locked. */
  readonly onIntent?: (tx: Transaction, serial: string) => Promise<void>;
  /** With the record of the certificate; what it throws leaves a certificate that is revoked at once. The app is locked. */
  readonly onIssued?: (tx: Transaction, change: number, issued: CertificateRow) => Promise<void>;
}

/** A certificate and those that lead from it to the root, which is not among them. */
export interface CertificateChain {
  readonly certificate: CertificateRow;
  readonly leaf: Certificate;
  readonly chain: readonly Certificate[];
}

/**
 * Issues a certificate by the store's own authority. The ledger has it before the key signs it, so that whatever happens in
 * between, no certificate exists which could not be revoked; and nobody is given it before the ledger says it was issued.
 *
 * @throws RequestError `NO_AUTHORITY` or `ISSUER_UNAVAILABLE`; `KEY_REFUSED` where the certificate does not fit its profile;
 *   and what the hooks throw
 */
export async function issueAppCertificate(
  parts: AuthorityParts,
  order: CertificateOrder,
  hooks: IssueHooks = {},
): Promise<CertificateChain> {
  const issuer = await openIssuer(parts);
  const serialOctets = parts.randomBytes(SERIAL_BYTES);
  const serial = serialOf(serialOctets);
  await recordIntent(parts, order, issuer, serial, hooks);
  try {
    const leaf = await signOrExplain(parts, order, issuer, serialOctets);
    const certificate = await recordIssue(parts, order, leaf, hooks);
    return { certificate, leaf, chain: [issuer.signing.certificate] };
  } catch (error) {
    await revokeOrLog(parts, order, serial);
    throw error;
  }
}

async function recordIntent(
  { database, now }: AuthorityParts,
  order: CertificateOrder,
  { signing }: Issuer,
  serial: string,
  { onIntent }: IssueHooks,
): Promise<void> {
  const { appId, publicKey, requestId, contact, account } = order;
  await inTransaction(database, async (tx) => {
    const change = await beginAuthorityChange(tx);
    await ensureApp(tx, appId);
    await lockApp(tx, appId);
    await insertIntendedCertificate(tx, change, {
      serial,
      issuerKey: signing.certificate.publicKeyFingerprint,
      appId,
      publicKey: keyFingerprint(publicKey),
      requestId,
      contact,
      intendedAt: now(),
      accountId: account.id,
    });
    await onIntent?.(tx, serial);
  });
}

async function sign(
  { now, baseUrl }: AuthorityParts,
  { appId, publicKey, days }: CertificateOrder,
  { signing, issuing }: Issuer,
  serialOctets: Buffer,
): Promise<Certificate> {
  const at = now();
  return issueCertificate({
    profile: leafProfile,
    subject: { commonName: appId },
    publicKey,
    authority: signing,
    revocationListUrl: `${baseUrl}/crl/${publishedName('developers', issuing.generation)}.crl`,
    ...(days !== null && { notAfter: new Date(at.getTime() + days * DAY_MS) }),
    now: at,
    randomBytes: () => serialOctets,
  });
}

/** @throws RequestError where there is no certificate to be had; why it is not goes into the log */
async function signOrExplain(
  parts: AuthorityParts,
  order: CertificateOrder,
  issuer: Issuer,
  serialOctets: Buffer,
): Promise<Certificate> {
  try {
    return await sign(parts, order, issuer, serialOctets);
  } catch (error) {
    if (error instanceof IssueError || error instanceof RangeError) {
      throw new RequestError('KEY_REFUSED', `No certificate can be issued for this: ${wordsOfError(error)}`);
    }
    parts.log.warn({ reason: wordsOfError(error) }, 'a certificate could not be signed');
    throw issuerUnavailable();
  }
}

async function recordIssue(
  { database, now }: AuthorityParts,
  { appId, account }: CertificateOrder,
  leaf: Certificate,
  { onIssued }: IssueHooks,
): Promise<CertificateRow> {
  const { serial, fingerprint, der, notBefore, notAfter } = leaf;
  return inTransaction(database, async (tx) => {
    const change = await beginAuthorityChange(tx);
    await lockApp(tx, appId);
    await setCertificateIssued(tx, change, { serial, fingerprint, der, notBefore, notAfter, issuedAt: now() });
    await appendAppEvent(tx, {
      appId,
      kind: 'certificate-issued',
      accountId: account.id,
      detail: { serial, fingerprint, notAfter: notAfter.toISOString() },
      reason: '',
    });
    const issued = await findCertificate(tx, serial);
    if (issued === null) throw new Error('A certificate that was just issued is not there');
    // Its key became known to be in wrong hands while it was signed.
    if (issued.revokedAt !== null) throw new RequestError('KEY_REFUSED', 'This key was compromised. Make a new one.');
    await onIssued?.(tx, change, issued);
    return issued;
  });
}

/** That this fails too, because the database is gone, leaves an intention: no verdict takes it for an issue, and it is revoked later. */
async function revokeOrLog(parts: AuthorityParts, { account }: CertificateOrder, serial: string): Promise<void> {
  try {
    await revokeUnissued(parts, { serial, account, note: 'It was never handed out: issuing it failed.' });
  } catch (error) {
    parts.log.warn(
      { serial, reason: wordsOfError(error) },
      'a certificate that was never handed out is not revoked yet',
    );
  }
}

/**
 * A certificate of the ledger with its chain, for whoever it is handed to.
 *
 * @throws RequestError `NOT_FOUND` where it was never issued, or before the store kept certificates
 */
export async function readCertificateChain(
  { database }: Pick<AuthorityParts, 'database'>,
  certificate: CertificateRow,
): Promise<CertificateChain> {
  const authority = await readStoreAuthority(database);
  const issuer = authority === null ? null : certificateOfKey(authority, certificate.issuerKey);
  if (certificate.der === null || issuer === null) {
    throw new RequestError(
      'NOT_FOUND',
      `The certificate ${certificate.serial} is in the ledger, but is not kept here.`,
    );
  }
  return { certificate, leaf: parseCertificate(certificate.der), chain: [issuer] };
}

/** A certificate and those above it but for the root, as PEM: what `sign --cert` takes. */
export function bundleOf({ leaf, chain }: Pick<CertificateChain, 'leaf' | 'chain'>): string {
  return [leaf, ...chain].map(({ der }) => writePem(der, 'CERTIFICATE')).join('');
}
