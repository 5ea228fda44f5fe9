import { good, withName, zip } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const NO_TOP = 'ARCHIVE_NO_TOP_LEVEL_FOLDER';

/** What is not one folder with the app in it. */
export const topLevel: ZipCaseGroup = {
  about: 'Top-level folder',
  cases: [
    zipCase('no-folder', NO_TOP, 'Files at the top: the content of the folder was packed.', () =>
      zip({ name: 'a.txt' }, { name: 'b.txt' }),
    ),
    zipCase('two-folders', NO_TOP, 'Two folders at the top.', () => withName('app2/x')),
    zipCase(
      'two-folders-in-other-case',
      ['ARCHIVE_DUPLICATE_NAME', NO_TOP],
      'Two folders at the top that differ in case.',
      () => withName('APP/x'),
    ),
    zipCase('file-beside-the-folder', NO_TOP, 'A file beside the folder.', () => withName('README')),
    zipCase('macosx-folder', NO_TOP, 'What macOS adds beside the folder.', () => withName('__MACOSX/app/._a.txt')),
    zipCase('macosx-folder-alone', NO_TOP, 'Nothing but what macOS adds.', () =>
      zip({ name: '__MACOSX/app/._a.txt', data: 'x' }),
    ),
    zipCase('desktop-leftover-beside', NO_TOP, 'The file of macOS’s Finder beside the folder.', () =>
      withName('.DS_Store'),
    ),
    zipCase('java-manifest-beside', NO_TOP, 'META-INF beside the folder, as of "jar cf" without M.', () =>
      withName('META-INF/MANIFEST.MF'),
    ),
  ],
};

/** Version control data, by every name under which a file system has it. */
export const versionControl: ZipCaseGroup = {
  about: 'Version control data',
  cases: [
    zipCase('git-folder', 'VCS_DATA', 'A .git folder.', () =>
      zip(good, { name: 'app/.git/HEAD' }, { name: 'app/.git/config' }),
    ),
    zipCase('git-file', 'VCS_DATA', 'A .git file, as submodules have it.', () => withName('app/lib/.git')),
    zipCase('git-folder-in-capitals', 'VCS_DATA', 'A .GIT folder.', () => withName('app/.GIT/config')),
    zipCase('git-folder-alone', 'VCS_DATA', 'A .git folder that is empty.', () => withName('app/.git/')),
    zipCase(
      'git-with-ignorable',
      'VCS_DATA',
      'A .git folder with a zero-width non-joiner in it, which HFS+ leaves out of account (CVE-2014-9390).',
      () => withName('app/.g\u200Cit/config'),
    ),
    zipCase('git-short-name', 'VCS_DATA', 'The short name that NTFS gives a .git folder (CVE-2014-9390).', () =>
      withName('app/git~1/config'),
    ),
    zipCase(
      'git-with-trailing-dot',
      'ARCHIVE_NAME_TRAILING_DOT',
      'A .git folder with a dot behind, which Windows drops.',
      () => withName('app/.git./config'),
    ),
    zipCase(
      'git-as-a-stream',
      'ARCHIVE_NAME_COLON',
      'A .git folder by the name of its index stream, on NTFS (CVE-2019-1352).',
      () => withName('app/.git::$INDEX_ALLOCATION/config'),
    ),
    zipCase('git-with-backslash', 'ARCHIVE_NAME_BACKSLASH', 'A .git folder behind a backslash (CVE-2014-9390).', () =>
      withName('app/lib\\.git\\config'),
    ),
    zipCase('svn-folder', 'VCS_DATA', 'A .SVN folder.', () => withName('app/.SVN/entries')),
    zipCase('hg-folder', 'VCS_DATA', 'A .hg folder.', () => withName('app/.hg/store/00manifest.i')),
  ],
};
