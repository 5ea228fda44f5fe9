import fc from 'fast-check';
import { asCodePage437 } from '../../../src/archive/code-page-437.js';
import { nameFaults, vcsRoot } from '../../../src/archive/entry-names.js';
import { defaultLimits } from '../../../src/archive/limits.js';
import { addNameFindings, type JudgedName } from '../../../src/archive/name-findings.js';
import { foldName } from '../../../src/archive/name-fold.js';
import { asUnzipReadsDos } from '../../../src/archive/unzip-dos-names.js';
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

test('no rule about a part finds anything in a path that is taken for one without faults at first sight', () => {
  const part = fc.constantFrom(
    ...[
      'con',
      'CON',
      'prn',
      'aux',
      'nul',
      'clock$',
      'conin$',
      'CONOUT$',
      'com1',
      'lpt',
      '¹',
      '0',
      '$',
      ' ',
      '.',
      '..',
      '',
    ],
    ...[':', '/', '//', 'x', 'ä', '\u0130', '\u017F', '\n', '~', ';', '1', '\u00A0', '\u2028', '-', '_'],
  );
  const path = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(path, (rest) => {
      // A colon further up makes sure that all parts are looked at.
      const all = codesOf(`app/a:b/${rest}`).filter((code) => code !== 'ARCHIVE_NAME_COLON');
      expect(codesOf(`app/a/${rest}`).filter((code) => code !== 'ARCHIVE_NAME_COLON')).toEqual(all);
      expect(codesOf(`app/a/${rest}`).includes('ARCHIVE_NAME_COLON')).toBe(rest.includes(':'));
    }),
    { numRuns: 5_000 },
  );
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
    ['a mark that is a letter in upper case', '\u1FB7', '\u0391\u0342\u0345'],
  ])('%s', (_, one, other) => {
    expect(foldName(one)).toBe(foldName(other));
  });

  test('but compatibility forms stay apart, as in every file system', () => {
    expect(foldName('①')).not.toBe(foldName('1'));
  });
});

/** Every code point beyond ASCII that some file system may take for a letter or a digit of ASCII. */
function lookalikes(): string[] {
  const found: string[] = [];
  for (let code = 0x80; code < 0x11_0000; code += 1) {
    const character = code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code);
    if (/^[a-z0-9]$/.test(foldName(character))) found.push(character);
  }
  return found;
}

test('no name of version control data is passed over that folds to one', () => {
  const characters = lookalikes();
  expect(characters).toEqual(expect.arrayContaining(['\u017F', '\u0131', '\u0130', '\u212A']));
  for (const name of ['.git', '.svn', '.hg', 'git~1', 'svn~2']) {
    for (const character of characters) {
      for (let at = 0; at < name.length; at += 1) {
        const other = name.slice(0, at) + character + name.slice(at + 1);
        expect([other, vcsRoot(`a/${other}/x`)]).toEqual([other, foldName(other) === name ? `a/${other}` : null]);
      }
    }
  }
});

describe('version control data is found', () => {
  test.each([
    ['a/.git/HEAD', 'a/.git'],
    ['a/.SVN', 'a/.SVN'],
    ['.hg/store', '.hg'],
    ['a/GIT~1/config', 'a/GIT~1'],
    ['a/.g\u200Cit/x', 'a/.g\u200Cit'],
    ['a/.\u017Fvn/x', 'a/.\u017Fvn'],
    ['a/.GIT/x', 'a/.GIT'],
    ['.gıt', '.gıt'],
  ])('in %j', (path, root) => {
    expect(vcsRoot(path)).toBe(root);
  });

  test.each(['.gitignore', 'a.git/x', 'git/x', 'digit~1'])('and not in %j', (path) => {
    expect(vcsRoot(path)).toBeNull();
  });
});

/** Codes and paths of what is wrong with these names together. */
async function clashes(...names: (string | JudgedName)[]): Promise<string[]> {
  const findings = findingList();
  const judged = names.map((name) => (typeof name === 'string' ? { name, path: name } : name));
  await addNameFindings(judged, { limits: defaultLimits, keepGoing: () => true, findings });
  return findings.all.map(({ code, path }) => `${code} ${path}`);
}

describe('short names of Windows', () => {
  test.each([
    ['README~1.TXT', 'readme for all.txt'],
    ['signat~1.jso', 'signature.json'],
    ['SI1A2B~1.JSO', 'signature.json'],
    ['HTACCE~1', '.htaccess'],
  ])('%s clashes with %s beside it, whichever comes first', async (short, long) => {
    const expected = [`ARCHIVE_NAME_RESERVED a/${short}`];
    expect(await clashes(`a/${short}`, `a/${long}`)).toEqual(expected);
    expect(await clashes(`a/${long}`, `a/${short}`)).toEqual(expected);
  });

  test('are names like any other where no long name beside them has them', async () => {
    expect(await clashes('a/vendor~1.js', 'a/b/vendors~main.js', 'a/x.js', 'a/venture-capital.js')).toEqual([]);
  });
});

