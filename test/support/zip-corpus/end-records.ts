import { crc32 } from 'node:zlib';
import { rawZip, u16, u32, type RawEntry } from '../raw-zip.js';
import {
  built,
  CENTRAL_SIGNATURE,
  DESCRIPTOR_SIGNATURE,
  EMPTY_ZIP,
  EVIL,
  good,
  LOCAL_SIGNATURE,
  other,
  zip,
} from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const twoFiles = (): Buffer => zip(good, other);
const withComment = (...parts: readonly (string | Buffer)[]): Buffer =>
  built({ end: { comment: Buffer.concat(parts.map((part) => Buffer.from(part))) } });
/** Where the central directory of {@link twoFiles} begins. */
const directoryOffset = (): number => twoFiles().readUInt32LE(twoFiles().length - 6);

/** The end of the file: the end record, its comment, and what may follow. */
export const endRecords: ZipCaseGroup = {
  about: 'The end record and its comment',
  cases: [
    zipCase('no-entries', 'ARCHIVE_EMPTY', 'A zip without entries: an end record and nothing else.', () => zip()),
    zipCase('folders-only', 'ARCHIVE_EMPTY', 'A zip that holds folders and no file.', () =>
      zip({ name: 'app/' }, { name: 'app/b/' }),
    ),
    zipCase('cut-in-the-data', 'ARCHIVE_TRUNCATED', 'A zip that was cut off in the middle of the second file.', () =>
      twoFiles().subarray(0, 110),
    ),
    zipCase(
      'cut-before-the-directory',
      'ARCHIVE_TRUNCATED',
      'All entries, but no central directory and no end record.',
      () => twoFiles().subarray(0, directoryOffset()),
    ),
    zipCase('cut-in-the-directory', 'ARCHIVE_TRUNCATED', 'A zip that was cut off in the central directory.', () =>
      twoFiles().subarray(0, directoryOffset() + 60),
    ),
    zipCase('cut-before-the-end-record', 'ARCHIVE_TRUNCATED', 'Everything but the end record.', () =>
      twoFiles().subarray(0, -22),
    ),
    zipCase('cut-by-one-byte', 'ARCHIVE_TRUNCATED', 'A zip without its last byte.', () => twoFiles().subarray(0, -1)),
    zipCase('comment-cut', 'ARCHIVE_TRUNCATED', 'A comment of five bytes is announced and missing.', () =>
      built({ end: { commentLength: 5 } }),
    ),
    zipCase(
      'directory-beyond-the-file',
      'ARCHIVE_TRUNCATED',
      'The central directory is said to lie beyond the end of the file.',
      () => built({ end: { directoryOffset: 0x00ffffff } }),
    ),
    zipCase(
      'middle-missing',
      'ARCHIVE_TRUNCATED',
      'Forty bytes of an entry were lost: the central directory lies before where it is said to begin.',
      () => {
        const bytes = zip({ ...good, method: 0, data: 'x'.repeat(200) }, other);
        return Buffer.concat([bytes.subarray(0, 60), bytes.subarray(100)]);
      },
    ),
    zipCase('trailing-newline', 'ARCHIVE_TRAILING_BYTES', 'A line break after the end record.', () =>
      built({ trailing: Buffer.from('\n') }),
    ),
    zipCase(
      'trailing-zeros',
      'ARCHIVE_TRAILING_BYTES',
      'Zeros up to the end of a block of 10,240 bytes, as a tar is padded.',
      () => Buffer.concat([twoFiles(), Buffer.alloc(10_240 - twoFiles().length)]),
    ),
    zipCase('trailing-script', 'ARCHIVE_TRAILING_BYTES', 'A script element behind the archive.', () =>
      built({ trailing: Buffer.from('<script>alert(1)</script>') }),
    ),
    zipCase('comment-longer-than-said', 'ARCHIVE_TRAILING_BYTES', 'A comment of which only half is announced.', () =>
      built({ end: { comment: Buffer.from('half of it'), commentLength: 5 } }),
    ),
    zipCase(
      'trailing-far',
      'ARCHIVE_TRUNCATED',
      'So much behind the end record that no reader searches back to it.',
      () => Buffer.concat([twoFiles(), Buffer.alloc(70_000)]),
    ),
    zipCase(
      'two-zips',
      'ARCHIVE_HIDDEN_RECORD',
      'Two archives, one behind the other: readers from the front see the first one, readers from the back the other.',
      () => Buffer.concat([zip(good), zip({ ...good, name: EVIL })]),
    ),
    zipCase('two-end-records', 'ARCHIVE_HIDDEN_RECORD', 'Two end records: an empty zip behind the real one.', () =>
      Buffer.concat([twoFiles(), EMPTY_ZIP]),
    ),
    zipCase(
      'two-end-records-first-empty',
      'ARCHIVE_HIDDEN_RECORD',
      'Two end records: that of an empty zip stands before the real one.',
      () => built({ beforeEnd: EMPTY_ZIP }),
    ),
    zipCase('two-end-records-alike', 'ARCHIVE_HIDDEN_RECORD', 'The end record stands there twice, byte for byte.', () =>
      Buffer.concat([twoFiles(), twoFiles().subarray(-22)]),
    ),
    zipCase(
      'nested-empty-zip',
      'ARCHIVE_HIDDEN_RECORD',
      'The last file is a stored zip without entries: where a local header differs in as little as a date, PHP takes its end record for the end.',
      () => zip(good, { name: 'app/empty.zip', data: EMPTY_ZIP, method: 0 }),
    ),
    zipCase(
      'nested-empty-zip-behind-a-streamed-entry',
      'ARCHIVE_HIDDEN_RECORD',
      'The same behind an entry whose local header tells the CRC and leaves the sizes to the descriptor, which is difference enough: PHP sees no entries.',
      () =>
        zip(
          { ...good, streamed: true, local: { crc32: crc32('the first file') } },
          { name: 'app/empty.zip', data: EMPTY_ZIP, method: 0 },
        ),
    ),
    zipCase(
      'comment-with-end-record',
      'ARCHIVE_HIDDEN_RECORD',
      'The comment is the end record of an empty zip, and that is where some readers stop.',
      () => withComment(EMPTY_ZIP),
    ),
    zipCase(
      'comment-with-end-record-and-more',
      'ARCHIVE_TRAILING_BYTES',
      'The comment holds the end record of an empty zip, and text after it.',
      () => withComment('see ', EMPTY_ZIP, ' there'),
    ),
    zipCase('comment-with-zip', 'ARCHIVE_HIDDEN_RECORD', 'The comment is a whole zip.', () =>
      withComment(zip({ ...good, name: EVIL })),
    ),
    zipCase(
      'comment-with-local-header',
      'ARCHIVE_HIDDEN_RECORD',
      'The comment holds the signature of a local header.',
      () => withComment('see ', LOCAL_SIGNATURE, ' here'),
    ),
    zipCase(
      'comment-with-central-header',
      'ARCHIVE_HIDDEN_RECORD',
      'The comment holds the signature of a central header.',
      () => withComment(CENTRAL_SIGNATURE),
    ),
    zipCase(
      'comment-with-descriptor',
      'ARCHIVE_HIDDEN_RECORD',
      'The comment holds the signature of a data descriptor.',
      () => withComment(DESCRIPTOR_SIGNATURE, Buffer.alloc(12)),
    ),
    zipCase(
      'comment-with-zip64-locator',
      'ARCHIVE_HIDDEN_RECORD',
      'The comment holds the signature of a zip64 locator.',
      () => withComment(u32(0x07064b50), Buffer.alloc(16)),
    ),
    zipCase(
      'comment-with-cut-end-record',
      'ARCHIVE_HIDDEN_RECORD',
      'The comment ends with the first ten bytes of an end record.',
      () => withComment('x', EMPTY_ZIP.subarray(0, 10)),
    ),
    zipCase('end-record-on-disk-1', 'ARCHIVE_MULTI_DISK', 'The end record says that it lies on the second disk.', () =>
      built({ end: { disk: 1 } }),
    ),
    zipCase(
      'directory-on-disk-1',
      'ARCHIVE_MULTI_DISK',
      'The central directory is said to begin on the second disk.',
      () => built({ end: { directoryDisk: 1 } }),
    ),
    zipCase('last-of-two-disks', 'ARCHIVE_MULTI_DISK', 'The last part of an archive on two disks.', () =>
      built({ end: { disk: 1, directoryDisk: 1, entriesOnDisk: 1 } }),
    ),
    zipCase(
      'entries-elsewhere',
      'ARCHIVE_DIRECTORY_MISMATCH',
      'One entry is said to be on this disk, and two in all.',
      () => built({ end: { entriesOnDisk: 1 } }),
    ),
    zipCase('entry-on-disk-3', 'ARCHIVE_MULTI_DISK', 'An entry is said to lie on another disk.', () =>
      zip(good, { ...other, central: { disk: 3 } }),
    ),
    zipCase(
      'entry-fewer',
      'ARCHIVE_DIRECTORY_MISMATCH',
      'One entry is announced, and the central directory lists two.',
      () => built({ end: { entries: 1, entriesOnDisk: 1 } }),
    ),
    zipCase(
      'entry-more',
      'ARCHIVE_DIRECTORY_MISMATCH',
      'Three entries are announced, and the central directory lists two.',
      () => built({ end: { entries: 3, entriesOnDisk: 3 } }),
    ),
    zipCase(
      'entries-none-announced',
      'ARCHIVE_DIRECTORY_MISMATCH',
      'No entry is announced, and the central directory lists two.',
      () => built({ end: { entries: 0, entriesOnDisk: 0 } }),
    ),
    zipCase(
      'entries-65534',
      'ARCHIVE_TOO_MANY_ENTRIES',
      'As many entries are announced as the field can say; there are two.',
      () => built({ end: { entries: 65_534, entriesOnDisk: 65_534 } }),
    ),
    zipCase(
      'directory-size-too-small',
      'ARCHIVE_DIRECTORY_MISMATCH',
      'The central directory is longer than announced.',
      () => built({ end: { directoryBytes: 55 } }),
    ),
    zipCase(
      'directory-size-too-large',
      'ARCHIVE_MALFORMED',
      'The central directory is shorter than announced, and so begins earlier for readers that count from the end.',
      () => built({ end: { directoryBytes: 55 * 2 + 30, directoryOffset: directoryOffset() - 30 } }),
    ),
    zipCase(
      'directory-reaches-into-the-end-record',
      'ARCHIVE_DIRECTORY_MISMATCH',
      'The central directory is said to reach ten bytes into the end record.',
      () => built({ end: { directoryBytes: 55 * 2 + 10 } }),
    ),
    zipCase(
      'count-wrapped',
      'ARCHIVE_DIRECTORY_MISMATCH',
      'As many entries as make a count of 16 bits begin again at 1, written without zip64.',
      () => {
        const entries = Array.from({ length: 65_537 }, (_, index): RawEntry => ({ name: `app/${index}`, method: 0 }));
        return rawZip({ entries, end: { entries: 1, entriesOnDisk: 1 } });
      },
      { inMemory: true },
    ),
    zipCase(
      'directory-offset-early',
      'ARCHIVE_STRAY_BYTES',
      'The central directory is said to begin one byte earlier than it does.',
      () => built({ end: { directoryOffset: directoryOffset() - 1 } }),
    ),
    zipCase(
      'directory-offset-zero',
      'ARCHIVE_UNLISTED_ENTRY',
      'The central directory is said to begin at byte 0; some readers find it from the end record all the same.',
      () => built({ end: { directoryOffset: 0 } }),
    ),
    zipCase(
      'digital-signature',
      'ARCHIVE_HIDDEN_RECORD',
      'A digital signature record (APPNOTE 4.3.13) at the end of the central directory, counted as part of it.',
      () => {
        const record = Buffer.concat([u32(0x05054b50), u16(8), Buffer.alloc(8)]);
        return built({ afterDirectory: record, end: { directoryBytes: 55 * 2 + record.length } });
      },
    ),
  ],
};
