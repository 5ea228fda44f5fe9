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

/** How long the same text is, of these archives together. */
export async function countArchiveFilesBytes(db: Queryable, archivesSha256: readonly string[]): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>(
    'SELECT coalesce(sum(json_bytes), 0)::bigint AS bytes FROM archive_files WHERE archive_sha256 = ANY ($1)',
    [archivesSha256],
  );
  return rows[0]?.bytes ?? 0;
}

/**
 * So many characters of the same text, after so many; and whether there are more. Each piece costs as much as the whole, but who takes
 * piece after piece holds one only.
 */
export async function findArchiveFilesPiece(
  db: Queryable,
  archiveSha256: string,
  { after, characters }: { readonly after: number; readonly characters: number },
): Promise<{ readonly piece: string; readonly more: boolean } | null> {
  const { rows } = await db.query<{ piece: string; more: boolean }>(
    `WITH whole AS MATERIALIZED (SELECT files::text AS files FROM archive_files WHERE archive_sha256 = $1)
     SELECT substr(files, $2 + 1, $3) AS piece, char_length(files) > $2 + $3 AS more FROM whole`,
    [archiveSha256, after, characters],
  );
  return rows[0] ?? null;
}

/** What one archive has otherwise than another: JSON arrays of paths, in byte order. */
export interface FileDifferences {
  readonly added: string;
  readonly changed: string;
  readonly removed: string;
}

/** What the second archive has otherwise than the first, told by the digests. */
export async function compareArchiveFiles(
  db: Queryable,
  beforeSha256: string,
  afterSha256: string,
): Promise<FileDifferences> {
  const { rows } = await db.query<FileDifferences>(
    `WITH before AS (SELECT key AS path, value ->> 'sha512' AS digest FROM archive_files, jsonb_each(files) WHERE archive_sha256 = $1),
          after AS (SELECT key AS path, value ->> 'sha512' AS digest FROM archive_files, jsonb_each(files) WHERE archive_sha256 = $2)
     SELECT ${pathsWhere('before.digest IS NULL')} AS added, ${pathsWhere('after.digest IS NULL')} AS removed,
       ${pathsWhere('before.digest <> after.digest')} AS changed
     FROM before FULL JOIN after USING (path)
     WHERE before.digest IS DISTINCT FROM after.digest`,
    [beforeSha256, afterSha256],
  );
  return rows[0] ?? { added: '[]', changed: '[]', removed: '[]' };
}

function pathsWhere(condition: string): string {
  return `coalesce(json_agg(path ORDER BY path COLLATE "C") FILTER (WHERE ${condition}), '[]')::text`;
}
