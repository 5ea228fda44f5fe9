import type { Certificate } from './certificate.js';
import { isRevocationListOf } from './revocation-list.js';
import type { Revocation, RevocationList } from './revocation-list.js';

/** A list that was used although a newer one is due. */
export interface StaleList {
  readonly issuer: string;
  /** When the newer one should have come. */
  readonly since: Date;
}

export type RevocationVerdict =
  | { readonly status: 'good'; readonly stale: readonly StaleList[] }
  | {
      readonly status: 'revoked';
      readonly certificate: Certificate;
      readonly revokedAt: Date;
      readonly reason: string | null;
    }
  | { readonly status: 'unavailable'; readonly certificate: Certificate; readonly why: string };

/** How far an authority's clock may run ahead of ours. */
const clockSkewMs = 5 * 60 * 1000;

/**
 * Asks the lists about every certificate of a path, leaf first, as verifyChain returned it. A certificate is revoked if
 * any list of its own issuer names its serial. For the leaf such a list is required, stale or not (a stale list still
 * knows what was revoked before it); for authorities it is used where there is one. Without the leaf's list the answer
 * is `unavailable`, never `good`.
 */
export function checkRevocation(
  path: readonly Certificate[],
  lists: readonly RevocationList[],
  at: Date,
): RevocationVerdict {
  const [leaf] = path;
  if (leaf === undefined) throw new RangeError('An empty path has no revocation status.');
  const links = path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1];
    return { certificate, issuer, lists: issuer === undefined ? [] : usableLists(issuer, lists, at) };
  });

  for (const { certificate, lists: own } of links) {
    const revocation = findRevocation(certificate, own);
    if (revocation !== null) {
      return { status: 'revoked', certificate, revokedAt: revocation.revokedAt, reason: revocation.reason };
    }
  }

  const [first] = links;
  if (first === undefined || first.lists.length === 0) {
    return { status: 'unavailable', certificate: leaf, why: whyUnavailable(leaf, first?.issuer ?? null, lists) };
  }
  return { status: 'good', stale: links.flatMap(({ lists: own }) => staleness(own, at)) };
}

function usableLists(issuer: Certificate, lists: readonly RevocationList[], at: Date): readonly RevocationList[] {
  return lists.filter((list) => !isFromTheFuture(list, at) && isRevocationListOf(list, issuer));
}

function isFromTheFuture(list: RevocationList, at: Date): boolean {
  // Written so that an invalid date makes the list unusable and not eternal.
  return !(list.thisUpdate.getTime() <= at.getTime() + clockSkewMs);
}

function findRevocation(certificate: Certificate, lists: readonly RevocationList[]): Revocation | null {
  for (const list of lists) {
    const revocation = list.revoked.get(certificate.serial);
    if (revocation !== undefined) return revocation;
  }
  return null;
}

/** An authority's lists are stale when even the one that holds longest has run out. */
function staleness(lists: readonly RevocationList[], at: Date): readonly StaleList[] {
  const ends = lists.map(({ nextUpdate }) => nextUpdate?.getTime() ?? Infinity);
  const latest = Math.max(...ends);
  const [list] = lists;
  return list === undefined || latest >= at.getTime() ? [] : [{ issuer: list.issuer, since: new Date(latest) }];
}

function whyUnavailable(leaf: Certificate, issuer: Certificate | null, lists: readonly RevocationList[]): string {
  const named = lists.filter(({ issuerId }) => issuerId === leaf.issuerId);
  if (issuer === null) return 'The issuer of the certificate is not known.';
  if (named.length === 0) return `There is no revocation list of ${leaf.issuer}.`;
  if (!named.some((list) => isRevocationListOf(list, issuer))) {
    return `No revocation list that bears the name of ${leaf.issuer} was signed by that authority.`;
  }
  return `The revocation list of ${leaf.issuer} is dated in the future.`;
}
