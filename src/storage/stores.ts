import { join } from 'node:path';
import type { ArchiveStore } from './archive-store.js';
import { createFolderStore } from './folder-store.js';
import { connectS3, type S3Settings } from './s3-client.js';
import { createS3Store } from './s3-store.js';

/** Everything that the gate keeps beside its database. */
export interface Stores {
  readonly archives: ArchiveStore;
  readonly images: ArchiveStore;
}

/** The stores that the settings name: parts of a bucket, or folders under the gate's own. Nothing is reached or made yet. */
export function createStores(
  { s3, dataDir }: { readonly s3: S3Settings | null; readonly dataDir: string },
  now: () => Date,
): Stores {
  if (s3 === null) {
    return {
      archives: createFolderStore(join(dataDir, 'archives')),
      images: createFolderStore(join(dataDir, 'images'), '.webp'),
    };
  }
  const connect = connectS3(s3, { now });
  return {
    archives: createS3Store(connect, s3, { name: 'archives', ending: '.zip', contentType: 'application/zip' }, now),
    // Never by redirect: a page that shows them would otherwise have to allow the bucket's address.
    images: createS3Store(
      connect,
      { ...s3, redirects: false },
      { name: 'images', ending: '.webp', contentType: 'image/webp' },
      now,
    ),
  };
}
