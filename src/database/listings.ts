import type { ReleaseStatus } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';
import type { Queryable } from './connect.js';
import { CHANGE_OF, findInOrder, sortFound } from './find-listings.js';
import type { ListingPosition, ListingSort } from './listing-order.js';
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

const PAGE_COLUMNS = 'app_id, release_id, status, signed, published_at, downloads';

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
    found = await findInOrder(db, { sort, wanted, after, limit });
  else {
    const foremost = await findInOrder(db, { sort: 'downloads', wanted, after: null, limit: RANKED_MATCHES });
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
