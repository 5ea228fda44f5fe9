import type { Certificate } from './certificate.js';
import { askLedger } from './issuer-ledger.js';
import type { IssuerLedger, LedgerVerdict } from './issuer-ledger.js';
import { isRevocationListOf } from './revocation-list.js';
import type { Revocation, RevocationList } from './revocation-list.js';

/** A list that was used although a newer one is due. */
export interface StaleList {
  readonly issuer: string;
  /** When the newer one should have come. */
  readonly since: Date;
}

/** Whom checkRevocation asks. */
export interface RevocationSources {
  readonly lists: readonly RevocationList[];
  /** The records of issuers of our own. */
  readonly ledgers: readonly IssuerLedger[];
  /**
   * How old a list about leaves may grow before it counts as stale, in milliseconds from its thisUpdate: the nextUpdate of some
   * lies ten years ahead. Null: only the nextUpdate counts, as it always does for lists of roots, which are signed once a year.
   */
  readonly maxListAgeMs: number | null;
}

export type RevocationVerdict =
  | { readonly status: 'good'; readonly stale: readonly StaleList[] }
  | {
      readonly status: 'revoked';
      readonly certificate: Certificate;
      readonly revokedAt: Date;
      readonly reason: string | null;
    }
  /** Its issuer is one of ours, whose key signed it, and has no record of it. */
  | { readonly status: 'unknown'; readonly certificate: Certificate }
  | { readonly status: 'unavailable'; readonly certificate: Certificate; readonly why: string };

/** How far an authority's clock may run ahead of ours. */
const clockSkewMs = 5 * 60 * 1000;

/**
 * Asks about every certificate of a path, leaf first, as verifyChain returned it. Where the issuer's own ledger is at hand it
 * decides, and the lists can only add to it. Otherwise a certificate is revoked if any list of its own issuer names its
 * serial; for the leaf such a list is required, stale or not (a stale list still knows what was revoked before it), for
 * authorities it is used where there is one. Without the leaf's list the answer is `unavailable`, never `good`.
 */
export function checkRevocation(path: readonly Certificate[], sources: RevocationSources, at: Date): RevocationVerdict {
  const [leaf] = path;
  if (leaf === undefined) throw new RangeError('An empty path has no revocation status.');
  const links = path.slice(0, -1).map((certificate, index) => linkOf(certificate, path[index + 1], sources, at));

  for (const { certificate, lists, ledger } of links) {
    const revocation = ledger?.status === 'revoked' ? ledger.revocation : findRevocation(certificate, lists.all);
    if (revocation !== null) {
      return { status: 'revoked', certificate, revokedAt: revocation.revokedAt, reason: revocation.reason };
    }
  }
  const stranger = links.find(({ ledger }) => ledger?.status === 'unknown');
  if (stranger !== undefined) return { status: 'unknown', certificate: stranger.certificate };

  const [first] = links;
  if (first === undefined || (first.ledger === null && first.lists.usable.length === 0)) {
    return {
      status: 'unavailable',
      certificate: leaf,
      why: whyUnavailable(leaf, first?.issuer ?? null, sources.lists),
    };
  }
  const stale = links
    .filter(({ ledger }) => ledger === null)
    .flatMap((link) => staleness(link.lists.usable, link === first ? sources.maxListAgeMs : null, at));
  return { status: 'good', stale };
}

/** A certificate of a path, and what its issuer says of it. */
interface Link {
  readonly certificate: Certificate;
  readonly issuer: Certificate | null;
  readonly lists: IssuerLists;
  readonly ledger: LedgerVerdict | null;
}

/** The lists that an issuer signed. */
interface IssuerLists {
  /** What any of them revokes is revoked: its date says how far it can be relied on for the rest. */
  readonly all: readonly RevocationList[];
  /** Those that are not dated in the future: a list that is not there yet is not one to go by. */
  readonly usable: readonly RevocationList[];
}

function linkOf(
  certificate: Certificate,
  issuer: Certificate | undefined,
  { lists, ledgers }: RevocationSources,
  at: Date,
): Link {
  if (issuer === undefined) return { certificate, issuer: null, lists: { all: [], usable: [] }, ledger: null };
  const ledger = ledgers.find(({ issuerKey }) => issuerKey === issuer.publicKeyFingerprint);
  return {
    certificate,
    issuer,
    lists: listsOf(issuer, lists, at),
    ledger: ledger === undefined ? null : askLedger(certificate, ledger),
  };
}

function listsOf(issuer: Certificate, lists: readonly RevocationList[], at: Date): IssuerLists {
  const all = lists.filter((list) => isRevocationListOf(list, issuer));
  return { all, usable: all.filter((list) => !isFromTheFuture(list, at)) };
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

/** An authority's lists are stale when even the one that holds longest has run out, or the newest is too old. */
function staleness(lists: readonly RevocationList[], maxListAgeMs: number | null, at: Date): readonly StaleList[] {
  const [list] = lists;
  if (list === undefined) return [];
  const latest = Math.max(...lists.map(({ nextUpdate }) => nextUpdate?.getTime() ?? Infinity));
  const newest = Math.max(...lists.map(({ thisUpdate }) => thisUpdate.getTime()));
  const due = Math.min(latest, maxListAgeMs === null ? Infinity : newest + maxListAgeMs);
  return due >= at.getTime() ? [] : [{ issuer: list.issuer, since: new Date(due) }];
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
