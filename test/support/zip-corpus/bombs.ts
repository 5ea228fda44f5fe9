import { randomBytes } from 'node:crypto';
import type { RawEntry } from '../raw-zip.js';
import { good, other, withEntry, zip } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const MIB = 1024 * 1024;
const SIZE = 'ARCHIVE_SIZE_MISMATCH';
const zeros = (bytes: number): RawEntry => ({ name: 'app/zeros', data: Buffer.alloc(bytes) });
const sized = (name: string, bytes: number): RawEntry => ({ name, data: Buffer.alloc(bytes, name) });
const two = (): Buffer => zip(good, other);

/** More than a gate should read. */
export const bombs: ZipCaseGroup = {
  about: 'Bombs and limits',
  cases: [
    zipCase('bomb-flat', 'ARCHIVE_RATIO_TOO_HIGH', 'A file of 20 MiB of zeros in 20 KiB.', () => zip(zeros(20 * MIB))),
    zipCase('bomb-belittled', SIZE, 'The same, declared as ten bytes.', () =>
      zip({ ...zeros(20 * MIB), both: { uncompressedSize: 10 } }),
    ),
    zipCase('bomb-spread', 'ARCHIVE_RATIO_TOO_HIGH', 'Three files of 6 MiB, each of which would pass by itself.', () =>
      zip(sized('app/1', 6 * MIB), sized('app/2', 6 * MIB), sized('app/3', 6 * MIB)),
    ),
    zipCase(
      'bomb-declared',
      ['ARCHIVE_FILE_TOO_LARGE', 'ARCHIVE_INFLATES_TOO_LARGE', 'ARCHIVE_RATIO_TOO_HIGH'],
      'A file that declares 4 GiB; a few bytes are behind it.',
      () => withEntry({ ...other, both: { uncompressedSize: 0xfffffffe } }),
    ),
    zipCase('bomb-beside-innocents', 'ARCHIVE_RATIO_TOO_HIGH', 'A bomb between two files that are fine.', () =>
      zip(good, zeros(20 * MIB), other),
    ),
    zipCase(
      'bomb-streamed',
      'ARCHIVE_RATIO_TOO_HIGH',
      'A bomb whose size only its descriptor and the directory tell.',
      () => zip({ ...zeros(20 * MIB), streamed: true }),
    ),
    zipCase(
      'bomb-declared-in-all',
      'ARCHIVE_INFLATES_TOO_LARGE',
      'Four files that together declare more than fits, none of them by itself.',
      () => {
        const content = randomBytes(700_000);
        return zip(
          ...[1, 2, 3, 4].map((index): RawEntry => ({
            name: `app/${index}`,
            data: content,
            both: { uncompressedSize: 65 * MIB },
          })),
        );
      },
      { inMemory: true },
    ),
    zipCase(
      'names-too-long-together',
      'ARCHIVE_NAMES_TOO_LONG',
      'Three names of 250 bytes where three entries are allowed.',
      () => zip(...['1', '2', '3'].map((end): RawEntry => ({ name: `app/${'n'.repeat(250)}${end}` }))),
      { limits: { entries: 3 } },
    ),
    zipCase(
      'many-empty-entries',
      'ARCHIVE_TOO_MANY_ENTRIES',
      'Fifty thousand and one empty files.',
      () => zip(...Array.from({ length: 50_001 }, (_, index): RawEntry => ({ name: `app/${index}`, method: 0 }))),
      { inMemory: true },
    ),
    zipCase('archive-too-large', 'ARCHIVE_TOO_LARGE', 'A small archive, for a store that takes a hundred bytes.', two, {
      limits: { archiveBytes: 100 },
    }),
    zipCase('entries-too-many', 'ARCHIVE_TOO_MANY_ENTRIES', 'Two entries, for a store that takes one.', two, {
      limits: { entries: 1 },
    }),
    zipCase(
      'folders-too-many',
      'ARCHIVE_TOO_MANY_ENTRIES',
      'One entry with more folders above it than a store that takes three entries accepts.',
      () => zip({ name: 'app/a/b/c/d/e/f' }),
      { limits: { entries: 3 } },
    ),
    zipCase('file-too-large', 'ARCHIVE_FILE_TOO_LARGE', 'A file of 15 bytes, for a store that takes 14.', two, {
      limits: { fileBytes: 14 },
    }),
    zipCase(
      'inflates-too-large',
      'ARCHIVE_INFLATES_TOO_LARGE',
      'Two files that come to 29 bytes, for a store that takes 20.',
      two,
      { limits: { inflatedBytes: 20 } },
    ),
    zipCase('no-time', 'ARCHIVE_TIMEOUT', 'A small archive, for a store that takes no time at all.', two, {
      limits: { inspectionMs: -1 },
    }),
  ],
};

/** Several faults in one archive: all of them are told at once. */
export const several: ZipCaseGroup = {
  about: 'Several faults at once',
  cases: [
    zipCase(
      'names-of-every-kind',
      ['ARCHIVE_NAME_BACKSLASH', 'ARCHIVE_NAME_RESERVED', 'ARCHIVE_NAME_TRAVERSAL', 'VCS_DATA'],
      'Four files, each with another bad name.',
      () => zip(good, { name: 'app/../x' }, { name: 'app/a\\b' }, { name: 'app/nul' }, { name: 'app/.git/config' }),
    ),
    zipCase(
      'name-of-every-kind',
      [
        'ARCHIVE_NAME_BACKSLASH',
        'ARCHIVE_NAME_COLON',
        'ARCHIVE_NAME_EMPTY',
        'ARCHIVE_NAME_RESERVED',
        'ARCHIVE_NAME_TRAILING_DOT',
        'ARCHIVE_NAME_TRAVERSAL',
        'ARCHIVE_NAME_UNPRINTABLE',
      ],
      'One file with everything that a name can have wrong inside.',
      () => zip(good, { name: 'app/../a\\b//c:d/con/e./\u0007' }),
    ),
    zipCase(
      'structure-and-names',
      ['ARCHIVE_NAME_TRAVERSAL', 'ARCHIVE_STRAY_BYTES', 'ARCHIVE_SYMLINK'],
      'A gap, a link and a name that climbs.',
      () =>
        zip(
          good,
          { name: 'app/../x', data: 'x', central: { externalAttributes: (0o120777 << 16) >>> 0 } },
          { ...other, gap: Buffer.from('gap') },
        ),
    ),
  ],
};
