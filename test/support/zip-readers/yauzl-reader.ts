import { createHash } from 'node:crypto';
import yauzl from 'yauzl';
import { unpackedFrom } from './batch-readers.js';
import { nothingUnpacked, readingLimits, type Reading, type ReadingLimits } from './reading.js';
import type { ZipReader } from './zip-reader.js';

/** yauzl with its own settings and streams, which the gate doesn't use. */
export const yauzlReader: ZipReader = {
  name: 'yauzl',
  needs: 'yauzl',
  goesBy: 'directory',
  isInstalled: () => true,
  version: () => '',
  async readAll(zips, limits = readingLimits) {
    const readings: Reading[] = [];
    for (const zip of zips) readings.push(await readWithYauzl(zip, limits));
    return readings;
  },
};

async function readWithYauzl(file: string, limits: ReadingLimits): Promise<Reading> {
  const entries: (readonly [string, string])[] = [];
  let bytes = 0;
  try {
    const zip = await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
    try {
      for await (const entry of zip.eachEntry()) {
        const hash = createHash('sha512');
        if (!entry.fileName.endsWith('/')) {
          for await (const chunk of await zip.openReadStreamPromise(entry)) {
            hash.update(chunk as Buffer);
            bytes += (chunk as Buffer).length;
            if (bytes > limits.bytes) return { kind: 'stopped', why: 'it writes too much', ...nothingUnpacked };
          }
        }
        entries.push([entry.fileName, hash.digest('hex')]);
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    return { kind: 'refused', why: String(error), ...unpackedFrom(entries) };
  }
  return { kind: 'read', warned: null, ...unpackedFrom(entries) };
}
