import type { ReleaseStatus } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';
import type { Queryable } from './connect.js';

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
  /** Words, as people search for them: several must all be there, `or` and quotation marks and `-` are understood. */
  readonly q: string | null;
  readonly trustLevel: TrustLevel | null;
  readonly category: string | null;
  /** One to four numbers: there is a release that stands and is for this version. */
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

/** What the words are searched as: by themselves, and by the stems that English gives them. */
const WANTED = `(websearch_to_tsquery('pg_catalog.simple', $1) || websearch_to_tsquery('pg_catalog.english', $1))`;

/**
 * The planner knows the parameters, and leaves out what is null here. Words that no index could find (`-this`) find nothing.
 */
const FILTER = `($1::text IS NULL OR (search @@ ${WANTED} AND querytree(${WANTED}) NOT IN ('', 'T')))
  AND ($2::text IS NULL OR trust_level = $2)
  AND ($3::text IS NULL OR categories @> ARRAY[lower($3)])
  AND ($4::text IS NULL OR platforms @> platform_number($4))
  AND ($5::boolean IS NULL OR signed = $5)
  AND ($6::text IS NULL OR status = $6)`;
/** Beside an OR it would be looked up for one listing after the other: by itself, Postgres can begin with what changed. */
const CHANGED_SINCE = `EXISTS (
    SELECT 1 FROM catalogue_changes WHERE catalogue_changes.app_id = listings.app_id AND version = '' AND changed_at >= $7::timestamptz)`;
const ANY_TIME = '$7::timestamptz IS NULL';
/** The range of a listing may have holes, hence the look at the releases; with OFFSET it stays one by key for each listing. */
const IS_FOR_PLATFORM = `($4::text IS NULL OR EXISTS (
    SELECT 1 FROM releases WHERE releases.app_id = listings.app_id AND releases.status = 'published'
      AND releases.platforms @> platform_number($4) OFFSET 0))`;

const PAGE_COLUMNS = 'app_id, release_id, status, signed, published_at, downloads';

/** How a page is found, beside the order that it is in. */
interface Approach {
  readonly isAfter: string;
  readonly isChanged: string;
  /** Whether so few match that all of them are found first and put into order then, instead of looking at one after the other in the order. */
  readonly matchesFirst: boolean;
  /** Whether the releases are looked at once the order is known, and only of as many listings as the page needs. */
  readonly platformLast: boolean;
}

/** The common table expression `page`, and what it needs, for each kind of order. */
function pageOf(sort: ListingSort, { isAfter, isChanged, matchesFirst, platformLast }: Approach): string {
  const { key, by } = orders[sort];
  const keyed = `${key ?? `''`}::text AS key`;
  if (sort === 'relevance') {
    const matching = `SELECT ${PAGE_COLUMNS}, search FROM listings WHERE ${FILTER} AND ${IS_FOR_PLATFORM} AND ${isChanged}`;
    return `matches AS MATERIALIZED (
        SELECT * FROM (${matching} ${matchesFirst ? 'OFFSET 0' : ''}) AS found ORDER BY (-downloads), app_id LIMIT ${RANKED_MATCHES}),
      ranked AS MATERIALIZED (SELECT ${PAGE_COLUMNS}, ts_rank(search, ${WANTED})::float8 AS rank FROM matches),
      page AS MATERIALIZED (SELECT ${PAGE_COLUMNS}, rank, ${keyed} FROM ranked WHERE ${isAfter} ORDER BY ${by('')} LIMIT $8)`;
  }
  if (sort === 'changed' && matchesFirst) {
    return `matches AS MATERIALIZED (SELECT ${PAGE_COLUMNS} FROM listings WHERE ${FILTER}),
      page AS MATERIALIZED (
        SELECT * FROM (
          SELECT ${PAGE_COLUMNS}, changed_at, ${keyed} FROM matches, LATERAL (
            SELECT changed_at FROM catalogue_changes WHERE catalogue_changes.app_id = matches.app_id AND version = '' OFFSET 0) AS changes
          WHERE ($7::timestamptz IS NULL OR changed_at >= $7) AND ${isAfter} ORDER BY ${by('')} OFFSET 0) AS listings
        WHERE ${IS_FOR_PLATFORM} LIMIT $8)`;
  }
  if (sort === 'changed') {
    return `page AS MATERIALIZED (
        SELECT ${PAGE_COLUMNS}, changed_at, ${keyed} FROM (
          SELECT app_id, changed_at FROM catalogue_changes
          WHERE version = '' AND ($7::timestamptz IS NULL OR changed_at >= $7)) AS changes JOIN listings USING (app_id)
        WHERE ${FILTER} AND ${IS_FOR_PLATFORM} AND ${isAfter} ORDER BY ${by('')} LIMIT $8)`;
  }
  const columns = `${PAGE_COLUMNS}, name_key`;
  if (platformLast) {
    // With OFFSET the order is made first, and what is outside takes from it only until the page is full.
    return `page AS MATERIALIZED (
        SELECT * FROM (
          SELECT ${columns}, ${keyed} FROM listings WHERE ${FILTER} AND ${isChanged} AND ${isAfter} ORDER BY ${by('')} OFFSET 0) AS listings
        WHERE ${IS_FOR_PLATFORM} LIMIT $8)`;
  }
  return `page AS MATERIALIZED (
      SELECT ${columns}, ${keyed} FROM listings
      WHERE ${FILTER} AND ${IS_FOR_PLATFORM} AND ${isChanged} AND ${isAfter} ORDER BY ${by('')} LIMIT $8)`;
}

