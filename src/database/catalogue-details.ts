import type { Queryable } from './connect.js';

/** What is known of a release beside its row: written down with it, or since. */
export interface ReleaseDetails {
  /** The section of its changelog, as it stands in the archive; null where there is none. */
  readonly changelog: string | null;
  readonly downloads: number;
  /** What the report says of the archive; null where that was not counted. */
  readonly archive: { readonly entries: number; readonly files: number; readonly inflatedBytes: number } | null;
  /** When the standing watch last looked at its signer or read its archive; null where it never did. */
  readonly checkedAt: Date | null;
  /** When it last changed for its readers; downloads are no change. */
  readonly changedAt: Date;
}

/** Details of one release; null where there is no such release. */
export async function findReleaseDetails(
  db: Queryable,
  appId: string,
  version: string,
): Promise<ReleaseDetails | null> {
  const { rows } = await db.query<ReleaseDetails>(
    `SELECT changelog, coalesce(release_downloads.downloads, 0)::bigint AS downloads,
       CASE jsonb_typeof(report -> 'archive') WHEN 'object' THEN report -> 'archive' END AS archive,
       greatest(signer_judged_at, archive_read_at) AS "checkedAt",
       coalesce(catalogue_changes.changed_at, releases.published_at) AS "changedAt"
     FROM releases LEFT JOIN release_downloads USING (app_id, version)
       LEFT JOIN standing_looks USING (app_id, version)
       LEFT JOIN catalogue_changes USING (app_id, version)
       JOIN submissions ON submissions.id = releases.submission_id
     WHERE releases.app_id = $1 AND releases.version = $2`,
    [appId, version],
  );
  return rows[0] ?? null;
}
