import { listAuthorityCertificates } from '../database/authority-certificates.js';
import type { Queryable } from '../database/connect.js';
import { findNewestRevocationList } from '../database/revocation-lists.js';
import { wordsOfError } from '../error-words.js';
import { parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import type { Authority } from '../pki/issue.js';
import { isSameKeyPair } from '../pki/keys.js';
import { parseRevocationList } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { RequestError } from '../request-error.js';
import type { Tier } from './authority-folder.js';
import type { AuthorityParts } from './authority-parts.js';

/** A certificate of a key that issues to developers. */
export interface DevelopersCertificate {
  readonly certificate: Certificate;
  /** Counts the keys from 1 on; a renewed certificate over the same key has the same number. */
  readonly generation: number;
}

/** The store's own authority, as Postgres has it: what every replica shares. */
export interface StoreAuthority {
  readonly root: Certificate;
  /** The oldest key first, and of one key the certificate that ends last at its end; never empty. */
  readonly developers: readonly DevelopersCertificate[];
}

/** The store's own authority; null where it has none. */
export async function readStoreAuthority(db: Queryable): Promise<StoreAuthority | null> {
  const rows = await listAuthorityCertificates(db);
  const root = rows.find(({ tier }) => tier === 'root');
  const developers = rows.filter(({ tier }) => tier === 'developers');
  if (root === undefined || developers.length === 0) return null;
  return {
    root: parseCertificate(root.der),
    developers: developers.map(({ der, generation }) => ({ certificate: parseCertificate(der), generation })),
  };
}

/** @throws RequestError `NO_AUTHORITY` where the store has none */
export async function requireStoreAuthority(db: Queryable): Promise<StoreAuthority> {
  const authority = await readStoreAuthority(db);
  if (authority === null) throw new RequestError('NO_AUTHORITY', 'This store has no authority of its own.');
  return authority;
}

/** The certificate that issues now: of the newest key the one that ends last. */
export function issuingCertificate({ developers }: StoreAuthority): DevelopersCertificate {
  const last = developers.at(-1);
  if (last === undefined) throw new Error('An authority without a certificate that issues');
  return last;
}

/** The certificate of a key that ends last; null for a key that is none of the authority's. */
export function certificateOfKey({ root, developers }: StoreAuthority, keyFingerprint: string): Certificate | null {
  const certificates = [root, ...developers.map(({ certificate }) => certificate)];
  return certificates.findLast(({ publicKeyFingerprint }) => publicKeyFingerprint === keyFingerprint) ?? null;
}

/**
 * The base name of the files in which a key's certificate and list are published, `/crl/NAME.crl`. It stands in the
 * certificates that the key issued, so it never changes.
 */
export function publishedName(tier: Tier, generation: number): string {
  return generation === 1 ? tier : `${tier}-${generation}`;
}

/** An authority whose key is at hand. */
export interface Issuer {
  readonly authority: StoreAuthority;
  readonly issuing: DevelopersCertificate;
  readonly signing: Authority;
}

/**
 * The store's authority, ready to issue.
 *
 * @throws RequestError `NO_AUTHORITY` where the store has none, `ISSUER_UNAVAILABLE` where its key isn't to be had here
 */
export async function openIssuer(parts: AuthorityParts): Promise<Issuer> {
  const authority = await requireStoreAuthority(parts.database);
  const issuing = issuingCertificate(authority);
  if (!(await mayIssue(parts, authority, issuing))) {
    const { subject, serial } = issuing.certificate;
    parts.log.warn({ subject, serial }, "the certificate of the authority's key has ended or is revoked: renew it");
    throw issuerUnavailable();
  }
  const signing = await openKey(parts, issuing.certificate);
  if (signing === null) throw issuerUnavailable();
  return { authority, issuing, signing };
}

/** Whether what a certificate of the authority issues now would be believed: it has not ended, and the root stands by it. */
async function mayIssue(
  { database, now }: Pick<AuthorityParts, 'database' | 'now'>,
  authority: StoreAuthority,
  { certificate }: DevelopersCertificate,
): Promise<boolean> {
  if (certificate.notAfter <= now()) return false;
  return !(await readRevokedByRoot(database, authority)).has(certificate.serial);
}

/** The serials of the authority's own certificates that its root has revoked. */
export async function readRevokedByRoot(db: Queryable, authority: StoreAuthority): Promise<ReadonlySet<string>> {
  return new Set((await newestRootList(db, authority))?.revoked.keys());
}

/** The list that the root signed last, as the store has it; null where it has none. */
export async function newestRootList(db: Queryable, { root }: StoreAuthority): Promise<RevocationList | null> {
  const row = await findNewestRevocationList(db, root.publicKeyFingerprint);
  return row === null ? null : parseRevocationList(row.der);
}

/** A certificate of the authority with the key it is over; null where that key is not to be had here, which is logged. */
export async function openKey(
  { issuingKey, log }: Pick<AuthorityParts, 'issuingKey' | 'log'>,
  certificate: Certificate,
): Promise<Authority | null> {
  try {
    const signer = await issuingKey.signer(certificate.publicKeyFingerprint);
    return signer !== null && isSameKeyPair(signer.publicKey, certificate.publicKey) ? { certificate, signer } : null;
  } catch (error) {
    log.warn({ reason: wordsOfError(error) }, "the authority's key can't be opened");
    return null;
  }
}

/** The key can't be used now; why is for operators, and in the log. */
export function issuerUnavailable(): RequestError {
  return new RequestError(
    'ISSUER_UNAVAILABLE',
    "The key of the store's authority is not to be had now; try again later.",
  );
}
