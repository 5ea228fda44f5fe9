import type { FileFacts } from '../report/contents.js';
import type { Queryable, Transaction } from './connect.js';

/** Keeps what is in an archive, for manifests and comparisons. The same archive again changes nothing. */
export async function keepArchiveFiles(
  tx: Transaction,
  archiveSha256: string,
  files: ReadonlyMap<string, FileFacts>,
): Promise<void> {
  await tx.query('INSERT INTO archive_files (archive_sha256, files) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    archiveSha256,
    // An object made from entries keeps `__proto__` as an own name.
    JSON.stringify(Object.fromEntries(files)),
  ]);
}

/** The files of an archive as JSON text, `{path: {bytes, sha512}}`: it may be megabytes, and is only ever handed on. */
export async function findArchiveFilesAsJson(db: Queryable, archiveSha256: string): Promise<string | null> {
  const { rows } = await db.query<{ files: string }>(
    'SELECT files::text AS files FROM archive_files WHERE archive_sha256 = $1',
    [archiveSha256],
  );
  return rows[0]?.files ?? null;
}

/** A path that two archives don't have alike. */
export interface FileDifference {
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
}

/** What the second archive has otherwise than the first, by path; told by the digests. */
export async function compareArchiveFiles(
  db: Queryable,
  beforeSha256: string,
  afterSha256: string,
): Promise<readonly FileDifference[]> {
  const { rows } = await db.query<FileDifference>(
    `WITH before AS (SELECT key AS path, value ->> 'sha512' AS digest FROM archive_files, jsonb_each(files) WHERE archive_sha256 = $1),
          after AS (SELECT key AS path, value ->> 'sha512' AS digest FROM archive_files, jsonb_each(files) WHERE archive_sha256 = $2)
     SELECT path, CASE WHEN before.digest IS NULL THEN 'added' WHEN after.digest IS NULL THEN 'removed' ELSE 'changed' END AS kind
     FROM before FULL JOIN after USING (path)
     WHERE before.digest IS DISTINCT FROM after.digest
     ORDER BY path COLLATE "C"`,
    [beforeSha256, afterSha256],
  );
  return rows;
}
