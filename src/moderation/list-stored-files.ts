import { requireModerator, type Caller } from '../accounts/caller.js';
import { readArchive } from '../archive/read-archive.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { findReviewedArchives } from './reviewed-archives.js';
import { withStoredArchive } from './stored-archive.js';
import { visibleName } from './visible-text.js';

/** A file of an archive, as a list of them shows it. */
export interface ListedFile {
  /** As it stands in the archive, below the app's folder. */
  readonly path: string;
  /** The same with everything made visible that could mislead. */
  readonly name: string;
  readonly bytes: number;
  readonly sha512: string;
}

/**
 * The files of the archive that a review is about, or of the release it is compared with, by path.
 *
 * @param query.q a part of the path, in any case; null: all
 * @returns also how many there are beyond `limit`
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND` where there is no such review or archive, `UNAVAILABLE`,
 *   `TOO_MANY_OPEN`
 */
export async function listStoredFiles(
  gate: Gate,
  caller: Caller,
  query: {
    readonly reviewId: string;
    readonly side: 'before' | 'after';
    readonly q: string | null;
    readonly limit: number;
  },
): Promise<{ readonly files: readonly ListedFile[]; readonly omitted: number; readonly complete: boolean }> {
  requireModerator(caller);
  const archive = (await findReviewedArchives(gate.database, query.reviewId))[query.side];
  if (archive === null) throw new RequestError('NOT_FOUND', 'No release was published before.');
  const { sha256, bytes } = archive;
  return withStoredArchive(
    gate,
    { purpose: 'reading', accountId: caller.accountId },
    sha256,
    (zip) =>
      readArchive(zip, { limits: gate.limits, sha256 }, async ({ contents, complete }) => {
        const word = query.q?.toLowerCase() ?? '';
        const found = [...contents.files].filter(([path]) => path.toLowerCase().includes(word));
        found.sort(([one], [other]) => (one < other ? -1 : 1));
        const files = found
          .slice(0, query.limit)
          .map(([path, facts]) => ({ path, name: visibleName(path), bytes: facts.bytes, sha512: facts.sha512 }));
        return { files, omitted: found.length - files.length, complete };
      }),
    bytes,
  );
}
