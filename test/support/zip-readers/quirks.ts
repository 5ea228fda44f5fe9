/**
 * Where a reader is known to get honest archives of ordinary tools wrong, so that the gate can't refuse them for it. A
 * refusal is never a second reading, so it is forgiven by its words; other names are only forgiven where the bytes are right.
 */
export interface Quirk {
  readonly reader: string;
  readonly why: RegExp;
  readonly because: string;
}

export const forgivenRefusals: readonly Quirk[] = [
  {
    reader: 'Java ZipInputStream',
    why: /only DEFLATED entries can have EXT descriptor/,
    because:
      'zip, bsdtar, JSZip and archiver write stored entries of known length with a descriptor; jar goes by the directory then',
  },
  {
    reader: 'Java ZipInputStream',
    why: /invalid entry size \(expected 0 but got \d+ bytes\)/,
    because: 'it knows descriptors with sizes of eight bytes only for what is larger than 4 GiB (JDK-8303866)',
  },
  {
    reader: 'bsdtar (stream)',
    why: /ZIP uncompressed data is wrong size \(read \d+, expected 0\)/,
    because:
      'it knows descriptors with sizes of eight bytes only by a zip64 field in the local header, which yazl leaves out',
  },
  {
    reader: 'jar',
    why: /IllegalArgumentException: Negative time/,
    because:
      'it gives up where an extra field of the directory tells a time before 1970, or of NTFS none at all, which it takes for 1601; Java’s two readers in the library don’t set times',
  },
];

export function isForgivenRefusal(reader: string, why: string): boolean {
  return forgivenRefusals.some((quirk) => quirk.reader === reader && quirk.why.test(why));
}

/** libarchive writes names in Unicode's composed form. The gate refuses names that differ in the form only. */
export function composesNames(reader: string): boolean {
  return reader.startsWith('bsdtar');
}

/** Info-ZIP's unzip takes names made on MS-DOS and the like for a code page, and says it so that nothing brings them back. */
export function garblesDosNames(reader: string): boolean {
  return reader === 'unzip';
}

const HOST_MSDOS = 0;
const HOST_OS2 = 6;
const HOST_NTFS = 11;

/**
 * Whether an accepted archive has a name beyond ASCII in an entry made on MS-DOS, OS/2 or, by version 5.0, NTFS, as `jar`, Go and fflate
 * say of theirs. unzip then converts the name, also where the flag says that it is UTF-8.
 */
export function hasDosNames(zip: Buffer): boolean {
  let offset = zip.readUInt32LE(zip.length - 22 - commentLength(zip) + 16);
  // Beyond 4 GiB, or so they say: none of what is compared here is.
  if (offset === 0xffffffff) offset = zip.indexOf('504b0102', 0, 'hex');
  while (offset >= 0 && offset + 46 <= zip.length && zip.readUInt32LE(offset) === 0x02014b50) {
    const version = zip.readUInt8(offset + 4);
    const host = zip.readUInt8(offset + 5);
    const name = zip.subarray(offset + 46, offset + 46 + zip.readUInt16LE(offset + 28));
    const converted = host === HOST_MSDOS || host === HOST_OS2 || (host === HOST_NTFS && version === 50);
    if (converted && name.some((byte) => byte >= 0x80)) return true;
    offset += 46 + name.length + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
  }
  return false;
}

function commentLength(zip: Buffer): number {
  return zip.length - 22 - zip.lastIndexOf('504b0506', zip.length - 22, 'hex');
}
