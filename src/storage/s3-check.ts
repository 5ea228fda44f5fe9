import type { Readable } from 'node:stream';
import { StorageError } from './archive-store.js';
import { asStorageError, nameOfS3Error, type S3Connection } from './s3-client.js';

/** A check that takes longer has failed: somebody waits to hear whether the gate is ready. */
const CHECK_MS = 10_000;
const CONTENT = 'Written by Portcullis to see whether it can.\n';

/**
 * Resolves where an object can be written under `folder` and read again, always the same one, which stays; and where the bucket
 * says of `missingKey` that it isn't there: to be told "access denied" would be no answer.
 *
 * @throws StorageError saying which of these failed
 */
export async function checkBucket(
  { client, sdk }: S3Connection,
  { bucket, folder, missingKey }: { readonly bucket: string; readonly folder: string; readonly missingKey: string },
): Promise<void> {
  const object = { Bucket: bucket, Key: `${folder}/check` };
  const abortSignal = AbortSignal.timeout(CHECK_MS);
  await client
    .send(new sdk.PutObjectCommand({ ...object, Body: CONTENT, ContentType: 'text/plain' }), { abortSignal })
    .catch((error: unknown) => {
      throw asStorageError("The S3 storage can't be written", error);
    });
  try {
    const { Body, ContentLength } = await client.send(new sdk.GetObjectCommand(object), { abortSignal });
    const isSame = ContentLength === CONTENT.length && (await Body?.transformToString()) === CONTENT;
    if (!isSame) throw new StorageError('The S3 storage has other bytes than it was sent');
  } catch (error) {
    throw asStorageError("The S3 storage can't be read", error);
  }
  try {
    const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: missingKey }), { abortSignal });
    (Body as Readable).destroy();
  } catch (error) {
    if (nameOfS3Error(error) === 'NoSuchKey') return;
    throw asStorageError("The S3 storage doesn't say what is not there (s3:ListBucket allows it to)", error);
  }
}
