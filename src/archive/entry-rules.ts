import type { FindingCode } from '../report/catalogue.js';
import type { FindingDetails } from '../report/finding.js';
import { FLAG_UTF8, type ZipEntry } from './zip-directory.js';

/** One thing that is wrong with an entry. */
export interface EntryFault {
  readonly code: FindingCode;
  readonly details?: FindingDetails;
}

/** Compression methods, APPNOTE.TXT 4.4.5. */
export const STORED = 0;
export const DEFLATED = 8;

/** The highest version that a stored or deflated entry can need: 4.5, for zip64 (APPNOTE.TXT 4.4.3.2). */
export const VERSION_ZIP64 = 45;
/** In the upper byte of the version needed, where 7-Zip and others write the host system: OpenVMS (APPNOTE.TXT 4.4.2.2). */
const HOST_VMS = 2;

/** General purpose bits, APPNOTE.TXT 4.4.4. */
const FLAG_ENCRYPTED = 0x0001;
const FLAG_PATCH_DATA = 0x0020;
const FLAG_STRONG_ENCRYPTION = 0x0040;
const FLAG_MASKED_HEADERS = 0x2000;
const ANY_ENCRYPTION = FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS;
// The deflate level, the data descriptor, UTF-8: those mean something we know and are harmless.
const HARMLESS_FLAGS = 0x0002 | 0x0004 | 0x0008 | FLAG_UTF8;

/** Type and permission bits of POSIX st_mode. */
const TYPE_MASK = 0o170000;
const TYPE_REGULAR = 0o100000;
const TYPE_FOLDER = 0o040000;
const TYPE_SYMLINK = 0o120000;
const SETUID_SETGID_STICKY = 0o7000;

/** MS-DOS and Windows attributes in the low half of the external attributes. */
const DOS_VOLUME_LABEL = 0x08;
const DOS_FOLDER = 0x10;
const DOS_DEVICE = 0x40;
const WINDOWS_REPARSE_POINT = 0x400;

/** Whether yauzl would refuse to go on from this entry. */
export function isStronglyEncrypted(entry: ZipEntry): boolean {
  return (entry.flags & FLAG_STRONG_ENCRYPTION) !== 0;
}

/** Whether the data can be had: not encrypted, stored or deflated, and of one size. */
export function isReadable(entry: ZipEntry): boolean {
  return !isEncrypted(entry) && isMethodKnown(entry) && !isOfTwoSizes(entry);
}

/**
 * What is wrong with an entry by everything but its name, its place in the file and its data: encryption, method,
 * flags, and whether it is a regular file or a folder by every field that can say otherwise.
 */
export function entryFaults(entry: ZipEntry): readonly EntryFault[] {
  const faults: EntryFault[] = [];
  if (isEncrypted(entry)) faults.push({ code: 'ARCHIVE_ENCRYPTED' });
  if (!isMethodKnown(entry))
    faults.push({ code: 'ARCHIVE_METHOD_UNSUPPORTED', details: { actual: methodName(entry) } });
  // What is compressed in another way may well need a later version; that it is refused for the method says it all.
  const version = isReadable(entry) ? versionProblem(entry.versionNeeded) : null;
  if (version !== null) {
    const figures = { expected: VERSION_ZIP64, actual: entry.versionNeeded };
    faults.push({ code: 'ARCHIVE_VERSION_NEEDED', details: { detail: `It ${version}.`, ...figures } });
  }
  const reserved = entry.flags & ~(HARMLESS_FLAGS | ANY_ENCRYPTION | FLAG_PATCH_DATA);
  if (reserved !== 0) {
    faults.push({ code: 'ARCHIVE_RESERVED_FLAGS', details: { expected: '0x0000', actual: hex16(reserved) } });
  }
  if (isOfTwoSizes(entry)) {
    const detail = 'It is stored, so that both its sizes must be the same.';
    const figures = { expected: entry.uncompressedSize, actual: entry.compressedSize };
    faults.push({ code: 'ARCHIVE_SIZE_MISMATCH', details: { detail, ...figures } });
  }
  return [...faults, ...kindFaults(entry)];
}

