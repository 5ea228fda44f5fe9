import type { Readable } from 'node:stream';
import { awaitCopies, findShownImage, type ImageRow } from '../database/screenshots.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';

/** @throws RequestError `NOT_FOUND` where no release that stands shows such an image */
export async function findScreenshot(gate: Pick<Gate, 'database'>, sha256: string): Promise<ImageRow> {
  const image = await findShownImage(gate.database, sha256);
  if (image === null) throw new RequestError('NOT_FOUND', 'No release that stands shows such an image.');
  return image;
}

/**
 * The bytes of an image that was found. Where they are missing from the storage, what shows the image is copied anew.
 *
 * @throws RequestError `NOT_FOUND` where they are missing
 */
export async function openScreenshot(
  { images, database, log, now }: Pick<Gate, 'images' | 'database' | 'log' | 'now'>,
  { sha256 }: ImageRow,
): Promise<Readable> {
  const stream = await images.open(sha256);
  if (stream !== null) return stream;
  log.warn({ sha256 }, 'an image is missing from the storage; what shows it is copied anew');
  await awaitCopies(database, sha256, now());
  throw new RequestError('NOT_FOUND', 'The image was lost; it is made anew.');
}
