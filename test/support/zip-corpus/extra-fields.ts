import { extraField, u16, u32 } from '../raw-zip.js';
import {
  asiUnix,
  CENTRAL_SIGNATURE,
  EMPTY_ZIP,
  EVIL,
  extended,
  LOCAL_SIGNATURE,
  other,
  pkwareUnix,
  unicodePath,
  withEntry,
} from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const MALFORMED = 'ARCHIVE_EXTRA_FIELD_MALFORMED';
const CONFLICT = 'ARCHIVE_EXTRA_FIELD_CONFLICT';
const both =
  (...extra: readonly Buffer[]): (() => Buffer) =>
  () =>
    extended(Buffer.concat(extra));
const local =
  (...extra: readonly Buffer[]): (() => Buffer) =>
  () =>
    withEntry({ ...other, local: { extra: Buffer.concat(extra) } });
const central =
  (...extra: readonly Buffer[]): (() => Buffer) =>
  () =>
    withEntry({ ...other, central: { extra: Buffer.concat(extra) } });

const overrunning = Buffer.concat([u16(0x5455), u16(50), Buffer.alloc(4)]);
const times = extraField(0x5455, Buffer.from([1, 0, 0, 0, 0]));
const renamed = unicodePath('app/b.txt', EVIL);
const symlink = asiUnix(0o120777, '/etc/passwd');
const target = pkwareUnix(Buffer.from('/etc/passwd'));
/** WinZip's AE-2 field: version, vendor, strength, method. */
const aes = extraField(0x9901, Buffer.from('0200414503000800', 'hex').subarray(0, 7));
const strongEncryption = extraField(0x0017, Buffer.alloc(8));

