import { crc32, deflateRawSync } from 'node:zlib';
import { infoXml } from '../support/app-archive.js';
import { crowdedZip, deflatedZeros, largeZip, type LargeEnd, type LargeEntry } from './large-zip.js';

/** An archive that is meant to cost more than it should, and what must come of it. */
export interface HostileArchive {
  readonly name: string;
  /** Some code that refuses it; null where it is as good as any, and only large. */
  readonly code: string | null;
  /** Whether its structure gives it away, so that nothing needs to be inflated. */
  readonly byStructure: boolean;
  readonly make: () => Buffer;
}

const MIB = 1024 * 1024;
/** A little less than a store takes by default. */
const ARCHIVE_BYTES = 49 * MIB;
const MAX_ENTRIES = 50_000;
const MAX_FIELD = 0xffff;

const info: LargeEntry = { name: 'app/appinfo/info.xml', data: Buffer.from(infoXml({ id: 'app' })) };

/** Everything that was thought of to fill the memory or the time of whoever reads it. */
export const hostileArchives: readonly HostileArchive[] = [
  legal('50,000 empty files', () => files(MAX_ENTRIES - 1, (index) => `app/f${index}`)),
  legal('50,000 files with long names', () => files(MAX_ENTRIES - 1, (index) => `app/${longName(index, 155)}`)),
  structure('50,000 names that are too long together', 'ARCHIVE_NAMES_TOO_LONG', () =>
    files(MAX_ENTRIES - 1, (index) => `app/Ж${longName(index, 470)}`),
  ),
  structure('50,000 names of nearly a KiB each in two-byte characters, unmarked', 'ARCHIVE_NAMES_TOO_LONG', () =>
    directoryOf(repeat(MAX_ENTRIES - 1, (index) => ({ name: `app/Ж${longName(index, 950)}`, flags: 0 }))),
  ),
  legal('50,000 long names in two-byte characters', () =>
    files(MAX_ENTRIES - 1, (index) => `app/${index}Ж${'n'.repeat(145)}`),
  ),
  legal('50,000 long names that each reader reads otherwise', () =>
    largeZip([info, ...repeat(MAX_ENTRIES - 1, (index) => ({ name: `app/${index}Ж${'n'.repeat(145)}`, ...DOS }))]),
  ),
  legal('50,000 names in thirty folders beyond ASCII that each reader reads otherwise', () =>
    largeZip([info, ...repeat(MAX_ENTRIES - 1, (index) => ({ name: `app/${'Жж/'.repeat(30)}${index}`, ...DOS }))]),
  ),
  structure('50,000 folders that each reader reads otherwise', 'ARCHIVE_TOO_MANY_ENTRIES', () =>
    largeZip([info, ...repeat(MAX_ENTRIES - 1, (index) => ({ name: `app/Ж${index}/Ж${'n'.repeat(90)}`, ...DOS }))]),
  ),
  structure('a directory of 49 MiB that is all names', 'ARCHIVE_PATH_TOO_LONG', () =>
    directoryOf(filling(46 + MAX_FIELD, (index) => ({ name: longName(index, MAX_FIELD) }))),
  ),
  structure('50,000 names of nearly a KiB each, without a local header', null, () =>
    directoryOf(repeat(MAX_ENTRIES - 1, (index) => ({ name: `app/${longName(index, 980)}` }))),
  ),
  structure('49 MiB of extra fields', null, () =>
    directoryOf(filling(46 + 8 + MAX_FIELD, (index) => ({ name: `app/${index}`, centralExtra: oneField(0x3f3f) }))),
  ),
  structure('twelve million extra fields', null, () => {
    const centralExtra = manyFields();
    return directoryOf(filling(46 + 8 + MAX_FIELD, (index) => ({ name: `app/${index}`, centralExtra })));
  }),
  legal('twelve million extra fields in local headers', () => {
    const localExtra = manyFields();
    return largeZip([info, ...filling(90 + MAX_FIELD, (index) => ({ name: `app/${index}`, localExtra }))]);
  }),
  legal('49 MiB of comments', () => {
    const comment = Buffer.alloc(MAX_FIELD, 'comment ');
    return largeZip([info, ...filling(100 + MAX_FIELD, (index) => ({ name: `app/${index}`, comment }))]);
  }),
  structure('50,000 entries with a fault each', 'ARCHIVE_SYMLINK', () =>
    largeZip(
      repeat(MAX_ENTRIES, (index) => ({ name: `app/${longName(index, 155)}`, ...FAULTS[index % FAULTS.length] })),
    ),
  ),
  structure('50,000 bad names', null, () =>
    largeZip(repeat(MAX_ENTRIES, (index) => ({ name: badName(index, longName(index, 145)) }))),
  ),
  structure('50,000 local headers that lie', null, () => {
    const zip = files(MAX_ENTRIES - 1, (index) => `app/${longName(index, 155)}`);
    for (let at = zip.indexOf('PK\x03\x04', 0, 'latin1'); at >= 0; at = zip.indexOf('PK\x03\x04', at + 4, 'latin1')) {
      zip.writeUInt32LE(0xbad, at + 14);
    }
    return zip;
  }),
  hostile('49 MiB of zeros that inflate to 49 GiB, declared as a KiB', 'ARCHIVE_SIZE_MISMATCH', () =>
    largeZip([info, zeros('app/bomb', 49 * 1_000, 1_024)]),
  ),
  structure('49 MiB of zeros that inflate to 49 GiB, declared as what fits', 'ARCHIVE_FILE_TOO_LARGE', () =>
    largeZip([info, zeros('app/bomb', 49 * 1_000, 0xfffffffe)]),
  ),
  hostile('a bomb that is declared to be just within the limits', null, () =>
    largeZip([info, { ...zeros('app/bomb', 500, 99 * MIB) }, { name: 'app/ballast', data: noise(2 * MIB) }]),
  ),
  legal('240 MiB of zeros with as much ballast as the ratio asks for', () =>
    largeZip([
      info,
      ...repeat(24, (index) => zeros(`app/${index}`, 10)),
      { name: 'app/ballast', data: noise(4 * MIB) },
    ]),
  ),
  structure('50,000 entries over the same bytes', null, () => {
    const data = deflatedZeros(100);
    const first = { ...zeros('app/0', 100), data };
    const over = repeat(MAX_ENTRIES - 1, (index): LargeEntry => ({ ...first, name: `app/${index + 1}`, pointsTo: 0 }));
    return largeZip([first, ...over]);
  }),
  structure('5,000 entries, each quoting the next one in its data', null, quotedBomb),
  structure('a zip64 record that claims 2^53 entries', null, () =>
    largeZip([info], { entries: 2n ** 53n, zip64: true }),
  ),
  structure('a zip64 record that claims 2^53 - 1 entries', 'ARCHIVE_TOO_MANY_ENTRIES', () =>
    largeZip([info], { entries: 2n ** 53n - 1n, zip64: true }),
  ),
  structure('a million empty entries', 'ARCHIVE_TOO_MANY_ENTRIES', () => crowdedZip(info, ARCHIVE_BYTES)),
  structure('a million empty entries, 50,000 of them declared', null, () =>
    crowdedZip(info, ARCHIVE_BYTES, { entries: BigInt(MAX_ENTRIES), zip64: true }),
  ),
  legal('archives nested twenty deep', nested),
  hostile('an info.xml of 40 MiB', 'INFO_XML_TOO_LARGE', () =>
    largeZip([{ name: 'app/appinfo/info.xml', data: Buffer.alloc(40 * MIB, '<info>') }]),
  ),
  hostile('a signature.json of 40 MiB', 'SIGNATURE_FILE_TOO_LARGE', () =>
    largeZip([info, { name: 'app/appinfo/signature.json', data: Buffer.alloc(40 * MIB, '[') }]),
  ),
  hostile('a signature.json of 8 MiB that is all brackets', 'SIGNATURE_FILE_MALFORMED', () =>
    largeZip([info, { name: 'app/appinfo/signature.json', data: Buffer.alloc(8 * MIB, '[') }]),
  ),
  structure('50,000 names of 72 parts', 'ARCHIVE_PATH_TOO_DEEP', () =>
    files(MAX_ENTRIES - 1, (index) => `app/${'d/'.repeat(72)}${index}`),
  ),
  structure('nearly a million implied folders', 'ARCHIVE_TOO_MANY_ENTRIES', () =>
    files(MAX_ENTRIES - 1, (index) => `app/${Array.from({ length: 18 }, (_, part) => `${index}-${part}`).join('/')}/f`),
  ),
  legal('25,000 files in 50,000 folders', () => files(25_000, (index) => `app/${index}/d/f`)),
];

