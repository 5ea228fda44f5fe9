import { isUtf8 } from 'node:buffer';
import { constants, gunzipSync } from 'node:zlib';

const PART = 'one part of a split zip archive (join the parts: zip -s 0 LAST-PART.zip --out WHOLE.zip)';

const SIGNATURES: readonly (readonly [Buffer, string])[] = [
  [Buffer.from('PK\x07\x08', 'latin1'), PART],
  // What is left of that mark where it turned out that one part was enough (APPNOTE.TXT 8.5.4).
  [Buffer.from('PK00PK', 'latin1'), PART],
  [Buffer.from('BZh', 'latin1'), 'a bzip2-compressed file (.tar.bz2)'],
  [Buffer.from('fd377a585a00', 'hex'), 'an xz-compressed file (.tar.xz)'],
  [Buffer.from('28b52ffd', 'hex'), 'a zstd-compressed file (.tar.zst)'],
  [Buffer.from('377abcaf271c', 'hex'), 'a 7-Zip archive (.7z)'],
  [Buffer.from('Rar!\x1a\x07', 'latin1'), 'a RAR archive'],
  [Buffer.from('%PDF-', 'latin1'), 'a PDF document'],
  [Buffer.from('89504e470d0a1a0a', 'hex'), 'a PNG image'],
  [Buffer.from('ffd8ff', 'hex'), 'a JPEG image'],
  [Buffer.from('7f454c46', 'hex'), 'a Linux program (ELF)'],
  [Buffer.from('-----BEGIN ', 'latin1'), 'a PEM file (a certificate or key)'],
];

/** How many first bytes {@link sniffArchive} makes use of. */
export const SNIFF_BYTES = 1_024;

/**
 * Whether a file begins as a zip archive does, and if not, what it is likely to be.
 *
 * @param firstBytes the beginning of the file, best {@link SNIFF_BYTES} of it; fewer only where it is shorter
 * @returns `looksLike` in words that complete "This is …", null for a zip and where nothing is recognised
 */
export function sniffArchive(firstBytes: Buffer): { zip: boolean; looksLike: string | null } {
  // A local file header, or the end record of a zip without entries (APPNOTE.TXT 4.3.7, 4.3.16).
  if (startsWith(firstBytes, 'PK\x03\x04') || startsWith(firstBytes, 'PK\x05\x06'))
    return { zip: true, looksLike: null };
  return { zip: false, looksLike: recognise(firstBytes.subarray(0, SNIFF_BYTES)) };
}

function recognise(bytes: Buffer): string | null {
  if (bytes.length === 0) return 'an empty file';
  if (startsWith(bytes, '\x1f\x8b')) {
    return holdsTar(inflatedStart(bytes)) ? 'a gzip-compressed tar archive (.tar.gz)' : 'a gzip-compressed file';
  }
  const known = SIGNATURES.find(([signature]) => bytes.subarray(0, signature.length).equals(signature));
  if (known !== undefined) return known[1];
  if (holdsTar(bytes)) return 'a tar archive';
  // A byte-order mark, a warning that a web server printed, a stub that unpacks: readers from the back don't mind.
  const zipAt = bytes.indexOf('PK\x03\x04', 0, 'latin1');
  if (zipAt > 0) return `a zip archive behind ${zipAt} bytes of something else`;
  return recogniseText(bytes);
}

function recogniseText(bytes: Buffer): string | null {
  // The last character may have been cut in two.
  const wholeCharacters = [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, Math.max(0, bytes.length - cut))));
  if (!wholeCharacters || bytes.includes(0)) return null;
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
    .toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return 'an HTML page';
  if (text.startsWith('<?xml')) return 'an XML document';
  if (text.startsWith('{') || text.startsWith('[')) return 'a JSON document';
  return 'a text file';
}

function startsWith(bytes: Buffer, signature: string): boolean {
  return bytes.subarray(0, signature.length).toString('latin1') === signature;
}

/** POSIX.1-1988 ustar, which every tar of today writes, has its magic at byte 257. */
function holdsTar(bytes: Buffer): boolean {
  return bytes.subarray(257, 262).toString('latin1') === 'ustar';
}

function inflatedStart(bytes: Buffer): Buffer {
  try {
    // SYNC_FLUSH: what is there of a cut-off stream, without an error at its end. 1 KiB can't inflate past 1 MiB or so.
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 * 1024 * 1024 });
  } catch {
    return Buffer.alloc(0);
  }
}
