import { crc32, deflateRawSync } from 'node:zlib';
import { descriptor, extraField, rawZip, u32, u64, type RawEntry } from '../support/raw-zip.js';
import { amid, around, deflated, file, text } from './odd-parts.js';

const SENTINEL_32 = 0xffffffff;
const SENTINEL_16 = 0xffff;

const sizes = { crc32: crc32(text), compressedSize: deflated.length, uncompressedSize: text.length };
const marked = { compressedSize: SENTINEL_32, uncompressedSize: SENTINEL_32 };
const wide = descriptor(sizes, { wide: true });
const stored = { compressedSize: text.length, uncompressedSize: text.length };

/** Odd descriptors, folders, zip64 records, deflate streams, comments and orders: how an archive is put together. */
export function oddStructures(): Record<string, () => Buffer> {
  return { ...descriptors(), ...folders(), ...zip64Forms(), ...deflateForms(), ...commentsAndOrder() };
}

function zip64(...values: number[]): Buffer {
  return extraField(1, Buffer.concat(values.map(u64)));
}

function descriptors(): Record<string, () => Buffer> {
  const streamed =
    (more: Partial<RawEntry> = {}): (() => Buffer) =>
    (): Buffer =>
      amid(file('app/a', { streamed: true, ...more }));
  const plain = (more: Partial<RawEntry>): (() => Buffer) => streamed({ method: 0, ...more });
  const quoting = (more: Partial<RawEntry>): Buffer => {
    const head = Buffer.from('innocent\n');
    const fake = descriptor({ crc32: crc32(head), compressedSize: head.length, uncompressedSize: head.length });
    const hidden = rawZip({ entries: [{ name: 'app/hidden.txt', data: 'evil', omit: 'central' }] }).subarray(0, -22);
    const data = Buffer.concat([head, fake, hidden, Buffer.alloc(64, '.')]);
    return amid({
      name: 'app/a',
      data,
      method: 0,
      ...more,
      ...(more.streamed === true && {
        local: { compressedSize: data.length, uncompressedSize: data.length, crc32: crc32(data) },
      }),
    });
  };
  return {
    'a descriptor': streamed(),
    'a descriptor without signature': streamed({ descriptor: descriptor(sizes, { signed: false }) }),
    'a descriptor, and all told in the local header': streamed({ local: sizes }),
    'a descriptor, and the CRC told in the local header': streamed({ local: { crc32: sizes.crc32 } }),
    'a descriptor, and one size told in the local header': streamed({ local: { uncompressedSize: text.length } }),
    'a wide descriptor, zip64 in the local header': streamed({
      local: { extra: zip64(0, 0), ...marked },
      descriptor: wide,
    }),
    'a wide descriptor, zip64 without sentinels': streamed({ local: { extra: zip64(0, 0) }, descriptor: wide }),
    'a wide descriptor without signature': streamed({
      local: { extra: zip64(0, 0), ...marked },
      descriptor: descriptor(sizes, { wide: true, signed: false }),
    }),
    'a wide descriptor, zip64 in the directory': streamed({
      central: { extra: zip64(text.length, deflated.length), ...marked },
      descriptor: wide,
    }),
    'a narrow descriptor, zip64 in the directory': streamed({
      central: { extra: zip64(text.length, deflated.length), ...marked },
    }),
    'a stored entry of known length with a descriptor': plain({ local: { ...stored, crc32: crc32(text) } }),
    'a stored entry of known length with a descriptor, no CRC': plain({ local: stored }),
    'an empty stored entry with a descriptor': plain({ data: '' }),
    'an empty deflated entry with a descriptor': streamed({ data: '' }),
    'a folder with a descriptor': () => amid({ name: 'app/d/', streamed: true }),
    'a deflated folder with a descriptor': () =>
      amid({ name: 'app/d/', streamed: true, method: 8, compressed: deflateRawSync('') }),
    'a folder with a descriptor without signature': () =>
      amid({ name: 'app/d/', streamed: true, descriptor: Buffer.alloc(12) }),
    'stored data that quotes a descriptor and an entry': () => quoting({}),
    'stored data that quotes a descriptor and an entry, with a descriptor': () => quoting({ streamed: true }),
  };
}

function folders(): Record<string, () => Buffer> {
  const mode = (bits: number): Partial<RawEntry> => ({ central: { externalAttributes: ((bits << 16) | 0x10) >>> 0 } });
  return {
    'folders after their files': () =>
      amid(file('app/x/y/a'), { name: 'app/x/y/' }, { name: 'app/x/' }, { name: 'app/' }),
    'empty folders': () => amid({ name: 'app/empty/' }, { name: 'app/one/two/' }),
    'a deflated folder': () => amid({ name: 'app/d/', method: 8, compressed: Buffer.from([3, 0]) }),
    'a deflated folder of many empty blocks': () =>
      amid({
        name: 'app/d/',
        method: 8,
        compressed: Buffer.concat([Buffer.from('000000ffff'.repeat(30), 'hex'), Buffer.from([3, 0])]),
      }),
    'a folder nobody may write, before its files': () => amid({ name: 'app/d/', ...mode(0o040555) }, file('app/d/a')),
    'a folder nobody may enter, before its files': () =>
      amid({ name: 'app/d/', ...mode(0o040000) }, { name: 'app/d/e/' }, file('app/d/e/a')),
  };
}

