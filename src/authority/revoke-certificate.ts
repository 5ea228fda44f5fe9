import type { Account } from '../database/accounts.js';
import { appendAppEvent, lockApp } from '../database/apps.js';
import { beginAuthorityChange } from '../database/authority-state.js';
import {
  findCertificate,
  setCertificateRevoked,
  type CertificateRow,
  type LeafReason,
} from '../database/certificates.js';
import { inTransaction, type Queryable, type Transaction } from '../database/connect.js';
import { listReleasesSignedBy, setReleaseStatus, type SignedReleaseRow } from '../database/releases.js';
import { RequestError } from '../request-error.js';
import type { AuthorityParts, QuarantineRule } from './authority-parts.js';
import { renewStoreLists } from './store-lists.js';

/** What is to be revoked, and why. */
export interface RevocationOrder {
  readonly serial: string;
  /** Of the certificate that is meant: where it is given, it must be the one in the ledger under that serial. */
  readonly fingerprint?: string;
  readonly reason: LeafReason;
  /** Since when the key is thought to have been in wrong hands; null where nobody knows. */
  readonly invalidityDate: Date | null;
  readonly note: string;
  /** Who revokes it. */
  readonly account: Account;
}

/** What a revocation does, or would do. */
export interface RevocationEffect {
  /** The certificate as it is now. */
  readonly certificate: CertificateRow;
  /** Releases that are no longer served. */
  readonly quarantined: readonly SignedReleaseRow[];
  /** Releases that stay as they are, and are marked. */
  readonly kept: readonly SignedReleaseRow[];
}

/** Whether the list that tells others is signed already; otherwise whoever has the key does it within a minute. */
export type ListState = 'signed' | 'pending';

/**
 * What a revocation would do. Changes nothing.
 *
 * @throws RequestError `NOT_FOUND` where there is no such certificate in the ledger
 */
export async function previewRevocation(
  { database, now, quarantineOnRevocation }: Pick<AuthorityParts, 'database' | 'now' | 'quarantineOnRevocation'>,
  order: Omit<RevocationOrder, 'account' | 'note'>,
): Promise<RevocationEffect> {
  const certificate = await requireCertificate(database, order);
  const revoked = revocationAfter(certificate, order, now());
  const { doomed, kept } = await sortReleases(database, certificate, revoked, quarantineOnRevocation);
  return { certificate, quarantined: doomed, kept };
}

/**
 * Revokes a certificate, quarantines what was signed with it since its key was in wrong hands, and signs the list anew. It is
 * in force with the commit, for every decision on every replica; the list only tells others. A revocation is final: revoking
 * again changes nothing, but what became known since can make it worse, a compromise or an earlier one.
 *
 * @throws RequestError `NOT_FOUND` where there is no such certificate in the ledger
 */
export async function revokeCertificate(
  parts: AuthorityParts,
  order: RevocationOrder,
): Promise<RevocationEffect & { readonly list: ListState }> {
  const effect = await inTransaction(parts.database, async (tx) => {
    const change = await beginAuthorityChange(tx);
    return revokeInTransaction(tx, change, parts, order);
  });
  return { ...effect, list: await renewStoreLists(parts) };
}

/**
 * The same inside a transaction that has begun an authority change; the list is left to the caller.
 *
 * @throws RequestError `NOT_FOUND`
 */
export async function revokeInTransaction(
  tx: Transaction,
  change: number,
  { now, quarantineOnRevocation }: Pick<AuthorityParts, 'now' | 'quarantineOnRevocation'>,
  order: RevocationOrder,
): Promise<RevocationEffect> {
  const before = await requireCertificate(tx, order);
  const revoked = revocationAfter(before, order, now());
  await lockApps(tx, before);
  const { doomed, kept } = await sortReleases(tx, before, revoked, quarantineOnRevocation);
  if (isSameRevocation(before, revoked)) return { certificate: before, quarantined: [], kept: [...kept, ...doomed] };

  const { serial, account, note } = order;
  await setCertificateRevoked(tx, change, { serial, ...revoked, accountId: account.id, note });
  await appendAppEvent(tx, {
    appId: before.appId,
    kind: 'certificate-revoked',
    accountId: account.id,
    detail: {
      serial,
      reason: revoked.reason,
      ...(revoked.invalidityDate !== null && { invalidityDate: revoked.invalidityDate.toISOString() }),
    },
    reason: note,
  });
  for (const release of doomed) await quarantine(tx, release, order, now());
  return { certificate: await requireCertificate(tx, { serial }), quarantined: doomed, kept };
}

