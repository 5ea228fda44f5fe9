import { descriptor, extraField, honestFields, rawZip, u16, u32, u64, type RawEntry } from '../raw-zip.js';
import { asiUnix, zip } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const UNMARKED = 'ARCHIVE_NAME_NOT_MARKED_UTF8';
const TIME = 0x67747f00;
/** 2025-01-01 in Windows' count of 100 nanoseconds since 1601. */
const FILE_TIME = 133_801_632_000_000_000n;

const fileTime = ((): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(FILE_TIME);
  return bytes;
})();
/** NTFS times (APPNOTE.TXT 4.5.5). */
const ntfs = extraField(0x000a, Buffer.concat([u32(0), u16(1), u16(24), fileTime, fileTime, fileTime]));
const times = extraField(0x5455, Buffer.concat([Buffer.from([1]), u32(TIME)]));
const owner = extraField(0x7875, Buffer.from('0104e803000004e8030000', 'hex'));

const mode = (unix: number, low = 0): number => ((unix << 16) | low) >>> 0;

/** Info-ZIP's first Unix field (0x5855): times and, in the local header, owner. */
function macEntry(name: string, data: string): RawEntry {
  const folder = name.endsWith('/');
  const stamps = [u32(TIME), u32(TIME)];
  const basic = { flags: folder ? 0 : 0x0008, versionNeeded: folder ? 10 : 20 };
  const externalAttributes = mode(folder ? 0o040755 : 0o100644, 0x4000);
  return {
    name,
    data,
    streamed: !folder,
    both: basic,
    local: { extra: extraField(0x5855, Buffer.concat([...stamps, u16(501), u16(20)])) },
    central: { versionMadeBy: 0x0315, externalAttributes, extra: extraField(0x5855, Buffer.concat(stamps)) },
  };
}

/** The fields by which writers differ most. */
function entryOf(name: string, data: string, versionMadeBy: number, externalAttributes: number, flags = 0): RawEntry {
  const versionNeeded = name.endsWith('/') ? 10 : 20;
  return { name, data, both: { versionNeeded, flags }, central: { versionMadeBy, externalAttributes } };
}

function sharpZipEntry(name: string, data: string): RawEntry {
  const { uncompressedSize, compressedSize } = honestFields({ name, data }, 0);
  const extra = extraField(1, Buffer.concat([u64(uncompressedSize), u64(compressedSize)]));
  const wide = { uncompressedSize: 0xffffffff, compressedSize: 0xffffffff, extra };
  return {
    name,
    data,
    both: { flags: 0, versionNeeded: 45 },
    local: wide,
    central: { ...wide, versionMadeBy: 51, externalAttributes: 0 },
  };
}

