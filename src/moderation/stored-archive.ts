import { requireModerator, type Caller } from '../accounts/caller.js';
import { readArchive } from '../archive/read-archive.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { readingArchives, type ArchiveParts, type ArchiveVisit } from './archive-copies.js';
import { findReviewedArchives } from './reviewed-archives.js';
import { hexView, isText, visibleName, visibleText } from './visible-text.js';

/** Where nobody says how long an archive is: no store takes longer ones. */
const MAX_UNKNOWN_BYTES = 1024 * 1024 * 1024;

/**
 * Copies a stored archive to a temporary file, for as long as `use` takes. What it gets are the bytes that were uploaded: they
 * are measured and hashed while they are copied.
 *
 * @param bytes how long the archive is; null where that isn't at hand
 * @returns what `use` returns
 * @throws RequestError `UNAVAILABLE` where the storage has the archive no more or has other bytes; `TOO_MANY_OPEN` where the
 *   account looks into too many at a time; whatever `use` throws
 */
export async function withStoredArchive<T>(
  gate: ArchiveParts,
  visit: ArchiveVisit,
  sha256: string,
  use: (file: string) => Promise<T>,
  bytes: number | null = null,
): Promise<T> {
  return readingArchives(gate, visit, async (copy) => use(await copy({ sha256, bytes: bytes ?? MAX_UNKNOWN_BYTES })));
}

/** One file of an archive, to be looked at and never to be run. */
export interface StoredFile {
  /** As it stands in the archive, below the app's folder. */
  readonly path: string;
  /** The same with everything made visible that could mislead. */
  readonly name: string;
  readonly bytes: number;
  readonly sha512: string;
  /** What is in it, with everything made visible that could mislead; null where it is no text, or too large. */
  readonly text: string | null;
  /** Of what is no text the beginning, as offset, hex and ASCII; null for text and what is too large. */
  readonly hex: string | null;
  /** How many bytes are not shown. */
  readonly omittedBytes: number;
}

const MAX_TEXT_BYTES = 1024 * 1024;
const MAX_HEX_BYTES = 4 * 1024;
/** Larger files are not even opened: none that a person reads is. */
const MAX_OPENED_BYTES = 16 * 1024 * 1024;

/**
 * One file of the archive that a review is about (`side` `after`), or of the release that it is compared with (`before`).
 *
 * @param file.path as it stands in the difference
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller is a moderator, `NOT_FOUND` where there is no such review or
 *   file, `UNAVAILABLE` where the storage doesn't have what was uploaded, `TOO_MANY_OPEN`
 */
export async function readStoredFile(
  gate: Gate,
  caller: Caller,
  file: { readonly reviewId: string; readonly path: string; readonly side?: 'before' | 'after' },
): Promise<StoredFile> {
  requireModerator(caller);
  const { path } = file;
  const archive = (await findReviewedArchives(gate.database, file.reviewId))[file.side ?? 'after'];
  // A refused archive may hold such names; nobody asks for them but to try something.
  if (archive === null || path.includes('\0') || path.split('/').includes('..')) throw noSuchFile();
  const { sha256, bytes } = archive;
  return withStoredArchive(
    gate,
    { purpose: 'reading', accountId: caller.accountId },
    sha256,
    (zip) =>
      readArchive(zip, { limits: gate.limits, sha256 }, async ({ contents }) => {
        const facts = contents.files.get(path);
        if (facts === undefined) throw noSuchFile();
        const content = await contents.read(path, MAX_OPENED_BYTES);
        return { path, name: visibleName(path), ...facts, ...shown(content, facts.bytes) };
      }),
    bytes,
  );
}

function shown(content: Buffer | null, bytes: number): Pick<StoredFile, 'text' | 'hex' | 'omittedBytes'> {
  if (content === null) return { text: null, hex: null, omittedBytes: bytes };
  if (!isText(content)) {
    const start = content.subarray(0, MAX_HEX_BYTES);
    return { text: null, hex: hexView(start), omittedBytes: bytes - start.length };
  }
  const start = content.subarray(0, MAX_TEXT_BYTES);
  // What the cut leaves of a character is kept back, not replaced.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(start, { stream: true });
  return { text: visibleText(text), hex: null, omittedBytes: bytes - Buffer.byteLength(text) };
}

function noSuchFile(): RequestError {
  return new RequestError('NOT_FOUND', 'There is no such file in this archive.');
}
