import { deflateRawSync, crc32 } from 'node:zlib';
import {
  descriptor,
  extraField,
  honestFields,
  rawZip,
  u16,
  u32,
  u64,
  type RawEntry,
  type RawZip,
} from '../../support/raw-zip.js';
import type { FindingCode } from '../../../src/report/catalogue.js';
import type { Limits } from '../../../src/archive/limits.js';
import { outlineOf } from './read-bytes.js';

const MIB = 1024 * 1024;
const good: RawEntry = { name: 'app/a.txt', data: 'the first file' };
const other: RawEntry = { name: 'app/b.txt', data: 'the second file' };
const EVIL = Buffer.from('app/evil.txt');

const zip = (...entries: RawEntry[]): Buffer => rawZip({ entries });
/** A good entry and one more. */
const withEntry = (entry: RawEntry): Buffer => zip(good, entry);
const withName = (name: string | Buffer): Buffer => withEntry({ name, data: 'x' });
const withMode = (mode: number, name = 'app/x'): Buffer =>
  withEntry({ name, data: 'x', central: { externalAttributes: (mode << 16) >>> 0 } });
const built = (rest: Omit<RawZip, 'entries'>): Buffer => rawZip({ entries: [good, other], ...rest });
const endRecord = zip().subarray(-22);
const unicodePath = (of: Buffer, name: Buffer): Buffer =>
  extraField(0x7075, Buffer.concat([Buffer.from([1]), u32(crc32(of)), name]));
const flagged = (flags: number): Buffer => withEntry({ name: 'app/x', data: 'x', both: { flags: 0x0800 | flags } });
const extended = (extra: Buffer): Buffer => withEntry({ name: 'app/x', data: 'x', both: { extra } });
const streamedFields = honestFields({ name: 'app/s', data: 'streamed', streamed: true }, 0);

type Case = readonly [what: string, bytes: Buffer, codes: readonly FindingCode[], limits?: Partial<Limits>];