/** Written byte by byte as programs do that don't run everywhere; only what is known of them is claimed. */
export const inTheMannerOf: ZipCaseGroup = {
  about: 'In the manner of programs that can’t be run here',
  cases: [
    zipCase(
      'like-macos-archive-utility',
      [UNMARKED],
      'In the manner of macOS’s Archive Utility: descriptors, Info-ZIP’s first Unix field, and a decomposed name without the flag of UTF-8.',
      () =>
        zip(
          macEntry('app/', ''),
          macEntry('app/a.txt', 'a'),
          macEntry('app/lib/', ''),
          macEntry('app/lib/gro\u0308ße.txt', 'b'),
        ),
    ),
    zipCase('like-macos-ditto', [], 'In the manner of macOS’s ditto with ASCII names.', () =>
      zip(macEntry('app/', ''), macEntry('app/a.txt', 'a'), macEntry('app/b.txt', 'b')),
    ),
    zipCase(
      'like-windows-explorer',
      [],
      'In the manner of Windows’ Explorer: MS-DOS as host, the archive attribute, no folders.',
      () => zip(entryOf('app/a.txt', 'a', 20, 0x20), entryOf('app/lib/b.txt', 'b', 20, 0x20)),
    ),
    zipCase(
      'like-windows-explorer-with-folders',
      [],
      'In the manner of Windows’ Explorer of today: folders with their attribute, names with the flag of UTF-8.',
      () =>
        zip(
          entryOf('app/lib/', '', 20, 0x10),
          entryOf('app/größe.txt', 'a', 20, 0x20, 0x0800),
          entryOf('app/lib/b.txt', 'b', 20, 0x20),
        ),
    ),
    zipCase(
      'like-windows-packers',
      [],
      'In the manner of packers on Windows that write NTFS times into both headers.',
      () =>
        zip(
          { ...entryOf('app/a.txt', 'a', 20, 0x20), both: { extra: ntfs, flags: 0 } },
          { ...entryOf('app/b.txt', 'b', 20, 0x20), both: { extra: ntfs, flags: 0 } },
        ),
    ),
    zipCase(
      'like-7-zip',
      [],
      'In the manner of 7-Zip on Windows: NTFS times in the directory only, version 6.3 made it.',
      () => {
        const entry = (name: string): RawEntry => ({
          name,
          data: name,
          both: { flags: 0 },
          central: { versionMadeBy: 63, externalAttributes: 0x20, extra: ntfs },
        });
        return zip(
          {
            name: 'app/',
            both: { flags: 0, versionNeeded: 20 },
            central: { versionMadeBy: 63, externalAttributes: 0x10, extra: ntfs },
          },
          entry('app/a.txt'),
          entry('app/b.txt'),
        );
      },
    ),
    zipCase('like-dotnet', [], 'In the manner of .NET’s ZipFile on Windows: no attributes at all.', () =>
      zip(entryOf('app/a.txt', 'a', 20, 0), entryOf('app/lib/b.txt', 'b', 20, 0)),
    ),
    zipCase('like-dotnet-streamed', [], 'In the manner of .NET’s ZipArchive on a stream that can’t seek.', () =>
      zip(
        ...['app/a.txt', 'app/größe.txt'].map((name): RawEntry => ({
          ...entryOf(name, name, 20, 0, name === 'app/a.txt' ? 8 : 0x0808),
          streamed: true,
        })),
      ),
    ),
    zipCase(
      'like-go',
      [],
      'In the manner of Go’s archive/zip: descriptors with signature, the flag of UTF-8 only where it is needed.',
      () =>
        zip(
          ...['app/a.txt', 'app/größe.txt'].map((name): RawEntry => ({
            ...entryOf(name, name, 20, 0, name === 'app/a.txt' ? 8 : 0x0808),
            streamed: true,
          })),
        ),
    ),
    zipCase('like-jar', [], 'In the manner of Java’s jar: the field 0xcafe in the first entry, descriptors.', () =>
      zip(
        {
          name: 'app/',
          both: { flags: 0x0800, extra: extraField(0xcafe, Buffer.alloc(0)) },
          central: { versionMadeBy: 20, externalAttributes: 0 },
        },
        {
          name: 'app/a.class',
          data: 'a',
          streamed: true,
          both: { flags: 0x0808 },
          central: { versionMadeBy: 20, externalAttributes: 0 },
        },
      ),
    ),
    zipCase(
      'like-apksigner',
      [],
      'In the manner of Android’s apksigner: stored data on addresses that four divides, by the field 0xd935.',
      () => {
        const padding = extraField(0xd935, Buffer.concat([u16(4), Buffer.alloc(1)]));
        return zip(
          { name: 'app/a.bin', data: 'aligned!', method: 0, local: { extra: padding } },
          { name: 'app/b.txt', data: 'b' },
        );
      },
    ),
    zipCase(
      'like-writers-of-asi-fields',
      [],
      'In the manner of Unix packers that write the ASi field into both headers, with modes that agree.',
      () => {
        const entry = (name: string, data: string, unix: number): RawEntry => {
          return {
            name,
            data,
            both: { flags: 0x0800, extra: asiUnix(unix) },
            central: { versionMadeBy: (3 << 8) | 20, externalAttributes: mode(unix, name.endsWith('/') ? 0x10 : 0) },
          };
        };
        return zip(entry('app/', '', 0o040755), entry('app/a.txt', 'a', 0o100644));
      },
    ),
    zipCase(
      'like-java-packers',
      [],
      'In the manner of Java’s packers on a stream: descriptors, Unix modes, times.',
      () =>
        zip(
          ...['app/a.txt', 'app/b.txt'].map((name): RawEntry => ({
            ...entryOf(name, name, (3 << 8) | 20, mode(0o100644), 0x0808),
            streamed: true,
            both: { flags: 0x0808, extra: times },
          })),
        ),
    ),
    zipCase(
      'like-sharpziplib',
      [],
      'In the manner of SharpZipLib with zip64 always on: sizes in zip64 fields throughout.',
      () => zip(sharpZipEntry('app/a.txt', 'a'), sharpZipEntry('app/b.txt', 'b')),
    ),
    zipCase(
      'like-info-zip',
      [UNMARKED],
      'In the manner of Info-ZIP on Linux: times and owner, longer in the local header than in the directory; a name without the flag of UTF-8.',
      () => {
        const local = extraField(0x5455, Buffer.concat([Buffer.from([3]), u32(TIME), u32(TIME)]));
        const central = extraField(0x5455, Buffer.concat([Buffer.from([3]), u32(TIME)]));
        const entry = (name: string): RawEntry => ({
          name,
          data: name,
          both: { flags: 0 },
          local: { extra: Buffer.concat([local, owner]) },
          central: {
            versionMadeBy: (3 << 8) | 30,
            externalAttributes: mode(0o100644),
            extra: Buffer.concat([central, owner]),
          },
        });
        return zip(entry('app/a.txt'), entry('app/größe.txt'));
      },
    ),
    zipCase(
      'like-older-info-zip',
      [],
      'In the manner of Info-ZIP 2: its second Unix field ("Ux"), which is empty in the directory.',
      () =>
        zip(
          ...['app/a.txt', 'app/b.txt'].map((name): RawEntry => ({
            name,
            data: name,
            local: { extra: extraField(0x7855, Buffer.concat([u16(501), u16(20)])) },
            central: { extra: extraField(0x7855, Buffer.alloc(0)) },
          })),
        ),
    ),
    zipCase('like-git', [], 'In the manner of git archive: the commit as comment, times, no owner.', () =>
      rawZip({
        entries: [
          {
            name: 'app/',
            both: { flags: 0, versionNeeded: 10, extra: times },
            central: { versionMadeBy: 0, externalAttributes: 0x10 },
          },
          {
            name: 'app/a.txt',
            data: 'a',
            both: { flags: 0, versionNeeded: 10, extra: times },
            central: { versionMadeBy: 0, externalAttributes: 0 },
          },
        ],
        end: { comment: Buffer.from('0123456789abcdef0123456789abcdef01234567') },
      }),
    ),
    zipCase('like-a-first-pkzip', [], 'In the manner of PKZIP 1: version 1.0, stored, no flags.', () =>
      zip({
        name: 'app/A.TXT',
        data: 'a',
        method: 0,
        both: { flags: 0, versionNeeded: 10 },
        central: { versionMadeBy: 10, externalAttributes: 0x20 },
      }),
    ),
    zipCase(
      'like-a-seekable-streamer',
      [],
      'In the manner of writers that go back: descriptors without signature, sizes in the local header as well.',
      () => {
        const entry: RawEntry = { name: 'app/a.txt', data: 'a', streamed: true };
        const { crc32, compressedSize, uncompressedSize } = honestFields(entry, 0);
        const fields = { crc32, compressedSize, uncompressedSize };
        return zip(
          { ...entry, local: fields, descriptor: descriptor(fields, { signed: false }) },
          { name: 'app/b.txt', data: 'b' },
        );
      },
    ),
  ],
};
