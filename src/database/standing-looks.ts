import type { ReleaseStatus } from '../policy/facts.js';
import type { Queryable } from './connect.js';

/** A stored archive whose turn it is. */
export interface WatchedArchiveRow {
  readonly appId: string;
  readonly version: string;
  readonly archiveSha256: string;
  readonly archiveBytes: number;
  readonly status: ReleaseStatus;
  /** The codes of what was found about the release and is still so. */
  readonly open: readonly string[];
  /** Of these, the codes for which the watch has put it under quarantine or withdrawn it. */
  readonly acted: readonly string[];
}

const WATCHED = `SELECT releases.app_id AS "appId", releases.version, archive_sha256 AS "archiveSha256", archive_bytes AS "archiveBytes", status,
    ARRAY(SELECT code FROM standing_findings AS found WHERE found.app_id = releases.app_id AND found.version = releases.version
      AND cleared_at IS NULL ORDER BY code) AS open,
    ARRAY(SELECT code FROM standing_findings AS found WHERE found.app_id = releases.app_id AND found.version = releases.version
      AND cleared_at IS NULL AND acted_as IS NOT NULL ORDER BY code) AS acted
  FROM standing_looks JOIN releases ON (releases.app_id, releases.version) = (standing_looks.app_id, standing_looks.version)`;

/** Releases of whatever status whose archive had its turn before `since`, or never: those that wait longest first. */
export async function listDueArchives(
  db: Queryable,
  due: { readonly since: Date; readonly at: Date; readonly limit: number },
): Promise<readonly WatchedArchiveRow[]> {
  const { rows } = await db.query<WatchedArchiveRow>(
    `${WATCHED} WHERE archive_tried_at <= $1
     ORDER BY archive_tried_at, standing_looks.app_id, standing_looks.version LIMIT $2`,
    [due.since, due.limit],
  );
  if (rows.length > 0) return rows;
  // A clock that was wrong, and is set back, must not keep us from looking for years.
  const early = await db.query<WatchedArchiveRow>(
    `${WATCHED} WHERE archive_tried_at > $1::timestamptz + interval '1 day' LIMIT $2`,
    [due.at, due.limit],
  );
  return early.rows;
}

/** Releases in one order, after one of them; null: from the first on. */
export async function listArchivesAfter(
  db: Queryable,
  page: { readonly after: Pick<WatchedArchiveRow, 'appId' | 'version'> | null; readonly limit: number },
): Promise<readonly WatchedArchiveRow[]> {
  const { rows } = await db.query<WatchedArchiveRow>(
    `${WATCHED} WHERE (standing_looks.app_id, standing_looks.version) > ($1, $2)
     ORDER BY standing_looks.app_id, standing_looks.version LIMIT $3`,
    [page.after?.appId ?? '', page.after?.version ?? '', page.limit],
  );
  return rows;
}

/** Published releases whose archives had their turn last, and were to be had. */
export async function listArchivesReadLast(db: Queryable, limit: number): Promise<readonly WatchedArchiveRow[]> {
  const { rows } = await db.query<WatchedArchiveRow>(
    `${WATCHED} WHERE status = 'published' AND NOT EXISTS (
       SELECT 1 FROM standing_findings AS found
       WHERE found.app_id = releases.app_id AND found.version = releases.version AND cleared_at IS NULL)
     ORDER BY archive_tried_at DESC, standing_looks.app_id DESC, standing_looks.version DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

/** How many published releases have their turn still: of {@link listDueArchives}, or of {@link listArchivesAfter}. */
export async function countArchivesLeft(
  db: Queryable,
  left: { readonly since: Date } | { readonly after: Pick<WatchedArchiveRow, 'appId' | 'version'> },
): Promise<number> {
  const [condition, values] =
    'since' in left
      ? ['archive_tried_at <= $1', [left.since]]
      : ['(standing_looks.app_id, standing_looks.version) > ($1, $2)', [left.after.appId, left.after.version]];
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM standing_looks
       JOIN releases ON (releases.app_id, releases.version) = (standing_looks.app_id, standing_looks.version)
     WHERE status = 'published' AND ${condition}`,
    values,
  );
  return rows[0]?.count ?? 0;
}

/** Writes down that an archive had its turn; `readAt` where it was read to its end. */
export async function noteArchiveLook(
  db: Queryable,
  look: { readonly appId: string; readonly version: string; readonly triedAt: Date; readonly readAt: Date | null },
): Promise<void> {
  await db.query(
    `UPDATE standing_looks SET archive_tried_at = $3, archive_read_at = coalesce($4, archive_read_at)
     WHERE app_id = $1 AND version = $2`,
    [look.appId, look.version, look.triedAt, look.readAt],
  );
}

/** Writes down that the signer of these releases was judged, at most once an hour. */
export async function noteSignerLooks(db: Queryable, fingerprint: string, at: Date): Promise<void> {
  await db.query(
    `UPDATE standing_looks SET signer_judged_at = $2 FROM releases
     WHERE (releases.app_id, releases.version) = (standing_looks.app_id, standing_looks.version)
       AND signed AND signature -> 'signer' ->> 'fingerprint' = $1
       AND (signer_judged_at IS NULL OR abs(extract(epoch FROM $2::timestamptz - signer_judged_at)) > 3600)`,
    [fingerprint, at],
  );
}

/** The releases by a signer that the watch has something to say about: of these codes, where `isFound` or where it said so before. */
export async function listWatchedReleases(
  db: Queryable,
  watched: { readonly fingerprint: string; readonly codes: readonly string[]; readonly isFound: boolean },
): Promise<readonly { readonly appId: string; readonly version: string }[]> {
  const { rows } = await db.query<{ appId: string; version: string }>(
    `SELECT app_id AS "appId", version FROM releases
     WHERE signed AND signature -> 'signer' ->> 'fingerprint' = $1 AND (($3 AND status = 'published') OR EXISTS (
       SELECT 1 FROM standing_findings AS found
       WHERE found.app_id = releases.app_id AND found.version = releases.version AND cleared_at IS NULL AND code = ANY ($2::text[])))
     ORDER BY app_id, id`,
    [watched.fingerprint, watched.codes, watched.isFound],
  );
  return rows;
}

/** The published releases by a signer that nothing was made of for a finding yet, as `app@version`. */
export async function listUntouchedReleases(
  db: Queryable,
  signed: { readonly fingerprint: string; readonly code: string },
): Promise<readonly string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT app_id || '@' || version AS name FROM releases
     WHERE signed AND signature -> 'signer' ->> 'fingerprint' = $1 AND status = 'published' AND NOT EXISTS (
       SELECT 1 FROM standing_findings AS found
       WHERE found.app_id = releases.app_id AND found.version = releases.version AND code = $2
         AND cleared_at IS NULL AND acted_as IS NOT NULL)
     ORDER BY app_id, id`,
    [signed.fingerprint, signed.code],
  );
  return rows.map(({ name }) => name);
}

/** When the archive that waits longest for its turn had its last one; null where it never had one, or there is none. */
export async function readOldestArchiveTurn(db: Queryable): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `SELECT nullif(archive_tried_at, '-infinity') AS at FROM standing_looks ORDER BY archive_tried_at, app_id, version LIMIT 1`,
  );
  return rows[0]?.at ?? null;
}