/** What the ledger says of a revocation once an order is carried out. */
interface RevocationState {
  readonly revokedAt: Date;
  readonly reason: LeafReason;
  readonly invalidityDate: Date | null;
}

function revocationAfter(
  { revokedAt, revocationReason, invalidityDate }: CertificateRow,
  order: Pick<RevocationOrder, 'reason' | 'invalidityDate'>,
  at: Date,
): RevocationState {
  if (revokedAt === null || revocationReason === null) {
    return { revokedAt: at, reason: order.reason, invalidityDate: order.invalidityDate };
  }
  const reason = order.reason === 'keyCompromise' ? order.reason : revocationReason;
  return { revokedAt, reason, invalidityDate: earlier(invalidityDate, order.invalidityDate) };
}

function isSameRevocation(
  { revokedAt, revocationReason, invalidityDate }: CertificateRow,
  after: RevocationState,
): boolean {
  return (
    revokedAt !== null &&
    revocationReason === after.reason &&
    invalidityDate?.getTime() === after.invalidityDate?.getTime()
  );
}

/** The earlier of two times, where null is unknown. */
function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

async function sortReleases(
  db: Queryable,
  { fingerprint }: CertificateRow,
  revocation: RevocationState,
  rule: QuarantineRule,
): Promise<{ readonly doomed: readonly SignedReleaseRow[]; readonly kept: readonly SignedReleaseRow[] }> {
  const releases = fingerprint === null ? [] : await listReleasesSignedBy(db, fingerprint);
  const since = compromisedSince(revocation, rule);
  const isDoomed = ({ status, publishedAt }: SignedReleaseRow): boolean =>
    status === 'published' && since !== null && publishedAt >= since;
  return { doomed: releases.filter(isDoomed), kept: releases.filter((release) => !isDoomed(release)) };
}

/** What was published from this time on was perhaps signed by somebody else; null where the key was never in wrong hands. */
function compromisedSince({ reason, invalidityDate, revokedAt }: RevocationState, rule: QuarantineRule): Date | null {
  if (reason !== 'keyCompromise') return invalidityDate;
  return rule === 'all' ? new Date(0) : (invalidityDate ?? revokedAt);
}

/** Locks the certificate's app and those whose releases it signed, in the order that uploads lock them. */
async function lockApps(tx: Transaction, { appId, fingerprint }: CertificateRow): Promise<void> {
  const releases = fingerprint === null ? [] : await listReleasesSignedBy(tx, fingerprint);
  const appIds = new Set([appId, ...releases.map((release) => release.appId)]);
  for (const each of [...appIds].sort()) await lockApp(tx, each);
}

async function quarantine(
  tx: Transaction,
  { appId, version, status }: SignedReleaseRow,
  { serial, account }: RevocationOrder,
  at: Date,
): Promise<void> {
  const reason = `The key of its certificate, serial ${serial}, was compromised.`;
  await setReleaseStatus(tx, { appId, version, status: 'quarantined', reason, at });
  await appendAppEvent(tx, {
    appId,
    kind: 'release-status',
    accountId: account.id,
    detail: { version, before: status, after: 'quarantined', serial },
    reason,
  });
}

async function requireCertificate(
  db: Queryable,
  { serial, fingerprint }: Pick<RevocationOrder, 'serial' | 'fingerprint'>,
): Promise<CertificateRow> {
  const certificate = await findCertificate(db, serial);
  if (certificate === null) {
    throw new RequestError('NOT_FOUND', `There is no certificate with the serial ${serial} in the ledger.`);
  }
  if (fingerprint !== undefined && certificate.fingerprint !== fingerprint) {
    throw new RequestError('NOT_FOUND', `Under the serial ${serial} the ledger has another certificate.`);
  }
  return certificate;
}
