import { crc32 } from 'node:zlib';
import { descriptor, extraField, honestFields, u32, type RawEntry } from '../raw-zip.js';
import { DESCRIPTOR_SIGNATURE, good, other, withEntry, zip } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const streamed: RawEntry = { name: 'app/s', data: 'streamed', streamed: true };
const truth = honestFields(streamed, 0);
const LIE = 'ARCHIVE_DESCRIPTOR_MISMATCH';
const ending =
  (bytes: Buffer): (() => Buffer) =>
  () =>
    withEntry({ ...streamed, descriptor: bytes });

/** `text` and four bytes more, so that the CRC-32 of all is `wanted`: the table of CRC-32 walked backwards. */
function withCrc(text: string, wanted: number): Buffer {
  const table = Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value >>> 0;
  });
  let state = ~wanted >>> 0;
  for (let step = 0; step < 4; step += 1) {
    const byte = table.findIndex((value) => value >>> 24 === state >>> 24);
    state = (((state ^ (table[byte] ?? 0)) << 8) | byte) >>> 0;
  }
  return Buffer.concat([Buffer.from(text), u32((state ^ ~crc32(text)) >>> 0)]);
}

/** Data descriptors: APPNOTE.TXT 4.3.9. */
export const descriptors: ZipCaseGroup = {
  about: 'Data descriptors',
  cases: [
    zipCase('descriptor-missing', LIE, 'A streamed entry without descriptor, at the end.', ending(Buffer.alloc(0))),
    zipCase(
      'descriptor-missing-between',
      LIE,
      'A streamed entry without descriptor, and another entry behind it.',
      () => zip({ ...streamed, descriptor: Buffer.alloc(0) }, good),
    ),
    zipCase('descriptor-cut', LIE, 'A descriptor of eight bytes.', ending(descriptor(truth).subarray(0, 8))),
    zipCase(
      'descriptor-longer',
      'ARCHIVE_STRAY_BYTES',
      'A descriptor with two bytes more.',
      ending(Buffer.concat([descriptor(truth), Buffer.alloc(2)])),
    ),
    zipCase(
      'descriptor-twice',
      LIE,
      'Two descriptors one behind the other.',
      ending(Buffer.concat([descriptor(truth), descriptor(truth)])),
    ),
    zipCase('descriptor-without-flag', LIE, 'A descriptor that no flag announces.', () =>
      withEntry({ ...other, descriptor: descriptor(honestFields(other, 0)) }),
    ),
    zipCase('descriptor-crc-other', LIE, 'A descriptor with another CRC.', ending(descriptor({ ...truth, crc32: 7 }))),
    zipCase(
      'descriptor-size-other',
      LIE,
      'A descriptor with another size.',
      ending(descriptor({ ...truth, uncompressedSize: 7 })),
    ),
    zipCase(
      'descriptor-compressed-size-other',
      LIE,
      'A descriptor with another compressed size.',
      ending(descriptor({ ...truth, compressedSize: 7 })),
    ),
    zipCase(
      'descriptor-of-zeros',
      LIE,
      'A descriptor of zeros.',
      ending(descriptor({ crc32: 0, compressedSize: 0, uncompressedSize: 0 })),
    ),
    zipCase(
      'descriptor-wide',
      LIE,
      'A descriptor with sizes of eight bytes, without zip64.',
      ending(descriptor(truth, { wide: true })),
    ),
    zipCase(
      'descriptor-wide-unsigned',
      LIE,
      'The same without signature.',
      ending(descriptor(truth, { wide: true, signed: false })),
    ),
    zipCase(
      'descriptor-signature-other',
      LIE,
      'A descriptor with another signature.',
      ending(Buffer.concat([u32(0x08074b51), descriptor(truth).subarray(4)])),
    ),
    zipCase(
      'descriptor-of-two-widths',
      LIE,
      'The zip64 descriptor of an empty file, which begins as one with sizes of four bytes would.',
      () => {
        const entry: RawEntry = { name: 'app/empty', method: 8, streamed: true };
        const zip64 = {
          extra: extraField(1, Buffer.alloc(16)),
          uncompressedSize: 0xffffffff,
          compressedSize: 0xffffffff,
        };
        return zip({ ...entry, local: zip64, descriptor: descriptor(honestFields(entry, 0), { wide: true }) }, good);
      },
    ),
    zipCase(
      'descriptor-unsigned-of-nothing',
      LIE,
      'A descriptor without signature behind an entry without data: twelve zeros.',
      () => {
        const entry: RawEntry = { name: 'app/empty', method: 0, streamed: true };
        return zip({ ...entry, descriptor: descriptor(honestFields(entry, 0), { signed: false }) }, good);
      },
    ),
    zipCase(
      'descriptor-unsigned-with-a-crc-like-its-signature',
      LIE,
      'A descriptor without signature whose CRC is the signature of one.',
      () => {
        const entry: RawEntry = { name: 'app/s', data: withCrc('forged ', 0x08074b50), streamed: true };
        return zip({ ...entry, descriptor: descriptor(honestFields(entry, 0), { signed: false }) }, good);
      },
    ),
    zipCase(
      'stored-with-a-descriptor-inside',
      LIE,
      'A stored and streamed entry whose local header tells the length, and whose data holds a descriptor that is true of what lies before it.',
      () => {
        const visible = Buffer.from('visible');
        const inside = descriptor(honestFields({ name: 'x', data: visible, method: 0 }, 0));
        const entry: RawEntry = {
          name: 'app/s',
          data: Buffer.concat([visible, inside, Buffer.from('hidden')]),
          method: 0,
          streamed: true,
        };
        const { compressedSize, uncompressedSize } = honestFields(entry, 0);
        return zip({ ...entry, local: { compressedSize, uncompressedSize } }, good);
      },
    ),
    zipCase(
      'stored-with-half-a-descriptor-inside',
      LIE,
      'The same, but its data ends with the signature alone: what stands for the CRC is the beginning of the real descriptor.',
      () => {
        const data = Buffer.concat([withCrc('visible ', 0x08074b50), DESCRIPTOR_SIGNATURE]);
        const entry: RawEntry = { name: 'app/s', data, method: 0, streamed: true };
        const { compressedSize, uncompressedSize } = honestFields(entry, 0);
        return zip({ ...entry, local: { compressedSize, uncompressedSize } }, good);
      },
    ),
    zipCase(
      'stored-of-many-descriptor-signatures',
      LIE,
      'A stored and streamed entry of signatures of descriptors, each of which costs a look.',
      () => {
        const entry: RawEntry = {
          name: 'app/s',
          data: Buffer.alloc(1 << 20, DESCRIPTOR_SIGNATURE),
          method: 0,
          streamed: true,
        };
        const { compressedSize, uncompressedSize } = honestFields(entry, 0);
        return zip({ ...entry, local: { compressedSize, uncompressedSize } }, good);
      },
      { inMemory: true },
    ),
    zipCase(
      'stored-of-unknown-length',
      'ARCHIVE_UNKNOWN_LENGTH',
      'A stored entry whose length only its descriptor tells.',
      () => withEntry({ ...other, streamed: true, method: 0 }),
    ),
    zipCase(
      'stored-of-unknown-length-with-a-descriptor-inside',
      'ARCHIVE_UNKNOWN_LENGTH',
      'The same, and its data holds what looks like a descriptor and another entry: two readers from the front unpack different things.',
      () => {
        const visible = Buffer.from('visible');
        const hidden = Buffer.concat([
          visible,
          descriptor({ ...honestFields({ name: 'x', data: visible, method: 0 }, 0) }),
          zip({ name: 'app/evil.txt', data: 'evil' }),
        ]);
        return withEntry({ name: 'app/s', data: hidden, method: 0, streamed: true });
      },
    ),
  ],
};
