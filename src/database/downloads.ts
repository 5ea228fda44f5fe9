import type { Queryable } from './connect.js';

/** So many downloads of one release. */
export interface CountedDownloads {
  readonly appId: string;
  readonly version: string;
  readonly count: number;
}

/** Adds to what was counted of a release and of its app, in one statement: both or neither, and one release's locks at a time. */
export async function addDownloads(db: Queryable, { appId, version, count }: CountedDownloads): Promise<void> {
  await db.query(
    `WITH counted AS (
       INSERT INTO release_downloads (app_id, version, downloads) VALUES ($1, $2, $3)
       ON CONFLICT (app_id, version) DO UPDATE SET downloads = release_downloads.downloads + excluded.downloads
       RETURNING app_id)
     UPDATE listings SET downloads = listings.downloads + $3 FROM counted WHERE listings.app_id = counted.app_id`,
    [appId, version, count],
  );
}
