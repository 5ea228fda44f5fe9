import type { Queryable } from './connect.js';

/** A release that stands, as ownCloud's market app asks for it. */
export interface MarketReleaseRow {
  readonly version: string;
  readonly platformMin: string | null;
  readonly platformMax: string | null;
  readonly licence: string | null;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  readonly downloads: number;
}

/** An app with the releases that stand, and what the one says that it is shown by. */
export interface MarketAppRow {
  readonly appId: string;
  /** What it says of itself, as it was kept: whoever shows it has to look what it is. */
  readonly info: unknown;
  /** Lower case. */
  readonly categories: readonly string[];
  readonly downloads: number;
  /** The copies that the gate made, in the app's order: SHA-256. */
  readonly screenshots: readonly string[];
  /** The one published last first; at least one. */
  readonly releases: readonly MarketReleaseRow[];
}

/** ownCloud itself, which is published like an app, is none that a server installs. */
const IS_LISTED = `listings.status = 'published' AND NOT listings.suspended AND listings.app_id <> 'core'`;

/** Whatever begins with the version that is asked: of a server's three numbers a release may name a fourth. */
export const VERSIONS_ASKED = (parameter: string): string =>
  `numrange(platform_number(${parameter}), platform_number(${parameter}, 1), '[)')`;

/** Apps by what `where` says of `listings`, each with the newest so many of its releases that meet `of`; an app without one is left out. */
function selectApps({ where, of, limit }: { where: string; of: string; limit: string }): string {
  return `SELECT listings.app_id AS "appId", 
      jsonb_build_object('name', shown.info -> 'name', 'summary', shown.info -> 'summary', 'description', shown.info -> 'description',
        'authors', shown.info -> 'authors', 'website', shown.info -> 'website') AS info,
      listings.categories, listings.downloads,
      ARRAY(SELECT image FROM release_screenshots WHERE app_id = listings.app_id AND version = shown.version AND state = 'copied'
        ORDER BY place) AS screenshots,
      standing.releases
    FROM listings
    JOIN releases AS shown ON shown.id = listings.release_id
    CROSS JOIN LATERAL (
      SELECT json_agg(json_build_object('version', version, 'platformMin', platform_min, 'platformMax', platform_max, 'licence', licence,
          'publishedAt', to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'downloads', downloads)
        ORDER BY published_at DESC, id DESC) AS releases
      FROM (
        SELECT releases.id, version, platform_min, platform_max, licence, published_at, coalesce(release_downloads.downloads, 0) AS downloads
        FROM releases LEFT JOIN release_downloads USING (app_id, version)
        WHERE releases.app_id = listings.app_id AND releases.status = 'published' AND ${of}
        ORDER BY releases.published_at DESC, releases.id DESC LIMIT ${limit}) AS newest) AS standing
    WHERE ${IS_LISTED} AND standing.releases IS NOT NULL AND ${where}
    ORDER BY listings.app_id`;
}

/**
 * A page of the apps that are not suspended and have a release that stands, in the order of their ids, with those releases.
 *
 * @param page `platform`: one to four numbers with dots between them; only releases for it, and only apps that have one. Null: all.
 */
export async function listMarketApps(
  db: Queryable,
  page: {
    readonly platform: string | null;
    readonly after: string;
    readonly limit: number;
    readonly releasesPerApp: number;
  },
): Promise<readonly MarketAppRow[]> {
  const { platform, after, limit, releasesPerApp } = page;
  const ofPlatform = platform === null ? 'true' : `releases.platforms && ${VERSIONS_ASKED('$4')}`;
  const withPlatform = platform === null ? '' : ` AND listings.platforms && ${VERSIONS_ASKED('$4')}`;
  const { rows } = await db.query<MarketAppRow>(
    `${selectApps({ where: `listings.app_id > $1${withPlatform}`, of: ofPlatform, limit: '$3' })} LIMIT $2`,
    [after, limit, releasesPerApp, ...(platform === null ? [] : [platform])],
  );
  return rows;
}

/** Those of these apps that are not suspended and have a release that stands, in the order of their ids. */
export async function findMarketApps(
  db: Queryable,
  appIds: readonly string[],
  releasesPerApp: number,
): Promise<readonly MarketAppRow[]> {
  const { rows } = await db.query<MarketAppRow>(
    selectApps({ where: 'listings.app_id = ANY($1::text[])', of: 'true', limit: '$2' }),
    [appIds, releasesPerApp],
  );
  return rows;
}

/** What every answer is made of is as it was for as long as this is. */
interface MarketState {
  /** The stamp of the catalogue's last change; null where nothing ever changed. */
  readonly catalogue: string | null;
  /** The stamp of the time that downloads were last written down. */
  readonly downloads: string;
}

export async function readMarketState(db: Queryable): Promise<MarketState> {
  const { rows } = await db.query<MarketState>(
    `SELECT (SELECT stamp FROM catalogue_places ORDER BY position DESC LIMIT 1) AS catalogue,
       (SELECT stamp FROM download_state) AS downloads`,
  );
  const [state] = rows;
  if (state === undefined) throw new Error('A query for one row without a row');
  return state;
}

/** The categories that most of the leading apps are in, at most `limit`, in the order of their names; lower case. */
export async function listLeadingCategories(
  db: Queryable,
  { apps, limit }: { readonly apps: number; readonly limit: number },
): Promise<readonly string[]> {
  // Of all apps every question would read the whole table.
  const { rows } = await db.query<{ category: string }>(
    `SELECT category FROM (
       SELECT category FROM (
         SELECT categories FROM listings WHERE ${IS_LISTED} ORDER BY (-downloads), app_id LIMIT $1) AS foremost,
         LATERAL unnest(categories) AS each (category)
       GROUP BY category ORDER BY count(*) DESC, category COLLATE "C" LIMIT $2) AS most
     ORDER BY category COLLATE "C"`,
    [apps, limit],
  );
  return rows.map(({ category }) => category);
}
