import { good, zip } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const NO_TOP = 'ARCHIVE_NO_TOP_LEVEL_FOLDER';
const pair =
  (first: string, second: string): (() => Buffer) =>
  () =>
    zip({ name: first, data: '1' }, { name: second, data: '2' });
const TWICE = 'ARCHIVE_DUPLICATE_NAME';
const CONFLICT = 'ARCHIVE_NAME_CONFLICT';

/** Names that can't stand side by side in every file system. */
export const clashes: ZipCaseGroup = {
  about: 'Names: one beside the other',
  cases: [
    zipCase(
      'same-name-twice',
      TWICE,
      'Two entries with the same name and other content (Android "master key", bug 8219321).',
      pair('app/a.txt', 'app/a.txt'),
    ),
    zipCase(
      'names-by-unzip-from-dos',
      TWICE,
      'A marked name from MS-DOS that Info-ZIP’s unzip turns into the name beside it.',
      () =>
        zip({ name: 'app/c++.php', data: 'good' }, { name: 'app/cû.php', data: 'evil', both: { versionMadeBy: 20 } }),
    ),
    zipCase(
      'folders-by-unzip-from-dos',
      TWICE,
      'A folder from MS-DOS that Info-ZIP’s unzip turns into the one beside it.',
      () => zip({ name: 'app/c++/a', data: '1' }, { name: 'app/cû/b', data: '2', both: { versionMadeBy: 20 } }),
    ),
    zipCase(
      'names-canonical-caseless',
      TWICE,
      'Names that are the same by canonical caseless matching only: a Greek iota that stands below.',
      pair('app/\u1FB7', 'app/\u0391\u0342\u0345'),
    ),
    zipCase('same-entry-twice', TWICE, 'The same entry twice, byte for byte.', () => zip(good, good)),
    zipCase('same-folder-twice', TWICE, 'The same folder twice.', () => zip(good, { name: 'app/' }, { name: 'app/' })),
    zipCase('names-in-other-case', TWICE, 'Names that differ in case.', pair('app/a.txt', 'app/A.TXT')),
    zipCase(
      'names-replaced-on-windows',
      TWICE,
      'Names that are the same once a reader on Windows has put "_" for what it can’t write.',
      pair('app/what?.txt', 'app/what_.txt'),
    ),
    zipCase(
      'folders-in-other-case',
      TWICE,
      'Folders, which no entry names, that differ in case.',
      pair('app/lib/a', 'app/LIB/b'),
    ),
    zipCase(
      'names-sharp-s',
      TWICE,
      'Names that are the same by case folding: ß and SS.',
      pair('app/straße', 'app/STRASSE'),
    ),
    zipCase(
      'names-kelvin',
      TWICE,
      'Names that are the same by case folding: k and the sign of Kelvin.',
      pair('app/k', 'app/\u212A'),
    ),
    zipCase(
      'names-sigma',
      TWICE,
      'Names that are the same by case folding: the two small sigmas.',
      pair('app/σ', 'app/ς'),
    ),
    zipCase('names-ligature', TWICE, 'Names that are the same by case folding: ﬁ and FI.', pair('app/ﬁ', 'app/FI')),
    zipCase('names-normalised', TWICE, 'Names that differ in Unicode normalisation.', pair('app/é', 'app/e\u0301')),
    zipCase(
      'names-normalised-hangul',
      TWICE,
      'Names that differ in Unicode normalisation: a Hangul syllable and its letters.',
      pair('app/한', 'app/\u1112\u1161\u11AB'),
    ),
    zipCase(
      'folders-normalised',
      TWICE,
      'Folders that differ in Unicode normalisation.',
      pair('app/é/a', 'app/e\u0301/b'),
    ),
    zipCase(
      'names-with-ignorable',
      TWICE,
      'Names that differ in a zero-width joiner, which HFS+ leaves out of account.',
      pair('app/ab', 'app/a\u200Db'),
    ),
    zipCase('names-dotted-i', TWICE, 'Names that are the same in Turkish: İ and i.', pair('app/\u0130', 'app/i')),
    zipCase(
      'names-variation-selector',
      TWICE,
      'Names that differ in a variation selector, which can’t be seen.',
      pair('app/☺', 'app/☺\uFE0F'),
    ),
    zipCase(
      'short-name-of-another',
      'ARCHIVE_NAME_RESERVED',
      'A name that Windows may give a longer one beside it for short.',
      pair('app/longfilename.txt', 'app/LONGFI~1.TXT'),
    ),
    zipCase(
      'names-in-code-page-437',
      [TWICE, 'ARCHIVE_NAME_NOT_MARKED_UTF8'],
      'A name that isn’t marked as UTF-8, and what readers of code page 437 make of it as the name of another file.',
      () => zip({ name: 'app/ä', data: '1', both: { flags: 0 } }, { name: 'app/├ñ', data: '2' }),
    ),
    zipCase('file-used-as-a-folder', CONFLICT, 'A file, and then a file below it.', pair('app/x', 'app/x/y')),
    zipCase(
      'folder-used-as-a-file',
      CONFLICT,
      'A file in a folder, and then a file with the folder’s name.',
      pair('app/x/y', 'app/x'),
    ),
    zipCase('file-and-folder', CONFLICT, 'A file and a folder with one name.', () =>
      zip(good, { name: 'app/x', data: 'x' }, { name: 'app/x/' }),
    ),
    zipCase(
      'file-used-as-a-folder-in-other-case',
      CONFLICT,
      'A file, and a file below it with its name in capitals.',
      pair('app/x', 'app/X/y'),
    ),
    zipCase(
      'top-level-folder-as-a-file',
      [CONFLICT, NO_TOP],
      'The top-level folder is a file as well.',
      pair('app', 'app/x'),
    ),
  ],
};
