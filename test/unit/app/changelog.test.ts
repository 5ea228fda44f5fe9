import { readChangelogSection, sectionOfChangelog } from '../../../src/app/changelog.js';

const KEPT = `# Changelog

All notable changes. The format is [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

## [Unreleased]

### Added

- Not out yet

## [1.2.0] - 2026-05-01

### Added

- Weeks, see [#12] and [the guide][Guide  to weeks]

### Fixed

- Leap years

## [1.1.0] - 2026-01-01 [YANKED]

- Taken back

## 1.0.0 - 2025-01-01

- The first

[Unreleased]: https://example.org/compare/1.2.0...HEAD
[1.2.0]: https://example.org/compare/1.1.0...1.2.0
[#12]: https://example.org/issues/12
[#13]: https://example.org/issues/13
[guide to weeks]: https://example.org/guide
`;

describe('a changelog as Keep a Changelog has it', () => {
  test('the section of a version ends where the next begins, and brings the links that it uses', () => {
    expect(sectionOfChangelog(KEPT, '1.2.0')).toBe(`### Added

- Weeks, see [#12] and [the guide][Guide  to weeks]

### Fixed

- Leap years

[#12]: https://example.org/issues/12
[guide to weeks]: https://example.org/guide`);
  });

  test('a yanked version has its section, and so has one without brackets', () => {
    expect(sectionOfChangelog(KEPT, '1.1.0')).toBe('- Taken back');
    expect(sectionOfChangelog(KEPT, '1.0.0')).toBe('- The first');
  });

  test.each(['1.2', '1.2.0.1', '2.0.0', '11.2.0', '1.2.0-rc.1', 'Unreleased', ''])(
    'the version %j has none',
    (version) => {
      expect(sectionOfChangelog(KEPT, version)).toBeNull();
    },
  );

  test.each(['\r\n', '\r'])('whatever ends the lines: %j', (end) => {
    expect(sectionOfChangelog(KEPT.replaceAll('\n', end), '1.1.0')).toBe('- Taken back');
    expect(sectionOfChangelog(KEPT.replaceAll('\n', end), '1.2.0')).toBe(sectionOfChangelog(KEPT, '1.2.0'));
  });

  test('a section with nothing in it is none', () => {
    expect(sectionOfChangelog('## [1.0.0]\n\n[x]: https://example.org\n\n## [0.9.0]\n\n- y', '1.0.0')).toBeNull();
    expect(sectionOfChangelog('## [1.0.0]', '1.0.0')).toBeNull();
  });
});

test.each([
  ['## v1.2.0', 'a letter before it'],
  ['## Version 1.2.0', 'a word before it'],
  ['## [v1.2.0](https://example.org) (2026-01-01)', 'a link'],
  ['## 1.2.0:', 'a colon after it'],
  ['## **1.2.0** – May', 'bold'],
  ['## 1.2.0 ##', 'signs that close it'],
  ['   ##\t1.2.0   ', 'white space'],
  ['###### 1.2.0', 'the innermost level'],
  ['Changelog for Calendar [1.2.0] (2026-01-01)\n====', 'a title, as ownCloud has it'],
  ['Changelog for user_ldap [1.2.0] (UNRELEASED)\n====', 'the same of an app in small letters'],
  ['## Calendar [1.2.0]', 'the name of the app before it'],
  ['## 1.2.0 2026-01-01', 'a date after it'],
  ['## [1.2.0], the great one', 'a name after it'],
  ['1.2.0\n-----', 'a line beneath'],
  ['1.2.0 -\nthe great one\n===', 'two lines with one beneath'],
])('%j is the heading of a version: %s', (heading) => {
  expect(sectionOfChangelog(`Intro\n\n${heading}\n\n- text`, '1.2.0')).toBe('- text');
});

test.each([
  ['#1.2.0', 'no space'],
  ['    ## 1.2.0', 'indented code'],
  ['```\n## 1.2.0\n```', 'fenced code'],
  ['~~~~ md\n~~~\n## 1.2.0\n~~~~', 'code in a longer fence'],
  ['<!--\n## 1.2.0\n-->', 'a comment'],
  ['- 1.2.0\n---', 'a list and a rule'],
  ['> 1.2.0\n---', 'a quotation and a rule'],
  ['## Fixed in 1.2.0', 'a heading that mentions it'],
  ['## Breaking since [1.2.0]', 'one that mentions it in brackets'],
  ['## 1.2.0 data is migrated', 'one that begins with it'],
  ['## [1.2.0] compatibility', 'one that begins with it in brackets'],
  ['## 1.2.0beta', 'a longer version'],
  ['1.2.0', 'a paragraph'],
])('%j is none: %s', (text) => {
  expect(sectionOfChangelog(`Intro\n\n${text}\n\n- text`, '1.2.0')).toBeNull();
});

test('what is no heading does not end a section either', () => {
  const section = '- a\n\n```\n## 1.1.0\n```\n\n<!-- ## 1.1.0 -->\n\n- b\n---\n\nend';
  expect(sectionOfChangelog(`## 1.2.0\n\n${section}\n\n## 1.1.0\n\n- c`, '1.2.0')).toBe(section);
});

