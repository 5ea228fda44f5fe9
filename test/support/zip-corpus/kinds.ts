import { extraField, type RawEntry } from '../raw-zip.js';
import { asiUnix, good, other, withEntry, zip } from './building-blocks.js';
import { zipCase, type ZipCase, type ZipCaseGroup } from './zip-case.js';

/** Upper byte of "version made by": MS-DOS, Unix, NTFS, macOS (APPNOTE.TXT 4.4.2). */
const DOS = 20;
const NTFS = (10 << 8) | 20;
const MACOS = (19 << 8) | 20;

const mode = (unix: number, dos = 0): number => ((unix << 16) | dos) >>> 0;
const withMode =
  (unix: number, name = 'app/x'): (() => Buffer) =>
  () =>
    withEntry({ name, data: name.endsWith('/') ? '' : 'x', central: { externalAttributes: mode(unix) } });
const withAttributes =
  (externalAttributes: number, versionMadeBy = DOS): (() => Buffer) =>
  () =>
    withEntry({ ...other, central: { versionMadeBy, externalAttributes } });
const KIND = 'ARCHIVE_KIND_CONFLICT';

/** What is neither a regular file nor a folder, or both. */
export const kinds: ZipCaseGroup = {
  about: 'Kind of an entry',
  cases: [
    zipCase('symlink', 'ARCHIVE_SYMLINK', 'A symbolic link, as "zip -y" stores it.', () =>
      withEntry({ name: 'app/link', data: '/etc/passwd', method: 0, central: { externalAttributes: mode(0o120777) } }),
    ),
    zipCase(
      'symlink-then-file-below',
      ['ARCHIVE_SYMLINK', 'ARCHIVE_NAME_CONFLICT'],
      'A symbolic link to a folder elsewhere, and a file that is unpacked through it.',
      () =>
        zip(
          good,
          { name: 'app/link', data: '/tmp', method: 0, central: { externalAttributes: mode(0o120777) } },
          { name: 'app/link/evil', data: 'evil' },
        ),
    ),
    zipCase(
      'symlink-of-dos',
      'ARCHIVE_SYMLINK',
      'A symbolic link by its mode, with MS-DOS as host.',
      withAttributes(mode(0o120777)),
    ),
    zipCase(
      'symlink-of-ntfs',
      'ARCHIVE_SYMLINK',
      'A symbolic link by its mode, with NTFS as host.',
      withAttributes(mode(0o120777), NTFS),
    ),
    zipCase(
      'symlink-of-macos',
      'ARCHIVE_SYMLINK',
      'A symbolic link by its mode, with macOS as host.',
      withAttributes(mode(0o120755), MACOS),
    ),
    zipCase(
      'symlink-with-the-name-of-a-folder',
      'ARCHIVE_SYMLINK',
      'A symbolic link by its mode, a folder by its name.',
      withMode(0o120777, 'app/x/'),
    ),
    zipCase(
      'reparse-point',
      'ARCHIVE_SYMLINK',
      'A Windows reparse point: a junction or a link.',
      withAttributes(0x420),
    ),
    zipCase('character-device', 'ARCHIVE_SPECIAL_FILE', 'A character device.', withMode(0o020666)),
    zipCase('block-device', 'ARCHIVE_SPECIAL_FILE', 'A block device.', withMode(0o060666)),
    zipCase('named-pipe', 'ARCHIVE_SPECIAL_FILE', 'A named pipe.', withMode(0o010666)),
    zipCase('socket', 'ARCHIVE_SPECIAL_FILE', 'A socket.', withMode(0o140666)),
    zipCase('door', 'ARCHIVE_SPECIAL_FILE', 'A door of Solaris.', withMode(0o150666)),
    zipCase('whiteout', 'ARCHIVE_SPECIAL_FILE', 'A whiteout of BSD.', withMode(0o160666)),
    zipCase(
      'file-type-of-no-meaning',
      'ARCHIVE_SPECIAL_FILE',
      'A file type that no system defines.',
      withMode(0o170666),
    ),
    zipCase(
      'device-with-the-name-of-a-folder',
      'ARCHIVE_SPECIAL_FILE',
      'A block device by its mode, a folder by its name.',
      withMode(0o060666, 'app/x/'),
    ),
    zipCase('volume-label', 'ARCHIVE_SPECIAL_FILE', 'A volume label of MS-DOS.', withAttributes(0x08)),
    zipCase('dos-device', 'ARCHIVE_SPECIAL_FILE', 'A device by the MS-DOS attributes.', withAttributes(0x40)),
    zipCase('setuid', 'ARCHIVE_UNSAFE_MODE', 'A program that runs with the rights of its owner.', withMode(0o104755)),
    zipCase('setgid', 'ARCHIVE_UNSAFE_MODE', 'A program that runs with the rights of its group.', withMode(0o102755)),
    zipCase('sticky', 'ARCHIVE_UNSAFE_MODE', 'A file with the sticky bit.', withMode(0o101644)),
    zipCase(
      'setgid-folder',
      'ARCHIVE_UNSAFE_MODE',
      'A folder that hands its group down, as on a shared drive.',
      withMode(0o042775, 'app/x/'),
    ),
    zipCase(
      'setuid-without-a-type',
      'ARCHIVE_UNSAFE_MODE',
      'The setuid bit in a mode without file type.',
      withMode(0o004755),
    ),
    zipCase(
      'setuid-of-dos',
      'ARCHIVE_UNSAFE_MODE',
      'The setuid bit with MS-DOS as host.',
      withAttributes(mode(0o104755)),
    ),
    zipCase('folder-by-mode', KIND, 'A folder by its mode, a file by its name.', withMode(0o040755)),
    zipCase(
      'folder-by-dos-attribute',
      KIND,
      'A folder by its MS-DOS attribute, a file by its name.',
      withAttributes(0x10),
    ),
    zipCase('file-by-mode', KIND, 'A file by its mode, a folder by its name.', withMode(0o100644, 'app/x/')),
    zipCase('file-by-asi-field', KIND, 'A file by the ASi Unix field, a folder by its name.', () =>
      withEntry({ name: 'app/x/', both: { extra: asiUnix(0o100644) } }),
    ),
    zipCase(
      'folder-with-data',
      'ARCHIVE_FOLDER_WITH_DATA',
      'A folder with data, which becomes a file where its slash is overlooked.',
      () => withEntry({ name: 'app/x/', data: 'data' }),
    ),
    zipCase('folder-with-deflated-data', 'ARCHIVE_FOLDER_WITH_DATA', 'A folder with deflated data.', () =>
      withEntry({ name: 'app/x/', data: 'data', method: 8 }),
    ),
    zipCase(
      'folder-with-hidden-data',
      'ARCHIVE_SIZE_MISMATCH',
      'A folder that declares no data, and has five bytes of it.',
      () => withEntry({ name: 'app/x/', data: '', compressed: Buffer.from('bytes') }),
    ),
  ],
};

