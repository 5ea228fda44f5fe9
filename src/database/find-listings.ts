import type { Queryable, Transaction } from './connect.js';
import { orders, type ListingPosition, type ListingSort } from './listing-order.js';
import { VERSIONS_ASKED } from './market-feed.js';

/* Which apps a list shows, in its order and by no more reading than it takes: ids only, which few are then shown of. */

/** The planner knows the parameters, and leaves out what is null here. */
const FILTER = `($1::tsquery IS NULL OR search @@ $1)
  AND ($2::text IS NULL OR trust_level = $2)
  AND ($3::text IS NULL OR categories @> ARRAY[lower($3)])
  AND ($4::text IS NULL OR platforms && ${VERSIONS_ASKED('$4')})
  AND ($5::boolean IS NULL OR signed = $5)
  AND ($6::text IS NULL OR status = $6)`;
/** Beside an OR it would be looked up for one listing after the other: by itself, Postgres can begin with what changed. */
const CHANGED_SINCE = `EXISTS (
    SELECT 1 FROM catalogue_changes WHERE catalogue_changes.app_id = listings.app_id AND version = '' AND changed_at >= $7::timestamptz)`;
const ANY_TIME = '$7::timestamptz IS NULL';
/** Here and below, what has an OFFSET is done by key for one listing after the other, whatever the planner expects. */
export const CHANGE_OF = (table: string): string => `LATERAL (
    SELECT changed_at FROM catalogue_changes WHERE catalogue_changes.app_id = ${table}.app_id AND version = '' OFFSET 0) AS changes`;
/** The range of a listing may have holes, hence the look at the releases. */
const IS_FOR_PLATFORM = `($4::text IS NULL OR EXISTS (
    SELECT 1 FROM releases WHERE releases.app_id = listings.app_id AND releases.status = 'published'
      AND releases.platforms && ${VERSIONS_ASKED('$4')} OFFSET 0))`;

const SORTED_BY = 'app_id, name_key, published_at, downloads';
const FILTERED_BY = 'trust_level, categories, platforms, signed, status, search';

/** So many listings are looked at along an order, and such a part of all, before all that match are found first. */
const MOST_WALKED = 10_000;
const MOST_OF_ALL = 0.1;

/** Which apps are wanted: FILTER's parameters, from $1, and `changedSince`, $7. */
type Wanted = readonly unknown[];

/** What is found in one of the orders of an index. */
interface Search {
  readonly sort: Exclude<ListingSort, 'relevance'>;
  readonly wanted: Wanted;
  readonly after: ListingPosition | null;
  readonly limit: number;
}

/** Looks at one listing after the other, in the order: nothing but LIMIT is above it. */
function walkAlong(sort: Search['sort'], isAfter: string, mostWalked: number | null): string {
  const { by, key } = orders[sort];
  const most = mostWalked === null ? '' : `LIMIT ${mostWalked}`;
  const walked =
    sort === 'changed'
      ? `SELECT changed_at, listings.* FROM (
          SELECT app_id, changed_at FROM catalogue_changes
          WHERE version = '' AND ($7::timestamptz IS NULL OR changed_at >= $7) AND ${isAfter} ORDER BY ${by('')} ${most}) AS walked,
        LATERAL (SELECT app_id, ${FILTERED_BY} FROM listings WHERE listings.app_id = walked.app_id OFFSET 0) AS listings`
      : `SELECT ${SORTED_BY}, ${FILTERED_BY} FROM listings WHERE ${isAfter} ORDER BY ${by('')} ${most}`;
  const isChanged = `(${ANY_TIME} OR (
    SELECT changed_at FROM catalogue_changes WHERE catalogue_changes.app_id = listings.app_id AND version = '') >= $7)`;
  return `SELECT app_id AS id, ${key ?? `''`}::text AS key FROM (${walked} OFFSET 0) AS listings
    WHERE ${FILTER} AND ${sort === 'changed' ? 'true' : isChanged} AND ${IS_FOR_PLATFORM} LIMIT $8`;
}

/** Finds all that match by what indexes say of them, and puts them into the order; the releases are looked at until the page is full. */
function findMatches(sort: Search['sort'], isAfter: string, isChanged: string): string {
  const { by, key } = orders[sort];
  const matches =
    sort === 'changed'
      ? `SELECT * FROM (
          SELECT matches.*, changed_at FROM (SELECT app_id FROM listings WHERE ${FILTER} AND ${isChanged} OFFSET 0) AS matches,
            ${CHANGE_OF('matches')}) AS changed
        WHERE ${isAfter}`
      : `SELECT ${SORTED_BY} FROM listings WHERE ${FILTER} AND ${isChanged} AND ${isAfter}`;
  return `SELECT app_id AS id, ${key ?? `''`}::text AS key FROM (
      SELECT * FROM (${matches} OFFSET 0) AS matches ORDER BY ${by('')} OFFSET 0) AS listings
    WHERE ${IS_FOR_PLATFORM} LIMIT $8`;
}

