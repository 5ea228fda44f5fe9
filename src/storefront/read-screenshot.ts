import type { Readable } from 'node:stream';
import { findShownImage, type ImageRow } from '../database/screenshots.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';

/** An image and its bytes. */
interface OpenImage {
  readonly image: ImageRow;
  readonly stream: Readable;
}

/** @throws RequestError `NOT_FOUND` where no release that stands shows such an image */
export async function findScreenshot(gate: Pick<Gate, 'database'>, sha256: string): Promise<ImageRow> {
  const image = await findShownImage(gate.database, sha256);
  if (image === null) throw new RequestError('NOT_FOUND', 'No release that stands shows such an image.');
  return image;
}

/** The bytes of an image that was found. @throws where they are missing from the storage */
export async function openScreenshot(gate: Pick<Gate, 'images'>, image: ImageRow): Promise<Readable> {
  const stream = await gate.images.open(image.sha256);
  if (stream === null) throw new Error(`The image ${image.sha256} is missing from the storage`);
  return stream;
}
