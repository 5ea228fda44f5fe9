import { deflateRawSync } from 'node:zlib';
import { rawZip, type RawEntry } from '../raw-zip.js';
import {
  centralPart,
  endRecord,
  EVIL,
  good,
  headerOf,
  localPart,
  other,
  storedBlock,
  withEntry,
  zip,
} from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const evil: RawEntry = { name: EVIL, data: 'evil' };

/**
 * Overlapping files as in David Fifield's "A better zip bomb" (2019): each file begins with a stored block that quotes the
 * local header of the next one, so that all share the last one's data, and every header tells the truth.
 */
function quotingFiles(count: number): Buffer {
  const kernel = Buffer.alloc(20_000, 'a');
  // From the last file to the first: what stands in the archive from the header of the current one on, and its content.
  let archive: Buffer = Buffer.alloc(0);
  let header: Buffer = Buffer.alloc(0);
  let content: Buffer = Buffer.alloc(0);
  const files: { readonly entry: RawEntry; readonly fromEnd: number }[] = [];
  for (let index = count - 1; index >= 0; index -= 1) {
    const last = index === count - 1;
    const compressed = last
      ? deflateRawSync(kernel)
      : Buffer.concat([storedBlock(header), archive.subarray(header.length)]);
    content = last ? kernel : Buffer.concat([header, content]);
    const entry: RawEntry = { name: `app/${String(index).padStart(5, '0')}`, data: content, compressed };
    header = headerOf(entry);
    archive = Buffer.concat([header, compressed]);
    files.unshift({ entry, fromEnd: archive.length });
  }
  const headers = files.map(({ entry, fromEnd }) =>
    centralPart({ ...entry, central: { headerOffset: archive.length - fromEnd } }),
  );
  const directory = Buffer.concat(headers);
  return Buffer.concat([archive, directory, endRecord(count, directory.length, archive.length)]);
}

/** Records that aren't where they are said to be, and entries on top of each other. */
export const overlaps: ZipCaseGroup = {
  about: 'Misplaced records and overlaps',
  cases: [
    zipCase(
      'shifted-by-a-prefix',
      'ARCHIVE_UNLISTED_ENTRY',
      'An entry was put before a finished zip: no offset fits, and readers that count from the end mend them.',
      () => Buffer.concat([localPart(evil), zip(good, other)]),
    ),
    zipCase('header-offset-beyond', 'ARCHIVE_MALFORMED', 'An entry is said to begin beyond the file.', () =>
      withEntry({ ...other, central: { headerOffset: 0x7fffffff } }),
    ),
    zipCase(
      'header-offset-in-the-directory',
      'ARCHIVE_MALFORMED',
      'An entry is said to begin in the central directory.',
      () => withEntry({ ...other, central: { headerOffset: localPart(good).length + localPart(other).length + 4 } }),
    ),
    zipCase(
      'header-offset-in-the-data',
      'ARCHIVE_OVERLAP',
      'An entry is said to begin within the data of the one before.',
      () => withEntry({ ...other, central: { headerOffset: 41 } }),
    ),
    zipCase(
      'header-offset-one-late',
      'ARCHIVE_STRAY_BYTES',
      'An entry is said to begin one byte later than it does.',
      () => withEntry({ ...other, central: { headerOffset: localPart(good).length + 1 } }),
    ),
    zipCase(
      'headers-exchanged',
      'ARCHIVE_HEADER_MISMATCH',
      'Two entries of the directory point to each other’s local header.',
      () => {
        const first: RawEntry = { name: 'app/1', data: 'one', method: 0 };
        const second: RawEntry = { name: 'app/2', data: 'two', method: 0 };
        return zip(
          { ...first, central: { headerOffset: localPart(first).length } },
          { ...second, central: { headerOffset: 0 } },
        );
      },
    ),
    zipCase('second-header-garbled', 'ARCHIVE_MALFORMED', 'The second local header lacks its signature.', () =>
      withEntry({ ...other, local: { signature: 0x04034b51 } }),
    ),
    zipCase('central-header-garbled', 'ARCHIVE_MALFORMED', 'The second central header lacks its signature.', () =>
      withEntry({ ...other, central: { signature: 0x02014b51 } }),
    ),
    zipCase('central-name-beyond', 'ARCHIVE_MALFORMED', 'A name in the directory runs beyond the directory.', () =>
      withEntry({ ...other, central: { nameLength: 0xff01 } }),
    ),
    zipCase(
      'central-extra-beyond',
      'ARCHIVE_MALFORMED',
      'The extra fields of a central header run beyond the directory.',
      () => withEntry({ ...other, central: { extraLength: 0xfffd } }),
    ),
    zipCase('central-comment-beyond', 'ARCHIVE_MALFORMED', 'The comment of an entry runs beyond the directory.', () =>
      withEntry({ ...other, central: { commentLength: 0x7fff } }),
    ),
    zipCase(
      'local-name-beyond',
      'ARCHIVE_OVERLAP',
      'The length of a local name is a negative number to readers with signed ones (Android bug 9950697).',
      () => zip({ ...good, local: { nameLength: 0xfffb } }, other),
    ),
    zipCase(
      'local-extra-beyond',
      'ARCHIVE_OVERLAP',
      'The length of the local extra fields is −3 to readers with signed numbers (Android bug 9695860, "master key 2").',
      () => zip({ ...good, local: { extraLength: 0xfffd } }, other),
    ),
    zipCase('two-for-one', 'ARCHIVE_OVERLAP', 'Two entries of the directory share one local entry.', () =>
      zip(good, { ...good, name: 'app/c.txt', omit: 'local', central: { headerOffset: 0 } }),
    ),
    zipCase(
      'hundred-for-one',
      'ARCHIVE_OVERLAP',
      'A hundred entries of the directory share one local entry: a bomb by full overlap.',
      () => {
        const kernel = { name: 'app/000', data: Buffer.alloc(100_000) };
        const more = Array.from({ length: 99 }, (_, index): RawEntry => {
          return {
            ...kernel,
            name: `app/${String(index + 1).padStart(3, '0')}`,
            omit: 'local',
            central: { headerOffset: 0 },
          };
        });
        return zip(kernel, ...more);
      },
    ),
    zipCase(
      'quoting-the-next',
      'ARCHIVE_OVERLAP',
      'An entry takes the local header of the next one for its data, by the directory.',
      () => zip({ ...good, central: { compressedSize: 90 } }, other),
    ),
    zipCase(
      'quoting-bomb',
      'ARCHIVE_OVERLAP',
      'Two hundred files, each of which quotes the header of the next one and shares its data (Fifield 2019).',
      () => quotingFiles(200),
    ),
    zipCase(
      'quoting-pair',
      'ARCHIVE_OVERLAP',
      'Two files, of which the first quotes the second one whole: every header is true.',
      () => quotingFiles(2),
    ),
    zipCase(
      'entry-over-the-directory',
      'ARCHIVE_OVERLAP',
      'The data of the last entry reaches into the central directory.',
      () => {
        const size = good.data?.length ?? 0;
        return zip({ ...good, method: 0, both: { compressedSize: size + 10, uncompressedSize: size + 10 } });
      },
    ),
    zipCase(
      'local-header-only',
      'ARCHIVE_MALFORMED',
      'The directory lists an entry that has no local header where another one’s data ends.',
      () => rawZip({ entries: [good, { ...other, omit: 'local' }] }),
    ),
  ],
};
