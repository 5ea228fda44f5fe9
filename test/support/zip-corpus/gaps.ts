import { u16, u32, u64, type RawEntry } from '../raw-zip.js';
import {
  built,
  CENTRAL_SIGNATURE,
  centralPart,
  DESCRIPTOR_SIGNATURE,
  EMPTY_ZIP,
  endRecord,
  EVIL,
  good,
  localPart,
  other,
  zip,
} from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const gap = (bytes: Buffer | string): Buffer => zip(good, { ...other, gap: Buffer.from(bytes) });
const evil: RawEntry = { name: EVIL, data: 'evil' };

/** As an APK signing block lies before the central directory: length, pairs, length, magic. */
const signingBlock = Buffer.concat([u64(32), u64(8), u64(32), Buffer.from('APK Sig Block 42')]);

/** Bytes that belong to no entry. */
export const gaps: ZipCaseGroup = {
  about: 'Gaps and hidden entries',
  cases: [
    zipCase('stray-bytes-between', 'ARCHIVE_STRAY_BYTES', 'Three bytes between two entries.', () => gap('gap')),
    zipCase(
      'stray-zeros-between',
      'ARCHIVE_STRAY_BYTES',
      'Zeros between two entries, as of an archiver that aligns.',
      () => gap(Buffer.alloc(64)),
    ),
    zipCase(
      'stray-bytes-before-directory',
      'ARCHIVE_STRAY_BYTES',
      'Bytes between the last entry and the central directory.',
      () => built({ beforeDirectory: Buffer.from('between') }),
    ),
    zipCase(
      'apk-signing-block',
      'ARCHIVE_STRAY_BYTES',
      'A block before the central directory, in the manner of the Android signature scheme v2.',
      () => built({ beforeDirectory: signingBlock }),
    ),
    zipCase(
      'archive-extra-data',
      'ARCHIVE_HIDDEN_RECORD',
      'An archive extra data record (APPNOTE 4.3.11) before the central directory.',
      () => built({ beforeDirectory: Buffer.concat([u32(0x08064b50), u32(4), Buffer.alloc(4)]) }),
    ),
    zipCase(
      'stray-bytes-before-end',
      'ARCHIVE_STRAY_BYTES',
      'Bytes between the central directory and the end record.',
      () => built({ afterDirectory: Buffer.from('between') }),
    ),
    zipCase(
      'digital-signature-uncounted',
      'ARCHIVE_HIDDEN_RECORD',
      'A digital signature record (APPNOTE 4.3.13) behind the central directory, not counted as part of it.',
      () => built({ afterDirectory: Buffer.concat([u32(0x05054b50), u16(8), Buffer.alloc(8)]) }),
    ),
    zipCase(
      'entry-left-out-first',
      'ARCHIVE_UNLISTED_ENTRY',
      'The directory leaves the first entry out; readers from the front unpack it.',
      () => zip({ ...evil, omit: 'central' }, good, other),
    ),
    zipCase(
      'entry-left-out-between',
      'ARCHIVE_UNLISTED_ENTRY',
      'The directory leaves the second of three entries out.',
      () => zip(good, { ...evil, omit: 'central' }, other),
    ),
    zipCase('entry-left-out-last', 'ARCHIVE_UNLISTED_ENTRY', 'The directory leaves the last entry out.', () =>
      zip(good, other, { ...evil, omit: 'central' }),
    ),
    zipCase(
      'entry-left-out-of-the-same-name',
      'ARCHIVE_UNLISTED_ENTRY',
      'The directory lists one of two entries with one name: readers from the front unpack the other one last.',
      () => zip(good, other, { ...good, data: 'evil', omit: 'central' }),
    ),
    zipCase('zip-between', 'ARCHIVE_UNLISTED_ENTRY', 'A whole zip between two entries.', () => gap(zip(evil))),
    zipCase(
      'zip-before',
      'ARCHIVE_HIDDEN_RECORD',
      'A whole zip before the first entry, and offsets that take it into account.',
      () => built({ prefix: zip(evil) }),
    ),
    zipCase(
      'half-an-entry-before',
      'ARCHIVE_UNLISTED_ENTRY',
      'The beginning of another local header before the first entry.',
      () => built({ prefix: localPart(good).subarray(0, 35) }),
    ),
    zipCase(
      'end-record-before',
      'ARCHIVE_HIDDEN_RECORD',
      'The end record of an empty zip before the first entry.',
      () => built({ prefix: EMPTY_ZIP }),
    ),
    zipCase('central-header-between', 'ARCHIVE_HIDDEN_RECORD', 'A central header between two entries.', () =>
      gap(centralPart(evil)),
    ),
    zipCase('descriptor-between', 'ARCHIVE_HIDDEN_RECORD', 'A lone data descriptor between two entries.', () =>
      gap(Buffer.concat([Buffer.from('x'), DESCRIPTOR_SIGNATURE, Buffer.alloc(12)])),
    ),
    zipCase(
      'second-directory',
      'ARCHIVE_HIDDEN_RECORD',
      'Two central directories one behind the other; the end record knows the second one.',
      () => built({ beforeDirectory: centralPart(good) }),
    ),
    zipCase(
      'directory-in-the-middle',
      'ARCHIVE_UNLISTED_ENTRY',
      'Entries before and behind the central directory, of which it lists those before.',
      () => built({ afterDirectory: localPart(evil) }),
    ),
    zipCase(
      'directory-in-the-middle-lists-all',
      ['ARCHIVE_UNLISTED_ENTRY'],
      'Entries before and behind the central directory, all of them listed.',
      () => {
        const first = localPart(good);
        const directoryBytes = centralPart(good).length + centralPart(other).length;
        const directory = Buffer.concat([
          centralPart(good),
          centralPart({ ...other, central: { headerOffset: first.length + directoryBytes } }),
        ]);
        return Buffer.concat([first, directory, localPart(other), endRecord(2, directory.length, first.length)]);
      },
    ),
    zipCase(
      'central-signature-in-a-gap',
      'ARCHIVE_HIDDEN_RECORD',
      'The signature of a central header among stray bytes before the directory.',
      () => built({ beforeDirectory: Buffer.concat([Buffer.from('..'), CENTRAL_SIGNATURE]) }),
    ),
  ],
};
