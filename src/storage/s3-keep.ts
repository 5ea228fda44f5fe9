import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StorageError } from './archive-store.js';
import { asStorageError, nameOfS3Error, statusOfS3Error, type S3Connection } from './s3-client.js';

/** A file that is to be an object. */
export interface ObjectToKeep {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly file: string;
  /** Of its bytes, lower-case hex. */
  readonly sha256: string;
}

/** So much is sent at once, and up to so much by a single request; S3 takes no smaller part. */
const PART_BYTES = 5 * 1024 ** 2;
/** Parts under way at once: of every file no more than these, and the one being read, are in memory. */
const PARTS_AT_ONCE = 2;
/** Whoever keeps holds locks meanwhile: a storage that gets no further than this is given up. */
const BASE_MS = 30_000;
const LEAST_BYTES_PER_MS = 1_000;

/**
 * Makes the file an object of the bucket. Resolves once the bucket is known to hold these very bytes: S3 acknowledges what is
 * durable, but a server in between, or one that is not quite S3, may have acknowledged something else. So the server's own
 * SHA-256 of what it took counts, or else the object is read back. What is there already is read too, and replaced only where it
 * isn't the same: a server's checksum of long ago says nothing of the bytes today.
 *
 * @throws StorageError where the bucket can't be had, or has other bytes after all
 */
export async function keepObject(s3: S3Connection, object: ObjectToKeep): Promise<void> {
  const { size } = await stat(object.file);
  // Before anything is sent: other bytes would take the place of the right ones.
  if ((await hashOf(createReadStream(object.file))) !== object.sha256) {
    throw new Error('A file to be kept has other bytes than its digest says');
  }
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), BASE_MS + size / LEAST_BYTES_PER_MS);
  try {
    if (await holds(s3, object, size, patience.signal)) return;
    const sentChecksum = await write(s3, object, size, patience);
    // Of an object in parts servers have a digest of digests, which says nothing of how they were put together.
    const mayBeConfirmed = sentChecksum && size <= PART_BYTES;
    if (mayBeConfirmed && (await isConfirmed(s3, object, size, patience.signal))) return;
    if (await holds(s3, object, size, patience.signal)) return;
  } catch (error) {
    throw asStorageError('The S3 storage could not keep an archive', error);
  } finally {
    clearTimeout(timer);
  }
  throw new StorageError('The S3 storage has other bytes than it was sent');
}

/** Whether the object is there with these bytes, found out by reading them. */
async function holds(
  { client, sdk }: S3Connection,
  { bucket, key, sha256 }: ObjectToKeep,
  size: number,
  abortSignal: AbortSignal,
): Promise<boolean> {
  try {
    const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key });
    const { Body, ContentLength } = await client.send(command, { abortSignal });
    const body = Body as Readable;
    if (ContentLength === size) return (await hashOf(body)) === sha256;
    body.destroy();
    return false;
  } catch (error) {
    if (nameOfS3Error(error) === 'NoSuchKey') return false;
    throw error;
  }
}

/** Whether the server says of the object, by a digest of its own over the whole, that it has these bytes. */
async function isConfirmed(
  { client, sdk }: S3Connection,
  { bucket, key, sha256 }: ObjectToKeep,
  size: number,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const command = new sdk.HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
  const { ChecksumSHA256, ContentLength } = await client.send(command, { abortSignal });
  return ContentLength === size && ChecksumSHA256 === base64Of(sha256);
}

/** Bucket servers that don't take checksums, by their connection. */
const withoutChecksums = new WeakSet<S3Connection>();

/** @returns whether a checksum went with it that the server must have looked at */
async function write(
  s3: S3Connection,
  object: ObjectToKeep,
  size: number,
  patience: AbortController,
): Promise<boolean> {
  if (!withoutChecksums.has(s3)) {
    try {
      await send(s3, object, size, true, patience);
      return true;
    } catch (error) {
      if (!refusesChecksums(error)) throw error;
    }
  }
  await send(s3, object, size, false, patience);
  // Known only now: without a checksum it went well.
  withoutChecksums.add(s3);
  return false;
}

/** Servers that don't know the header say so in several ways. A checksum that is wrong is another error. */
function refusesChecksums(error: unknown): boolean {
  const isRefusal = ['NotImplemented', 'InvalidArgument', 'InvalidRequest'].includes(nameOfS3Error(error));
  return isRefusal || statusOfS3Error(error) === 501;
}

async function send(
  { client, sdk, Upload }: S3Connection,
  { bucket, key, contentType, file, sha256 }: ObjectToKeep,
  size: number,
  hasChecksum: boolean,
  patience: AbortController,
): Promise<void> {
  const params = { Bucket: bucket, Key: key, ContentType: contentType };
  if (size <= PART_BYTES) {
    const checksum = hasChecksum ? { ChecksumSHA256: base64Of(sha256) } : {};
    const command = new sdk.PutObjectCommand({ ...params, ...checksum, Body: await readFile(file) });
    await client.send(command, { abortSignal: patience.signal });
    return;
  }
  const Body = createReadStream(file, { highWaterMark: 256 * 1024 });
  try {
    // Ends what it began where it fails; what a power cut leaves behind is for a rule of the bucket.
    await new Upload({
      client,
      params: { ...params, Body, ContentLength: size, ...(hasChecksum ? { ChecksumAlgorithm: 'SHA256' } : {}) },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
      abortController: patience,
    }).done();
  } finally {
    Body.destroy();
  }
}

async function hashOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

function base64Of(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