test('where versions stand on several levels, each ends at the next', () => {
  const text =
    '# [2.0.0](https://example.org) (2026)\n\n### Features\n\n- a\n\n## [1.9.1](https://example.org)\n\n- b\n\n# 1.9.0\n\n- c';
  expect(sectionOfChangelog(text, '2.0.0')).toBe('### Features\n\n- a');
  expect(sectionOfChangelog(text, '1.9.1')).toBe('- b');
  expect(sectionOfChangelog(text, '1.9.0')).toBe('- c');
});

test('a heading further in does not stand for the version that has its own', () => {
  const since = '## [Unreleased]\n### Since 1.0.0:\n- secret\n### Breaking since [1.0.0]\n- too\n## [1.0.0]\n- First.';
  expect(sectionOfChangelog(`# Changelog\n${since}`, '1.0.0')).toBe('- First.');
  const within = '## [1.1.0]\n### 1.0.0: data is migrated\n- new\n## v1.0.0\n- First.';
  expect(sectionOfChangelog(`# Changelog\n${within}`, '1.0.0')).toBe('- First.');
});

test('the very version is taken before another spelling of it, and that before none', () => {
  const text = '## 1.0.0.RC.1\n\n- one\n\n## 1.0.0-rc1\n\n- other';
  expect(sectionOfChangelog(text, '1.0.0-rc1')).toBe('- other');
  expect(sectionOfChangelog(text, '1.0.0-RC1')).toBe('- one');
});

test('of a label that is defined twice the first definition counts', () => {
  const text = '## 1.0.0\n\nsee [x]\n\n[x]: https://one.example\n[X]: https://two.example';
  expect(sectionOfChangelog(text, '1.0.0')).toBe('see [x]\n\n[x]: https://one.example');
});

describe('bytes of strangers', () => {
  test('no UTF-8: no changelog; a byte order mark is no matter', () => {
    expect(readChangelogSection(Buffer.from('## 1.0.0\n\n- caf\xe9', 'latin1'), '1.0.0')).toBeNull();
    expect(readChangelogSection(Buffer.from('\ufeff## 1.0.0\n\n- x', 'utf16le'), '1.0.0')).toBeNull();
    expect(readChangelogSection(Buffer.from('\ufeff## 1.0.0\n\n- x'), '1.0.0')).toBe('- x');
  });

  test('no character that a terminal obeys or a database refuses gets through', () => {
    const section = sectionOfChangelog('## 1.0.0\n\na\0b\u001b[31mc\u009bd\te', '1.0.0');
    expect(section).toBe('a\ufffdb\ufffd[31mc\ufffdd\te');
    expect(sectionOfChangelog('## 1.0.0\n\nfixed \u202egnp.exe', '1.0.0')).toBe('fixed \ufffdgnp.exe');
  });

  test('a section that is too long is cut after a line, or else after a character', () => {
    const lines = `- ${'ä'.repeat(50)}\n`.repeat(2_000);
    const cut = sectionOfChangelog(`## 1.0.0\n\n${lines}`, '1.0.0') ?? '';
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(cut)).toBeGreaterThan(65_000);
    expect(cut.endsWith(`- ${'ä'.repeat(50)}\n\n…`)).toBe(true);
    const line = sectionOfChangelog(`## 1.0.0\n\na${'ä'.repeat(50_000)}`, '1.0.0') ?? '';
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(65_536);
    expect(/^aä+\n\n…$/.test(line)).toBe(true);
  });

  test('definitions that would make it too long are left away before any of its text is', () => {
    const labels = Array.from({ length: 500 }, (_, index) => `l${index}`);
    const body = labels.map((label) => `[${label}]`).join('\n');
    const definitions = labels.map((label) => `[${label}]: https://example.org/${'x'.repeat(200)}`).join('\n');
    expect(sectionOfChangelog(`## 1.0.0\n\n${body}\n\n${definitions}`, '1.0.0')).toBe(body);
  });

  test.each([
    ['headings', '#\n'],
    ['hashes', '#'],
    ['fences', '```\n'],
    ['open brackets', '['],
    ['labels', '[a] '],
    ['definitions', '[a]: b\n'],
    ['comments', '<!--'],
    ['underlines', 'a\n-\n'],
    ['paragraph lines', 'a\n'],
    ['spaces', ' '],
    ['hashes and letters', '# #a'],
    ['controls', '\u0001'],
    ['carriage returns', '\r'],
    ['short versions', '# 9\n'],
    ['long rows of hashes', `# ${'#'.repeat(980)} x\n`],
    ['long rows of closing hashes', `# x${' #'.repeat(490)}\n`],
    ['long rows of brackets', `# A ${'A ['.repeat(300)}\n`],
  ])('a megabyte of %s is read in one pass', (_name, unit) => {
    const much = unit.repeat(Math.floor(1_048_576 / unit.length));
    // What takes the square of a megabyte doesn't end within the time of any test.
    for (const text of [much, `## 1.0.0\n\n${much}`, `${much}\n\n## 1.0.0\n\nx`]) {
      const section = sectionOfChangelog(text, '1.0.0');
      expect(Buffer.byteLength(section ?? '')).toBeLessThanOrEqual(65_536);
    }
  });
});
