import type { Queryable, Transaction } from './connect.js';

/** An image that the gate made: its address is the SHA-256 of its bytes. */
export interface ImageRow {
  readonly sha256: string;
  readonly mediaType: 'image/webp';
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** A screenshot of a release, copied. */
export interface ScreenshotRow {
  readonly appId: string;
  readonly version: string;
  /** From 1, in the order of `info.xml`; what could not be copied leaves a gap. */
  readonly place: number;
  readonly image: ImageRow;
  readonly thumbnail: ImageRow;
}

const IMAGE = (table: string): string =>
  `json_build_object('sha256', ${table}.sha256, 'mediaType', ${table}.media_type, 'width', ${table}.width,
    'height', ${table}.height, 'bytes', ${table}.bytes)`;

/** The screenshots of these releases that have been copied, whatever the releases' status: by app, version and place. */
export async function listScreenshots(
  db: Queryable,
  pairs: readonly { readonly app: string; readonly version: string }[],
): Promise<readonly ScreenshotRow[]> {
  const { rows } = await db.query<ScreenshotRow>(
    `SELECT app_id AS "appId", version, place, ${IMAGE('shown')} AS image, ${IMAGE('small')} AS thumbnail
     FROM release_screenshots
     JOIN images AS shown ON shown.sha256 = image
     JOIN images AS small ON small.sha256 = thumbnail
     WHERE (app_id, version) IN (SELECT * FROM unnest($1::text[], $2::text[]))
     ORDER BY app_id, version, place`,
    [pairs.map(({ app }) => app), pairs.map(({ version }) => version)],
  );
  return rows;
}

/** An image, where a release that stands shows it, itself or as a thumbnail; null otherwise. */
export async function findShownImage(db: Queryable, sha256: string): Promise<ImageRow | null> {
  const shown = (column: string): string =>
    `EXISTS (SELECT 1 FROM release_screenshots JOIN releases USING (app_id, version)
       WHERE ${column} = images.sha256 AND releases.status = 'published')`;
  const { rows } = await db.query<ImageRow>(
    `SELECT sha256, media_type AS "mediaType", width, height, bytes FROM images
     WHERE sha256 = $1 AND (${shown('image')} OR ${shown('thumbnail')})`,
    [sha256],
  );
  return rows[0] ?? null;
}

/** How many of a release are copied. */
export const MAX_SCREENSHOTS = 10;
const MAX_URL_LENGTH = 2_048;

/** Whether a normalised address is one that may be copied from, as far as its text tells. */
export function isScreenshotUrl(href: string): boolean {
  return href.startsWith('https://') && href.length <= MAX_URL_LENGTH;
}

/** What is to be copied for a release: addresses that {@link isScreenshotUrl}, in their order, at most {@link MAX_SCREENSHOTS}. */
export async function insertScreenshots(
  tx: Transaction,
  release: { readonly appId: string; readonly version: string; readonly urls: readonly string[]; readonly at: Date },
): Promise<void> {
  if (release.urls.length === 0) return;
  await tx.query(
    `INSERT INTO release_screenshots (app_id, version, place, source_url, next_try_at)
     SELECT $1, $2, place, url, $4 FROM unnest($3::text[]) WITH ORDINALITY AS screenshots (url, place)`,
    [release.appId, release.version, release.urls, release.at],
  );
}

/** A screenshot that somebody has taken to copy it. */
export interface DueScreenshot {
  readonly appId: string;
  readonly version: string;
  readonly place: number;
  readonly sourceUrl: string;
  /** With this one. */
  readonly attempts: number;
}

/**
 * Takes, of the apps after one by their ids, the first that has a screenshot due of a release that stands, and of these the one
 * that has waited longest; null where there is none. Until `untilAt` nobody else takes it, and if nobody writes down by then what
 * came of it, somebody tries again.
 */
export async function claimDueScreenshot(
  db: Queryable,
  claim: { readonly at: Date; readonly untilAt: Date; readonly afterApp: string },
): Promise<DueScreenshot | null> {
  // Who comes second finds it locked, or no more due: that is looked at again once the lock is had.
  const { rows } = await db.query<DueScreenshot>(
    `WITH taken AS (
       SELECT app_id, version, place FROM release_screenshots JOIN releases USING (app_id, version)
       WHERE app_id > $3 AND state = 'waiting' AND next_try_at <= $1 AND releases.status = 'published'
       ORDER BY app_id, next_try_at, version, place LIMIT 1 FOR NO KEY UPDATE OF release_screenshots SKIP LOCKED)
     UPDATE release_screenshots AS screenshot SET attempts = attempts + 1, next_try_at = $2
     FROM taken
     WHERE (screenshot.app_id, screenshot.version, screenshot.place) = (taken.app_id, taken.version, taken.place)
     RETURNING screenshot.app_id AS "appId", screenshot.version, screenshot.place, source_url AS "sourceUrl", attempts`,
    [claim.at, claim.untilAt, claim.afterApp],
  );
  return rows[0] ?? null;
}

/** An image and its thumbnail, both of which are in the storage already. */
export interface CopiedScreenshot {
  readonly image: ImageRow;
  readonly thumbnail: ImageRow;
}

/** Writes down that a screenshot has been copied; changes nothing where it is settled, or somebody else has taken it since. */
export async function settleCopied(
  tx: Transaction,
  due: Pick<DueScreenshot, 'appId' | 'version' | 'place' | 'attempts'>,
  { image, thumbnail }: CopiedScreenshot,
): Promise<void> {
  for (const row of [image, thumbnail]) {
    await tx.query(
      `INSERT INTO images (sha256, media_type, width, height, bytes) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [row.sha256, row.mediaType, row.width, row.height, row.bytes],
    );
  }
  await tx.query(
    `UPDATE release_screenshots SET state = 'copied', image = $5, thumbnail = $6, failure = NULL
     WHERE app_id = $1 AND version = $2 AND place = $3 AND attempts = $4 AND state = 'waiting'`,
    [due.appId, due.version, due.place, due.attempts, image.sha256, thumbnail.sha256],
  );
}

/**
 * Writes down why an attempt failed, and when the next one is; null: there is none. Changes nothing where it is settled, or
 * somebody else has taken it since.
 */
export async function settleFailed(
  db: Queryable,
  due: Pick<DueScreenshot, 'appId' | 'version' | 'place' | 'attempts'>,
  { failure, nextTryAt }: { readonly failure: string; readonly nextTryAt: Date | null },
): Promise<void> {
  await db.query(
    `UPDATE release_screenshots SET failure = left($5, 300), next_try_at = coalesce($6, next_try_at),
       state = CASE WHEN $6::timestamptz IS NULL THEN 'failed' ELSE state END
     WHERE app_id = $1 AND version = $2 AND place = $3 AND attempts = $4 AND state = 'waiting'`,
    [due.appId, due.version, due.place, due.attempts, failure, nextTryAt],
  );
}

/** Gives a screenshot back whose attempt came to nothing for a reason of our own: it doesn't count. */
export async function returnScreenshot(
  db: Queryable,
  due: Pick<DueScreenshot, 'appId' | 'version' | 'place' | 'attempts'>,
  nextTryAt: Date,
): Promise<void> {
  await db.query(
    `UPDATE release_screenshots SET attempts = attempts - 1, next_try_at = $5
     WHERE app_id = $1 AND version = $2 AND place = $3 AND attempts = $4 AND state = 'waiting'`,
    [due.appId, due.version, due.place, due.attempts, nextTryAt],
  );
}

/** Has every screenshot that shows this image, or has it as its thumbnail, copied anew. */
export async function awaitCopies(db: Queryable, sha256: string, nextTryAt: Date): Promise<void> {
  await db.query(
    `UPDATE release_screenshots SET state = 'waiting', image = NULL, thumbnail = NULL, attempts = 0, next_try_at = $2
     WHERE image = $1 OR thumbnail = $1`,
    [sha256, nextTryAt],
  );
}
