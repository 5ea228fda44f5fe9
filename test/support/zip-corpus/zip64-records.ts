import { u16, u32, u64, type RawZip } from '../raw-zip.js';
import { built, centralPart, EVIL, good, localPart, other, zip } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const MISMATCH = 'ARCHIVE_ZIP64_MISMATCH';
const lie =
  (zip64: RawZip['zip64'], end: RawZip['end'] = {}): (() => Buffer) =>
  () =>
    built({ ...(zip64 && { zip64 }), end });
const SENTINELS = { entries: 0xffff, entriesOnDisk: 0xffff, directoryBytes: 0xffffffff, directoryOffset: 0xffffffff };

/** A zip64 end record (APPNOTE.TXT 4.3.14) with this directory, without locator. */
function zip64Record(entries: number, directoryBytes: number, directoryOffset: number): Buffer {
  const counts = [entries, entries, directoryBytes, directoryOffset].map(u64);
  return Buffer.concat([u32(0x06064b50), u64(44), u16(45), u16(45), u32(0), u32(0), ...counts]);
}

/** Zip64 end record and locator: APPNOTE.TXT 4.3.14, 4.3.15. */
export const zip64Records: ZipCaseGroup = {
  about: 'Zip64 end records',
  cases: [
    zipCase(
      'zip64-count-other',
      MISMATCH,
      'The zip64 end record counts one entry, the end record two.',
      lie({ entries: 1, entriesOnDisk: 1 }),
    ),
    zipCase(
      'zip64-offset-other',
      MISMATCH,
      'The zip64 end record has the directory elsewhere.',
      lie({ directoryOffset: 0 }),
    ),
    zipCase(
      'zip64-directory-size-other',
      MISMATCH,
      'The zip64 end record has a directory of another size.',
      lie({ directoryBytes: 55 }),
    ),
    zipCase(
      'zip64-other-directory',
      MISMATCH,
      'Two directories: the zip64 end record points to one, the end record to the other.',
      () => {
        const evil = { ...good, name: EVIL };
        const entries = localPart(evil);
        const hidden = centralPart(evil);
        return built({
          prefix: entries,
          afterDirectory: hidden,
          zip64: {
            entries: 1,
            entriesOnDisk: 1,
            directoryBytes: hidden.length,
            directoryOffset: entries.length + zip(good, other).length - 22,
          },
        });
      },
    ),
    zipCase(
      'zip64-record-longer-than-said',
      MISMATCH,
      'The zip64 end record announces 16 bytes more than it has.',
      lie({ recordBytes: 60 }),
    ),
    zipCase(
      'zip64-record-shorter',
      MISMATCH,
      'The zip64 end record announces less than its fixed part.',
      lie({ recordBytes: 12 }),
    ),
    zipCase(
      'zip64-extensible-data',
      MISMATCH,
      'The zip64 end record has an extensible data sector, in which anything may lie.',
      lie({ recordBytes: 60, extensible: Buffer.alloc(16) }),
    ),
    zipCase(
      'zip64-extensible-zip',
      MISMATCH,
      'The extensible data sector of the zip64 end record holds a whole zip.',
      () => {
        const hidden = zip({ ...good, name: EVIL });
        return built({ zip64: { recordBytes: 44 + hidden.length, extensible: hidden } });
      },
    ),
    zipCase(
      'zip64-gap-before-the-locator',
      MISMATCH,
      'Four bytes between the zip64 end record and its locator.',
      lie({ extensible: Buffer.from('gap!') }),
    ),
    zipCase(
      'zip64-record-on-disk-1',
      'ARCHIVE_MULTI_DISK',
      'The zip64 end record says that it lies on the second disk.',
      lie({ disk: 1 }, { disk: 0xffff }),
    ),
    zipCase(
      'zip64-locator-elsewhere',
      MISMATCH,
      'The zip64 locator points to a place where no record is.',
      lie({ locatorOffset: 3 }),
    ),
    zipCase(
      'zip64-locator-beyond',
      MISMATCH,
      'The zip64 locator points beyond the file.',
      lie({ locatorOffset: 2 ** 40 }),
    ),
    zipCase(
      'zip64-locator-on-disk-1',
      'ARCHIVE_MULTI_DISK',
      'The zip64 locator has its record on the second disk.',
      lie({ locatorDisk: 1 }),
    ),
    zipCase(
      'zip64-locator-five-disks',
      'ARCHIVE_MULTI_DISK',
      'The zip64 locator speaks of five disks.',
      lie({ disks: 5 }),
    ),
    zipCase(
      'zip64-locator-no-disk',
      'ARCHIVE_MULTI_DISK',
      'The zip64 locator speaks of no disk at all.',
      lie({ disks: 0 }),
    ),
    zipCase(
      'zip64-record-garbled',
      MISMATCH,
      'The zip64 end record lacks its signature; its locator is fine.',
      lie({ signature: 0x06064b51 }),
    ),
    zipCase(
      'zip64-locator-garbled',
      'ARCHIVE_HIDDEN_RECORD',
      'The zip64 locator lacks its signature: its record is nothing but bytes before the end record.',
      lie({ locatorSignature: 0x07064b51 }),
    ),
    zipCase('zip64-record-without-locator', 'ARCHIVE_HIDDEN_RECORD', 'A zip64 end record without locator.', () =>
      built({ afterDirectory: zip64Record(2, 110, 0) }),
    ),
    zipCase(
      'zip64-record-before-another',
      'ARCHIVE_HIDDEN_RECORD',
      'Two zip64 end records; the locator knows the second one.',
      () => built({ afterDirectory: zip64Record(1, 55, 0), zip64: {} }),
    ),
    zipCase(
      'bytes-after-the-zip64-locator',
      'ARCHIVE_HIDDEN_RECORD',
      'Bytes between the zip64 locator and the end record, so that readers don’t find it.',
      () => built({ zip64: {}, beforeEnd: Buffer.from('between') }),
    ),
    zipCase(
      'count-sentinel-alone',
      MISMATCH,
      'The end record refers to a zip64 record for the count; there is none.',
      () => built({ end: { entries: 0xffff, entriesOnDisk: 0xffff } }),
    ),
    zipCase(
      'offset-sentinel-alone',
      MISMATCH,
      'The end record refers to a zip64 record for the place of the directory; there is none.',
      () => built({ end: { directoryOffset: 0xffffffff } }),
    ),
    zipCase(
      'directory-size-sentinel-alone',
      MISMATCH,
      'The end record refers to a zip64 record for the size of the directory; there is none.',
      () => built({ end: { directoryBytes: 0xffffffff } }),
    ),
    zipCase(
      'zip64-two-to-the-40-entries',
      'ARCHIVE_TOO_MANY_ENTRIES',
      'By its zip64 record it has 2^40 entries.',
      lie({ entries: 2 ** 40, entriesOnDisk: 2 ** 40 }, SENTINELS),
    ),
    zipCase(
      'zip64-a-million-entries',
      'ARCHIVE_TOO_MANY_ENTRIES',
      'By its zip64 record it has a million entries.',
      lie({ entries: 1e6, entriesOnDisk: 1e6 }, SENTINELS),
    ),
    zipCase(
      'zip64-count-is-not-the-directory',
      'ARCHIVE_DIRECTORY_MISMATCH',
      'Zip64 and plain end record agree on three entries; there are two.',
      lie({ entries: 3, entriesOnDisk: 3 }, SENTINELS),
    ),
    zipCase(
      'zip64-offset-beyond',
      'ARCHIVE_TRUNCATED',
      'By its zip64 record the directory lies 2^40 bytes into the file.',
      lie({ directoryOffset: 2 ** 40 }, SENTINELS),
    ),
    zipCase(
      'zip64-offset-overflows',
      MISMATCH,
      'By its zip64 record the directory lies at 2^64 − 1, which wraps round to −1.',
      () => {
        const bytes = built({ zip64: {}, end: SENTINELS });
        bytes.fill(0xff, bytes.length - 22 - 20 - 8, bytes.length - 22 - 20);
        return bytes;
      },
    ),
  ],
};
