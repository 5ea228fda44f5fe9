import { ZipFile } from 'yazl';
import type { Contents } from '../report/contents.js';

/** A regular file that everybody may read: what is executable on one machine and not on another must not differ here. */
const FILE_MODE = 0o100644;

/**
 * Packs files into a zip below one top-level folder, sorted by their bytes. The same files give the same archive, on
 * every machine and in every time zone.
 *
 * @param contents what is packed must still be what was read
 * @param date of every entry, to the day
 */
export async function zipFolder(contents: Contents, topLevelFolder: string, date: Date): Promise<Buffer> {
  const zip = new ZipFile();
  const options = { mtime: dosDay(date), forceDosTimestamp: true, mode: FILE_MODE };
  const bytes = collect(zip.outputStream);
  for (const path of [...contents.files.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    const content = await contents.read(path, Infinity);
    if (content === null) throw new Error(`${path} went away while it was packed`);
    zip.addBuffer(content, `${topLevelFolder}/${path}`, options);
  }
  zip.end();
  return bytes;
}

/**
 * A zip tells local time, and yazl takes it from the machine's zone: so the day is given in that zone, and at noon,
 * which no change to summer time ever leaves out.
 */
function dosDay(date: Date): Date {
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), 12);
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