/** By version 2.0 on MS-DOS, without the flag that says UTF-8. */
const DOS = { versionMadeBy: 20, flags: 0 } as const;

const FAULTS: readonly Partial<LargeEntry>[] = [
  { externalAttributes: 0o120777 << 16 },
  { externalAttributes: 0o104755 << 16 },
  { externalAttributes: 0o060644 << 16 },
  { externalAttributes: 0o040755 << 16 },
  { flags: 0x0801 },
  { flags: 0x8800 },
  { method: 0, flags: 0x0820 },
  { versionNeeded: 63 },
  { uncompressedSize: 200 * MIB },
];

function legal(name: string, make: () => Buffer): HostileArchive {
  return { name, code: null, byStructure: false, make };
}

function hostile(name: string, code: string | null, make: () => Buffer): HostileArchive {
  return { name, code: code ?? 'ARCHIVE_', byStructure: false, make };
}

/** `code` null: by any code of the archive's structure. */
function structure(name: string, code: string | null, make: () => Buffer): HostileArchive {
  return { name, code: code ?? 'ARCHIVE_', byStructure: true, make };
}

function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** A directory of many entries over one that is really there. */
function directoryOf(entries: readonly LargeEntry[], end: LargeEnd = {}): Buffer {
  return largeZip([info, ...entries.map((entry) => ({ ...entry, pointsTo: 0 }))], end);
}

