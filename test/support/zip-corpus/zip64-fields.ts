import { descriptor, extraField, honestFields, u32, u64, type RawEntry } from '../raw-zip.js';
import { good, localPart, other, withEntry, zip } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const MISMATCH = 'ARCHIVE_ZIP64_MISMATCH';
const central =
  (fields: RawEntry['central']): (() => Buffer) =>
  () =>
    withEntry({ ...other, ...(fields && { central: fields }) });
const field = (...values: number[]): Buffer => extraField(1, Buffer.concat(values.map(u64)));
const size = honestFields(other, 0).uncompressedSize;
const compressed = honestFields(other, 0).compressedSize;

/** Zip64 extra fields: APPNOTE.TXT 4.5.3. */
export const zip64Fields: ZipCaseGroup = {
  about: 'Zip64 extra fields',
  cases: [
    zipCase(
      'size-sentinel-alone',
      MISMATCH,
      'An entry’s size refers to a zip64 field; there is none.',
      central({ uncompressedSize: 0xffffffff }),
    ),
    zipCase(
      'compressed-size-sentinel-alone',
      MISMATCH,
      'An entry’s compressed size refers to a zip64 field; there is none.',
      central({ compressedSize: 0xffffffff }),
    ),
    zipCase(
      'header-offset-sentinel-alone',
      MISMATCH,
      'An entry’s place refers to a zip64 field; there is none.',
      central({ headerOffset: 0xffffffff }),
    ),
    zipCase(
      'zip64-field-too-short',
      MISMATCH,
      'A zip64 field of four bytes for a size of eight.',
      central({ uncompressedSize: 0xffffffff, extra: extraField(1, u32(15)) }),
    ),
    zipCase(
      'zip64-field-for-one-of-two',
      MISMATCH,
      'Two sizes refer to a zip64 field that holds one.',
      central({ uncompressedSize: 0xffffffff, compressedSize: 0xffffffff, extra: field(size) }),
    ),
    zipCase(
      'zip64-field-empty',
      MISMATCH,
      'A zip64 field of no bytes for a size.',
      central({ uncompressedSize: 0xffffffff, extra: field() }),
    ),
    zipCase(
      'zip64-field-other',
      MISMATCH,
      'A zip64 field has other sizes than the 32-bit fields, which don’t refer to it.',
      central({ extra: field(99, 99) }),
    ),
    zipCase(
      'zip64-field-in-another-order',
      MISMATCH,
      'A zip64 field has the compressed size first.',
      central({ uncompressedSize: 0xffffffff, extra: field(compressed, size) }),
    ),
    zipCase(
      'zip64-field-beyond-2-53',
      MISMATCH,
      'A zip64 field says 2^64 − 1 bytes.',
      central({ uncompressedSize: 0xffffffff, extra: extraField(1, Buffer.alloc(8, 0xff)) }),
    ),
    zipCase(
      'zip64-field-negative',
      MISMATCH,
      'A zip64 field says a size that is negative to readers with signed numbers.',
      central({ uncompressedSize: 0xffffffff, extra: extraField(1, Buffer.from('00000000000000ff', 'hex')) }),
    ),
    zipCase(
      'zip64-field-with-a-disk',
      MISMATCH,
      'A zip64 field has the entry on disk 7.',
      central({
        extra: extraField(1, Buffer.concat([u64(size), u64(compressed), u64(localPart(good).length), u32(7)])),
      }),
    ),
    zipCase(
      'zip64-local-field-other',
      MISMATCH,
      'The zip64 field of the local header has other sizes than its 32-bit fields.',
      () => withEntry({ ...other, local: { extra: field(99, 99) } }),
    ),
    zipCase(
      'zip64-local-sentinel-alone',
      MISMATCH,
      'The sizes of the local header refer to a zip64 field; there is none.',
      () => withEntry({ ...other, local: { uncompressedSize: 0xffffffff, compressedSize: 0xffffffff } }),
    ),
    zipCase(
      'zip64-field-of-12-bytes',
      MISMATCH,
      'A zip64 field of a number and a half, which no 32-bit field refers to.',
      central({ extra: extraField(1, Buffer.concat([u64(size), u32(0)])) }),
    ),
    zipCase(
      'zip64-local-one-size',
      MISMATCH,
      'The zip64 field of the local header has one size, where APPNOTE 4.5.3 wants both.',
      () => withEntry({ ...other, local: { uncompressedSize: 0xffffffff, extra: field(size) } }),
    ),
    zipCase(
      'zip64-local-size-other',
      'ARCHIVE_HEADER_MISMATCH',
      'The zip64 sizes of the local header are not those of the directory.',
      () =>
        withEntry({
          ...other,
          local: { uncompressedSize: 0xffffffff, compressedSize: 0xffffffff, extra: field(99, compressed) },
        }),
    ),
    zipCase(
      'zip64-streamed-with-a-narrow-descriptor',
      'ARCHIVE_DESCRIPTOR_MISMATCH',
      'A streamed zip64 entry whose descriptor has sizes of four bytes: readers take it for longer or shorter.',
      () => {
        const streamed: RawEntry = { ...other, streamed: true };
        const fields = honestFields(streamed, 0);
        return zip(
          {
            ...streamed,
            local: { extra: field(0, 0), uncompressedSize: 0xffffffff, compressedSize: 0xffffffff },
            descriptor: descriptor(fields),
          },
          good,
        );
      },
    ),
  ],
};