/**
 * Finds apps in the order of an index. What is common is soon found along it; what is rare is found first and sorted then. Postgres
 * knows how common each word is but not which stand together: where the walk takes long, it was wrong, and all matches are found first.
 */
export async function findInOrder(
  db: Queryable,
  { sort, wanted, after, limit }: Search,
): Promise<readonly ListingPosition[]> {
  const order = orders[sort];
  const isAfter = after === null ? 'true' : order.after('$9', '$10');
  const isChanged = wanted[6] === null ? ANY_TIME : CHANGED_SINCE;
  const position = after === null ? [] : order.key === null ? [after.id] : [after.id, after.key];
  const ask = async (text: string) => (await db.query<ListingPosition>(text, [...wanted, limit, ...position])).rows;
  if (wanted.every((each) => each === null)) return ask(walkAlong(sort, isAfter, null));
  const steps = await stepsWorthWalking(db, { wanted, isChanged, limit });
  if (steps > 0) {
    const found = await ask(walkAlong(sort, isAfter, steps));
    if (found.length === limit) return found;
  }
  return ask(findMatches(sort, isAfter, isChanged));
}

/**
 * How many listings to look at along an order until `limit` matches are found; none where finding all that match is less to read, by
 * what Postgres knows of the listings. Nothing but the time depends on it.
 */
async function stepsWorthWalking(
  db: Queryable,
  { wanted, isChanged, limit }: { readonly wanted: Wanted; readonly isChanged: string; readonly limit: number },
): Promise<number> {
  const estimated = await db.query<{ 'QUERY PLAN': readonly [{ readonly Plan: { readonly 'Plan Rows': number } }] }>(
    `EXPLAIN (FORMAT JSON) SELECT 1 FROM listings WHERE ${FILTER} AND ${isChanged}`,
    wanted,
  );
  const known = await db.query<{ listings: number }>(
    "SELECT reltuples AS listings FROM pg_class WHERE oid = 'listings'::regclass",
  );
  const listings = known.rows[0]?.listings ?? 0;
  const matches = estimated.rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
  const expected = (limit * listings) / Math.max(matches, 1);
  const most = Math.floor(Math.min(MOST_WALKED, MOST_OF_ALL * listings));
  // Matches stand closer here and farther apart there: what is expected to take half of it is worth a try.
  return expected <= Math.min(matches, most / 2) ? most : 0;
}

/** Of these apps, those in which all of `query` stands, in an order that no index has, or not with such a filter. */
export async function sortFound(
  db: Queryable,
  found: readonly ListingPosition[],
  {
    sort,
    query,
    after,
    limit,
  }: {
    readonly sort: ListingSort;
    readonly query: string;
    readonly after: ListingPosition | null;
    readonly limit: number;
  },
): Promise<readonly ListingPosition[]> {
  const { by, key, after: afterPosition } = orders[sort];
  const { rows } = await db.query<ListingPosition>(
    `WITH matches AS MATERIALIZED (
       SELECT listings.*, ${sort === 'relevance' ? 'ts_rank(search, $2::tsquery)::float8' : '0'} AS rank
       FROM unnest($1::text[]) AS found (id),
         LATERAL (SELECT ${SORTED_BY}, search FROM listings WHERE listings.app_id = found.id OFFSET 0) AS listings
       WHERE search @@ $2::tsquery),
     placed AS (SELECT matches.*${sort === 'changed' ? `, changed_at FROM matches, ${CHANGE_OF('matches')}` : ' FROM matches'})
     SELECT app_id AS id, ${key ?? `''`}::text AS key FROM placed WHERE ${after === null ? 'true' : afterPosition('$4', '$5')}
     ORDER BY ${by('')} LIMIT $3`,
    [
      found.map(({ id }) => id),
      query,
      limit,
      ...(after === null ? [] : key === null ? [after.id] : [after.id, after.key]),
    ],
  );
  return rows;
}

/**
 * Has the transaction search by index, whatever the planner expects of the words, and end within two seconds: what people type can't
 * be foreseen.
 */
export async function prepareSearch(tx: Transaction): Promise<void> {
  await tx.query("SET LOCAL statement_timeout = '2s'");
  await tx.query('SET LOCAL enable_seqscan = off');
}