function zip64Forms(): Record<string, () => Buffer> {
  const both = zip64(text.length, deflated.length);
  const fields: Record<string, Partial<RawEntry['both']> & object> = {
    'both sizes': { extra: both, ...marked },
    'the size': { extra: zip64(text.length), uncompressedSize: SENTINEL_32 },
    'the compressed size': { extra: zip64(deflated.length), compressedSize: SENTINEL_32 },
    'both sizes, one marked': { extra: both, uncompressedSize: SENTINEL_32 },
    'both sizes, none marked': { extra: both },
    'one size, not marked': { extra: zip64(text.length) },
    nothing: { extra: extraField(1, Buffer.alloc(0)) },
    'a disk number': { extra: extraField(1, u32(0)) },
    'a size and a disk number': { extra: extraField(1, Buffer.concat([u64(text.length), u32(0)])) },
    'both sizes and a disk number': {
      extra: extraField(1, Buffer.concat([u64(text.length), u64(deflated.length), u32(0)])),
    },
  };
  const inHeaders = Object.entries(fields).flatMap(([what, lies]) =>
    (['local', 'central', 'both'] as const).map((where): [string, () => Buffer] => [
      `a zip64 field with ${what} (${where})`,
      () => amid(file('app/a', { [where]: lies })),
    ]),
  );
  const sentinels = {
    entries: SENTINEL_16,
    entriesOnDisk: SENTINEL_16,
    directoryBytes: SENTINEL_32,
    directoryOffset: SENTINEL_32,
    disk: SENTINEL_16,
    directoryDisk: SENTINEL_16,
  };
  const keys = Object.keys(sentinels) as (keyof typeof sentinels)[];
  const inEnd = Array.from({ length: 1 << keys.length }, (_, bits): [string, () => Buffer] => {
    const chosen = keys.filter((_key, place) => (bits >> place) & 1);
    const end = Object.fromEntries(chosen.map((key) => [key, sentinels[key]]));
    return [`a zip64 end record for ${chosen.join(', ') || 'nothing'}`, () => around({ zip64: {}, end })];
  });
  return { ...Object.fromEntries([...inHeaders, ...inEnd]) };
}

function deflateForms(): Record<string, () => Buffer> {
  const deflate =
    (data: string, hex: string): (() => Buffer) =>
    (): Buffer =>
      amid(file('app/a', { data, compressed: Buffer.from(hex, 'hex') }));
  return {
    'an empty deflated file': () => amid(file('app/a', { data: '' })),
    'an empty stored file': () => amid(file('app/a', { data: '', method: 0 })),
    'an empty stored block': deflate('', '010000ffff'),
    'a stored block with bits set beside it': deflate('abc', 'f90300fcff616263'),
    'two thousand empty blocks': deflate(text, '000000ffff'.repeat(2_000) + deflated.toString('hex')),
    'stored blocks only': () => amid(file('app/a', { compressed: deflateRawSync(text, { level: 0 }) })),
    'Huffman codes only': () => amid(file('app/a', { compressed: deflateRawSync(text, { strategy: 2 }) })),
    'fixed codes only': () => amid(file('app/a', { compressed: deflateRawSync(text, { strategy: 4 }) })),
  };
}

function commentsAndOrder(): Record<string, () => Buffer> {
  const comment = (bytes: Buffer, flags = 0x800): Buffer =>
    amid(file('app/a', { both: { flags }, central: { comment: bytes } }));
  return {
    'a comment on an entry': () => comment(Buffer.from('größe')),
    'a comment that is no UTF-8, marked as such': () => comment(Buffer.from([0x61, 0xff])),
    'a comment that is no UTF-8': () => comment(Buffer.from([0x61, 0xff]), 0),
    'a comment with NUL and control characters': () => comment(Buffer.from([0, 1, 27, 127])),
    'a long comment on an entry': () => comment(Buffer.alloc(65_535, ' ')),
    'a long comment on the archive': () => around({ end: { comment: Buffer.alloc(65_535, 'A') } }),
    'a comment on the archive that is no UTF-8': () =>
      around({ end: { comment: Buffer.from([0x50, 0x4b, 0xff, 0x00, 0x80]) } }),
    'a directory in another order than the data': () =>
      reversedDirectory(amid(file('app/a'), file('app/b', { streamed: true }))),
    'times that are none': () => withTime(amid(file('app/a')), 0xbf7d, 0),
    'times at the end of all days': () => withTime(amid(file('app/a')), 0xffff, 0xffff),
    'a large extra field': () => amid(file('app/a', { both: { extra: extraField(0xcafe, Buffer.alloc(60_000)) } })),
    'a large extra field in the local header only': () =>
      amid(file('app/a', { local: { extra: extraField(0xcafe, Buffer.alloc(65_531)) } })),
  };
}

function reversedDirectory(zip: Buffer): Buffer {
  const start = zip.readUInt32LE(zip.length - 6);
  const records: Buffer[] = [];
  let offset = start;
  while (zip.readUInt32LE(offset) === 0x02014b50) {
    const end =
      offset + 46 + zip.readUInt16LE(offset + 28) + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
    records.push(zip.subarray(offset, end));
    offset = end;
  }
  return Buffer.concat([zip.subarray(0, start), ...records.reverse(), zip.subarray(offset)]);
}

function withTime(zip: Buffer, time: number, date: number): Buffer {
  const copy = Buffer.from(zip);
  for (const [signature, at] of [
    ['504b0304', 10],
    ['504b0102', 12],
  ] as const) {
    for (
      let header = copy.indexOf(signature, 0, 'hex');
      header >= 0;
      header = copy.indexOf(signature, header + 1, 'hex')
    ) {
      copy.writeUInt16LE(time, header + at);
      copy.writeUInt16LE(date, header + at + 2);
    }
  }
  return copy;
}
