import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { consequences, endsReading } from '../../../src/archive/structure-codes.js';
import { catalogue, type FindingCode } from '../../../src/report/catalogue.js';
import type { CatalogueEntry } from '../../../src/report/catalogue-entry.js';
import {
  descriptor,
  extraField,
  honestFields,
  rawZip,
  u16,
  u32,
  type RawEntry,
  type RawZip,
} from '../../support/raw-zip.js';
import { largeZip } from '../../fuzz/large-zip.js';
import { outlineOf } from './read-bytes.js';

const good: RawEntry = { name: 'app/a.txt', data: 'the first file' };
const other: RawEntry = { name: 'app/b.txt', data: 'the second file' };
const zip = (...entries: RawEntry[]): Buffer => rawZip({ entries });
const built = (rest: Omit<RawZip, 'entries'>): Buffer => rawZip({ entries: [good, other], ...rest });
const endRecord = zip().subarray(-22);

interface Refused {
  readonly code: string;
  readonly message: string;
  readonly path: string | undefined;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

/** The only finding of an archive, of which nothing was inflated. */
async function onlyFinding(bytes: Buffer): Promise<Refused> {
  const { reading } = await outlineOf(bytes);
  expect(reading.findings).toHaveLength(1);
  expect(reading.archive.inflatedBytes).toBe(0);
  const [{ code, message, path, expected, actual } = { code: '', message: '' }] = reading.findings;
  return { code, message, path, expected, actual };
}

describe('what lies in a gap is told apart:', () => {
  const secondAt = zip(good).length - 22 - (46 + 9);
  test.each<[string, Buffer, string]>([
    ['bytes', Buffer.from('gap'), 'ARCHIVE_STRAY_BYTES'],
    ['a data descriptor', descriptor(honestFields(good, 0)), 'ARCHIVE_DESCRIPTOR_MISMATCH'],
    ['a zip', Buffer.concat([Buffer.from('x'), zip(good)]), 'ARCHIVE_HIDDEN_RECORD'],
  ])('%s', async (_, gap, code) => {
    const found = await onlyFinding(zip(good, { ...other, gap }));
    expect(found).toMatchObject({ code, path: 'b.txt', expected: '0 bytes', actual: `${gap.length} bytes` });
    expect(found.message).toContain(`at byte ${secondAt}`);
  });

  test('an entry that the directory leaves out, with the name it gives', async () => {
    const hidden: RawEntry = { name: 'app/\u202Eevil', data: 'x', omit: 'central' };
    const found = await onlyFinding(zip(good, hidden, other));
    expect(found).toMatchObject({ code: 'ARCHIVE_UNLISTED_ENTRY', path: 'app/\\u{202e}evil' });
    expect(found.message).toContain(`At byte ${secondAt}`);
  });
});

describe('what is wrong with the end of the file is told apart:', () => {
  const central = 46 + 9;
  test.each<[string, Buffer, Partial<Refused>]>([
    ['trailing bytes', built({ trailing: Buffer.from('\r\n') }), { code: 'ARCHIVE_TRAILING_BYTES', actual: '2 bytes' }],
    ['a missing end', zip(good).subarray(0, -5), { code: 'ARCHIVE_TRUNCATED' }],
    ['a comment cut off', built({ end: { commentLength: 9 } }), { code: 'ARCHIVE_TRUNCATED', actual: '0 bytes' }],
    ['a directory beyond the file', built({ end: { directoryOffset: 1e6 } }), { code: 'ARCHIVE_TRUNCATED' }],
    [
      'a directory in the end record',
      built({ end: { directoryBytes: 2 * central + 1 } }),
      { code: 'ARCHIVE_DIRECTORY_MISMATCH' },
    ],
    ['too short a directory', built({ end: { directoryBytes: central } }), { code: 'ARCHIVE_DIRECTORY_MISMATCH' }],
    [
      'fewer entries counted',
      built({ end: { entries: 1, entriesOnDisk: 1 } }),
      { code: 'ARCHIVE_DIRECTORY_MISMATCH', expected: '1', actual: 'more' },
    ],
    [
      'more entries counted',
      built({ end: { entries: 3, entriesOnDisk: 3 } }),
      { code: 'ARCHIVE_DIRECTORY_MISMATCH', expected: '3', actual: '2' },
    ],
    [
      'two counts',
      built({ end: { entriesOnDisk: 1 } }),
      { code: 'ARCHIVE_DIRECTORY_MISMATCH', expected: '2', actual: '1' },
    ],
    ['a gap before the directory', built({ beforeDirectory: Buffer.from('gap') }), { code: 'ARCHIVE_STRAY_BYTES' }],
    ['a gap behind the directory', built({ afterDirectory: Buffer.from('gap') }), { code: 'ARCHIVE_STRAY_BYTES' }],
    ['a gap with an end record', built({ beforeEnd: endRecord }), { code: 'ARCHIVE_HIDDEN_RECORD' }],
    [
      'a signature of the directory',
      built({ afterDirectory: Buffer.concat([u32(0x05054b50), u16(0)]) }),
      { code: 'ARCHIVE_HIDDEN_RECORD' },
    ],
    ['another disk', built({ end: { disk: 0xffff } }), { code: 'ARCHIVE_MULTI_DISK', expected: '0', actual: '65535' }],
    [
      'a sentinel without its record',
      built({ end: { directoryBytes: 0xffffffff } }),
      { code: 'ARCHIVE_ZIP64_MISMATCH' },
    ],
    [
      'a sentinel for the size alone',
      built({ zip64: {}, end: { directoryBytes: 0xffffffff } }),
      { code: 'ARCHIVE_ZIP64_MISMATCH' },
    ],
    [
      'a sentinel for one count alone',
      built({ zip64: {}, end: { entries: 0xffff } }),
      { code: 'ARCHIVE_ZIP64_MISMATCH' },
    ],
  ])('%s', async (_, bytes, expected) => {
    const found = await onlyFinding(bytes);
    expect(found).toMatchObject(expected);
    expect(found.message).toMatch(/byte \d+|\d+ bytes/);
  });
});

test('65,535 entries without zip64 are what they say they are', async () => {
  const files = Array.from({ length: 65_535 }, (_, index) => ({ name: `app/${index}` }));
  const limits = { entries: 65_535 };
  const { codes, reading } = await outlineOf(largeZip(files, { zip64: false }), limits);
  expect(codes).toEqual([]);
  expect(reading.archive.files).toBe(65_535);
  const oneLess = largeZip(files.slice(1), { zip64: false, entries: 65_535n });
  expect((await outlineOf(oneLess, limits)).codes).toEqual(['ARCHIVE_DIRECTORY_MISMATCH']);
});

describe('an end record in the data of the last file', () => {
  /** A stored file that holds a zip with offsets that count from the beginning of the outer file, or of the inner one. */
  function quoting(dataOffset: number): Buffer {
    const inner = zip({ name: 'x/evil', data: 'x' });
    inner.writeUInt32LE(inner.readUInt32LE(inner.length - 6) + dataOffset, inner.length - 6);
    return zip(good, { name: 'app/inner.zip', method: 0, data: inner });
  }
  const dataOffset = zip(good).length - 22 - 55 + 30 + 'app/inner.zip'.length;

  test('that points to a directory of its own is refused', async () => {
    expect(await onlyFinding(quoting(dataOffset))).toMatchObject({ code: 'ARCHIVE_HIDDEN_RECORD' });
  });

  test('of a nested zip is innocent', async () => {
    expect((await outlineOf(quoting(0))).codes).toEqual([]);
  });
});

describe('an end record of no entries in the data of the last file', () => {
  const nested: RawEntry = { name: 'app/empty.zip', method: 0, data: zip() };
  const at = zip(good).length - 22 - 55 + 30 + nested.name.length;

  test.each<[string, RawEntry]>([
    ['all headers are alike', good],
    ['a version differs', { ...good, local: { versionNeeded: 45 } }],
    ['a descriptor brings all', { ...good, streamed: true }],
    ['a descriptor brings the sizes', { ...good, streamed: true, local: { crc32: honestFields(good, 0).crc32 } }],
  ])('is refused where %s', async (_, first) => {
    expect(await onlyFinding(zip(first, nested))).toMatchObject({ code: 'ARCHIVE_HIDDEN_RECORD' });
  });

  test('is refused whatever size it tells', async () => {
    const data = Buffer.from(zip());
    data.writeUInt32LE(46, 12);
    expect(await onlyFinding(zip(good, { ...nested, data }))).toMatchObject({ actual: String(at) });
  });

  test('is innocent where it is deflated, or further from the end than PHP searches', async () => {
    expect((await outlineOf(zip(good, { ...nested, method: 8 }))).codes).toEqual([]);
    const far = { name: 'app/far.bin', method: 0, data: Buffer.alloc(66_000, 'far ') };
    expect((await outlineOf(zip(good, nested, far))).codes).toEqual([]);
  });
});

describe('stored data with a descriptor', () => {
  const streamed = (data: Buffer): RawEntry => {
    const entry: RawEntry = { name: 'app/s', data, method: 0, streamed: true };
    const { compressedSize, uncompressedSize } = honestFields(entry, 0);
    return { ...entry, local: { compressedSize, uncompressedSize } };
  };
  const signatures = (count: number): Buffer => Buffer.alloc(4 * count, u32(0x08074b50));

  test('may be a zip with a descriptor for each entry', async () => {
    const inner = zip(
      ...Array.from({ length: 2_000 }, (_, n): RawEntry => ({ name: `x/${n}`, data: 'x', streamed: true })),
    );
    expect((await outlineOf(zip(good, streamed(inner)))).codes).toEqual([]);
  });

  test('is refused where it has more signatures than are looked at, over all entries', async () => {
    const half = { ...streamed(signatures(60_000)), name: 'app/half' };
    expect((await outlineOf(zip(half, good))).codes).toEqual([]);
    const found = await onlyFinding(zip(half, streamed(signatures(60_000)), good));
    expect(found).toMatchObject({ code: 'ARCHIVE_DESCRIPTOR_MISMATCH', path: 's' });
  });
});

test('an over-long name is compared with its local header to its last byte', async () => {
  const long = `app/${'x'.repeat(5_000)}`;
  const differing = { ...other, name: `${long}a`, local: { name: `${long}b` } };
  expect((await outlineOf(zip(good, differing))).codes).toEqual(['ARCHIVE_HEADER_MISMATCH', 'ARCHIVE_PATH_TOO_LONG']);
  const { codes, reading } = await outlineOf(zip(good, { ...other, name: `${long}a` }));
  expect(codes).toEqual(['ARCHIVE_PATH_TOO_LONG']);
  expect(reading.findings).toMatchObject([{ actual: '5005', expected: '1024' }]);
});

test('a stored file of two sizes is refused before anything is inflated of it', async () => {
  const { codes, hashes } = await outlineOf(zip(good, { ...other, method: 0, both: { uncompressedSize: 3 } }));
  expect(codes).toEqual(['ARCHIVE_SIZE_MISMATCH']);
  expect(Object.keys(hashes)).toEqual(['a.txt']);
});

test('of an entry whose zip64 field can’t be read nothing else is said', async () => {
  const broken = { ...other, central: { uncompressedSize: 0xffffffff, extra: extraField(1, u32(15)) } };
  expect(await onlyFinding(zip(good, broken))).toMatchObject({ code: 'ARCHIVE_ZIP64_MISMATCH', path: 'app/b.txt' });
});

describe('the codes of archives', () => {
  const entries = Object.entries(catalogue) as [FindingCode, CatalogueEntry][];

  test('each say whether reading goes on', () => {
    const refusing = entries
      .filter(
        ([code, { severity, retired }]) => code.startsWith('ARCHIVE_') && severity === 'error' && retired === undefined,
      )
      .map(([code]) => code);
    expect(Object.keys(consequences).sort()).toEqual([...refusing].sort());
  });

  test('end the reading for all that is ambiguous', () => {
    expect(endsReading).toContain('ARCHIVE_AMBIGUOUS');
    expect(endsReading).not.toContain('ARCHIVE_CRC_MISMATCH');
  });

  test('that are retired are reported by nothing', () => {
    const retired = entries.filter(([, entry]) => entry.retired !== undefined).map(([code]) => code);
    expect(retired).toEqual(['ARCHIVE_UNSAFE_NAME']);
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const reporting = sources
      .filter((file) => !file.endsWith('-findings.ts') || !file.startsWith('report'))
      .filter((file) => !file.startsWith(join('client', 'generated')))
      .filter((file) => retired.some((code) => readFileSync(join('src', file), 'utf8').includes(`'${code}'`)));
    expect(reporting).toEqual([]);
  });
});