function hex16(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

/** Stored data is what it is; encryption would add a header of its own. */
function isOfTwoSizes(entry: ZipEntry): boolean {
  return entry.method === STORED && !isEncrypted(entry) && entry.compressedSize !== entry.uncompressedSize;
}

/**
 * Why some readers would leave a stored or deflated entry out for its "version needed to extract", where others unpack it
 * all the same: Info-ZIP passes over what needs more than 4.6 or was "stored in VMS format", Python refuses the whole
 * archive above 6.3, Java and PHP don't look.
 *
 * @param versionNeeded of the local or the central header; ordinary tools write different ones there
 * @returns what follows "It"; null where all is well
 */
export function versionProblem(versionNeeded: number): string | null {
  const version = versionNeeded & 0xff;
  if (version > VERSION_ZIP64) {
    return `says that version ${Math.floor(version / 10)}.${version % 10} of the format is needed to extract it, and for what it is 4.5 is the most`;
  }
  return versionNeeded >>> 8 === HOST_VMS ? 'says that it is stored in a format of OpenVMS' : null;
}

function isEncrypted(entry: ZipEntry): boolean {
  return (entry.flags & ANY_ENCRYPTION) !== 0 || entry.claimsEncryption;
}

function isMethodKnown(entry: ZipEntry): boolean {
  return (entry.method === STORED || entry.method === DEFLATED) && (entry.flags & FLAG_PATCH_DATA) === 0;
}

function methodName({ method, flags }: ZipEntry): string {
  if ((flags & FLAG_PATCH_DATA) !== 0) return 'patch data';
  const names = new Map([
    [1, 'shrunk'],
    [6, 'imploded'],
    [9, 'deflate64'],
    [12, 'bzip2'],
    [14, 'LZMA'],
    [93, 'zstd'],
    [95, 'xz'],
    [98, 'PPMd'],
    [99, 'AES encryption'],
  ]);
  const name = names.get(method);
  return name === undefined ? `method ${method}` : `method ${method} (${name})`;
}

function kindFaults(entry: ZipEntry): EntryFault[] {
  const faults: EntryFault[] = [];
  if (entry.unixKind === 'link or device')
    faults.push({ code: 'ARCHIVE_SYMLINK', details: { detail: 'By an extra field.' } });
  // The upper half is a Unix mode whatever the host system: PKZIP for Unix and Python on Windows claim MS-DOS and fill it
  // in all the same, and Info-ZIP's unzip goes by it. Hosts that mean something else by it are not made any more.
  const modes = [entry.externalAttributes >>> 16];
  if (entry.unixKind !== null && entry.unixKind !== 'link or device') modes.push(entry.unixKind.mode);
  for (const mode of modes) {
    const fault = modeFault(mode, entry.isFolder);
    if (fault !== null) faults.push(fault);
    if ((mode & SETUID_SETGID_STICKY) !== 0) {
      faults.push({ code: 'ARCHIVE_UNSAFE_MODE', details: { actual: octal(mode & 0o7777) } });
    }
  }
  return [...faults, ...attributeFaults(entry), ...folderFaults(entry)];
}

function modeFault(mode: number, folder: boolean): EntryFault | null {
  const type = mode & TYPE_MASK;
  if (type === 0 || type === (folder ? TYPE_FOLDER : TYPE_REGULAR)) return null;
  if (type === TYPE_SYMLINK) return { code: 'ARCHIVE_SYMLINK' };
  if (type === TYPE_REGULAR || type === TYPE_FOLDER) return kindConflict(folder, `mode ${octal(mode)}`);
  return { code: 'ARCHIVE_SPECIAL_FILE', details: { actual: `type ${(type >>> 12).toString(8)}` } };
}

function attributeFaults(entry: ZipEntry): EntryFault[] {
  const attributes = entry.externalAttributes & 0xffff;
  if ((attributes & WINDOWS_REPARSE_POINT) !== 0)
    return [{ code: 'ARCHIVE_SYMLINK', details: { detail: 'By its Windows attributes.' } }];
  if ((attributes & (DOS_VOLUME_LABEL | DOS_DEVICE)) !== 0)
    return [{ code: 'ARCHIVE_SPECIAL_FILE', details: { detail: 'By its MS-DOS attributes.' } }];
  return (attributes & DOS_FOLDER) !== 0 && !entry.isFolder
    ? [kindConflict(false, 'MS-DOS attribute of a folder')]
    : [];
}

/** A folder whose name some reader overlooks would become a file with this content. */
function folderFaults(entry: ZipEntry): EntryFault[] {
  if (!entry.isFolder || (entry.uncompressedSize === 0 && entry.crc32 === 0)) return [];
  return [
    {
      code: 'ARCHIVE_FOLDER_WITH_DATA',
      details: { expected: '0 bytes', actual: `${entry.uncompressedSize} bytes` },
    },
  ];
}

function kindConflict(folder: boolean, actual: string): EntryFault {
  return { code: 'ARCHIVE_KIND_CONFLICT', details: { expected: folder ? 'a folder' : 'a file', actual } };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
