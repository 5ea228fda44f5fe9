import { isUtf8 } from 'node:buffer';

/**
 * What Debian's build of Info-ZIP's unzip 6.0 makes of the bytes 0x80 to 0xFF in the name of an entry that was made on
 * MS-DOS or the like: code page 850 in ISO 8859-1, with ASCII for the lines of frames. Asked of the program itself, byte
 * for byte. It drops what comes out as 0xFF.
 */
const UPPER_HALF = Buffer.from(
  'c7fce9e2e4e0e5e7eaebe8efeeecc4c5' +
    'c9e6c6f4f6f2fbf9ffd6dcf8a3d8d783' +
    'e1edf3faf1d1aababfaeacbdbca1abbb' +
    'a6a6a6a6a6c1c2c0a9a6a62b2ba2a52b' +
    '2b2d2d2b2d2be3c32b2b2d2da62d2ba4' +
    'f0d0cacbc869cdcecf2b2ba65fa6ccaf' +
    'd3dfd4d2f5d5b5fededadbd9fdddafb4' +
    'adb13dbeb6a7f7b8b0a8b7b9b3b2a6a0',
  'hex',
);
const DROPPED = 0xff;

/** Bytes that are no UTF-8 stand in the private use area: apart from all letters, and without case. */
const PRIVATE_USE = 0xf700;

const HOST_MSDOS = 0;
const HOST_OS2 = 6;
const HOST_NTFS = 11;

/**
 * Whether some unzip may convert the name of an entry that was made by this version on this host (APPNOTE.TXT, 4.4.2).
 * By version and mode it converts fewer of them; which ones is a matter of the build.
 */
export function isDosLike(versionMadeBy: number): boolean {
  const host = versionMadeBy >> 8;
  return host === HOST_MSDOS || host === HOST_OS2 || host === HOST_NTFS;
}

/** The character that turns into a mere letter of ASCII; Unicode assigns it to nothing. */
export const READ_AS_I = '\u0558';

/**
 * `name` as unzip unpacks it from such an entry, with the flag that says UTF-8 or without: it converts the bytes of the
 * UTF-8 one by one. As many parts as before, none of them empty.
 */
export function asUnzipReadsDos(name: string): string {
  const bytes = Buffer.from(name);
  let length = 0;
  for (const byte of bytes) {
    const read = byte < 0x80 ? byte : (UPPER_HALF[byte - 0x80] ?? byte);
    if (read !== DROPPED) bytes[length++] = read;
  }
  const read = bytes.subarray(0, length);
  if (isUtf8(read)) return read.toString();
  return eachPart(read);
}

const SLASH = 0x2f;

function eachPart(path: Buffer): string {
  const parts: string[] = [];
  let start = 0;
  for (let end = path.indexOf(SLASH); end >= 0; end = path.indexOf(SLASH, start)) {
    parts.push(decodePart(path.subarray(start, end)));
    start = end + 1;
  }
  return [...parts, decodePart(path.subarray(start))].join('/');
}

function decodePart(part: Buffer): string {
  if (isUtf8(part)) return part.toString();
  const units = Buffer.allocUnsafe(2 * part.length);
  for (const [at, byte] of part.entries()) units.writeUInt16LE(byte < 0x80 ? byte : PRIVATE_USE + byte, 2 * at);
  return units.toString('utf16le');
}
