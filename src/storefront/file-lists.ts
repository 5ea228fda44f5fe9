import { Readable } from 'node:stream';
import { compareArchiveFiles, countArchiveFilesBytes, findArchiveFilesPiece } from '../database/archive-files.js';
import type { ReleaseRow } from '../database/releases.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { createTurns, type TakeTurn } from './turns.js';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.js';

/** Bounds what long lists of files cost: an archive may hold tens of thousands. */
export interface FileListBounds {
  /** How many are sent at a time: each is held in part, or as a whole, and taken as slowly as somebody likes. */
  readonly room: WaitingRoom;
  /** How many the database reads at a time. */
  readonly takeTurn: TakeTurn;
}

/** The bounds of this process. */
export function createFileListBounds(): FileListBounds {
  return { room: createWaitingRoom({ total: 12, perAddress: 3 }), takeTurn: createTurns(2) };
}

/** Lists of so many bytes, about two thousand files, are made while others wait for nothing; only longer ones need a place. */
const LONG_BYTES = 512 * 1024;
/** Of the manifest so much is held at a time. */
const PIECE_CHARACTERS = 2 * 1024 ** 2;
/** Of what is held so much is handed on at a time. */
const SLICE_BYTES = 64 * 1024;

/**
 * Size and SHA-512 of every file of a release, by path, as JSON, whatever the release's status. It is read piece by piece, as fast as
 * it is taken.
 *
 * @param address of whoever asks: of long lists each is given only so many at a time
 * @throws RequestError `UNAVAILABLE` where too many long lists are under way
 */
export async function readManifest(gate: Gate, release: ReleaseRow, address: string): Promise<Readable> {
  return inPlace(gate, [release], address, (takeTurn) => writeManifest(gate, release, takeTurn));
}

async function* writeManifest(
  { database }: Gate,
  { appId, version, archiveSha256 }: ReleaseRow,
  takeTurn: TakeTurn,
): AsyncGenerator<string, void> {
  let begin = `${JSON.stringify({ appId, version }).slice(0, -1)},"files":`;
  for (let after = 0; ; after += PIECE_CHARACTERS) {
    const found = await takeTurn(() =>
      findArchiveFilesPiece(database, archiveSha256, { after, characters: PIECE_CHARACTERS }),
    );
    if (found === null) throw new Error('A release without the list of its files');
    yield begin + found.piece;
    begin = '';
    if (!found.more) break;
  }
  yield '}';
}

/**
 * What an upgrade between two releases of an app changes on a server's disk, as JSON: paths, each list in byte order.
 *
 * @param address as for {@link readManifest}
 * @throws RequestError `UNAVAILABLE` where too many long lists are under way
 */
export async function compareReleases(
  gate: Gate,
  from: ReleaseRow,
  to: ReleaseRow,
  address: string,
): Promise<Readable> {
  return inPlace(gate, [from, to], address, (takeTurn) => writeDifferences(gate, from, to, takeTurn));
}

async function* writeDifferences(
  { database }: Gate,
  from: ReleaseRow,
  to: ReleaseRow,
  takeTurn: TakeTurn,
): AsyncGenerator<Buffer, void> {
  const { added, changed, removed } = await takeTurn(() =>
    compareArchiveFiles(database, from.archiveSha256, to.archiveSha256),
  );
  const versions = JSON.stringify({ from: from.version, to: to.version });
  const text = `${versions.slice(0, -1)},"added":${added},"changed":${changed},"removed":${removed}}`;
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) yield bytes.subarray(start, start + SLICE_BYTES);
}

/** A stream of what is written, whose place is kept until it is closed. What goes wrong before the first piece is thrown. */
async function inPlace(
  { database, fileLists }: Gate,
  releases: readonly ReleaseRow[],
  address: string,
  write: (takeTurn: TakeTurn) => AsyncGenerator<string | Buffer, void>,
): Promise<Readable> {
  const archives = releases.map(({ archiveSha256 }) => archiveSha256);
  const isLong = (await countArchiveFilesBytes(database, archives)) > LONG_BYTES;
  const leave = isLong ? fileLists.room.enter(address) : () => {};
  if (leave === null) {
    throw new RequestError('UNAVAILABLE', 'Too many long lists of files are under way: try again in a moment.');
  }
  try {
    const pieces = write(isLong ? fileLists.takeTurn : (work) => work());
    const first = await pieces.next();
    const stream = Readable.from(followedBy(first, pieces), { objectMode: false });
    stream.once('close', leave);
    return stream;
  } catch (error) {
    leave();
    throw error;
  }
}

async function* followedBy(
  first: IteratorResult<string | Buffer, void>,
  rest: AsyncGenerator<string | Buffer, void>,
): AsyncGenerator<string | Buffer, void> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
