import { withEntry } from './building-blocks.js';
import { named } from './named-case.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const bytes = (hex: string): Buffer => Buffer.concat([Buffer.from('app/'), Buffer.from(hex, 'hex')]);
const NO_TOP = 'ARCHIVE_NO_TOP_LEVEL_FOLDER';
const UNPRINTABLE = 'ARCHIVE_NAME_UNPRINTABLE';

/** Names that people or readers take for another. */
export const characters: ZipCaseGroup = {
  about: 'Names: what they are written in',
  cases: [
    named('name-with-nul', 'app/a.php\0.txt', UNPRINTABLE, 'A NUL, where the name ends for a reader written in C.'),
    named('name-with-line-break', 'app/a\nb', UNPRINTABLE, 'A line break.'),
    named('name-with-escape', 'app/\u001b[2Jx', UNPRINTABLE, 'A sequence that clears a terminal.'),
    named('name-with-delete', 'app/a\u007f', UNPRINTABLE, 'The control character DEL.'),
    named('name-with-c1', 'app/a\u0085b', UNPRINTABLE, 'A control character above ASCII.'),
    named('name-right-to-left', 'app/\u202Etxt.php', UNPRINTABLE, 'A right-to-left override: shown as "php.txt".'),
    named('name-isolate', 'app/\u2066x', UNPRINTABLE, 'A bidirectional isolate.'),
    named('name-arabic-letter-mark', 'app/\u061Cx', UNPRINTABLE, 'The Arabic letter mark, a bidirectional one.'),
    named('name-line-separator', 'app/a\u2028b', UNPRINTABLE, 'The line separator of Unicode.'),
    named('name-byte-order-mark', '\uFEFFapp/x', [UNPRINTABLE, NO_TOP], 'A byte-order mark before the name.'),
    named('name-byte-order-mark-inside', 'app/a\uFEFFb', UNPRINTABLE, 'A byte-order mark within the name.'),
    named('name-non-character', 'app/\uFFFF', UNPRINTABLE, 'A non-character.'),
    named('name-non-character-fdd0', 'app/\uFDD0', UNPRINTABLE, 'A non-character in the middle of the plane.'),
    named(
      'name-non-character-plane-16',
      'app/\u{10FFFF}',
      UNPRINTABLE,
      'The last code point there is, a non-character.',
    ),
    named('name-latin-1', bytes('6772f6df65'), 'ARCHIVE_NAME_ENCODING', 'A name in Latin-1 that says it is UTF-8.'),
    zipCase(
      'name-code-page-437',
      'ARCHIVE_NAME_ENCODING',
      'A name in code page 437, as the format has it without the flag; readers guess otherwise.',
      () => withEntry({ name: bytes('677294e165'), data: 'x', both: { flags: 0 } }),
    ),
    zipCase('name-shift-jis', 'ARCHIVE_NAME_ENCODING', 'A name in Shift JIS, one of whose bytes is a backslash.', () =>
      withEntry({ name: bytes('955c8ea6'), data: 'x', both: { flags: 0 } }),
    ),
    named('name-surrogate', bytes('eda080'), 'ARCHIVE_NAME_ENCODING', 'Half of a surrogate pair in UTF-8.'),
    named(
      'name-surrogate-pair',
      bytes('eda0bdedb880'),
      'ARCHIVE_NAME_ENCODING',
      'A surrogate pair in UTF-8, as Java’s modified form has it.',
    ),
    named(
      'name-overlong-slash',
      bytes('2e2ec0af65'),
      'ARCHIVE_NAME_ENCODING',
      'A slash in two bytes: "../" to a careless decoder.',
    ),
    named(
      'name-overlong-nul',
      bytes('61c080'),
      'ARCHIVE_NAME_ENCODING',
      'A NUL in two bytes, as Java’s modified UTF-8 has it.',
    ),
    named('name-cut-in-a-character', bytes('61e282'), 'ARCHIVE_NAME_ENCODING', 'A name that ends within a character.'),
    named('name-beyond-unicode', bytes('f4908080'), 'ARCHIVE_NAME_ENCODING', 'A code point beyond the last one.'),
    named(
      'name-lone-continuation',
      bytes('80'),
      'ARCHIVE_NAME_ENCODING',
      'A continuation byte that continues nothing.',
    ),
  ],
};
