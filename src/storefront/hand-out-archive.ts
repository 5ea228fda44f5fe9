import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { bringForwardArchiveLook } from '../database/archive-turns.js';
import type { ReleaseRow } from '../database/releases.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';

/** What of an archive is wanted, and by whom. */
export interface WantedArchive {
  /** First and last byte, inclusive; null for the whole. */
  readonly range: { readonly start: number; readonly end: number } | null;
  /** What it is called where it is kept by whoever asked. */
  readonly fileName: string;
  /** Where the question comes from. */
  readonly address: string;
}

/** The bytes of an archive, or the address at which a storage hands them out itself. */
export type HandedOut = { readonly bytes: Readable } | { readonly link: string };

/** For whoever follows it at once; a release can be withdrawn at any moment. */
const LINK_SECONDS = 60;

/**
 * Hands out the archive of a release that stands, and counts it: the whole, and a part that begins at the beginning, since the
 * others are the rest of it.
 *
 * @throws RequestError `RELEASE_WITHDRAWN` or `RELEASE_QUARANTINED` where the release doesn't stand, `UNAVAILABLE` where its
 *   archive is missing, which the watch looks at next
 */
export async function handOutArchive(gate: Gate, release: ReleaseRow, wanted: WantedArchive): Promise<HandedOut> {
  requireStanding(release);
  const { range, fileName, address } = wanted;
  const handed = (await linkTo(gate, release, fileName)) ?? { bytes: await openArchive(gate, release, range) };
  if (range === null || range.start === 0) gate.downloads.count(release.appId, release.version, address);
  return handed;
}

async function linkTo({ archives }: Gate, release: ReleaseRow, fileName: string): Promise<HandedOut | null> {
  const link = await archives.linkTo?.(release.archiveSha256, { fileName, seconds: LINK_SECONDS });
  return link === undefined || link === null ? null : { link };
}

async function openArchive(gate: Gate, release: ReleaseRow, range: WantedArchive['range']): Promise<Readable> {
  const archive = await gate.archives.open(release.archiveSha256, range ?? undefined, release.archiveBytes);
  const unfit = async (what: string): Promise<void> => {
    const { appId: app, version } = release;
    gate.log.warn({ app, version }, `an archive that was asked for ${what}`);
    await bringForwardArchiveLook(gate.database, release, gate.now());
  };
  if (archive === null) {
    await unfit('is missing from the storage');
    throw new RequestError('UNAVAILABLE', 'The archive is not to be had now; try again later.');
  }
  if (range !== null) return archive;
  const whole = untilVerified(archive, release.archiveSha256, () => unfit('has other bytes than its digest'));
  return Readable.from(whole, { objectMode: false });
}

/**
 * The bytes as they are read, but the last of them only once all are those with the digest: nobody gets the whole of an archive that was
 * altered in the storage. Throws where it was.
 */
async function* untilVerified(bytes: Readable, sha256: string, tell: () => Promise<void>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let last: Buffer | null = null;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (last !== null) yield last;
    last = chunk;
  }
  if (hash.digest('hex') !== sha256) {
    await tell();
    throw new Error('An archive has other bytes than its digest');
  }
  if (last !== null) yield last;
}

/** @throws RequestError `RELEASE_WITHDRAWN` or `RELEASE_QUARANTINED`, with the reason for people and programs and the time */
export function requireStanding(release: ReleaseRow): void {
  if (release.status === 'published') return;
  const code = release.status === 'withdrawn' ? 'RELEASE_WITHDRAWN' : 'RELEASE_QUARANTINED';
  throw new RequestError(code, `This release was ${release.status}.`, {
    reason: release.statusReason,
    reasonCode: release.statusReasonCode,
    releaseStatus: release.status,
    changedAt: release.statusChangedAt?.toISOString() ?? null,
  });
}
