import { isSelfSigned, isSignedBy } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { isRevocationListOf } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import type { Trust, TrustRoot } from '../pki/trust.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** From when to when something counts. */
export interface Lifetime {
  readonly from: Date;
  readonly to: Date;
}

/**
 * Whether the end of something is near, or past: fewer days are left than the notice, and less than a third of its life.
 * A list that lives a week and is renewed daily is always within thirty days of its end; that it was not renewed for days
 * is what is worth saying.
 */
export function isNearEnd({ from, to }: Lifetime, at: Date, noticeDays: number): boolean {
  const left = to.getTime() - at.getTime();
  return left <= noticeDays * DAY_MS && left <= (to.getTime() - from.getTime()) / 3;
}

/** A certificate of an authority that counts here. */
export interface TrustedAuthority extends Lifetime {
  readonly kind: 'root' | 'intermediate';
  readonly certificate: Certificate;
}

/**
 * The authorities of a trust. Below a root that does not enforce times the certificates' own ends don't count, and only the
 * root's sunset does. Intermediates whose root is not there count for nothing, and are left out.
 */
export function trustedAuthorities(trust: Trust): readonly TrustedAuthority[] {
  const roots = trust.roots.map((root) => ({ kind: 'root' as const, certificate: root.certificate, ...endOf(root) }));
  const intermediates = trust.intermediates.flatMap((certificate) => {
    const root = trust.roots.find((each) => isBelow(certificate, each.certificate, trust));
    if (root === undefined) return [];
    const to = root.enforceTimes ? certificate.notAfter : (root.acceptedUntil ?? certificate.notAfter);
    return [{ kind: 'intermediate' as const, certificate, from: certificate.notBefore, to }];
  });
  return [...roots, ...intermediates];
}

function endOf({ certificate, enforceTimes, acceptedUntil }: TrustRoot): Lifetime {
  const { notBefore: from, notAfter } = certificate;
  if (acceptedUntil === null) return { from, to: notAfter };
  return { from, to: enforceTimes && notAfter < acceptedUntil ? notAfter : acceptedUntil };
}

/** Directly, or with one more intermediate in between: deeper hierarchies don't occur. */
function isBelow(certificate: Certificate, root: Certificate, { intermediates }: Trust): boolean {
  if (isIssuedBy(certificate, root)) return true;
  return intermediates.some((each) => isIssuedBy(certificate, each) && isIssuedBy(each, root));
}

/** Whether the name and the signature of a certificate are those of this issuer. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return certificate.issuerId === issuer.subjectId && isSignedBy(certificate, issuer) && !isSelfSigned(certificate);
}

/**
 * Whether an authority is the store's own: one whose ledger is at hand, or that issued one of those. How old its lists are
 * matters little: an offline root signs once a year, and what the others revoke stands in the ledger.
 */
export function isOwnAuthority(authority: Certificate, { intermediates, ledgers }: Trust): boolean {
  const keys = new Set(ledgers.map(({ issuerKey }) => issuerKey));
  return (
    keys.has(authority.publicKeyFingerprint) ||
    intermediates.some((each) => keys.has(each.publicKeyFingerprint) && isIssuedBy(each, authority))
  );
}

/** What is known of when an authority says what it revoked: its lists taken together, as checkRevocation takes them. */
export interface AuthorityLists extends Lifetime {
  readonly issuer: Certificate;
  /** The list that holds longest. */
  readonly newest: RevocationList;
  /** Null where a list says of itself that it holds for ever. */
  readonly nextUpdate: Date | null;
  readonly thisUpdate: Date;
}

/** The lists that an authority's key signed, as one; null where there is none. Its `to` is far away where no end is known. */
export function listsOf(issuer: Certificate, { revocationLists }: Trust): AuthorityLists | null {
  const lists = revocationLists.filter((list) => isRevocationListOf(list, issuer));
  const [first, ...others] = lists;
  if (first === undefined) return null;
  const newest = others.reduce((best, list) => (endsAfter(list, best) ? list : best), first);
  const thisUpdate = new Date(Math.max(...lists.map((list) => list.thisUpdate.getTime())));
  const { nextUpdate } = newest;
  return { issuer, newest, thisUpdate, nextUpdate, from: newest.thisUpdate, to: nextUpdate ?? new Date(8.64e15) };
}

function endsAfter(list: RevocationList, other: RevocationList): boolean {
  return (list.nextUpdate?.getTime() ?? Infinity) > (other.nextUpdate?.getTime() ?? Infinity);
}

/** The lists of every authority of a trust, one entry for each key. */
export function authorityLists(trust: Trust): readonly AuthorityLists[] {
  const byKey = new Map<string, AuthorityLists>();
  for (const { certificate } of trustedAuthorities(trust)) {
    const lists = byKey.has(certificate.publicKeyFingerprint) ? null : listsOf(certificate, trust);
    if (lists !== null) byKey.set(certificate.publicKeyFingerprint, lists);
  }
  return [...byKey.values()];
}
