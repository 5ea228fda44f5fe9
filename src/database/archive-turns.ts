import type { Queryable } from './connect.js';

/**
 * Makes it a stored archive's turn to be looked at, before all others. Not where it had one within the hour: whoever asks again and
 * again for what is lost must not keep the watch from the rest.
 */
export async function bringForwardArchiveLook(
  db: Queryable,
  { appId, version }: { readonly appId: string; readonly version: string },
  at: Date,
): Promise<void> {
  await db.query(
    `UPDATE standing_looks SET archive_tried_at = '-infinity'
     WHERE app_id = $1 AND version = $2 AND archive_tried_at < $3::timestamptz - interval '1 hour'`,
    [appId, version, at],
  );
}
