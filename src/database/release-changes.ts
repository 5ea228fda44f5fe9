import type { ReleaseStatus } from '../policy/facts.js';
import type { Queryable } from './connect.js';

/** That a release was published, or that its status changed. */
export interface ReleaseChange {
  readonly appId: string;
  readonly version: string;
  /** What its info.xml calls the app. */
  readonly name: string | null;
  readonly kind: 'published' | 'withdrawn' | 'quarantined' | 'restored';
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
  readonly reasonCode: string | null;
  /** Of the audit entry; null for what was published before there was a log. */
  readonly position: number | null;
  /** The release's status now, and the code that goes with it. */
  readonly status: ReleaseStatus;
  readonly statusReasonCode: string | null;
}

const KINDS = ['release-published', 'release-withdrawn', 'release-quarantined', 'release-restored'];

/** The newest changes of releases, of one app or of all, the newest first. */
export async function listReleaseChanges(
  db: Queryable,
  { appId, limit }: { readonly appId: string | null; readonly limit: number },
): Promise<readonly ReleaseChange[]> {
  // Neither an app's id nor a version holds an @.
  const { rows } = await db.query<ReleaseChange>(
    `SELECT * FROM (
       (SELECT releases.app_id AS "appId", releases.version, releases.info ->> 'name' AS name, substr(logged.kind, 9) AS kind,
          logged.at, logged.entry::jsonb ->> 'reason' AS reason, logged.entry::jsonb -> 'after' ->> 'reasonCode' AS "reasonCode",
          logged.position, releases.status, releases.status_reason_code AS "statusReasonCode"
        FROM (SELECT * FROM audit_log WHERE kind = ANY($2::text[]) AND ($1::text IS NULL OR app_id = $1)
              ORDER BY position DESC LIMIT $3) AS logged
          JOIN releases ON releases.app_id = split_part(logged.subject_id, '@', 1)
            AND releases.version = split_part(logged.subject_id, '@', 2))
       UNION ALL
       (SELECT app_id, version, info ->> 'name', 'published', to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          '', NULL, NULL, status, status_reason_code
        FROM releases
        WHERE ($1::text IS NULL OR app_id = $1)
          -- A day more, since the clocks of gates and database differ; of what is younger nothing has to be looked up.
          AND published_at < coalesce((SELECT at::timestamptz + interval '1 day' FROM audit_log WHERE audit_log.position = 1), 'infinity')
          AND NOT EXISTS (
          SELECT 1 FROM audit_log WHERE subject_type = 'release' AND subject_id = releases.app_id || '@' || releases.version
            AND kind = 'release-published')
        ORDER BY published_at DESC LIMIT $3)
     ) AS changes ORDER BY at DESC, position DESC NULLS LAST LIMIT $3`,
    [appId, KINDS, limit],
  );
  return rows;
}
