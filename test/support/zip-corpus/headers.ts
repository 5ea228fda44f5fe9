import { type RawEntry } from '../raw-zip.js';
import { other, withEntry } from './building-blocks.js';
import { zipCase, type ZipCase, type ZipCaseGroup } from './zip-case.js';

const local =
  (fields: RawEntry['local']): (() => Buffer) =>
  () =>
    withEntry({ ...other, ...(fields && { local: fields }) });
const MISMATCH = 'ARCHIVE_HEADER_MISMATCH';

/** Local and central header that tell different things. */
export const headers: ZipCaseGroup = {
  about: 'Local and central header',
  cases: [
    zipCase(
      'local-name-other',
      MISMATCH,
      'The local header has another name of the same length.',
      local({ name: 'app/x.txt' }),
    ),
    zipCase(
      'local-name-longer',
      MISMATCH,
      'The name goes on in the local header: ".txt" in the directory, ".txt.php" there.',
      local({ name: 'app/b.txt.php' }),
    ),
    zipCase('local-name-shorter', MISMATCH, 'The name ends earlier in the local header.', local({ name: 'app/b' })),
    zipCase(
      'local-name-climbs',
      MISMATCH,
      'The local header has a name that climbs out of the folder.',
      local({ name: '../../evil' }),
    ),
    zipCase(
      'local-name-in-other-case',
      MISMATCH,
      'The local header has the name in capitals.',
      local({ name: 'APP/B.TXT' }),
    ),
    zipCase('local-name-empty', MISMATCH, 'The local header has no name.', local({ name: '' })),
    zipCase(
      'local-name-of-a-folder',
      MISMATCH,
      'The local header has the name of a folder.',
      local({ name: 'app/b.txt/' }),
    ),
    zipCase(
      'local-name-ends-with-nul',
      MISMATCH,
      'The local header has a NUL at the end of the name.',
      local({ name: 'app/b.txt\0' }),
    ),
    zipCase(
      'local-method-stored',
      MISMATCH,
      'Deflated by the directory, stored by the local header.',
      local({ method: 0 }),
    ),
    zipCase(
      'local-method-bzip2',
      MISMATCH,
      'Deflated by the directory, bzip2 by the local header.',
      local({ method: 12 }),
    ),
    zipCase('local-flags-without-utf8', MISMATCH, 'UTF-8 by the directory only.', local({ flags: 0 })),
    zipCase('local-flag-encrypted', MISMATCH, 'Encrypted by the local header only.', local({ flags: 0x0801 })),
    zipCase('central-flag-encrypted', [MISMATCH, 'ARCHIVE_ENCRYPTED'], 'Encrypted by the directory only.', () =>
      withEntry({ ...other, central: { flags: 0x0801 } }),
    ),
    zipCase('local-flag-streamed', MISMATCH, 'A data descriptor by the local header only.', local({ flags: 0x0808 })),
    zipCase('local-crc-other', MISMATCH, 'The local header has another CRC.', local({ crc32: 1 })),
    zipCase('local-size-other', MISMATCH, 'The local header has another size.', local({ uncompressedSize: 1 })),
    zipCase(
      'local-compressed-size-other',
      MISMATCH,
      'The local header has another compressed size.',
      local({ compressedSize: 1 }),
    ),
    zipCase(
      'local-sizes-zero',
      MISMATCH,
      'The local header has no sizes and no CRC, without the flag that announces a descriptor.',
      local({ crc32: 0, compressedSize: 0, uncompressedSize: 0 }),
    ),
    zipCase(
      'streamed-with-a-wrong-size',
      MISMATCH,
      'The local header of a streamed entry has a size, and it is wrong.',
      () => withEntry({ ...other, streamed: true, local: { compressedSize: 3 } }),
    ),
    zipCase(
      'streamed-with-a-wrong-crc',
      MISMATCH,
      'The local header of a streamed entry has a CRC, and it is wrong.',
      () => withEntry({ ...other, streamed: true, local: { crc32: 3 } }),
    ),
  ],
};

/** Info-ZIP leaves such an entry out (above 4.6, or of OpenVMS), Python refuses the file (above 6.3), others don't look. */
const NEEDED = [
  [46, '4.6, of bzip2'],
  [63, '6.3, of LZMA'],
  [64, '6.4, which is none'],
  [80, '8.0, which is none'],
  [255, '25.5, which is none'],
  [0x0350, '8.0 with Unix as host'],
  [0x0214, '2.0 "stored in VMS format"'],
] as const;

/** "Version needed to extract": APPNOTE.TXT 4.4.3. */
export const versions: ZipCaseGroup = {
  about: 'Version needed to extract',
  cases: NEEDED.flatMap(([versionNeeded, label]): ZipCase[] => {
    const name = `version-${versionNeeded < 256 ? '' : '0x'}${versionNeeded.toString(versionNeeded < 256 ? 10 : 16)}`;
    return [
      zipCase(
        `${name}-in-both`,
        'ARCHIVE_VERSION_NEEDED',
        `Version ${label}, is needed by both headers of a deflated entry.`,
        () => withEntry({ ...other, both: { versionNeeded } }),
      ),
      zipCase(
        `${name}-in-the-directory`,
        'ARCHIVE_VERSION_NEEDED',
        `Version ${label}, is needed by the central header only.`,
        () => withEntry({ ...other, central: { versionNeeded } }),
      ),
      zipCase(
        `${name}-in-the-local-header`,
        'ARCHIVE_VERSION_NEEDED',
        `Version ${label}, is needed by the local header only.`,
        () => withEntry({ ...other, local: { versionNeeded } }),
      ),
    ];
  }),
};