const flagged =
  (flags: number): (() => Buffer) =>
  () =>
    withEntry({ ...other, both: { flags: 0x0800 | flags } });
const METHODS = [
  [1, 'shrunk'],
  [2, 'reduced'],
  [6, 'imploded'],
  [7, 'tokenized'],
  [9, 'deflate64'],
  [10, 'PKWARE DCL imploded'],
  [12, 'bzip2'],
  [14, 'LZMA'],
  [18, 'IBM TERSE'],
  [20, 'zstd by its old number'],
  [93, 'zstd'],
  [94, 'MP3'],
  [95, 'XZ'],
  [96, 'JPEG'],
  [97, 'WavPack'],
  [98, 'PPMd'],
  [0x1234, 'a method that nobody defined'],
] as const;

/** Compression methods, encryption and flags: APPNOTE.TXT 4.4.4, 4.4.5. */
export const methods: ZipCaseGroup = {
  about: 'Compression methods, encryption, flags',
  cases: [
    ...METHODS.map(([method, label]): ZipCase => {
      const build = (): Buffer => withEntry({ ...other, both: { method } });
      return zipCase(
        `method-${method}`,
        'ARCHIVE_METHOD_UNSUPPORTED',
        `An entry with method ${method}, ${label}.`,
        build,
      );
    }),
    zipCase(
      'method-14-with-its-version',
      'ARCHIVE_METHOD_UNSUPPORTED',
      'An entry with LZMA that needs version 6.3, as it should: refused for its method only.',
      () => withEntry({ ...other, both: { method: 14, versionNeeded: 63 } }),
    ),
    zipCase(
      'method-99',
      ['ARCHIVE_ENCRYPTED', 'ARCHIVE_METHOD_UNSUPPORTED'],
      'An entry with WinZip’s AES: method 99, the flag, and the field.',
      () => {
        const field = extraField(0x9901, Buffer.from('02004145030800', 'hex'));
        return withEntry({ ...other, both: { method: 99, flags: 0x0801, extra: field } });
      },
    ),
    zipCase('encrypted', 'ARCHIVE_ENCRYPTED', 'An entry with the encryption of PKZIP.', flagged(0x0001)),
    zipCase('encrypted-folder', 'ARCHIVE_ENCRYPTED', 'A folder with the flag of encryption.', () =>
      withEntry({ name: 'app/x/', both: { flags: 0x0801 } } satisfies RawEntry),
    ),
    zipCase('strongly-encrypted', 'ARCHIVE_ENCRYPTED', 'An entry with strong encryption.', flagged(0x0041)),
    zipCase(
      'strongly-encrypted-half',
      'ARCHIVE_ENCRYPTED',
      'The flag of strong encryption without that of encryption.',
      flagged(0x0040),
    ),
    zipCase(
      'masked-headers',
      'ARCHIVE_ENCRYPTED',
      'The flag of masked local headers, as with an encrypted central directory.',
      flagged(0x2000),
    ),
    zipCase(
      'patch-data',
      'ARCHIVE_METHOD_UNSUPPORTED',
      'An entry that is a patch (APPNOTE 4.4.4, bit 5).',
      flagged(0x0020),
    ),
    ...[0x0010, 0x0080, 0x0100, 0x0200, 0x0400, 0x1000, 0x4000, 0x8000].map((bit): ZipCase => {
      const number = Math.log2(bit);
      return zipCase(
        `flag-bit-${number}`,
        'ARCHIVE_RESERVED_FLAGS',
        `An entry with flag bit ${number} set, which is reserved or has no meaning here.`,
        flagged(bit),
      );
    }),
  ],
};
