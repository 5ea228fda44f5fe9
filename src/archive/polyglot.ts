import type { FileWindow } from './file-window.js';
import type { StructureFault } from './structure-codes.js';

/** POSIX.1-1988 ustar: a header is one block, with its checksum as octal digits in the middle. */
const TAR_HEADER_BYTES = 512;
const TAR_CHECKSUM_AT = 148;
const TAR_CHECKSUM_BYTES = 8;

/** ECMA-119, 6.2.1 and 8.1: sixteen sectors for the system, then a volume descriptor, of which this follows its type. */
const ISO_IDENTIFIER_AT = 16 * 2_048 + 1;
const ISO_IDENTIFIER = 'CD001';

/**
 * A zip that is an archive of another format as well, by what the data of its first files spells. libarchive asks every
 * format it knows how sure it is of a file, and is surer of a tar header or an ISO 9660 volume than of a zip: it would
 * unpack other files than everybody else.
 */
export async function findOtherFormat(file: FileWindow): Promise<StructureFault | null> {
  if (file.bytes >= TAR_HEADER_BYTES && isTarHeader(await file.read(0, TAR_HEADER_BYTES))) {
    return { code: 'ARCHIVE_POLYGLOT', detail: 'At byte 0 it is a tar archive.', expected: 'zip', actual: 'tar' };
  }
  if (file.bytes < ISO_IDENTIFIER_AT + ISO_IDENTIFIER.length) return null;
  const identifier = await file.read(ISO_IDENTIFIER_AT, ISO_IDENTIFIER.length);
  if (identifier.toString('latin1') !== ISO_IDENTIFIER) return null;
  const detail = `At byte ${ISO_IDENTIFIER_AT - 1} it is an ISO 9660 volume.`;
  return { code: 'ARCHIVE_POLYGLOT', detail, expected: 'zip', actual: 'ISO 9660' };
}

/**
 * Whether the checksum holds, with bytes taken as unsigned or, as old tars did, as signed. Nothing else is asked for:
 * libarchive does without the magic.
 */
function isTarHeader(block: Buffer): boolean {
  const checksumEnd = TAR_CHECKSUM_AT + TAR_CHECKSUM_BYTES;
  const checksums = checksumsIn(block.toString('latin1', TAR_CHECKSUM_AT, checksumEnd));
  let unsigned = TAR_CHECKSUM_BYTES * 0x20;
  let signed = unsigned;
  for (const [at, byte] of block.entries()) {
    if (at >= TAR_CHECKSUM_AT && at < checksumEnd) continue;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return checksums.some((checksum) => checksum === unsigned || checksum === signed);
}

/**
 * What the field may be taken for. Leading blanks and a NUL or a blank behind the digits are how writers differ. Some
 * readers skip leading NULs as well; libarchive takes such a field, and one without digits, for 0, which signed bytes
 * can add up to. It takes no field with other bytes, and so none in base 256.
 */
function checksumsIn(field: string): number[] {
  const digits = /^[ \t\0]*([0-7]+)/.exec(field)?.[1];
  const told = digits === undefined ? [] : [Number.parseInt(digits, 8)];
  return /^[ \0]*$|^ *\0[ \0-7]*$/.test(field) ? [...told, 0] : told;
}
