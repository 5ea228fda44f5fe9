import { crc32 } from 'node:zlib';
import { descriptorLength } from '../../../src/archive/data-descriptor.js';
import { commentProblem } from '../../../src/archive/entry-comment.js';
import { quotedDescriptorSearch } from '../../../src/archive/quoted-descriptor.js';
import type { FileWindow } from '../../../src/archive/file-window.js';
import { descriptor, u32 } from '../../support/raw-zip.js';

const data = { method: 8, crc32: 0x12345678, compressedSize: 20, uncompressedSize: 30 };
const next = Buffer.from('PK\x03\x04 and what follows it', 'latin1');
const before = (bytes: Buffer): Buffer => Buffer.concat([bytes, next]).subarray(0, 24);

describe('the length of a data descriptor', () => {
  test.each<[number, { wide?: boolean; signed?: boolean }, 'local' | 'central' | null]>([
    [12, { signed: false }, null],
    [16, {}, null],
    [16, {}, 'central'],
    [20, { signed: false, wide: true }, 'local'],
    [24, { wide: true }, 'local'],
    [24, { wide: true }, 'central'],
  ])('is %i', (length, form, zip64) => {
    expect(descriptorLength(before(descriptor(data, form)), data, zip64)).toBe(length);
  });

  test.each<[string, Buffer, Partial<typeof data>, 'local' | 'central' | null]>([
    ['where none is there', next, {}, null],
    ['where it lies', before(descriptor({ ...data, crc32: 1 })), {}, null],
    ['where it is wide without zip64', before(descriptor(data, { wide: true })), {}, null],
    ['where it is narrow with zip64 in the local header', before(descriptor(data)), {}, 'local'],
    ['where it is cut off', descriptor(data).subarray(0, 15), {}, null],
    [
      'where it is wide and of nothing, and so narrow as well',
      before(descriptor({ ...data, uncompressedSize: 0 }, { wide: true })),
      { uncompressedSize: 0 },
      'local',
    ],
    [
      'where its CRC looks like the signature it does not have',
      before(descriptor({ ...data, crc32: 0x08074b50 }, { signed: false })),
      { crc32: 0x08074b50 },
      null,
    ],
    ['where it has no signature behind stored data', before(descriptor(data, { signed: false })), { method: 0 }, null],
  ])('is not told %s', (_, bytes, fields, zip64) => {
    expect(typeof descriptorLength(bytes, { ...data, ...fields }, zip64)).toBe('string');
  });
});

describe('stored data', () => {
  const windowOver = (bytes: Buffer): FileWindow => ({
    bytes: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  });
  const search = (bytes: Buffer, keepGoing = (): boolean => true): ReturnType<typeof quotedDescriptorSearch> =>
    quotedDescriptorSearch(windowOver(bytes), keepGoing);
  const quoting = (front: Buffer): Buffer =>
    Buffer.concat([front, u32(0x08074b50), u32(crc32(front)), Buffer.alloc(9)]);

  test.each([0, 1, 10, 65_530, 65_535, 65_536, 200_000])(
    'that quotes a descriptor at byte %i is found out',
    async (at) => {
      const bytes = quoting(Buffer.alloc(at, 'x'));
      expect(await search(bytes)(0, bytes.length)).toBe(at);
    },
  );

  test.each([10, 65_530, 65_536])('that begins to quote one at byte %i is found out wherever it ends', async (at) => {
    const bytes = quoting(Buffer.alloc(at, 'x'));
    for (const inside of [1, 4, 5, 7]) expect(await search(bytes)(0, at + inside)).toBe(at);
    expect(await search(bytes)(0, at)).toBeNull();
    expect(await search(bytes.subarray(0, at + 7))(0, at + 7)).toBeNull();
  });

  test('is no longer searched when the time is up', async () => {
    const bytes = quoting(Buffer.alloc(10, 'x'));
    expect(await search(bytes, () => false)(0, bytes.length)).toBeNull();
  });

  test('may hold descriptors of other data', async () => {
    const bytes = Buffer.concat([descriptor(data), descriptor(data), Buffer.from('PK\x07\x08', 'latin1')]);
    expect(await search(bytes)(0, bytes.length)).toBeNull();
  });
});

test('an entry’s comment is in an encoding that every reader can decode', () => {
  expect(commentProblem(Buffer.from('größe\r\n\t'), true)).toBeNull();
  expect(commentProblem(Buffer.from('\u0001'), false)).toBeNull();
  expect(commentProblem(Buffer.from('\u0001'), true)).not.toBeNull();
  expect(commentProblem(Buffer.from([0xff]), false)).not.toBeNull();
});
