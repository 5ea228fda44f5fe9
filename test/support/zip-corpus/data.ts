import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { other, storedBlock, withEntry } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const MIB = 1024 * 1024;
const deflated = deflateRawSync(Buffer.from('the second file'));
const compressed =
  (bytes: Buffer): (() => Buffer) =>
  () =>
    withEntry({ ...other, compressed: bytes });
const HEX = (hex: string): (() => Buffer) => compressed(Buffer.from(hex, 'hex'));
const CORRUPT = 'ARCHIVE_DATA_CORRUPT';
const SIZE = 'ARCHIVE_SIZE_MISMATCH';

/** Data that isn't what the headers say. */
export const data: ZipCaseGroup = {
  about: 'Data',
  cases: [
    zipCase('crc-wrong', 'ARCHIVE_CRC_MISMATCH', 'Both headers have a CRC that isn’t the data’s.', () =>
      withEntry({ ...other, both: { crc32: 1 } }),
    ),
    zipCase('crc-wrong-stored', 'ARCHIVE_CRC_MISMATCH', 'The same for a stored entry.', () =>
      withEntry({ ...other, method: 0, both: { crc32: 1 } }),
    ),
    zipCase('crc-zero', 'ARCHIVE_CRC_MISMATCH', 'The CRC is 0, which some readers take for "not told".', () =>
      withEntry({ ...other, both: { crc32: 0 } }),
    ),
    zipCase(
      'crc-wrong-streamed',
      'ARCHIVE_CRC_MISMATCH',
      'Descriptor and directory agree on a CRC that isn’t the data’s.',
      () => {
        return withEntry({
          ...other,
          streamed: true,
          central: { crc32: 1 },
          descriptor: Buffer.concat([
            Buffer.from('504b070801000000', 'hex'),
            Buffer.from([deflated.length, 0, 0, 0, 15, 0, 0, 0]),
          ]),
        });
      },
    ),
    zipCase('crc-wrong-empty', 'ARCHIVE_CRC_MISMATCH', 'An empty file with a CRC.', () =>
      withEntry({ name: 'app/x', method: 0, both: { crc32: 1 } }),
    ),
    zipCase('size-too-small', SIZE, 'Both headers have a size that is too small.', () =>
      withEntry({ ...other, both: { uncompressedSize: 10 } }),
    ),
    zipCase('size-too-large', SIZE, 'Both headers have a size that is too large.', () =>
      withEntry({ ...other, both: { uncompressedSize: 99 } }),
    ),
    zipCase('size-zero', SIZE, 'Both headers say that nothing comes out.', () =>
      withEntry({ ...other, both: { uncompressedSize: 0 } }),
    ),
    zipCase('size-too-small-large-file', SIZE, 'A mebibyte that says it is ten bytes.', () =>
      withEntry({ ...other, data: Buffer.alloc(MIB), both: { uncompressedSize: 10 } }),
    ),
    zipCase('stored-size-too-large', SIZE, 'A stored entry of which more is to come out than went in.', () =>
      withEntry({ ...other, method: 0, both: { uncompressedSize: 99 } }),
    ),
    zipCase('stored-size-too-small', SIZE, 'A stored entry of which less is to come out than went in.', () =>
      withEntry({ ...other, method: 0, both: { uncompressedSize: 9 } }),
    ),
    zipCase('deflate-garbage', CORRUPT, 'No deflate stream at all.', HEX('ffffffff')),
    zipCase('deflate-cut', CORRUPT, 'A deflate stream that ends early.', compressed(deflated.subarray(0, -3))),
    zipCase(
      'deflate-without-last-block',
      CORRUPT,
      'A deflate stream none of whose blocks is the last one.',
      compressed(storedBlock(Buffer.from('the second file'))),
    ),
    zipCase(
      'deflate-empty',
      CORRUPT,
      'A deflate stream of no bytes, for a file that has some.',
      compressed(Buffer.alloc(0)),
    ),
    zipCase('deflate-empty-for-nothing', CORRUPT, 'A deflate stream of no bytes, for an empty file.', () =>
      withEntry({ name: 'app/x', method: 8, compressed: Buffer.alloc(0) }),
    ),
    zipCase(
      'deflate-bad-distance',
      CORRUPT,
      'A deflate stream that refers to bytes before its beginning.',
      HEX('4b041200'),
    ),
    zipCase('deflate-bad-block-type', CORRUPT, 'A deflate stream with the reserved block type.', HEX('07')),
    zipCase(
      'deflate-bad-stored-length',
      CORRUPT,
      'A stored block whose length and its complement disagree.',
      HEX('010f000f00'),
    ),
    zipCase(
      'deflate-with-zlib-header',
      CORRUPT,
      'A zlib stream (RFC 1950) in the place of the deflate stream.',
      compressed(deflateSync('the second file')),
    ),
    zipCase(
      'deflate-with-gzip-header',
      CORRUPT,
      'A gzip member in the place of the deflate stream.',
      compressed(gzipSync('the second file')),
    ),
    zipCase(
      'bytes-after-stream',
      'ARCHIVE_DATA_AFTER_STREAM',
      'Bytes between the end of the deflate stream and that of the entry.',
      compressed(Buffer.concat([deflated, Buffer.from('hidden')])),
    ),
    zipCase(
      'byte-after-stream',
      'ARCHIVE_DATA_AFTER_STREAM',
      'One zero after the end of the deflate stream.',
      compressed(Buffer.concat([deflated, Buffer.alloc(1)])),
    ),
    zipCase(
      'two-streams',
      'ARCHIVE_DATA_AFTER_STREAM',
      'Two deflate streams one behind the other.',
      compressed(Buffer.concat([deflated, deflated])),
    ),
    zipCase(
      'many-bytes-after-stream',
      'ARCHIVE_DATA_AFTER_STREAM',
      'Two hundred thousand bytes after a long deflate stream.',
      () => {
        const content = Buffer.alloc(MIB);
        return withEntry({
          name: 'app/x',
          data: content,
          compressed: Buffer.concat([deflateRawSync(content), Buffer.alloc(200_000)]),
        });
      },
      { inMemory: true },
    ),
  ],
};
