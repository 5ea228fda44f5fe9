import { createHash } from 'node:crypto';
import { isInAuthorityHistory, readAuthorityState, type AuthorityState } from '../database/authority-state.js';
import { listCertificateChanges, type LedgerChangeRow } from '../database/ledger.js';
import type { Queryable } from '../database/connect.js';
import { listFetchedRevocationLists } from '../database/fetched-revocation-lists.js';
import { listNewestRevocationLists } from '../database/revocation-lists.js';
import { CertificateError } from '../pki/certificate.js';
import type { IssuerLedger, LedgerEntry } from '../pki/issuer-ledger.js';
import { RevocationListError, parseRevocationList } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { TrustError, createTrust } from '../pki/trust.js';
import type { Trust, TrustSource } from '../pki/trust.js';
import { readStoreAuthority, type StoreAuthority } from './store-authority.js';

/** What a running gate goes by beside its trust folder. */
export interface StoreTrustOptions {
  readonly folder: TrustSource;
  readonly database: Queryable;
  /** Where lists of outside authorities are fetched; what was fetched from elsewhere before counts no more. */
  readonly revocationListUrls: readonly string[];
  readonly maxListAgeMs: number | null;
}

/** The ledger as last read; from here on only what changed is read. */
interface LedgerCopy {
  /** Null where nothing was read yet. */
  readonly state: AuthorityState | null;
  /** By issuer's key, then by serial. */
  readonly entries: ReadonlyMap<string, ReadonlyMap<string, LedgerEntry>>;
  /** By issuer's key: the last change of its ledger. */
  readonly changes: ReadonlyMap<string, number>;
}

const emptyCopy: LedgerCopy = { state: null, entries: new Map(), changes: new Map() };

/** A trust as it was put together, and from what. */
interface Kept {
  readonly base: Trust;
  readonly state: AuthorityState;
  readonly trust: Trust;
  readonly copy: LedgerCopy;
  /** By SHA-256 of the DER: a large list takes longer to read than everything else together. */
  readonly lists: ReadonlyMap<string, RevocationList>;
}

/**
 * The trust of a store: whom to trust says the folder alone; what has become of the certificates of the store's own authority
 * says its ledger in Postgres, and what of others, the lists of the folder and those that were fetched. Every call asks the
 * folder and the database whether anything changed, so that a revocation counts from the next call on, on every replica.
 *
 * An authority of the store whose root is not in the folder is not trusted, and its ledger is of no interest.
 */
export function createStoreTrustSource(options: StoreTrustOptions): { current(db?: Queryable): Promise<Trust> } {
  let kept: Kept | null = null;
  return {
    async current(db = options.database) {
      const base = await options.folder.current();
      const state = await readAuthorityState(db);
      if (kept !== null && kept.base.id === base.id && isSameState(kept.state, state)) return kept.trust;
      const copy = await readChanges(db, await usableCopy(db, kept?.copy ?? emptyCopy), state);
      const lists = new Map<string, RevocationList>();
      const read = listReader(kept?.lists ?? new Map<string, RevocationList>(), lists);
      const trust = await assemble(db, base, copy, options, read).catch(asTrustError);
      // Of two calls at once either may stay: what it doesn't know the next call reads.
      kept = { base, state, trust, copy, lists };
      return trust;
    },
  };
}

function isSameState(one: AuthorityState, other: AuthorityState): boolean {
  return one.change === other.change && one.stamp === other.stamp;
}

/** A copy whose last state is not in the database's history is of another one, from before a backup came back say. */
async function usableCopy(db: Queryable, copy: LedgerCopy): Promise<LedgerCopy> {
  return copy.state !== null && (await isInAuthorityHistory(db, copy.state)) ? copy : emptyCopy;
}

/** Reads a list, or remembers how it was read before. @throws RevocationListError */
type ListReader = (der: Buffer, file: string) => RevocationList;

function listReader(before: ReadonlyMap<string, RevocationList>, now: Map<string, RevocationList>): ListReader {
  return (der, file) => {
    const digest = createHash('sha256').update(der).digest('hex');
    const list = before.get(digest) ?? parseRevocationList(der, file);
    now.set(digest, list);
    return list;
  };
}

