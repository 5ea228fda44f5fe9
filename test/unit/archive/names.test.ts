import { asCodePage437 } from '../../../src/archive/code-page-437.js';
import { nameFaults, vcsRoot } from '../../../src/archive/entry-names.js';
import { defaultLimits } from '../../../src/archive/limits.js';
import { addNameFindings, type JudgedName } from '../../../src/archive/name-findings.js';
import { foldName } from '../../../src/archive/name-fold.js';
import { findingList } from '../../../src/report/finding-list.js';

const codesOf = (name: string): string[] =>
  nameFaults(name, defaultLimits)
    .map(({ code }) => code)
    .sort();

describe('a name is refused with every code that applies:', () => {
  test.each<[string, string[]]>([
    ['', ['EMPTY']],
    ['/', ['ABSOLUTE', 'EMPTY']],
    ['app//x', ['EMPTY']],
    ['/etc/passwd', ['ABSOLUTE']],
    ['//server/share', ['ABSOLUTE']],
    ['\\\\server\\share', ['ABSOLUTE', 'BACKSLASH']],
    ['c:/x', ['ABSOLUTE']],
    ['c:x', ['ABSOLUTE']],
    ['app/c:/x', ['COLON']],
    ['app/x:stream', ['COLON']],
    ['../x', ['TRAVERSAL']],
    ['app/..', ['TRAVERSAL']],
    ['app/./x', ['TRAVERSAL']],
    ['app/..\\x', ['BACKSLASH']],
    ['app/...', ['TRAILING_DOT']],
    ['app/x /y', ['TRAILING_DOT']],
    ['app/aux.c', ['RESERVED']],
    ['app/CON .txt', ['RESERVED']],
    ['app/com¹', ['RESERVED']],
    ['app/x.php;1', ['RESERVED']],
    ['app/x.php;', ['RESERVED']],
    ['app/\u202Etxt.php', ['UNPRINTABLE']],
    ['app/\u{1FFFF}', ['UNPRINTABLE']],
    [
      '/../a:\u0000/con/b\\c.',
      ['ABSOLUTE', 'BACKSLASH', 'COLON', 'RESERVED', 'TRAILING_DOT', 'TRAVERSAL', 'UNPRINTABLE'],
    ],
  ])('%j', (name, codes) => {
    expect(codesOf(name)).toEqual(codes.map((code) => `ARCHIVE_NAME_${code}`));
  });
});

test.each(['app/x;1.php', 'app/a;1/b', 'app/console', 'app/.htaccess', 'app/a~1', 'app/👩‍💻.txt', 'app/größe/é', 'app/'])(
  '%j is a name like any other',
  (name) => {
    expect(codesOf(name)).toEqual([]);
  },
);

test('a name that was cut is judged by its whole length', () => {
  expect(nameFaults('app/x…', defaultLimits, 60_000)).toEqual([
    { code: 'ARCHIVE_PATH_TOO_LONG', details: { expected: 1_024, actual: 60_000 } },
  ]);
});

describe('names that some file system takes for the same have one form:', () => {
  test.each<[string, string, string]>([
    ['case', 'README', 'readme'],
    ['normalisation', 'é', 'e\u0301'],
    ['case and normalisation', 'É', 'e\u0301'],
    ['full case folding', 'straße', 'STRASSE'],
    ['ligatures', 'ﬁle', 'FILE'],
    ['Turkish İ', 'İ', 'i'],
    ['Turkish ı', 'ı', 'I'],
    ['the Kelvin sign', '\u212A', 'k'],
    ['a zero-width joiner', 'a\u200Db', 'ab'],
    ['a soft hyphen', 'a\u00ADb', 'ab'],
    ['a variation selector', '☃\uFE0F', '☃'],
  ])('%s', (_, one, other) => {
    expect(foldName(one)).toBe(foldName(other));
  });

  test('but compatibility forms stay apart, as in every file system', () => {
    expect(foldName('①')).not.toBe(foldName('1'));
  });
});

describe('version control data is found', () => {
  test.each([
    ['a/.git/HEAD', 'a/.git'],
    ['a/.SVN', 'a/.SVN'],
    ['.hg/store', '.hg'],
    ['a/GIT~1/config', 'a/GIT~1'],
    ['a/.g\u200Cit/x', 'a/.g\u200Cit'],
  ])('in %j', (path, root) => {
    expect(vcsRoot(path)).toBe(root);
  });

  test.each(['.gitignore', 'a.git/x', 'git/x', 'digit~1'])('and not in %j', (path) => {
    expect(vcsRoot(path)).toBeNull();
  });
});

/** Codes and paths of what is wrong with these names together. */
function clashes(...names: (string | JudgedName)[]): string[] {
  const findings = findingList();
  const judged = names.map((name) => (typeof name === 'string' ? { name, path: name } : name));
  addNameFindings(judged, defaultLimits, findings);
  return findings.all.map(({ code, path }) => `${code} ${path}`);
}

describe('short names of Windows', () => {
  test.each([
    ['README~1.TXT', 'readme for all.txt'],
    ['signat~1.jso', 'signature.json'],
    ['SI1A2B~1.JSO', 'signature.json'],
    ['HTACCE~1', '.htaccess'],
  ])('%s clashes with %s beside it, whichever comes first', (short, long) => {
    const expected = [`ARCHIVE_NAME_RESERVED a/${short}`];
    expect(clashes(`a/${short}`, `a/${long}`)).toEqual(expected);
    expect(clashes(`a/${long}`, `a/${short}`)).toEqual(expected);
  });

  test('are names like any other where no long name beside them has them', () => {
    expect(clashes('a/vendor~1.js', 'a/b/vendors~main.js', 'a/x.js', 'a/venture-capital.js')).toEqual([]);
  });
});

describe('names without the flag that says UTF-8', () => {
  const unmarked = (name: string): JudgedName => ({ name, path: name, unmarked: true });

  test('are letters, symbols and frames to a reader of code page 437', () => {
    expect(asCodePage437('aé')).toBe('a├⌐');
  });

  test('clash where only that reader takes them for the same', () => {
    // C3 84 and C3 8E, which are ä and Ä behind the same frame.
    expect(clashes(unmarked('a/Ä'), unmarked('a/Î'))).toEqual(['ARCHIVE_DUPLICATE_NAME a/Î']);
    expect(clashes('a/Ä', 'a/Î')).toEqual([]);
  });

  test('clash with a marked name that reads as they would', () => {
    expect(clashes(unmarked('a/é'), 'a/├⌐')).toEqual(['ARCHIVE_DUPLICATE_NAME a/é']);
  });

  test('may share a folder', () => {
    expect(clashes(unmarked('größe/a'), unmarked('größe/b'), unmarked('größe/'))).toEqual([]);
  });
});
