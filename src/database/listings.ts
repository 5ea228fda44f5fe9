import type { ReleaseStatus } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';
import type { Queryable, Transaction } from './connect.js';
import { VERSIONS_ASKED } from './market-feed.js';
import { readSearch } from './search-query.js';

/** An app as the catalogue lists it: by the release that it is shown by. */
export interface ListingRow {
  readonly id: string;
  readonly trustLevel: TrustLevel;
  readonly signedSince: Date | null;
  readonly suspendedAt: Date | null;
  readonly suspensionReason: string | null;
  readonly createdAt: Date;
  /** Of the release that the app is shown by. */
  readonly version: string;
  readonly status: ReleaseStatus;
  readonly signed: boolean;
  readonly publishedAt: Date;
  /** What its `info.xml` says, as far as a list shows it; see `readReleaseInfo`. */
  readonly info: unknown;
  /** Name and summary in the first language asked for that it has: `{lang, name, summary}`; null where it has none of them. */
  readonly translation: unknown;
  /** The SHA-256 of the thumbnail of its first screenshot; null where no copy is to be had. */
  readonly thumbnail: string | null;
  readonly downloads: number;
  /** When the app, or a release of it, last changed for its readers; downloads are no change. */
  readonly changedAt: Date;
  /** Where it stands in the order of its list. */
  readonly position: ListingPosition;
}

/** `published`, `downloads`, `changed` and `relevance` begin with the most of it. */
export const listingSorts = ['id', 'name', 'published', 'downloads', 'changed', 'relevance'] as const;

export type ListingSort = (typeof listingSorts)[number];

/** Where an app stands in an order: what it is sorted by, as a text, and within the same its id. */
export interface ListingPosition {
  readonly key: string;
  readonly id: string;
}

/** Which apps are wanted; null: any. */
export interface ListingFilter {
  /** Words, as people search for them; see `parseSearch`. */
  readonly q: string | null;
  readonly trustLevel: TrustLevel | null;
  readonly category: string | null;
  /** One to four numbers: there is a release that stands and is for a version that begins with them. */
  readonly platform: string | null;
  readonly signed: boolean | null;
  readonly status: ReleaseStatus | null;
  /** Changed then or later. */
  readonly changedSince: Date | null;
}

/** How many matches are put into the order of relevance: of more, those with the most downloads. */
export const RANKED_MATCHES = 1_000;

interface Order {
  /** What a position holds as its key, so that it comes back exactly; null where the id is all. */
  readonly key: string | null;
  /** @param of the table that the columns are of, with a dot at its end */
  readonly by: (of: string) => string;
  /** What holds of all that stand after a position. */
  readonly after: (id: string, key: string) => string;
}

const microseconds = (column: string): string => `(extract(epoch FROM ${column}) * 1000000)::bigint`;
const moment = (key: string): string => `(timestamptz 'epoch' + ${key}::bigint * interval '1 microsecond')`;

/** Each in the order of an index, and what stands after a position a comparison of rows, which the same index answers. */
const orders: Readonly<Record<ListingSort, Order>> = {
  id: { key: null, by: (of) => `${of}app_id`, after: (id) => `app_id > ${id}` },
  name: {
    key: 'name_key',
    by: (of) => `${of}name_key, ${of}app_id`,
    after: (id, key) => `(name_key, app_id) > (${key}, ${id})`,
  },
  published: {
    key: microseconds('published_at'),
    by: (of) => `${of}published_at DESC, ${of}app_id DESC`,
    after: (id, key) => `(published_at, app_id) < (${moment(key)}, ${id})`,
  },
  downloads: {
    key: 'downloads',
    by: (of) => `(-${of}downloads), ${of}app_id`,
    after: (id, key) => `((-downloads), app_id) > (-${key}::bigint, ${id})`,
  },
  changed: {
    key: microseconds('changed_at'),
    by: (of) => `${of}changed_at DESC, ${of}app_id DESC`,
    after: (id, key) => `(changed_at, app_id) < (${moment(key)}, ${id})`,
  },
  relevance: {
    key: 'rank',
    by: (of) => `(-${of}rank), ${of}app_id`,
    after: (id, key) => `((-rank), app_id) > (-${key}::float8, ${id})`,
  },
};

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
const CHANGE_OF = (table: string): string => `LATERAL (
    SELECT changed_at FROM catalogue_changes WHERE catalogue_changes.app_id = ${table}.app_id AND version = '' OFFSET 0) AS changes`;
/** The range of a listing may have holes, hence the look at the releases. */
const IS_FOR_PLATFORM = `($4::text IS NULL OR EXISTS (
    SELECT 1 FROM releases WHERE releases.app_id = listings.app_id AND releases.status = 'published'
      AND releases.platforms && ${VERSIONS_ASKED('$4')} OFFSET 0))`;

