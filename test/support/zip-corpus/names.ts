import type { FindingCode } from '../../../src/report/catalogue.js';
import { withEntry, withName, zip } from './building-blocks.js';
import { zipCase, type ZipCase, type ZipCaseGroup } from './zip-case.js';

const named = (
  name: string,
  path: string | Buffer,
  codes: FindingCode | readonly FindingCode[],
  what: string,
): ZipCase => zipCase(name, codes, what, () => withName(path));
const NO_TOP = 'ARCHIVE_NO_TOP_LEVEL_FOLDER';

/** Names that some system unpacks elsewhere, otherwise, or not at all. */
export const names: ZipCaseGroup = {
  about: 'Names: where they lead',
  cases: [
    named('name-climbs', 'app/../../etc/passwd', 'ARCHIVE_NAME_TRAVERSAL', 'A name that climbs out of the folder.'),
    named('name-climbs-first', '../evil', 'ARCHIVE_NAME_TRAVERSAL', 'A name that begins by climbing ("zip slip").'),
    named('name-climbs-and-returns', 'app/../app/x', 'ARCHIVE_NAME_TRAVERSAL', 'A name that climbs and comes back.'),
    named('name-climbs-last', 'app/x/..', 'ARCHIVE_NAME_TRAVERSAL', 'A name whose last part climbs.'),
    named('folder-climbs', 'app/../', 'ARCHIVE_NAME_TRAVERSAL', 'A folder whose last part climbs.'),
    named('name-with-dot', 'app/./x', 'ARCHIVE_NAME_TRAVERSAL', 'A part ".": "app/./x" is "app/x".'),
    named(
      'name-begins-with-dot-slash',
      './app/x',
      'ARCHIVE_NAME_TRAVERSAL',
      'A name that begins with "./", as of "find . | zip -@".',
    ),
    named('name-absolute', '/etc/passwd', 'ARCHIVE_NAME_ABSOLUTE', 'An absolute name.'),
    named('name-double-slash', '//server/share/x', 'ARCHIVE_NAME_ABSOLUTE', 'A network path with slashes.'),
    named(
      'name-unc',
      '\\\\server\\share\\x',
      ['ARCHIVE_NAME_ABSOLUTE', 'ARCHIVE_NAME_BACKSLASH', NO_TOP],
      'A network path of Windows.',
    ),
    named(
      'name-device-path',
      '\\\\?\\C:\\x',
      ['ARCHIVE_NAME_ABSOLUTE', 'ARCHIVE_NAME_BACKSLASH', 'ARCHIVE_NAME_COLON', NO_TOP],
      'A device path of Windows.',
    ),
    named('name-with-drive', 'C:/windows/x', ['ARCHIVE_NAME_ABSOLUTE', NO_TOP], 'A name with a drive.'),
    named(
      'name-drive-relative',
      'C:x',
      ['ARCHIVE_NAME_ABSOLUTE', NO_TOP],
      'A name relative to the current folder of a drive.',
    ),
    named('name-with-drive-inside', 'app/C:/x', 'ARCHIVE_NAME_COLON', 'A drive inside of a name.'),
    named(
      'name-backslash',
      'app\\evil.php',
      ['ARCHIVE_NAME_BACKSLASH', NO_TOP],
      'A backslash: one name on Unix, two parts on Windows.',
    ),
    named('name-backslash-inside', 'app/lib\\evil.php', 'ARCHIVE_NAME_BACKSLASH', 'A backslash further back.'),
    named(
      'name-climbs-with-backslashes',
      'app/..\\..\\evil',
      'ARCHIVE_NAME_BACKSLASH',
      'A name that climbs on Windows only.',
    ),
    named(
      'name-absolute-with-backslash',
      '\\evil',
      ['ARCHIVE_NAME_ABSOLUTE', 'ARCHIVE_NAME_BACKSLASH', NO_TOP],
      'A name that is absolute on Windows only.',
    ),
    zipCase(
      'all-backslashes',
      ['ARCHIVE_NAME_BACKSLASH', NO_TOP],
      'Backslashes throughout, in the manner of .NET before 4.6.1.',
      () => zip({ name: 'app\\a.txt', data: 'a' }, { name: 'app\\lib\\b.txt', data: 'b' }),
    ),
    named('name-empty', '', 'ARCHIVE_NAME_EMPTY', 'An entry without a name.'),
    named('name-with-empty-part', 'app//x', 'ARCHIVE_NAME_EMPTY', 'Two slashes one after the other.'),
    named('name-a-slash', '/', ['ARCHIVE_NAME_ABSOLUTE', 'ARCHIVE_NAME_EMPTY'], 'A name that is nothing but a slash.'),
    named('folder-with-two-slashes', 'app/x//', 'ARCHIVE_NAME_EMPTY', 'A folder with two slashes at its end.'),
    named(
      'part-with-trailing-dot',
      'app/x./y',
      'ARCHIVE_NAME_TRAILING_DOT',
      'A part that ends with a dot, which Windows drops.',
    ),
    named(
      'name-with-trailing-space',
      'app/x ',
      'ARCHIVE_NAME_TRAILING_DOT',
      'A name that ends with a space, which Windows drops.',
    ),
    named('name-of-three-dots', 'app/.../x', 'ARCHIVE_NAME_TRAILING_DOT', 'A part of three dots.'),
    named('device-con', 'app/con', 'ARCHIVE_NAME_RESERVED', 'A device of Windows.'),
    named(
      'device-with-extension',
      'app/LPT1.txt',
      'ARCHIVE_NAME_RESERVED',
      'A device of Windows with an extension: still the device.',
    ),
    named(
      'device-with-two-extensions',
      'app/nul.tar.gz',
      'ARCHIVE_NAME_RESERVED',
      'A device of Windows with two extensions.',
    ),
    named(
      'device-with-superscript',
      'app/COM¹',
      'ARCHIVE_NAME_RESERVED',
      'A device of Windows with a superscript digit.',
    ),
    named('device-as-a-folder', 'app/aux/x', 'ARCHIVE_NAME_RESERVED', 'A device of Windows as a folder.'),
    named('device-conin', 'app/CONIN$', 'ARCHIVE_NAME_RESERVED', 'The console of Windows.'),
    named(
      'device-with-space',
      'app/con .txt',
      'ARCHIVE_NAME_RESERVED',
      'A device of Windows with a space before the extension.',
    ),
    named('alternate-data-stream', 'app/a.txt:evil', 'ARCHIVE_NAME_COLON', 'An alternate data stream of NTFS.'),
    named(
      'alternate-data-stream-of-a-folder',
      'app/lib::$INDEX_ALLOCATION',
      'ARCHIVE_NAME_COLON',
      'A folder by another name, on NTFS.',
    ),
    named(
      'name-with-vms-version',
      'app/x.php;1',
      'ARCHIVE_NAME_RESERVED',
      'A version number of OpenVMS, which Info-ZIP cuts off.',
    ),
    zipCase(
      'path-too-long',
      'ARCHIVE_PATH_TOO_LONG',
      'A path of 1,025 bytes.',
      () => withName(`app/${'ä/'.repeat(340)}x`),
      { limits: { pathDepth: 1_000 } },
    ),
    named('part-too-long', `app/${'x'.repeat(256)}`, 'ARCHIVE_PATH_TOO_LONG', 'A part of 256 bytes.'),
    named(
      'part-too-long-in-utf8',
      `app/${'ä'.repeat(128)}`,
      'ARCHIVE_PATH_TOO_LONG',
      'A part of 128 characters and 256 bytes.',
    ),
    zipCase(
      'part-too-long-in-code-page-437',
      ['ARCHIVE_NAME_NOT_MARKED_UTF8', 'ARCHIVE_PATH_TOO_LONG'],
      'An unmarked part of 200 bytes, of which Python makes 500.',
      () => withEntry({ name: `app/${'ä'.repeat(100)}`, data: 'x', both: { flags: 0 } }),
    ),
    zipCase(
      'name-spelled-by-unzip',
      'ARCHIVE_NAME_RESERVED',
      'A name from MS-DOS with U+0558, of which Info-ZIP’s unzip makes an "i": ".git".',
      () => withEntry({ name: 'app/.g\u0558t/config', data: 'x', both: { versionMadeBy: 20 } }),
    ),
    named('path-too-deep', `app/${'d/'.repeat(31)}x`, 'ARCHIVE_PATH_TOO_DEEP', 'A path of 33 levels.'),
    named(
      'path-of-30000-levels',
      `app/${'d/'.repeat(30_000)}x`,
      ['ARCHIVE_PATH_TOO_DEEP', 'ARCHIVE_PATH_TOO_LONG'],
      'A path of 30,000 levels.',
    ),
  ],
};