/** Extra fields: APPNOTE.TXT 4.5, 4.6, and Info-ZIP's extrafld.txt. */
export const extraFields: ZipCaseGroup = {
  about: 'Extra fields',
  cases: [
    zipCase(
      'extra-overruns',
      MALFORMED,
      'An extra field is said to be longer than the room for all of them.',
      both(overrunning),
    ),
    zipCase('extra-overruns-in-the-local-header', MALFORMED, 'The same in the local header only.', local(overrunning)),
    zipCase('extra-overruns-in-the-directory', MALFORMED, 'The same in the directory only.', central(overrunning)),
    zipCase(
      'extra-overruns-by-one',
      MALFORMED,
      'An extra field is one byte longer than the room for it.',
      both(times.subarray(0, -1)),
    ),
    zipCase(
      'extra-timestamp-empty',
      MALFORMED,
      'An extended timestamp of no bytes, at which libarchive gives up.',
      both(extraField(0x5455, Buffer.alloc(0))),
    ),
    zipCase(
      'extra-of-negative-length',
      MALFORMED,
      'The length of an extra field is −1 to readers with signed numbers.',
      both(Buffer.concat([u16(0x5455), u16(0xffff), Buffer.alloc(8)])),
    ),
    zipCase('extra-twice', MALFORMED, 'An extra field stands there twice.', both(times, times)),
    zipCase(
      'unicode-path-twice',
      [MALFORMED],
      'Two Unicode paths: the first repeats the name, the second is another one.',
      both(unicodePath('app/b.txt', 'app/b.txt'), renamed),
    ),
    zipCase('extra-stray-bytes', MALFORMED, 'Three bytes after the extra fields.', both(times, Buffer.alloc(3))),
    zipCase('extra-stray-byte', MALFORMED, 'One byte where extra fields should be.', both(Buffer.alloc(1))),
    zipCase(
      'zipalign-by-zeros',
      MALFORMED,
      'Three zeros after the extra fields of the local header, as zipalign writes them to align the data.',
      local(Buffer.alloc(3)),
    ),
    zipCase(
      'end-record-in-an-extra-field',
      'ARCHIVE_HIDDEN_RECORD',
      'An extra field holds the end record of an empty zip.',
      both(extraField(0x9999, EMPTY_ZIP)),
    ),
    zipCase(
      'local-header-in-an-extra-field',
      'ARCHIVE_HIDDEN_RECORD',
      'An extra field of the local header holds the signature of another one.',
      local(extraField(0x9999, LOCAL_SIGNATURE)),
    ),
    zipCase(
      'central-header-in-an-extra-field',
      'ARCHIVE_HIDDEN_RECORD',
      'An extra field of the directory holds the signature of another central header.',
      central(extraField(0x9999, CENTRAL_SIGNATURE)),
    ),
    zipCase(
      'end-record-in-an-entry-comment',
      'ARCHIVE_HIDDEN_RECORD',
      'The comment of an entry is the end record of an empty zip.',
      () => withEntry({ ...other, both: { flags: 0 }, central: { comment: EMPTY_ZIP } }),
    ),
    zipCase(
      'central-header-in-an-entry-comment',
      'ARCHIVE_HIDDEN_RECORD',
      'The comment of an entry holds the signature of a central header.',
      () => withEntry({ ...other, both: { flags: 0 }, central: { comment: CENTRAL_SIGNATURE } }),
    ),
    zipCase(
      'entry-comment-in-latin-1',
      'ARCHIVE_COMMENT_ENCODING',
      'The comment of an entry is in Latin-1: Java opens no such archive.',
      () => withEntry({ ...other, central: { comment: Buffer.from('größe', 'latin1') } }),
    ),
    zipCase(
      'entry-comment-with-control-characters',
      'ARCHIVE_COMMENT_ENCODING',
      'The comment of an entry has control characters and is marked as UTF-8: PHP opens no such archive.',
      () => withEntry({ ...other, central: { comment: Buffer.from('a\u0001b') } }),
    ),
    zipCase('unicode-path-other', CONFLICT, 'A Unicode path gives the entry another name.', both(renamed)),
    zipCase(
      'unicode-path-other-without-the-flag',
      CONFLICT,
      'A Unicode path gives another name to an entry whose name isn’t marked as UTF-8, which is where readers look for one.',
      () => withEntry({ ...other, both: { flags: 0, extra: renamed } }),
    ),
    zipCase(
      'unicode-path-other-in-the-local-header',
      CONFLICT,
      'A Unicode path in the local header only gives it another name.',
      local(renamed),
    ),
    zipCase(
      'unicode-path-other-in-the-directory',
      CONFLICT,
      'A Unicode path in the directory only gives it another name.',
      central(renamed),
    ),
    zipCase(
      'unicode-path-of-another-name',
      CONFLICT,
      'A Unicode path whose CRC belongs to another name: some readers pass it over.',
      both(unicodePath(EVIL, EVIL)),
    ),
    zipCase(
      'unicode-path-wrong-crc',
      CONFLICT,
      'A Unicode path that repeats the name with a wrong CRC.',
      both(unicodePath(EVIL, 'app/b.txt')),
    ),
    zipCase(
      'unicode-path-version-2',
      CONFLICT,
      'A Unicode path of a version that is not defined.',
      both(unicodePath('app/b.txt', EVIL, 2)),
    ),
    zipCase(
      'unicode-path-empty',
      CONFLICT,
      'A Unicode path that says nothing.',
      both(extraField(0x7075, Buffer.alloc(0))),
    ),
    zipCase('unicode-path-of-no-name', CONFLICT, 'A Unicode path of no bytes.', both(unicodePath('app/b.txt', ''))),
    zipCase(
      'unicode-path-climbs',
      CONFLICT,
      'A Unicode path that climbs out of the folder.',
      both(unicodePath('app/b.txt', '../../evil')),
    ),
    zipCase(
      'xceed-unicode-name',
      CONFLICT,
      'A name in the Unicode field of Xceed.',
      both(extraField(0x554e, Buffer.concat([Buffer.from('NUCX'), u16(4), Buffer.from('evil', 'utf16le')]))),
    ),
    zipCase(
      'language-encoding',
      CONFLICT,
      'The reserved field "extended language encoding data" (APPNOTE 4.6.1, 0x0008).',
      both(extraField(0x0008, Buffer.from('evil'))),
    ),
    zipCase(
      'macintosh-fork',
      CONFLICT,
      'The field of a Macintosh fork (0x07c8), which makes another file of it for some.',
      both(extraField(0x07c8, Buffer.from('JLEE'))),
    ),
    zipCase(
      'patch-descriptor',
      CONFLICT,
      'The patch descriptor (APPNOTE 4.5.10, 0x000f).',
      both(extraField(0x000f, Buffer.alloc(12))),
    ),
    zipCase('asi-symlink', 'ARCHIVE_SYMLINK', 'A symbolic link by the ASi Unix field.', both(symlink)),
    zipCase(
      'asi-symlink-in-the-local-header',
      CONFLICT,
      'A symbolic link by the ASi Unix field of the local header only.',
      local(symlink),
    ),
    zipCase(
      'asi-symlink-in-the-directory',
      [CONFLICT, 'ARCHIVE_SYMLINK'],
      'A symbolic link by the ASi Unix field of the directory only.',
      central(symlink),
    ),
    zipCase(
      'asi-device',
      'ARCHIVE_SYMLINK',
      'A block device by the ASi Unix field.',
      both(asiUnix(0o060666, '', 0x0801)),
    ),
    zipCase('asi-setuid', 'ARCHIVE_UNSAFE_MODE', 'A setuid program by the ASi Unix field.', both(asiUnix(0o104755))),
    zipCase(
      'asi-folder',
      'ARCHIVE_KIND_CONFLICT',
      'A folder by the ASi Unix field, a file by name.',
      both(asiUnix(0o040755)),
    ),
    zipCase(
      'asi-cut',
      'ARCHIVE_SYMLINK',
      'An ASi Unix field of four bytes, without a mode.',
      both(extraField(0x756e, u32(0))),
    ),
    zipCase('pkware-link', 'ARCHIVE_SYMLINK', 'A link target in the PKWARE Unix field.', both(target)),
    zipCase(
      'pkware-link-in-the-local-header',
      CONFLICT,
      'A link target in the PKWARE Unix field of the local header only.',
      local(target),
    ),
    zipCase(
      'pkware-device',
      'ARCHIVE_SYMLINK',
      'Device numbers in the PKWARE Unix field; they can’t be told from a link target.',
      both(pkwareUnix(Buffer.concat([u32(8), u32(1)]))),
    ),
    zipCase(
      'libarchive-symlink',
      [CONFLICT],
      'A symbolic link by the attributes in libarchive’s field "xl" of the local header.',
      () => {
        // Which parts follow; version made by, internal and external attributes.
        const fields = [Buffer.from([0x07]), u16(0x031e), u16(0), u32((0o120777 << 16) >>> 0)];
        return withEntry({ ...other, local: { extra: extraField(0x6c78, Buffer.concat(fields)) } });
      },
    ),
    zipCase('aes-field', 'ARCHIVE_ENCRYPTED', 'WinZip’s AES field without the flag of encryption.', both(aes)),
    zipCase('aes-field-in-the-local-header', CONFLICT, 'WinZip’s AES field in the local header only.', local(aes)),
    zipCase(
      'aes-field-in-the-directory',
      [CONFLICT, 'ARCHIVE_ENCRYPTED'],
      'WinZip’s AES field in the directory only.',
      central(aes),
    ),
    zipCase(
      'strong-encryption-field',
      'ARCHIVE_ENCRYPTED',
      'The strong encryption header (APPNOTE 4.5.12) without its flags.',
      both(strongEncryption),
    ),
  ],
};