/** @throws TrustError where something that was kept can't be read any more, and is not passed over */
async function assemble(
  db: Queryable,
  base: Trust,
  copy: LedgerCopy,
  { revocationListUrls, maxListAgeMs }: StoreTrustOptions,
  read: ListReader,
): Promise<Trust> {
  const authority = await readStoreAuthority(db);
  const isTrusted = base.roots.some(({ certificate }) => certificate.fingerprint === authority?.root.fingerprint);
  const own = authority !== null && isTrusted ? await ownParts(db, authority, copy, read) : noParts;
  const known = new Set(base.intermediates.map(({ fingerprint }) => fingerprint));
  return createTrust({
    roots: base.roots,
    intermediates: [...base.intermediates, ...own.intermediates.filter(({ fingerprint }) => !known.has(fingerprint))],
    revocationLists: [...base.revocationLists, ...own.lists, ...(await fetchedLists(db, revocationListUrls, read))],
    ledgers: own.ledgers,
    maxListAgeMs,
    coreMaySignApps: base.coreMaySignApps,
  });
}

function asTrustError(error: unknown): never {
  if (!(error instanceof RevocationListError || error instanceof CertificateError)) throw error;
  throw new TrustError('of the store', [`In the database: ${error.message}`], { cause: error });
}

interface OwnParts {
  readonly intermediates: Trust['intermediates'];
  readonly lists: readonly RevocationList[];
  readonly ledgers: readonly IssuerLedger[];
}

const noParts: OwnParts = { intermediates: [], lists: [], ledgers: [] };

async function ownParts(
  db: Queryable,
  { developers }: StoreAuthority,
  copy: LedgerCopy,
  read: ListReader,
): Promise<OwnParts> {
  const intermediates = developers.map(({ certificate }) => certificate);
  const keys = new Set(intermediates.map(({ publicKeyFingerprint }) => publicKeyFingerprint));
  const lists = await listNewestRevocationLists(db);
  return {
    intermediates,
    lists: lists.map(({ der, tier, issuerKey }) => read(der, `${tier} ${issuerKey.slice(0, 16)}`)),
    // A key that has issued nothing has an empty ledger: what it is said to have signed is unknown.
    ledgers: [...keys].map((issuerKey) => ({
      issuerKey,
      id: String(copy.changes.get(issuerKey) ?? 0),
      certificates: copy.entries.get(issuerKey) ?? new Map<string, LedgerEntry>(),
    })),
  };
}

/** A list that was kept and can't be read any more makes the whole trust unusable: it may be the one that revokes. */
async function fetchedLists(
  db: Queryable,
  urls: readonly string[],
  read: ListReader,
): Promise<readonly RevocationList[]> {
  if (urls.length === 0) return [];
  const kept = await listFetchedRevocationLists(db, urls);
  return kept.flatMap(({ url, der }) => (der === null ? [] : [read(der, url)]));
}

/**
 * Copies the ledger on to where it stands now; the copy before stays as it is, for verdicts that go by it. What is changed
 * while it is read may be in the copy already, and is read once more the next time.
 */
async function readChanges(db: Queryable, copy: LedgerCopy, state: AuthorityState): Promise<LedgerCopy> {
  const entries = new Map(copy.entries);
  const changes = new Map(copy.changes);
  const fresh = new Map<string, Map<string, LedgerEntry>>();
  for (const row of await listCertificateChanges(db, copy.state?.change ?? 0)) {
    const { issuerKey, serial, change } = row;
    const ledger = fresh.get(issuerKey) ?? new Map(entries.get(issuerKey));
    fresh.set(issuerKey, ledger);
    entries.set(issuerKey, ledger.set(serial, asEntry(row)));
    changes.set(issuerKey, change);
  }
  return { state, entries, changes };
}

function asEntry({ fingerprint, revokedAt, revocationReason, invalidityDate }: LedgerChangeRow): LedgerEntry {
  const revocation = revokedAt === null ? null : { revokedAt, reason: revocationReason, invalidityDate };
  return { fingerprint, revocation };
}
