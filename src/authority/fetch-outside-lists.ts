import { beginAuthorityChange } from '../database/authority-state.js';
import { inTransaction, type Queryable } from '../database/connect.js';
import {
  claimFetch,
  keepFetchedRevocationList,
  listFetchedRevocationLists,
  noteFetchAttempt,
} from '../database/fetched-revocation-lists.js';
import { fetchBounded } from '../network/fetch-bounded.js';
import type { Network } from '../network/fetch-bounded.js';
import { FetchError } from '../network/fetch-error.js';
import type { Certificate } from '../pki/certificate.js';
import { RevocationListError, isRevocationListOf, parseRevocationList } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import type { Trust } from '../pki/trust.js';
import type { AuthorityParts } from './authority-parts.js';

const MINUTE_MS = 60_000;
/** How often an address is asked, and how soon again where that failed. */
const INTERVAL_MS = 6 * 60 * MINUTE_MS;
const INTERVAL_AFTER_FAILURE_MS = 15 * MINUTE_MS;

/** What parseRevocationList reads at most. */
const MAX_BYTES = 32 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 60_000;

/** How far an authority's clock may run ahead of ours; a list from later than that no verifier would use. */
const CLOCK_SKEW_MS = 5 * MINUTE_MS;

/** What the fetching of outside lists needs beside the gate's parts. */
export interface OutsideLists {
  /** Https addresses, as the operator configured them. */
  readonly urls: readonly string[];
  readonly network: Network;
  /** By whose authorities a list must be signed, and whose lists it must not be older than. */
  readonly trust: Trust;
  /** For one address, all of it; a minute unless told. */
  readonly timeoutMs?: number;
}

/** What came of an address: not asked, since it was not yet time; a new list; the one we had; or nothing of use. */
export type FetchOutcome = 'not-due' | 'kept' | 'unchanged' | 'failed';

/**
 * Asks the addresses of outside revocation lists that are due, and keeps what is new: complete lists, signed by an authority
 * that is trusted here, and not older than what is known of that authority already. For a timer to call every few minutes,
 * on every replica: each address is asked by one of them, every six hours, and after a failure in a quarter of an hour. What
 * went wrong is noted and logged, and then the list of before goes on counting, beside the copy in the trust folder.
 *
 * The network is asked before the transaction that keeps a list begins.
 */
export async function fetchOutsideLists(
  parts: Pick<AuthorityParts, 'database' | 'now' | 'log'>,
  lists: OutsideLists,
): Promise<ReadonlyMap<string, FetchOutcome>> {
  const outcomes = new Map<string, FetchOutcome>();
  for (const url of lists.urls) outcomes.set(url, await fetchWhereDue(parts, lists, url));
  return outcomes;
}

async function fetchWhereDue(
  parts: Pick<AuthorityParts, 'database' | 'now' | 'log'>,
  lists: OutsideLists,
  url: string,
): Promise<FetchOutcome> {
  const { database, log } = parts;
  const at = parts.now();
  const before = (ms: number): Date => new Date(at.getTime() - ms);
  const claim = { url, at, dueSince: before(INTERVAL_MS), dueSinceAfterFailure: before(INTERVAL_AFTER_FAILURE_MS) };
  if (!(await claimFetch(database, claim))) return 'not-due';
  try {
    const { body } = await fetchBounded(new URL(url), {
      maxBytes: MAX_BYTES,
      timeoutMs: lists.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      network: lists.network,
    });
    const isNew = await keepIfNew(parts, lists.trust, url, body);
    if (isNew) log.info({ url }, 'fetched a new revocation list');
    else await noteFetchAttempt(database, { url, at: parts.now(), failure: null });
    return isNew ? 'kept' : 'unchanged';
  } catch (error) {
    const failure = whyNot(error);
    // What is no fault of the list, a database that went away say, is the caller's to hear.
    if (failure === null) throw error;
    await noteFetchAttempt(database, { url, at: parts.now(), failure });
    log.warn({ url, failure }, 'a revocation list could not be fetched');
    return 'failed';
  }
}

/** Something is wrong with a list that was fetched. The message is a sentence for operators. */
class OutsideListError extends Error {
  override readonly name = 'OutsideListError';
}

function whyNot(error: unknown): string | null {
  const isExpected =
    error instanceof FetchError || error instanceof RevocationListError || error instanceof OutsideListError;
  return isExpected ? error.message : null;
}