/**
 * Whether finding all that match and putting them into order is less to read than walking along the order until `wanted` matches are
 * found, by what Postgres knows of the listings. Nothing but the time depends on it.
 */
async function isSoonerByMatches(db: Queryable, filter: readonly unknown[], wanted: number): Promise<boolean> {
  const estimated = await db.query<{ 'QUERY PLAN': readonly [{ readonly Plan: { readonly 'Plan Rows': number } }] }>(
    `EXPLAIN (FORMAT JSON) SELECT 1 FROM listings WHERE ${FILTER}`,
    filter,
  );
  const known = await db.query<{ listings: number }>(
    "SELECT reltuples AS listings FROM pg_class WHERE oid = 'listings'::regclass",
  );
  const matches = estimated.rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
  return matches * matches < wanted * (known.rows[0]?.listings ?? 0);
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
      SELECT each - 'description' FROM jsonb_path_query(info, '$.translations[*]') AS each
      WHERE replace(lower(each ->> 'lang'), '_', '-') = ANY(${languages})
      ORDER BY array_position(${languages}, replace(lower(each ->> 'lang'), '_', '-')) LIMIT 1) END AS translation,
    CASE WHEN page.status = 'published' THEN (
      SELECT thumbnail FROM release_screenshots
      WHERE release_screenshots.app_id = page.app_id AND release_screenshots.version = releases.version AND state = 'copied'
      ORDER BY place LIMIT 1) END AS thumbnail,
    catalogue_changes.changed_at AS "changedAt", json_build_object('key', page.key, 'id', page.app_id) AS position
  FROM page JOIN apps ON apps.id = page.app_id JOIN releases ON releases.id = page.release_id
    JOIN catalogue_changes ON catalogue_changes.app_id = page.app_id AND catalogue_changes.version = ''`;

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

/** Apps that have a release, in the order of `sort`. By relevance, which needs words, at most {@link RANKED_MATCHES}. */
export async function listListings(
  db: Queryable,
  { filter, sort, after, limit, languages }: ListingQuery,
): Promise<readonly ListingRow[]> {
  const { by, key, after: afterPosition } = orders[sort];
  const { q, trustLevel, category, platform, signed, status, changedSince } = filter;
  const wanted = [q, trustLevel, category, platform, signed, status];
  const position = after === null ? [] : key === null ? [after.id] : [after.id, after.key];
  const page = pageOf(sort, {
    isAfter: after === null ? 'true' : afterPosition('$10', '$11'),
    isChanged: changedSince === null ? ANY_TIME : CHANGED_SINCE,
    matchesFirst:
      (sort === 'relevance' || sort === 'changed') &&
      (await isSoonerByMatches(db, wanted, sort === 'relevance' ? RANKED_MATCHES : limit)),
    platformLast: platform !== null && changedSince === null,
  });
  const { rows } = await db.query<ListingRow>(`WITH ${page} ${showPage('$9')} ORDER BY ${by('page.')}`, [
    ...wanted,
    changedSince,
    limit,
    languages,
    ...position,
  ]);
  return rows;
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
