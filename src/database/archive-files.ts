import type { FileFacts } from '../report/contents.js';
import type { Queryable, Transaction } from './connect.js';

/** Path → facts of every file in an archive. */
export type ArchiveFiles = Readonly<Record<string, FileFacts>>;

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

export async function findArchiveFiles(
  db: Queryable,
  archiveSha256: string,
): Promise<ReadonlyMap<string, FileFacts> | null> {
  const { rows } = await db.query<{ files: ArchiveFiles }>(
    'SELECT files FROM archive_files WHERE archive_sha256 = $1',
    [archiveSha256],
  );
  const files = rows[0]?.files;
  return files === undefined ? null : new Map(Object.entries(files));
}