async function keepIfNew(
  { database, now }: Pick<AuthorityParts, 'database' | 'now'>,
  trust: Trust,
  url: string,
  body: Buffer,
): Promise<boolean> {
  const list = parseRevocationList(body, url);
  const issuer = authoritiesOf(trust).find((authority) => isRevocationListOf(list, authority));
  if (issuer === undefined) throw new OutsideListError(`No authority that is trusted here signed it (${list.issuer}).`);
  if (!(list.thisUpdate.getTime() <= now().getTime() + CLOCK_SKEW_MS)) {
    // Kept, it would keep every honest list out until its day comes.
    throw new OutsideListError(`It is dated in the future: ${list.thisUpdate.toISOString()}.`);
  }
  refuseRollback(
    list,
    trust.revocationLists.filter((known) => isRevocationListOf(known, issuer)),
  );

  // Asked before: what is no change must not make every replica put its trust together anew.
  if (await isKept(database, url, list.der)) return false;
  return inTransaction(database, async (tx) => {
    await beginAuthorityChange(tx);
    // Read inside: another replica may have kept a newer one while this one was fetched.
    const [row] = await listFetchedRevocationLists(tx, [url]);
    const kept = row?.der == null ? null : readAgain(row.der, url);
    if (kept?.der.equals(list.der) === true) return false;
    if (kept !== null) refuseReplacement(list, kept, issuer, trust);
    const { der, thisUpdate, nextUpdate } = list;
    await keepFetchedRevocationList(tx, { url, der, thisUpdate, nextUpdate, at: now() });
    return true;
  });
}

async function isKept(db: Queryable, url: string, der: Buffer): Promise<boolean> {
  const [row] = await listFetchedRevocationLists(db, [url]);
  return row?.der?.equals(der) === true;
}

/** A list that was kept; null where it can't be read any more, and so is of no use to anybody. */
function readAgain(der: Buffer, url: string): RevocationList | null {
  try {
    return parseRevocationList(der, url);
  } catch (error) {
    if (error instanceof RevocationListError) return null;
    throw error;
  }
}

/**
 * An address goes on speaking for the authority it spoke for: with the list of another one, also a trusted one, in its
 * place, what the first had revoked would be forgotten.
 *
 * @throws OutsideListError
 */
function refuseReplacement(list: RevocationList, kept: RevocationList, issuer: Certificate, trust: Trust): void {
  if (isRevocationListOf(kept, issuer)) {
    refuseRollback(list, [kept]);
    return;
  }
  // Where nobody believes the earlier authority any more, nothing is lost with its list.
  if (authoritiesOf(trust).some((authority) => isRevocationListOf(kept, authority))) {
    throw new OutsideListError(`The address served the list of ${kept.issuer} before; this one is of ${list.issuer}.`);
  }
}

/** @throws OutsideListError where the list is older than one of the same authority that we have: it may be a replay */
function refuseRollback(list: RevocationList, known: readonly RevocationList[]): void {
  const newer = known.find((other) => isOlder(list, other));
  if (newer === undefined) return;
  throw new OutsideListError(
    `It is older than the one we have: of ${list.thisUpdate.toISOString()}, not ${newer.thisUpdate.toISOString()}` +
      ` (CRL number ${list.number ?? 'none'}, not ${newer.number ?? 'none'}).`,
  );
}

/** By the CRL number, which only grows (RFC 5280 §5.2.3), and by the time it was made; each alone can be enough. */
function isOlder(list: RevocationList, other: RevocationList): boolean {
  const [made, otherMade] = [list.thisUpdate.getTime(), other.thisUpdate.getTime()];
  const hasNumbers = list.number !== null && other.number !== null;
  const [number, otherNumber] = [BigInt(list.number ?? 0), BigInt(other.number ?? 0)];
  if (made < otherMade || (hasNumbers && number < otherNumber)) return true;
  if (made > otherMade || (hasNumbers && number > otherNumber)) return false;
  // The same number and time, and yet not the same list: one that forgets a revocation is not the later one.
  return [...other.revoked.keys()].some((serial) => !list.revoked.has(serial));
}

function authoritiesOf({ roots, intermediates }: Trust): readonly Certificate[] {
  return [...roots.map(({ certificate }) => certificate), ...intermediates];
}