const structure: readonly Case[] = [
  ['an empty file', Buffer.alloc(0), ['ARCHIVE_NOT_ZIP']],
  ['an HTML page', Buffer.from('<!DOCTYPE html><title>404</title>'), ['ARCHIVE_NOT_ZIP']],
  ['a zip with a program before it', built({ prefix: Buffer.from('#!/bin/sh\n') }), ['ARCHIVE_NOT_ZIP']],
  [
    'a zip after another local header',
    built({ prefix: Buffer.concat([zip(good).subarray(0, 60)]) }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  ['a zip without entries', zip(), ['ARCHIVE_EMPTY']],
  ['a zip with folders only', zip({ name: 'app/' }, { name: 'app/b/' }), ['ARCHIVE_EMPTY']],
  ['a zip cut off in the middle', zip(good, other).subarray(0, 80), ['ARCHIVE_MALFORMED']],
  ['a zip without its last byte', zip(good).subarray(0, -1), ['ARCHIVE_MALFORMED']],
  ['a byte after the end record', built({ trailing: Buffer.from('\n') }), ['ARCHIVE_AMBIGUOUS']],
  ['a second zip after the first', Buffer.concat([zip(good), zip(other)]), ['ARCHIVE_AMBIGUOUS']],
  ['two end records', built({ beforeEnd: endRecord }), ['ARCHIVE_AMBIGUOUS']],
  ['an end record in the comment', built({ end: { comment: endRecord } }), ['ARCHIVE_AMBIGUOUS']],
  [
    'a comment with a local header signature',
    built({ end: { comment: Buffer.from('see PK\x03\x04 here') } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  ['a comment shorter than declared', built({ end: { commentLength: 5 } }), ['ARCHIVE_MALFORMED']],
  ['an end record on disk 1', built({ end: { disk: 1 } }), ['ARCHIVE_AMBIGUOUS']],
  ['a directory on disk 1', built({ end: { directoryDisk: 1 } }), ['ARCHIVE_AMBIGUOUS']],
  ['fewer entries on this disk than in all', built({ end: { entriesOnDisk: 1 } }), ['ARCHIVE_AMBIGUOUS']],
  ['an entry fewer declared than listed', built({ end: { entries: 1, entriesOnDisk: 1 } }), ['ARCHIVE_AMBIGUOUS']],
  ['an entry more declared than listed', built({ end: { entries: 3, entriesOnDisk: 3 } }), ['ARCHIVE_MALFORMED']],
  ['a directory shorter than declared', built({ end: { directoryBytes: 20 } }), ['ARCHIVE_AMBIGUOUS']],
  ['a directory beyond the end', built({ end: { directoryOffset: 1_000_000 } }), ['ARCHIVE_MALFORMED']],
  ['bytes between data and directory', built({ beforeDirectory: Buffer.from('gap') }), ['ARCHIVE_AMBIGUOUS']],
  ['bytes between directory and end record', built({ afterDirectory: Buffer.from('gap') }), ['ARCHIVE_AMBIGUOUS']],
  ['bytes between two entries', zip(good, { ...other, gap: Buffer.from('gap') }), ['ARCHIVE_AMBIGUOUS']],
  [
    'a local entry that the directory leaves out',
    zip(good, { name: EVIL, omit: 'central' }, other),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a last local entry that the directory leaves out',
    zip(good, other, { name: EVIL, omit: 'central' }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'two directory entries for one local entry',
    zip(good, { ...good, name: 'app/c.txt', omit: 'local', central: { headerOffset: 0 } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'an entry that quotes the next one as its data',
    zip({ ...good, central: { compressedSize: 90 } }, other),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a header offset beyond the directory',
    withEntry({ ...other, central: { headerOffset: 0x7fffffff } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a directory entry that points to no local header',
    rawZip({ entries: [{ ...good, local: { signature: 0x04034b51 } }], prefix: Buffer.alloc(0) }),
    ['ARCHIVE_NOT_ZIP'],
  ],
  [
    'a second local header that is none',
    withEntry({ ...other, local: { signature: 0x04034b51 } }),
    ['ARCHIVE_MALFORMED'],
  ],
  [
    'a directory entry that is none',
    withEntry({ ...other, central: { signature: 0x02014b51 } }),
    ['ARCHIVE_MALFORMED'],
  ],
  [
    'a directory name that runs beyond the directory',
    withEntry({ ...other, central: { nameLength: 0xff01 } }),
    ['ARCHIVE_MALFORMED'],
  ],
  ['an entry on disk 3', withEntry({ ...other, central: { disk: 3 } }), ['ARCHIVE_AMBIGUOUS']],
];

const twins: readonly Case[] = [
  ['another name in the local header', withEntry({ ...other, local: { name: 'app/x.txt' } }), ['ARCHIVE_AMBIGUOUS']],
  [
    'a name that goes on in the local header',
    withEntry({ ...other, local: { name: 'app/b.txt.php' } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  ['another method in the local header', withEntry({ ...other, local: { method: 0 } }), ['ARCHIVE_AMBIGUOUS']],
  ['other flags in the local header', withEntry({ ...other, local: { flags: 0 } }), ['ARCHIVE_AMBIGUOUS']],
  ['encryption in the local header only', withEntry({ ...other, local: { flags: 0x0801 } }), ['ARCHIVE_AMBIGUOUS']],
  ['another CRC in the local header', withEntry({ ...other, local: { crc32: 1 } }), ['ARCHIVE_AMBIGUOUS']],
  ['another size in the local header', withEntry({ ...other, local: { uncompressedSize: 1 } }), ['ARCHIVE_AMBIGUOUS']],
  [
    'another compressed size in the local header',
    withEntry({ ...other, local: { compressedSize: 1 } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a streamed entry without descriptor',
    withEntry({ ...other, streamed: true, descriptor: Buffer.alloc(0) }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a descriptor without the flag',
    withEntry({ ...other, descriptor: descriptor(honestFields(other, 0)) }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a descriptor with another CRC',
    withEntry({
      name: 'app/s',
      data: 'streamed',
      streamed: true,
      descriptor: descriptor({ ...streamedFields, crc32: 7 }),
    }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a descriptor with another size',
    withEntry({
      name: 'app/s',
      data: 'streamed',
      streamed: true,
      descriptor: descriptor({ ...streamedFields, uncompressedSize: 7 }),
    }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a descriptor of zip64 width without zip64',
    withEntry({
      name: 'app/s',
      data: 'streamed',
      streamed: true,
      descriptor: descriptor(streamedFields, { wide: true }),
    }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a descriptor with another signature',
    withEntry({
      name: 'app/s',
      data: 'streamed',
      streamed: true,
      descriptor: Buffer.concat([u32(0x08074b51), descriptor(streamedFields).subarray(4)]),
    }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a streamed local header with a wrong size',
    withEntry({ ...other, streamed: true, local: { compressedSize: 3 } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  ['a stored entry of unknown length', withEntry({ ...other, streamed: true, method: 0 }), ['ARCHIVE_AMBIGUOUS']],
];

/** Info-ZIP leaves such an entry out (above 4.6, or of OpenVMS), Python refuses the file (above 6.3), others don't look. */
const versions: readonly Case[] = [
  ...[46, 63, 64, 80, 255, 0x0350, 0x0214].flatMap((versionNeeded): Case[] => [
    [`${versionNeeded} in both headers`, withEntry({ ...other, both: { versionNeeded } }), ['ARCHIVE_AMBIGUOUS']],
    [`${versionNeeded} in the directory`, withEntry({ ...other, central: { versionNeeded } }), ['ARCHIVE_AMBIGUOUS']],
    [`${versionNeeded} in the local header`, withEntry({ ...other, local: { versionNeeded } }), ['ARCHIVE_AMBIGUOUS']],
  ]),
  [
    '6.3, as LZMA needs it: for its method',
    withEntry({ ...other, both: { method: 14, versionNeeded: 63 } }),
    ['ARCHIVE_METHOD_UNSUPPORTED'],
  ],
];

const zip64: readonly Case[] = [
  ['a zip64 record with another count', built({ zip64: { entries: 1, entriesOnDisk: 1 } }), ['ARCHIVE_AMBIGUOUS']],
  ['a zip64 record with another offset', built({ zip64: { directoryOffset: 0 } }), ['ARCHIVE_AMBIGUOUS']],
  ['a zip64 record of another size', built({ zip64: { recordBytes: 60 } }), ['ARCHIVE_AMBIGUOUS']],
  ['a zip64 record on disk 1', built({ zip64: { disk: 1 } }), ['ARCHIVE_AMBIGUOUS']],
  ['a zip64 locator that points elsewhere', built({ zip64: { locatorOffset: 3 } }), ['ARCHIVE_AMBIGUOUS']],
  ['a zip64 locator of five disks', built({ zip64: { disks: 5 } }), ['ARCHIVE_AMBIGUOUS']],
  ['a zip64 locator without its record', built({ zip64: { signature: 0x06064b51 } }), ['ARCHIVE_AMBIGUOUS']],
  [
    'a sentinel without a zip64 record',
    built({ end: { entries: 0xffff, entriesOnDisk: 0xffff } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  ['an offset sentinel without a zip64 record', built({ end: { directoryOffset: 0xffffffff } }), ['ARCHIVE_AMBIGUOUS']],
  [
    'a size sentinel without a zip64 field',
    withEntry({ ...other, central: { uncompressedSize: 0xffffffff } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a zip64 field that is too short',
    withEntry({ ...other, central: { uncompressedSize: 0xffffffff, extra: extraField(1, u32(15)) } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a zip64 field that disagrees',
    withEntry({ ...other, central: { extra: extraField(1, Buffer.concat([u64(99), u64(99)])) } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a zip64 field beyond 2^53',
    withEntry({ ...other, central: { uncompressedSize: 0xffffffff, extra: extraField(1, Buffer.alloc(8, 0xff)) } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    '2^40 entries by the zip64 record',
    built({ end: { entries: 0xffff, entriesOnDisk: 0xffff }, zip64: { entries: 2 ** 40, entriesOnDisk: 2 ** 40 } }),
    ['ARCHIVE_TOO_MANY_ENTRIES'],
  ],
];

const extraFields: readonly Case[] = [
  [
    'an extra field that overruns',
    extended(Buffer.concat([u16(0x5455), u16(50), Buffer.alloc(4)])),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'an extra field twice',
    extended(Buffer.concat([extraField(0x5455, u32(0)), extraField(0x5455, u32(1))])),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  ['stray bytes after the extra fields', extended(Buffer.from([0, 0, 0])), ['ARCHIVE_AMBIGUOUS']],
  ['a record signature in an extra field', extended(extraField(0x9999, u32(0x06054b50))), ['ARCHIVE_AMBIGUOUS']],
  [
    'a record signature in an entry comment',
    withEntry({ ...other, central: { comment: endRecord } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  ['a Unicode path of another name', extended(unicodePath(Buffer.from('app/x'), EVIL)), ['ARCHIVE_AMBIGUOUS']],
  ['a Unicode path with a wrong CRC', extended(unicodePath(EVIL, Buffer.from('app/x'))), ['ARCHIVE_AMBIGUOUS']],
  [
    'a Unicode path of another name, local only',
    withEntry({ ...other, local: { extra: unicodePath(Buffer.from('app/b.txt'), EVIL) } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a link target in the local header only',
    withEntry({ ...other, local: { extra: extraField(0x000d, Buffer.alloc(20, 65)) } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'AES encryption in the local header only',
    withEntry({ ...other, local: { extra: extraField(0x9901, Buffer.alloc(7)) } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a symbolic link by the ASi Unix field',
    extended(extraField(0x756e, Buffer.concat([u32(0), u16(0o120777), u32(4)]))),
    ['ARCHIVE_SYMLINK'],
  ],
  ['a link target in the PKWARE Unix field', extended(extraField(0x000d, Buffer.alloc(20, 65))), ['ARCHIVE_SYMLINK']],
  ['AES encryption by extra field', extended(extraField(0x9901, Buffer.alloc(7))), ['ARCHIVE_ENCRYPTED']],
];

const kinds: readonly Case[] = [
  ['an encrypted entry', flagged(0x0001), ['ARCHIVE_ENCRYPTED']],
  ['a strongly encrypted entry', flagged(0x0041), ['ARCHIVE_ENCRYPTED']],
  ['masked local headers', flagged(0x2000), ['ARCHIVE_ENCRYPTED']],
  ['patch data', flagged(0x0020), ['ARCHIVE_METHOD_UNSUPPORTED']],
  ['a reserved flag', flagged(0x8000), ['ARCHIVE_AMBIGUOUS']],
  ['bzip2', withEntry({ ...other, both: { method: 12 } }), ['ARCHIVE_METHOD_UNSUPPORTED']],
  ['zstd', withEntry({ ...other, both: { method: 93 } }), ['ARCHIVE_METHOD_UNSUPPORTED']],
  ['a symbolic link', withMode(0o120777), ['ARCHIVE_SYMLINK']],
  [
    'a symbolic link with MS-DOS as host',
    withEntry({ ...other, central: { versionMadeBy: 20, externalAttributes: (0o120777 << 16) >>> 0 } }),
    ['ARCHIVE_SYMLINK'],
  ],
  [
    'a Windows reparse point',
    withEntry({ ...other, central: { versionMadeBy: 20, externalAttributes: 0x420 } }),
    ['ARCHIVE_SYMLINK'],
  ],
  ['a character device', withMode(0o020666), ['ARCHIVE_SPECIAL_FILE']],
  ['a block device', withMode(0o060666), ['ARCHIVE_SPECIAL_FILE']],
  ['a named pipe', withMode(0o010666), ['ARCHIVE_SPECIAL_FILE']],
  ['a socket', withMode(0o140666), ['ARCHIVE_SPECIAL_FILE']],
  ['a setuid program', withMode(0o104755), ['ARCHIVE_UNSAFE_MODE']],
  ['a setgid program', withMode(0o102755), ['ARCHIVE_UNSAFE_MODE']],
  ['a folder by mode with the name of a file', withMode(0o040755), ['ARCHIVE_AMBIGUOUS']],
  [
    'a file by mode with the name of a folder',
    withEntry({ name: 'app/x/', central: { externalAttributes: (0o100644 << 16) >>> 0 } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  [
    'a folder by MS-DOS attribute with the name of a file',
    withEntry({ ...other, central: { externalAttributes: 0x10 } }),
    ['ARCHIVE_AMBIGUOUS'],
  ],
  ['a folder with data', withEntry({ name: 'app/x/', data: 'data' }), ['ARCHIVE_AMBIGUOUS']],
];

const names: readonly Case[] = [
  ['a name that climbs', withName('app/../../etc/passwd'), ['ARCHIVE_UNSAFE_NAME']],
  ['a name that begins by climbing', withName('../evil'), ['ARCHIVE_UNSAFE_NAME']],
  ['an absolute name', withName('/etc/passwd'), ['ARCHIVE_UNSAFE_NAME']],
  ['a UNC name', withName('\\\\server\\share'), ['ARCHIVE_NO_TOP_LEVEL_FOLDER', 'ARCHIVE_UNSAFE_NAME']],
  ['a name with a drive', withName('C:/windows'), ['ARCHIVE_NO_TOP_LEVEL_FOLDER', 'ARCHIVE_UNSAFE_NAME']],
  ['a backslash', withName('app/..\\evil'), ['ARCHIVE_UNSAFE_NAME']],
  ['a NUL', withName('app/a.php\0.txt'), ['ARCHIVE_UNSAFE_NAME']],
  ['a line break', withName('app/a\nb'), ['ARCHIVE_UNSAFE_NAME']],
  ['a right-to-left override', withName('app/\u202Etxt.php'), ['ARCHIVE_UNSAFE_NAME']],
  ['a non-character', withName('app/\uFFFF'), ['ARCHIVE_UNSAFE_NAME']],
  ['a part "."', withName('app/./x'), ['ARCHIVE_UNSAFE_NAME']],
  ['an empty part', withName('app//x'), ['ARCHIVE_UNSAFE_NAME']],
  ['an empty name', withName(''), ['ARCHIVE_UNSAFE_NAME']],
  ['a trailing dot', withName('app/x./y'), ['ARCHIVE_UNSAFE_NAME']],
  ['a trailing space', withName('app/x '), ['ARCHIVE_UNSAFE_NAME']],
  ['a device name', withName('app/con'), ['ARCHIVE_UNSAFE_NAME']],
  ['a device name with extension', withName('app/LPT1.txt'), ['ARCHIVE_UNSAFE_NAME']],
  ['an alternate data stream', withName('app/a.txt:evil'), ['ARCHIVE_UNSAFE_NAME']],
  ['a name that is not UTF-8', withName(Buffer.from('app/gr\xf6\xdfe', 'latin1')), ['ARCHIVE_NAME_ENCODING']],
  ['a surrogate in UTF-8', withName(Buffer.from('6170702feda080', 'hex')), ['ARCHIVE_NAME_ENCODING']],
  ['an overlong slash', withName(Buffer.from('6170702fc0af', 'hex')), ['ARCHIVE_NAME_ENCODING']],
  ['the same name twice', zip(good, good), ['ARCHIVE_DUPLICATE_NAME']],
  ['the same folder twice', zip(good, { name: 'app/' }, { name: 'app/' }), ['ARCHIVE_DUPLICATE_NAME']],
  ['names that differ in case', withName('app/A.TXT'), ['ARCHIVE_DUPLICATE_NAME']],
  ['folders that differ in case', zip({ name: 'app/lib/a' }, { name: 'app/LIB/b' }), ['ARCHIVE_DUPLICATE_NAME']],
  [
    'names that differ by case folding',
    zip({ name: 'app/straße' }, { name: 'app/STRASSE' }),
    ['ARCHIVE_DUPLICATE_NAME'],
  ],
  ['names that differ in normalisation', zip({ name: 'app/é' }, { name: 'app/e\u0301' }), ['ARCHIVE_DUPLICATE_NAME']],
  ['a file that is a folder elsewhere', withName('app/a.txt/b'), ['ARCHIVE_NAME_CONFLICT']],
  ['a folder that is a file elsewhere', zip({ name: 'app/x/y' }, { name: 'app/x' }), ['ARCHIVE_NAME_CONFLICT']],
  ['a path of 1,025 bytes', withName(`app/${'ä/'.repeat(340)}x`), ['ARCHIVE_PATH_TOO_LONG'], { pathDepth: 1_000 }],
  ['a part of 256 bytes', withName(`app/${'x'.repeat(256)}`), ['ARCHIVE_PATH_TOO_LONG']],
  ['a path of 33 levels', withName(`app/${'d/'.repeat(31)}x`), ['ARCHIVE_PATH_TOO_DEEP']],
  [
    'a path of 30,000 levels',
    withName(`app/${'d/'.repeat(30_000)}x`),
    ['ARCHIVE_PATH_TOO_DEEP', 'ARCHIVE_PATH_TOO_LONG'],
  ],
  ['a .git folder', zip(good, { name: 'app/.git/HEAD' }, { name: 'app/.git/config' }), ['VCS_DATA']],
  ['a .git file, as submodules have', withName('app/lib/.git'), ['VCS_DATA']],
  ['a .SVN folder', withName('app/.SVN/entries'), ['VCS_DATA']],
  ['files without a folder', zip({ name: 'a.txt' }, { name: 'b.txt' }), ['ARCHIVE_NO_TOP_LEVEL_FOLDER']],
  ['two folders', withName('app2/x'), ['ARCHIVE_NO_TOP_LEVEL_FOLDER']],
  ['a file beside the folder', withName('README'), ['ARCHIVE_NO_TOP_LEVEL_FOLDER']],
  ['what macOS adds', withName('__MACOSX/app/._a.txt'), ['ARCHIVE_NO_TOP_LEVEL_FOLDER']],
];

const zeros = (bytes: number): RawEntry => ({ name: 'app/zeros', data: Buffer.alloc(bytes) });
const sized = (name: string, bytes: number): RawEntry => ({ name, data: Buffer.alloc(bytes, name) });
/** Headers that declare 10 bytes, whatever the data inflates to. */
const belittled = (entry: RawEntry): RawEntry => ({ ...entry, both: { uncompressedSize: 10 } });
const deflated = deflateRawSync(Buffer.from('the second file'));

const data: readonly Case[] = [
  ['a CRC that is wrong', withEntry({ ...other, both: { crc32: 1 } }), ['ARCHIVE_CRC_MISMATCH']],
  ['a size that is too small', withEntry(belittled(other)), ['ARCHIVE_SIZE_MISMATCH']],
  ['a size that is too large', withEntry({ ...other, both: { uncompressedSize: 99 } }), ['ARCHIVE_SIZE_MISMATCH']],
  [
    'a size that is too small, in the large',
    withEntry(belittled({ ...other, data: Buffer.alloc(MIB) })),
    ['ARCHIVE_SIZE_MISMATCH'],
  ],
  [
    'a stored size that is not the data’s',
    withEntry({ ...other, method: 0, both: { uncompressedSize: 99 } }),
    ['ARCHIVE_SIZE_MISMATCH'],
  ],
  [
    'a broken deflate stream',
    withEntry({ ...other, compressed: Buffer.from('ffffffff', 'hex') }),
    ['ARCHIVE_DATA_CORRUPT'],
  ],
  [
    'a deflate stream that ends early',
    withEntry({ ...other, compressed: deflated.subarray(0, -3) }),
    ['ARCHIVE_DATA_CORRUPT'],
  ],
  [
    'bytes after the deflate stream',
    withEntry({ ...other, compressed: Buffer.concat([deflated, Buffer.from('hidden')]) }),
    ['ARCHIVE_DATA_CORRUPT'],
  ],
  ['an empty deflate stream', withEntry({ ...other, compressed: Buffer.alloc(0) }), ['ARCHIVE_DATA_CORRUPT']],
  [
    'many bytes after a long deflate stream',
    withEntry({
      name: 'app/x',
      data: Buffer.alloc(MIB),
      compressed: Buffer.concat([deflateRawSync(Buffer.alloc(MIB)), Buffer.alloc(200_000)]),
    }),
    ['ARCHIVE_DATA_CORRUPT'],
  ],
  ['a bomb of 20 MiB in one file', zip(zeros(20 * MIB)), ['ARCHIVE_RATIO_TOO_HIGH']],
  ['a bomb that declares 10 bytes', zip(belittled(zeros(20 * MIB))), ['ARCHIVE_SIZE_MISMATCH']],
  [
    'a bomb spread over three files',
    zip(sized('app/1', 6 * MIB), sized('app/2', 6 * MIB), sized('app/3', 6 * MIB)),
    ['ARCHIVE_RATIO_TOO_HIGH'],
  ],
  ['an archive that is too large', zip(good), ['ARCHIVE_TOO_LARGE'], { archiveBytes: 100 }],
  ['too many entries', zip(good, other), ['ARCHIVE_TOO_MANY_ENTRIES'], { entries: 1 }],
  ['too many folders implied', zip({ name: 'app/a/b/c/d/e/f' }), ['ARCHIVE_TOO_MANY_ENTRIES'], { entries: 3 }],
  ['a file that is too large', zip(good, other), ['ARCHIVE_FILE_TOO_LARGE'], { fileBytes: 14 }],
  ['too much in all', zip(good, other), ['ARCHIVE_INFLATES_TOO_LARGE'], { inflatedBytes: 20 }],
  ['no time at all', zip(good, other), ['ARCHIVE_TIMEOUT'], { inspectionMs: -1 }],
];

const tables: readonly (readonly [string, readonly Case[]])[] = [
  ['structure', structure],
  ['local and central header', twins],
  ['version needed to extract', versions],
  ['zip64', zip64],
  ['extra fields', extraFields],
  ['kind of an entry', kinds],
  ['name', names],
  ['data', data],
];

for (const [about, cases] of tables) {
  describe(`${about}:`, () => {
    for (const [what, bytes, codes, limits] of cases) {
      test(`${what} is refused`, async () => {
        const outline = await outlineOf(bytes, limits);
        expect(outline.codes).toEqual([...codes].sort());
        expect(outline.reading.findings.every(({ severity }) => severity === 'error')).toBe(true);
      });
    }
  });
}

const secondAt = zip(good).length - 22 - (46 + 9);
/** The local parts of a and b in this order, the directory the other way round. */
const swapped = rawZip({
  entries: [
    { ...good, omit: 'central' },
    { ...other, omit: 'central' },
    { ...other, omit: 'local', central: { headerOffset: secondAt } },
    { ...good, omit: 'local', central: { headerOffset: 0 } },
  ],
});

type Innocent = readonly [what: string, bytes: Buffer, codes?: readonly FindingCode[]];

const innocent: readonly Innocent[] = [
  ['two files', zip(good, other)],
  ['a directory in another order than the files', swapped],
  ['streamed entries', zip({ ...good, streamed: true }, { ...other, streamed: true })],
  [
    'a descriptor without signature',
    zip({ name: 'app/s', data: 'streamed', streamed: true, descriptor: descriptor(streamedFields, { signed: false }) }),
  ],
  ['an empty stored file that was streamed', zip(good, { name: 'app/empty', method: 0, streamed: true })],
  ['a stored zip in the zip', zip({ name: 'app/inner.zip', method: 0, data: zip(good, other) })],
  ['zip64 records that agree', built({ zip64: {} })],
  [
    'zip64 records behind sentinels',
    built({
      zip64: {},
      end: { entries: 0xffff, entriesOnDisk: 0xffff, directoryOffset: 0xffffffff, directoryBytes: 0xffffffff },
    }),
  ],
  ['a comment', built({ end: { comment: Buffer.from('commit 0123456789abcdef') } })],
  ['a Unicode path that repeats the name', extended(unicodePath(Buffer.from('app/x'), Buffer.from('app/x')))],
  ...[0, 10, 21, 45, 0x0314, 0x0a14].map((versionNeeded): Innocent => [
    `version needed to extract ${versionNeeded}`,
    withEntry({ ...other, both: { versionNeeded } }),
  ]),
  ['zip64 by the local header only, as zip writes it', zip(good, { ...other, local: { versionNeeded: 45 } })],
  ['a folder deflated to nothing', withEntry({ name: 'app/x/', method: 8 })],
  ['a file named __proto__', withName('app/__proto__')],
  [
    'names like those of devices',
    zip(
      { name: 'app/console.js' },
      { name: 'app/auxiliary' },
      { name: 'app/com10' },
      { name: 'app/.gitignore' },
      { name: 'app/a.git' },
    ),
  ],
  [
    'UTF-8 without the flag',
    withEntry({ name: 'app/größe', data: 'x', both: { flags: 0 } }),
    ['ARCHIVE_NAME_NOT_MARKED_UTF8'],
  ],
  ['the same name in two folders', zip({ name: 'app/a/x' }, { name: 'app/b/x' }, { name: 'app/a/' })],
  ['16 MiB of zeros', zip(zeros(16 * MIB))],
];

for (const [what, bytes, codes = []] of innocent) {
  test(`${what}: is accepted`, async () => {
    const outline = await outlineOf(bytes);
    expect(outline.codes).toEqual(codes);
    expect(outline.reading.complete).toBe(true);
  });
}
