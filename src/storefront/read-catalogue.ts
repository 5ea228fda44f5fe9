import { requireAppId } from '../releases/ownership.js';
import { findApp, type AppRow } from '../database/apps.js';
import { findReleaseDetails, type ReleaseDetails } from '../database/catalogue-details.js';
import { findListings, listListings, type ListingQuery, type ListingRow } from '../database/listings.js';
import type { ListingPosition } from '../database/listing-order.js';
import { findRelease, findReleases, listReleases, type ReleaseRow, type ReleaseSummary } from '../database/releases.js';
import { listScreenshots, type ScreenshotRow } from '../database/screenshots.js';
import { listStandingFindings, type StandingFindingRow } from '../database/standing-findings.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { inSearch } from './bounded-searches.js';

/**
 * A page of the apps that have a release, and where the next one begins; null where this is the last.
 *
 * @throws RequestError `INVALID_REQUEST` where the order is that of relevance, and there are no words; `UNAVAILABLE` where words are
 *   looked for, and too many do so at this moment
 */
export async function readApps(
  gate: Pick<Gate, 'database'>,
  query: ListingQuery,
): Promise<{ apps: readonly ListingRow[]; next: ListingPosition | null }> {
  if (query.sort === 'relevance' && query.filter.q === null) {
    throw new RequestError(
      'INVALID_REQUEST',
      'Nothing is relevant without words to look for: "sort" needs "q" for that.',
    );
  }
  // One more than asked tells whether there is a next page.
  const asked = { ...query, limit: query.limit + 1 };
  const found =
    query.filter.q === null
      ? await listListings(gate.database, asked)
      : await inSearch(gate.database, (tx) => listListings(tx, asked));
  const apps = found.slice(0, query.limit);
  return { apps, next: found.length > query.limit ? (apps.at(-1)?.position ?? null) : null };
}

/** An app as the catalogue shows it. */
export interface AppDetail {
  readonly listing: ListingRow;
  /** What the `info.xml` of the release says that it is shown by. */
  readonly info: unknown;
  readonly screenshots: readonly ScreenshotRow[];
}

/**
 * An app with what its release says that it is shown by.
 *
 * @param languages of the listing's name and summary; see `languagesOf`
 * @throws RequestError `APP_ID_INVALID`; `NOT_FOUND` where the app has no release, published or once published
 */
export async function readAppDetail(
  gate: Pick<Gate, 'database'>,
  appId: string,
  languages: readonly string[] = [],
): Promise<AppDetail> {
  requireAppId(appId);
  // First, since it says when the app last changed: see readReleaseDetail.
  const [listing] = await findListings(gate.database, [appId], languages);
  if (listing === undefined) throw noSuchApp();
  const release = await findRelease(gate.database, appId, listing.version);
  return {
    listing,
    info: release?.info ?? null,
    screenshots: await listShownScreenshots(gate, release),
  };
}

/** Everything that everybody may know of a release. */
export interface ReleaseDetail {
  readonly release: ReleaseRow;
  readonly details: ReleaseDetails;
  readonly screenshots: readonly ScreenshotRow[];
  /** What the standing watch finds wrong with it at present. */
  readonly findings: readonly StandingFindingRow[];
}

/** A release with everything about it. @throws RequestError `APP_ID_INVALID`, `NOT_FOUND` */
export async function readReleaseDetail(
  gate: Pick<Gate, 'database'>,
  appId: string,
  version: string,
): Promise<ReleaseDetail> {
  requireAppId(appId);
  // First: whatever changes from here on may be told already, but never what was before it under its time.
  const details = await findReleaseDetails(gate.database, appId, version);
  if (details === null) throw noSuchRelease();
  const release = await readRelease(gate, appId, version);
  const [screenshots, findings] = [
    await listShownScreenshots(gate, release),
    await listStandingFindings(gate.database, [{ app: appId, version }]),
  ];
  return { release, details, screenshots, findings };
}

/** The copies of a release's screenshots; none of one that doesn't stand, whose images nobody gets. */
async function listShownScreenshots(
  { database }: Pick<Gate, 'database'>,
  release: ReleaseRow | null,
): Promise<readonly ScreenshotRow[]> {
  if (release?.status !== 'published') return [];
  return listScreenshots(database, [{ app: release.appId, version: release.version }]);
}

/**
 * An app and a page of its releases, the one published last first.
 *
 * @throws RequestError `NOT_FOUND` where the app has no release, published or once published; `INVALID_REQUEST` where
 *   there is no release `after`
 */
export async function readApp(
  gate: Pick<Gate, 'database'>,
  appId: string,
  page: { after: string | null; limit: number },
): Promise<{ app: AppRow; releases: readonly ReleaseSummary[] }> {
  requireAppId(appId);
  const app = await findApp(gate.database, appId);
  const releases = await listReleases(gate.database, { appId, ...page });
  if (releases.length === 0) await requirePage(gate, appId, page.after);
  if (app === null) throw noSuchApp();
  return { app, releases };
}

/** Tells a page after the last release from one of an app, or after a release, that there isn't. */
async function requirePage(gate: Pick<Gate, 'database'>, appId: string, after: string | null): Promise<void> {
  const [latest] = await listReleases(gate.database, { appId, after: null, limit: 1 });
  if (latest === undefined) throw noSuchApp();
  if (after !== null && (await findRelease(gate.database, appId, after)) === null) {
    throw new RequestError('INVALID_REQUEST', 'The version in "after" is no release of this app.');
  }
}

function noSuchApp(): RequestError {
  return new RequestError('NOT_FOUND', 'There is no such app in this store.');
}

/** @throws RequestError `NOT_FOUND` */
export async function readRelease(gate: Pick<Gate, 'database'>, appId: string, version: string): Promise<ReleaseRow> {
  requireAppId(appId);
  const release = await findRelease(gate.database, appId, version);
  if (release === null) throw noSuchRelease();
  return release;
}

function noSuchRelease(): RequestError {
  return new RequestError('NOT_FOUND', 'There is no such release in this store.');
}

/** The releases among `pairs`; a pair that is none is left out. */
export async function readReleaseStatuses(
  gate: Gate,
  pairs: readonly { app: string; version: string }[],
): Promise<readonly ReleaseSummary[]> {
  return findReleases(gate.database, pairs);
}
