import { rawZip, u16, u32 } from '../raw-zip.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

// libarchive asks every format it knows how sure it is of a file, and is surer of a tar header or an ISO 9660 volume
// than of a zip. The first file's data, stored, can be written so that both are there.

const POLYGLOT = 'ARCHIVE_POLYGLOT';
const FIRST = 'app/a.bin';
/** Where the data of the first entry begins. */
const DATA_AT = 30 + FIRST.length;

/** Zips that are archives of another format as well. */
export const otherFormats: ZipCaseGroup = {
  about: 'A zip and another format at once',
  cases: [
    zipCase('zip-and-tar', POLYGLOT, 'The first stored file spells a tar header around the local one.', tarInZip),
    zipCase('zip-and-tar-blank', POLYGLOT, 'The same with a blank checksum, which signed bytes add up to.', () =>
      tarOfNoChecksum(' '),
    ),
    zipCase('zip-and-tar-nul', POLYGLOT, 'The same with NULs for a checksum.', () => tarOfNoChecksum('\0')),
    zipCase('zip-and-iso', POLYGLOT, 'The first stored file spells an ISO 9660 volume with a file in it.', isoInZip),
  ],
};

function zipOf(data: Buffer): Buffer {
  return rawZip({
    entries: [
      { name: FIRST, data, method: 0 },
      { name: 'app/b.txt', data: 'what the gate reads' },
    ],
  });
}

/** A zip whose first 512 bytes are a tar header too (POSIX.1-1988 ustar), of a file with other words in it. */
function tarInZip(): Buffer {
  const data = tarHeader();
  // The checksum covers the CRC of the data that it is a part of: some bytes that matter to nobody are tried out.
  for (let filler = 0; filler < 65_536; filler += 1) {
    data.writeUInt16LE(filler, data.length - 2);
    data.write(checksumField(zipOf(data)), 148 - DATA_AT, 'latin1');
    const zip = zipOf(data);
    if (zip.toString('latin1', 148, 156) === checksumField(zip)) return zip;
  }
  throw new Error('no filler gives a checksum that holds');
}

/** The same without a checksum: libarchive takes the field for 0, which the bytes add up to where they are signed. */
function tarOfNoChecksum(blank: string): Buffer {
  const data = tarHeader();
  data.write(blank.repeat(8), 148 - DATA_AT, 'latin1');
  for (let filler = 0; filler < 65_536; filler += 1) {
    data.writeUInt16LE(filler, data.length - 2);
    // Where ustar has the end of a long name. As many bytes of -127 as it takes, and one for the rest.
    const tuned = data.subarray(345 - DATA_AT, 500 - DATA_AT).fill(0);
    const excess = signedSum(zipOf(data));
    tuned.fill(-127, 0, Math.floor(excess / 127));
    tuned.writeInt8(-(excess % 127), Math.floor(excess / 127));
    const zip = zipOf(data);
    if (signedSum(zip) === 0) return zip;
  }
  throw new Error('no filler gives a sum of 0');
}

function signedSum(zip: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < 512; at += 1) if (at < 148 || at >= 156) sum += zip.readInt8(at);
  return sum;
}

/** Data that makes a tar header of the first 512 bytes of a zip, but for the checksum, and a file's words behind it. */
function tarHeader(): Buffer {
  const data = Buffer.alloc(4 * 512 - DATA_AT);
  const fields = [
    [100, '0000644\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, '00000000005\0'],
    [136, '00000000000\0'],
    [156, '0'],
    [257, 'ustar\x0000'],
    [512, 'evil\n'],
  ] as const;
  for (const [at, value] of fields) data.write(value, at - DATA_AT, 'latin1');
  return data;
}

function checksumField(zip: Buffer): string {
  let sum = 8 * 0x20;
  for (const [at, byte] of zip.subarray(0, 512).entries()) if (at < 148 || at >= 156) sum += byte;
  return `${sum.toString(8).padStart(6, '0')}\0 `;
}

const SECTOR = 2_048;

/** A zip that is an ISO 9660 image too (ECMA-119), with one file in it, in the data of its first entry. */
function isoInZip(): Buffer {
  const data = Buffer.alloc(40 * SECTOR);
  const put = (sector: number, bytes: Buffer): void => void bytes.copy(data, sector * SECTOR - DATA_AT);
  put(16, primaryVolume());
  put(17, Buffer.concat([Buffer.from([255]), Buffer.from('CD001\x01')]));
  put(20, Buffer.concat([record(20, SECTOR, 2, '\0'), record(20, SECTOR, 2, '\x01'), record(21, 5, 0, 'EVIL.T;1')]));
  put(21, Buffer.from('evil\n'));
  return zipOf(data);
}

function primaryVolume(): Buffer {
  const volume = Buffer.alloc(SECTOR);
  const put = (at: number, ...parts: Buffer[]): void => void Buffer.concat(parts).copy(volume, at);
  put(0, Buffer.from('\x01CD001\x01'));
  put(80, both32(38));
  put(120, both16(1), both16(1), both16(SECTOR));
  put(140, u32(19));
  put(156, record(20, SECTOR, 2, '\0'));
  put(881, Buffer.from([1]));
  return volume;
}

/** A directory record, ECMA-119 section 9.1. */
function record(sector: number, bytes: number, flags: number, name: string): Buffer {
  const length = 33 + name.length + ((name.length + 1) % 2);
  const head = Buffer.concat([Buffer.from([length, 0]), both32(sector), both32(bytes), Buffer.alloc(7)]);
  const rest = Buffer.concat([Buffer.from([flags, 0, 0]), both16(1), Buffer.from([name.length]), Buffer.from(name)]);
  return Buffer.concat([head, rest], length);
}

/** Numbers of ISO 9660 stand there in both byte orders. */
function both16(value: number): Buffer {
  const swapped = u16(value).reverse();
  return Buffer.concat([u16(value), swapped]);
}

function both32(value: number): Buffer {
  const swapped = u32(value).reverse();
  return Buffer.concat([u32(value), swapped]);
}
