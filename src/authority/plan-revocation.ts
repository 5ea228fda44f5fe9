import type { Account } from '../database/accounts.js';
import {
  findCertificate,
  findCertificatesByKey,
  type CertificateRow,
  type LeafReason,
} from '../database/certificates.js';
import type { Queryable } from '../database/connect.js';
import { listReleasesSignedBy, type SignedReleaseRow } from '../database/releases.js';
import { RequestError } from '../request-error.js';
import type { QuarantineRule } from './authority-parts.js';

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
  /** Others over the same key, which is no better in them; as they are now. None where the key was not compromised. */
  readonly alsoRevoked: readonly CertificateRow[];
  /** Releases, of any of them, that are no longer served. */
  readonly quarantined: readonly SignedReleaseRow[];
  /** Releases that stay as they are, and are marked. */
  readonly kept: readonly SignedReleaseRow[];
}

/** One certificate of a revocation, and what becomes of it. */
export interface RevocationPlan {
  readonly certificate: CertificateRow;
  readonly revocation: RevocationState;
  /** False where the ledger says so already. */
  readonly isNew: boolean;
  readonly quarantined: readonly SignedReleaseRow[];
  readonly kept: readonly SignedReleaseRow[];
}

/**
 * What is to be done about every certificate that an order touches, the one that it names first. A compromised key signs with
 * each certificate over it, also with one that was only intended and may have got out.
 *
 * @throws RequestError `NOT_FOUND` where there is no such certificate in the ledger
 */
export async function planRevocation(
  db: Queryable,
  order: Omit<RevocationOrder, 'account' | 'note'>,
  at: Date,
  rule: QuarantineRule,
): Promise<readonly RevocationPlan[]> {
  const named = await requireCertificate(db, order);
  const isCompromised = order.reason === 'keyCompromise' || named.revocationReason === 'keyCompromise';
  const sameKey = isCompromised ? await findCertificatesByKey(db, [named.publicKey]) : [];
  const touched = [named, ...sameKey.filter(({ serial }) => serial !== named.serial)];
  const reason = isCompromised ? ('keyCompromise' as const) : order.reason;
  return Promise.all(
    touched.map(async (certificate) => {
      const revocation = revocationAfter(certificate, { ...order, reason }, at);
      const isNew = !isSameRevocation(certificate, revocation);
      const releases = await sortReleases(db, certificate, revocation, rule);
      // What was decided about its releases since, by a moderator say, stays where nothing new became known.
      return isNew
        ? { certificate, revocation, isNew, ...releases }
        : { certificate, revocation, isNew, quarantined: [], kept: [...releases.kept, ...releases.quarantined] };
    }),
  );
}

/** What plans come to, once they are carried out or as they are. */
export function effectOf(plans: readonly RevocationPlan[]): RevocationEffect {
  const [named, ...others] = plans;
  if (named === undefined) throw new Error('A revocation without a certificate');
  return {
    certificate: named.certificate,
    alsoRevoked: others.filter(({ isNew }) => isNew).map(({ certificate }) => certificate),
    quarantined: plans.flatMap(({ quarantined }) => quarantined),
    kept: plans.flatMap(({ kept }) => kept),
  };
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
): Promise<Pick<RevocationPlan, 'quarantined' | 'kept'>> {
  const releases = fingerprint === null ? [] : await listReleasesSignedBy(db, fingerprint);
  const since = compromisedSince(revocation, rule);
  const isDoomed = ({ status, publishedAt }: SignedReleaseRow): boolean =>
    status === 'published' && since !== null && publishedAt >= since;
  return { quarantined: releases.filter(isDoomed), kept: releases.filter((release) => !isDoomed(release)) };
}

/** What was published from this time on was perhaps signed by somebody else; null where the key was never in wrong hands. */
function compromisedSince({ reason, invalidityDate, revokedAt }: RevocationState, rule: QuarantineRule): Date | null {
  if (reason !== 'keyCompromise') return invalidityDate;
  return rule === 'all' ? new Date(0) : (invalidityDate ?? revokedAt);
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
