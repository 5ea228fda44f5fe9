import { descriptor, extraField, honestFields, rawZip, u16, u32, u64, type RawEntry } from '../raw-zip.js';
import { built, good, localPart, other, withEntry, zip } from './building-blocks.js';
import { zipCase, type ZipCase, type ZipCaseGroup } from './zip-case.js';

const streamed: RawEntry = { name: 'app/s', data: 'streamed', streamed: true };
const truth = honestFields(streamed, 0);
const sizes = (entry: RawEntry): Buffer => {
  const { uncompressedSize, compressedSize } = honestFields(entry, 0);
  return extraField(1, Buffer.concat([uncompressedSize, compressedSize].map(u64)));
};
const SENTINELS = { uncompressedSize: 0xffffffff, compressedSize: 0xffffffff };

/** The ways in which a zip may be laid out. */
export const ordinaryLayout: ZipCaseGroup = {
  about: 'Layout',
  cases: [
    zipCase('two-files', [], 'Two deflated files.', () => zip(good, other)),
    zipCase('one-empty-file', [], 'One file of no bytes.', () => zip({ name: 'app/x', method: 0 })),
    zipCase('stored-files', [], 'Two stored files.', () => zip({ ...good, method: 0 }, { ...other, method: 0 })),
    zipCase('folders-named', [], 'Every folder has an entry, before what lies in it.', () =>
      zip({ name: 'app/' }, good, { name: 'app/lib/' }, { name: 'app/lib/x', data: 'x' }, { name: 'app/empty/' }),
    ),
    zipCase('folders-named-late', [], 'Every folder has an entry, behind what lies in it.', () =>
      zip({ name: 'app/lib/x', data: 'x' }, { name: 'app/lib/' }, { name: 'app/' }),
    ),
    zipCase('folder-deflated', [], 'A folder deflated to nothing, which takes two bytes.', () =>
      withEntry({ name: 'app/x/', method: 8 }),
    ),
    zipCase('empty-file-deflated', [], 'A file of no bytes, deflated.', () => withEntry({ name: 'app/x', method: 8 })),
    zipCase(
      'folder-streamed',
      [],
      'A folder with a data descriptor, deflated to nothing, as of Java’s ZipOutputStream where nobody says otherwise.',
      () => zip({ name: 'app/', method: 8, streamed: true }, { name: 'app/a.txt', data: 'a', streamed: true }),
    ),
    zipCase(
      'directory-in-another-order',
      [],
      'The directory lists the entries in another order than they lie in.',
      () =>
        rawZip({
          entries: [
            { ...good, omit: 'central' },
            { ...other, omit: 'central' },
            { ...other, omit: 'local', central: { headerOffset: localPart(good).length } },
            { ...good, omit: 'local', central: { headerOffset: 0 } },
          ],
        }),
    ),
    zipCase('streamed-entries', [], 'Data descriptors with signature.', () =>
      zip({ ...good, streamed: true }, { ...other, streamed: true }),
    ),
    zipCase('descriptor-unsigned', [], 'A data descriptor without signature.', () =>
      zip({ ...streamed, descriptor: descriptor(truth, { signed: false }) }, good),
    ),
    zipCase(
      'descriptor-wide-with-zip64',
      [],
      'A data descriptor with sizes of eight bytes, and the zip64 field that says so.',
      () =>
        zip(
          {
            ...streamed,
            local: { extra: extraField(1, Buffer.alloc(16)), ...SENTINELS, versionNeeded: 45 },
            descriptor: descriptor(truth, { wide: true }),
          },
          good,
        ),
    ),
    zipCase('descriptor-and-sizes', [], 'A data descriptor that repeats what the local header told already.', () => {
      const { crc32, compressedSize, uncompressedSize } = truth;
      return zip({ ...streamed, local: { crc32, compressedSize, uncompressedSize } }, good);
    }),
    zipCase(
      'stored-and-streamed-with-its-length',
      [],
      'A stored entry with a descriptor, whose local header tells the length.',
      () => {
        const entry: RawEntry = { ...streamed, method: 0 };
        const { compressedSize, uncompressedSize } = honestFields(entry, 0);
        return zip({ ...entry, local: { compressedSize, uncompressedSize } }, good);
      },
    ),
    zipCase('stored-and-streamed-of-nothing', [], 'An empty stored entry with a descriptor.', () =>
      zip(good, { name: 'app/empty', method: 0, streamed: true }),
    ),
    zipCase('comment', [], 'A comment.', () => built({ end: { comment: Buffer.from('commit 0123456789abcdef') } })),
    zipCase('comment-with-pk', [], 'A comment that speaks of PKZIP.', () =>
      built({ end: { comment: Buffer.from('PK, PK\x01, PKZIP: not a record') } }),
    ),
    zipCase(
      'comment-of-65535-bytes',
      [],
      'The longest comment there can be.',
      () => built({ end: { comment: Buffer.alloc(65_535, 'long ') } }),
      { inMemory: true },
    ),
    zipCase('entry-comment', [], 'An entry with a comment.', () =>
      withEntry({ ...other, central: { comment: Buffer.from('the other one') } }),
    ),
    zipCase('entry-comment-in-many-scripts', [], 'An entry with a comment in UTF-8.', () =>
      withEntry({ ...other, central: { comment: Buffer.from('größe 日本語') } }),
    ),
    zipCase('comment-in-latin-1', [], 'A comment of the archive in Latin-1.', () =>
      built({ end: { comment: Buffer.from('größe', 'latin1') } }),
    ),
    zipCase('zip64-records', [], 'Zip64 records that repeat what the end record says.', () => built({ zip64: {} })),
    zipCase('zip64-records-behind-sentinels', [], 'Zip64 records that tell what the end record leaves to them.', () =>
      built({
        zip64: {},
        end: { entries: 0xffff, entriesOnDisk: 0xffff, directoryOffset: 0xffffffff, directoryBytes: 0xffffffff },
      }),
    ),
    zipCase('zip64-field-in-both-headers', [], 'Sizes in the zip64 fields of both headers.', () =>
      zip(good, { ...other, both: { ...SENTINELS, extra: sizes(other), versionNeeded: 45 } }),
    ),
    zipCase(
      'zip64-field-in-the-local-header',
      [],
      'Sizes in the zip64 field of the local header only, as where their number of bytes wasn’t known before.',
      () => zip(good, { ...other, local: { ...SENTINELS, extra: sizes(other), versionNeeded: 45 } }),
    ),
    zipCase('zip64-field-that-repeats', [], 'A zip64 field that repeats the 32-bit fields.', () =>
      zip(good, { ...other, both: { extra: sizes(other) } }),
    ),
    zipCase(
      'fifty-thousand-entries',
      [],
      'As many entries as the store takes.',
      () => zip(...Array.from({ length: 50_000 }, (_, index): RawEntry => ({ name: `app/${index}`, method: 0 }))),
      { inMemory: true },
    ),
    ...[0, 10, 21, 45, 0x0314, 0x0a14].map((versionNeeded): ZipCase => {
      const name = `version-needed-${versionNeeded < 256 ? versionNeeded : `0x${versionNeeded.toString(16)}`}`;
      return zipCase(
        name,
        [],
        `Version ${(versionNeeded & 0xff) / 10} is needed to extract, by host ${versionNeeded >> 8}.`,
        () => withEntry({ ...other, both: { versionNeeded } }),
      );
    }),
    zipCase(
      'version-needed-differs',
      [],
      'The local header needs zip64, the directory doesn’t, as "zip -fz" writes it.',
      () => zip(good, { ...other, local: { versionNeeded: 45 } }),
    ),
    zipCase('time-before-1970', [], 'An extended timestamp of a day before 1970, in both headers.', () =>
      zip(good, {
        ...other,
        both: { extra: extraField(0x5455, Buffer.concat([Buffer.from([1]), u32(2 ** 32 - 86_400)])) },
      }),
    ),
    zipCase('time-of-ntfs-none', [], 'The times of NTFS, all of them zero.', () =>
      zip(good, {
        ...other,
        both: { extra: extraField(0x000a, Buffer.concat([u32(0), u16(1), u16(24), Buffer.alloc(24)])) },
      }),
    ),
    zipCase('deflate-level-flags', [], 'The flags that tell how hard the deflater tried.', () =>
      zip(...[0x0802, 0x0804, 0x0806].map((flags): RawEntry => ({ name: `app/${flags}`, data: 'x', both: { flags } }))),
    ),
  ],
};