const PAGE_COLUMNS = 'app_id, release_id, status, signed, published_at, downloads';
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
async function find(db: Queryable, { sort, wanted, after, limit }: Search): Promise<readonly ListingPosition[]> {
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
async function sortFound(
  db: Queryable,
  found: readonly ListingPosition[],
  { sort, query, after, limit }: Pick<ListingQuery, 'sort' | 'after' | 'limit'> & { readonly query: string },
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

/** What is shown of the apps of a `page`, of which there are few: everything by its key. */
const showPage = (languages: string): string => `
  SELECT apps.id, apps.trust_level AS "trustLevel", apps.signed_since AS "signedSince", apps.suspended_at AS "suspendedAt",
    apps.suspension_reason AS "suspensionReason", apps.created_at AS "createdAt",
    releases.version, page.status, page.signed, page.published_at AS "publishedAt", page.downloads,
    jsonb_build_object('name', info -> 'name', 'summary', info -> 'summary', 'licence', info -> 'licence', 'platform', info -> 'platform',
      'categories', jsonb_path_query_array(info, '$.categories[0 to 19]'),
      'authors', jsonb_path_query_array(info, '$.authors[0 to 9]')) AS info,
    CASE WHEN cardinality(${languages}::text[]) > 0 THEN (
      SELECT each - 'description' FROM jsonb_path_query(info, '$.translations[*]') AS each,
        LATERAL replace(lower(each ->> 'lang'), '_', '-') AS lang, unnest(${languages}) WITH ORDINALITY AS liked (tag, place)
      WHERE lang = tag OR starts_with(lang, tag || '-')
      ORDER BY place, lang <> tag, lang LIMIT 1) END AS translation,
    CASE WHEN page.status = 'published' THEN (
      SELECT thumbnail FROM release_screenshots
      WHERE release_screenshots.app_id = page.app_id AND release_screenshots.version = releases.version AND state = 'copied'
      ORDER BY place LIMIT 1) END AS thumbnail,
    changes.changed_at AS "changedAt", json_build_object('key', page.key, 'id', page.app_id) AS position
  FROM page, LATERAL (SELECT * FROM apps WHERE apps.id = page.app_id OFFSET 0) AS apps,
    LATERAL (SELECT version, info FROM releases WHERE releases.id = page.release_id OFFSET 0) AS releases, ${CHANGE_OF('page')}`;

/** What is asked of the list of apps. */
export interface ListingQuery {
  readonly filter: ListingFilter;
  readonly sort: ListingSort;
  /** Where the app before stood, in this order; null: from the beginning. */
  readonly after: ListingPosition | null;
  readonly limit: number;
  /** In lower case, the one liked best first. */
  readonly languages: readonly string[];
}

/**
 * Apps that have a release, in the order of `sort`. By relevance, which needs words, and where a phrase is asked for, at most those of
 * the {@link RANKED_MATCHES} that have all words and the most downloads. Words are searched in a transaction of `prepareSearch`.
 */
export async function listListings(
  db: Queryable,
  { filter, sort, after, limit, languages }: ListingQuery,
): Promise<readonly ListingRow[]> {
  const { q, trustLevel, category, platform, signed, status, changedSince } = filter;
  const search = q === null ? null : await readSearch(db, q);
  if (q !== null && search === null) return [];
  const wanted = [search?.words ?? null, trustLevel, category, platform, signed, status, changedSince];
  let found: readonly ListingPosition[];
  if (sort !== 'relevance' && (search?.phrases ?? null) === null)
    found = await find(db, { sort, wanted, after, limit });
  else {
    const foremost = await find(db, { sort: 'downloads', wanted, after: null, limit: RANKED_MATCHES });
    found = await sortFound(db, foremost, { sort, after, limit, query: search?.phrases ?? search?.words ?? '' });
  }
  const { rows } = await db.query<ListingRow>(
    `WITH page AS MATERIALIZED (
       SELECT ${PAGE_COLUMNS}, key, place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS found (id, key, place),
         LATERAL (SELECT * FROM listings WHERE listings.app_id = found.id OFFSET 0) AS listings)
     ${showPage('$3')} ORDER BY page.place`,
    [found.map(({ id }) => id), found.map(({ key }) => key), languages],
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

/** These apps as lists show them, by id; those without a release are left out. */
export async function findListings(
  db: Queryable,
  appIds: readonly string[],
  languages: readonly string[] = [],
): Promise<readonly ListingRow[]> {
  const { rows } = await db.query<ListingRow>(
    `WITH page AS MATERIALIZED (SELECT ${PAGE_COLUMNS}, '' AS key FROM listings WHERE app_id = ANY($1::text[]))
     ${showPage('$2')} ORDER BY page.app_id`,
    [appIds, languages],
  );
  return rows;
}