describe('names without the flag that says UTF-8', () => {
  const unmarked = (name: string): JudgedName => ({ name, path: name, unmarked: true });

  test('are letters, symbols and frames to a reader of code page 437', () => {
    expect(asCodePage437('aé')).toBe('a├⌐');
  });

  test('clash where only that reader takes them for the same', async () => {
    // C3 84 and C3 8E, which are ä and Ä behind the same frame.
    expect(await clashes(unmarked('a/Ä'), unmarked('a/Î'))).toEqual(['ARCHIVE_DUPLICATE_NAME a/Î']);
    expect(await clashes('a/Ä', 'a/Î')).toEqual([]);
  });

  test('clash with a marked name that reads as they would', async () => {
    expect(await clashes(unmarked('a/é'), 'a/├⌐')).toEqual(['ARCHIVE_DUPLICATE_NAME a/é']);
  });

  test('may share a folder', async () => {
    expect(await clashes(unmarked('größe/a'), unmarked('größe/b'), unmarked('größe/'))).toEqual([]);
  });

  test('share no folder with a name that only reads as theirs', async () => {
    expect(await clashes('a/├⌐/x', unmarked('a/é/y'))).toEqual(['ARCHIVE_DUPLICATE_NAME a/é/y']);
  });

  test('may not grow in that reading beyond what file systems take', async () => {
    expect(await clashes(unmarked(`a/${'ä'.repeat(50)}`))).toEqual([]);
    expect(await clashes(unmarked(`a/${'ä'.repeat(100)}`))).toEqual([`ARCHIVE_PATH_TOO_LONG a/${'ä'.repeat(100)}`]);
    expect(await clashes(`a/${'ä'.repeat(100)}`)).toEqual([]);
  });
});

describe('names from MS-DOS and the like, which unzip converts', () => {
  const dos = (name: string): JudgedName => ({ name, path: name, dosLike: true });

  test('become plus signs and dashes, and what is no UTF-8 as a rule', () => {
    expect(asUnzipReadsDos('a/cû.php')).toBe('a/c++.php');
    expect(asUnzipReadsDos('\u0558')).toBe('i');
    expect(asUnzipReadsDos('é')).toBe('+\uF7AE');
  });

  test('clash with a name that they become', async () => {
    expect(await clashes('a/c++.php', dos('a/cû.php'))).toEqual(['ARCHIVE_DUPLICATE_NAME a/cû.php']);
    expect(await clashes(dos('a/cû.php'), 'a/c++.php')).toEqual(['ARCHIVE_DUPLICATE_NAME a/cû.php']);
    expect(await clashes('a/c++.php', 'a/cû.php')).toEqual([]);
  });

  test('clash where two become the same', async () => {
    expect(await clashes(dos('a/Brûlé'), dos('a/Brülé'))).toEqual(['ARCHIVE_DUPLICATE_NAME a/Brülé']);
    expect(await clashes(dos('a/Ć'), dos('a/Ā'))).toEqual([]);
  });

  test('clash where a folder becomes a file, or another folder', async () => {
    expect(await clashes('a/c++', dos('a/cû/x'))).toEqual(['ARCHIVE_NAME_CONFLICT a/cû/x']);
    expect(await clashes('a/c++/x', dos('a/cû/y'))).toEqual(['ARCHIVE_DUPLICATE_NAME a/cû/y']);
  });

  test('can spell no name of plain letters', async () => {
    expect(await clashes(dos('a/.g\u0558t/x'))).toEqual(['ARCHIVE_NAME_RESERVED a/.g\u0558t/x']);
  });

  test('are fine where they are garbled only', async () => {
    expect(await clashes(dos('a/größe/é'), dos('a/größe/'), dos('a/größe/è'), dos('a/日本'))).toEqual([]);
  });
});

test('judging names stops when the time is up', async () => {
  const findings = findingList();
  let looks = 0;
  const keepGoing = (): boolean => (looks += 1) <= 2;
  const names = Array.from({ length: 10_000 }, (_, index) => ({ name: `a/${index}.`, path: `a/${index}.` }));
  await addNameFindings(names, { limits: { ...defaultLimits, entries: 100 }, keepGoing, findings });
  expect(looks).toBe(3);
});