/** As many entries of `bytes` each as fit into an archive. */
function filling(bytes: number, make: (index: number) => LargeEntry): LargeEntry[] {
  return repeat(Math.floor(ARCHIVE_BYTES / bytes), make);
}

/** Empty files with an info.xml. */
function files(count: number, nameOf: (index: number) => string): Buffer {
  return largeZip([info, ...repeat(count, (index): LargeEntry => ({ name: nameOf(index) }))]);
}

const LONG = 'n'.repeat(MAX_FIELD).replace(/(.{200})./g, '$1/');

/** A name of `bytes` bytes in parts that file systems take. */
function longName(index: number, bytes: number): string {
  const end = `/${index}`;
  return LONG.slice(0, bytes - end.length) + end;
}

function badName(index: number, rest: string): string {
  const starts = ['/', '../', 'app\\', 'app/\u202e', 'app//', 'app/con/', 'app/x:', 'C:/', 'app/x. /', 'app/\u0001'];
  return `${starts[index % starts.length] ?? ''}${rest}`;
}

function oneField(id: number): Buffer {
  const extra = Buffer.alloc(MAX_FIELD);
  extra.writeUInt16LE(id);
  extra.writeUInt16LE(MAX_FIELD - 4, 2);
  return extra;
}

/** Fields without data, no id twice, none that means anything. */
function manyFields(): Buffer {
  const count = Math.floor(MAX_FIELD / 4);
  const extra = Buffer.alloc(4 * count);
  for (let index = 0; index < count; index += 1) extra.writeUInt16LE(0xa000 + index, 4 * index);
  return extra;
}

function zeros(name: string, mebibytes: number, declared = mebibytes * MIB): LargeEntry {
  const isTrue = declared === mebibytes * MIB;
  return {
    name,
    method: 8,
    data: deflatedZeros(mebibytes),
    crc32: isTrue ? crc32(Buffer.alloc(declared)) : 0,
    uncompressedSize: declared,
  };
}

/** Local headers inside of stored deflate blocks: the data of each entry holds all entries behind it. */
function quotedBomb(): Buffer {
  const kernel = deflatedZeros(4);
  let file = kernel;
  const entries: LargeEntry[] = [];
  const offsets: number[] = [];
  for (let index = 0; index < 5_000; index += 1) {
    const name = Buffer.from(`app/${index}`);
    const header = Buffer.alloc(30 + name.length);
    header.writeUInt32LE(0x04034b50);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE(8, 8);
    header.writeUInt32LE(file.length, 18);
    header.writeUInt16LE(name.length, 26);
    name.copy(header, 30);
    offsets.push(file.length + header.length);
    entries.push({ name: name.toString(), method: 8, data: Buffer.alloc(0), uncompressedSize: 4 * MIB });
    // A stored block that holds the header; the blocks of the entry before follow.
    const quote = Buffer.from([0, header.length & 0xff, header.length >> 8, ~header.length & 0xff, 0xff]);
    file = index === 4_999 ? Buffer.concat([header, file]) : Buffer.concat([quote, header, file]);
  }
  const pointing = entries.map((entry, index) => ({
    ...entry,
    flags: 0,
    pointsTo: file.length - (offsets[index] ?? 0),
  }));
  const zip = largeZip(pointing);
  zip.writeUInt32LE(file.length, zip.length - 22 + 16);
  return Buffer.concat([file, zip]);
}

function nested(): Buffer {
  let inner = Buffer.from('the innermost file');
  for (let depth = 0; depth < 20; depth += 1) {
    const data = deflateRawSync(inner);
    const entry = {
      name: 'app/inner.zip',
      method: 8 as const,
      data,
      crc32: crc32(inner),
      uncompressedSize: inner.length,
    };
    inner = Buffer.from(largeZip([info, entry]));
  }
  return inner;
}

/** Bytes that don't compress. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
