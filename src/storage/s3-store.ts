import { finished, PassThrough, Readable } from 'node:stream';
import { otherLength, storedName, type ArchiveStore, StorageError } from './archive-store.js';
import { checkBucket } from './s3-check.js';
import { asStorageError, nameOfS3Error, type S3Connection, type S3Settings } from './s3-client.js';
import { keepObject } from './s3-keep.js';

/** A part of a bucket that is a store of its own. */
export interface S3Folder {
  /** After the bucket's prefix: `archives`. */
  readonly name: string;
  /** Of every key: `.zip`. */
  readonly ending: string;
  readonly contentType: string;
}

/** What signature version 4 allows at most. */
const LONGEST_LINK_SECONDS = 7 * 24 * 60 * 60;
/** How long a check counts: whoever asks whether the gate is ready must not be able to run up the bill. */
const CHECK_COUNTS_MS = 10_000;

/**
 * An {@link ArchiveStore} in a bucket of Amazon S3, or of a server that speaks its language. The bucket must be private, since the
 * names in it are public digests. The keys are those of the folder store under the prefix, so that a folder can be copied into it.
 */
export function createS3Store(
  connect: () => Promise<S3Connection>,
  settings: Pick<S3Settings, 'bucket' | 'prefix' | 'redirects'>,
  { name, ending, contentType }: S3Folder,
  now: () => Date,
): ArchiveStore {
  const { bucket } = settings;
  const folder = settings.prefix === '' ? name : `${settings.prefix}/${name}`;
  const keyOf = (sha256: string): string => `${folder}/${storedName(sha256, ending)}`;

  const store: ArchiveStore = {
    async keep(temporaryFile, sha256) {
      await keepObject(await connect(), { bucket, key: keyOf(sha256), contentType, file: temporaryFile, sha256 });
    },

    async open(sha256, range, bytes) {
      return openObject(await connect(), { bucket, key: keyOf(sha256) }, { range, bytes });
    },

    check: onceIn(CHECK_COUNTS_MS, now, async () => {
      await checkBucket(await connect(), { bucket, folder, missingKey: keyOf('0'.repeat(64)) });
    }),
  };
  if (!settings.redirects) return store;

  return {
    ...store,
    async linkTo(sha256, { fileName, seconds }) {
      const key = keyOf(sha256);
      const { sdk, sign } = await connect();
      const command = new sdk.GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentType: contentType,
        // It becomes a header of the bucket's answer.
        ResponseContentDisposition: `attachment; filename="${fileName.replace(/[^\w.+~-]/g, '_')}"`,
      });
      try {
        return await sign(command, Math.min(Math.max(1, Math.floor(seconds)), LONGEST_LINK_SECONDS));
      } catch (error) {
        throw asStorageError('The S3 storage could not sign an address', error);
      }
    },
  };
}

/** What of an object is wanted, and how long the whole is to be. */
interface Wanted {
  readonly range: { readonly start: number; readonly end: number } | undefined;
  readonly bytes: number | undefined;
}

/** @throws StorageError for everything but an object that isn't there */
async function openObject(
  { reader, sdk, idleMs }: S3Connection,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  { range, bytes }: Wanted,
): Promise<Readable | null> {
  const Range = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), idleMs);
  try {
    const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...Range });
    const { Body, ContentLength, ContentRange } = await reader.send(command, { abortSignal: patience.signal });
    const body = Body as Readable;
    const fault = faultOf(ContentLength, ContentRange, { range, bytes });
    if (fault === null) return passOn(body, idleMs);
    body.destroy();
    throw fault;
  } catch (error) {
    const name = nameOfS3Error(error);
    // Not by the status: a bucket that isn't there, and a server that is none of S3, say 404 as well.
    if (name === 'NoSuchKey') return null;
    if (name === 'InvalidRange' && bytes !== undefined) throw otherLength();
    // As of a file: behind its end there is nothing.
    if (name === 'InvalidRange' && range !== undefined) return Readable.from([]);
    if (patience.signal.aborted) throw new StorageError('The S3 storage did not answer in time');
    throw asStorageError('The S3 storage could not be read', error);
  } finally {
    clearTimeout(timer);
  }
}

/** What is wrong with an answer: without a length its end could not be told from a connection cut off. */
function faultOf(
  length: number | undefined,
  contentRange: string | undefined,
  { range, bytes }: Wanted,
): StorageError | null {
  if (length === undefined) return new StorageError('The S3 storage answered without a length');
  if (range === undefined) {
    if (contentRange !== undefined) return new StorageError('The S3 storage answered with a part of the whole');
    return bytes === undefined || length === bytes ? null : otherLength();
  }
  const [, start = '', end = '', total = ''] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(contentRange ?? '') ?? [];
  const isAsked =
    start !== '' && Number(start) === range.start && Number(end) === Math.min(range.end, Number(total) - 1);
  if (!isAsked || length !== Number(end) - Number(start) + 1)
    return new StorageError('The S3 storage answered with another part than was asked for');
  return bytes === undefined || Number(total) === bytes ? null : otherLength();
}

/**
 * The same bytes; where they break off, the error is one that says whose fault it is. A storage from which nothing comes for so long
 * is given up, but not while it is the reader that takes nothing.
 */
function passOn(body: Readable, idleMs: number): Readable {
  const passed = new PassThrough();
  const timer = setTimeout(() => {
    if (passed.writableNeedDrain) timer.refresh();
    else passed.destroy(new StorageError('The S3 storage sent no more'));
  }, idleMs);
  finished(body, (error) => {
    clearTimeout(timer);
    if (error) passed.destroy(asStorageError('The S3 storage broke off', error));
  });
  // Who stops reading stops the connection too.
  passed.once('close', () => body.destroy());
  passed.on('drain', () => timer.refresh());
  body.pipe(passed);
  body.on('data', () => timer.refresh());
  return passed;
}

/** The same work, done anew only `ms` after it last went well; those who ask while it is being done get its outcome. */
function onceIn(ms: number, now: () => Date, work: () => Promise<void>): () => Promise<void> {
  let wentWellAt = -Infinity;
  let underWay: Promise<void> | null = null;
  return async () => {
    const age = now().getTime() - wentWellAt;
    if (age >= 0 && age < ms) return;
    underWay ??= work()
      .then(() => {
        wentWellAt = now().getTime();
      })
      .finally(() => {
        underWay = null;
      });
    await underWay;
  };
}
