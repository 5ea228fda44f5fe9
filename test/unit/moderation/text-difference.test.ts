import { compareTexts, sideBySide, type TextDifference } from '../../../src/moderation/text-difference.js';
import { hexView, isText, visibleText } from '../../../src/moderation/visible-text.js';

const limits = { lines: 1_000, milliseconds: 500 };

/** Every line of a comparison as `sign before|after text`. */
function shown({ hunks }: TextDifference): readonly string[] {
  const signs = { same: ' ', removed: '-', added: '+' };
  return hunks.flatMap((hunk, index) => [
    ...(index > 0 ? ['…'] : []),
    ...hunk.map(({ kind, before, after, text }) => `${signs[kind]} ${before ?? ''}|${after ?? ''} ${text}`),
  ]);
}

function numbered(count: number, change: (line: number) => string | null = () => null): string {
  return Array.from({ length: count }, (_, index) => `${change(index + 1) ?? `line ${index + 1}`}\n`).join('');
}

describe('what differs', () => {
  test('a changed line stands between the three before and the three behind it, with the numbers of both texts', () => {
    const difference = compareTexts(
      numbered(20),
      numbered(20, (line) => (line === 10 ? 'other' : null)),
      limits,
    );
    expect(shown(difference)).toEqual([
      '  7|7 line 7',
      '  8|8 line 8',
      '  9|9 line 9',
      '- 10| line 10',
      '+ |10 other',
      '  11|11 line 11',
      '  12|12 line 12',
      '  13|13 line 13',
    ]);
    expect(difference).toMatchObject({ added: 1, removed: 1, omittedLines: 0, isCoarse: false });
  });

  test('changes far from each other are hunks of their own, near ones are not', () => {
    const far = compareTexts(
      numbered(50),
      numbered(50, (line) => (line === 5 || line === 40 ? 'other' : null)),
      limits,
    );
    expect(far.hunks).toHaveLength(2);
    const near = compareTexts(
      numbered(50),
      numbered(50, (line) => (line === 5 || line === 11 ? 'other' : null)),
      limits,
    );
    expect(near.hunks).toHaveLength(1);
  });

  test('what comes after an inserted line keeps both numbers right', () => {
    const lines = shown(
      compareTexts(
        numbered(9),
        numbered(9, (line) => (line === 5 ? 'new\nline 5' : null)),
        limits,
      ),
    );
    expect(lines).toContain('+ |5 new');
    expect(lines).toContain('  5|6 line 5');
    expect(lines).toContain('  7|8 line 7');
  });

  test('of a new file every line was added', () => {
    expect(shown(compareTexts('', 'one\ntwo\n', limits))).toEqual(['+ |1 one', '+ |2 two']);
  });

  test('an empty file that is new has no line', () => {
    expect(compareTexts('', '', limits)).toMatchObject({ added: 0, removed: 0, hunks: [], omittedLines: 0 });
  });

  test('a line break that is gone at the end is a difference, and is said', () => {
    expect(shown(compareTexts('one\n', 'one', limits))).toEqual(['- 1| one', '+ |1 one\\ no line break at the end']);
  });

  test('line ends of Windows are seen', () => {
    expect(shown(compareTexts('one\n', 'one\r\n', limits))).toEqual(['- 1| one', '+ |1 one\\u{d}']);
  });

  test.each([
    ['an override that turns the reading round', 'if (admin\u202e) {', 'if (admin\\u{202e}) {'],
    ['an isolate', 'a\u2066b', 'a\\u{2066}b'],
    ['an escape sequence of a terminal', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a byte-order mark', '\ufeffa', '\\u{feff}a'],
    ['a letter that has no width', 'a\u3164b', 'a\\u{3164}b'],
    ['code hidden in selectors of variants', 'a\u{e0101}b', 'a\\u{e0101}b'],
    ['tags', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ])('%s is made visible', (_name, line, expected) => {
    expect(shown(compareTexts('', `${line}\n`, limits))).toEqual([`+ |1 ${expected}`]);
  });

  test('tabs and letters of every alphabet stay as they are', () => {
    expect(shown(compareTexts('', '\tgrüße 日本 שלום\n', limits))).toEqual(['+ |1 \tgrüße 日本 שלום']);
  });
});

describe('long lines', () => {
  test('of a long line the piece is shown where it begins to differ', () => {
    const start = 'x'.repeat(5_000);
    const { hunks } = compareTexts(`${start}good${start}\n`, `${start}evil${start}\n`, limits);
    const [removed, added] = hunks[0] ?? [];
    expect(removed?.text).toContain('good');
    expect(added?.text).toContain('evil');
    expect(added).toMatchObject({ cutBefore: 4_920 });
    expect((added?.cutBefore ?? 0) + (added?.text.length ?? 0) + (added?.cutAfter ?? 0)).toBe(10_004);
  });

  test('no character is cut in two', () => {
    const { hunks } = compareTexts('', `${'a'.repeat(399)}😀${'b'.repeat(400)}\n`, limits);
    const [line] = hunks[0] ?? [];
    expect(line?.text).toBe('a'.repeat(399));
    expect(line?.cutAfter).toBe(402);
  });
});

describe('what would cost too much', () => {
  test('of more changed lines than there may be the rest is counted', () => {
    const difference = compareTexts('', numbered(50), { ...limits, lines: 10 });
    expect(difference).toMatchObject({ added: 50, omittedLines: 40 });
    expect(difference.hunks.flat()).toHaveLength(10);
  });

  test('lines that were removed count against the same bound', () => {
    const difference = compareTexts(
      numbered(20),
      numbered(20, (line) => `other ${line}`),
      { ...limits, lines: 25 },
    );
    expect(difference).toMatchObject({ added: 20, removed: 20, omittedLines: 15 });
  });

  test('texts that have nothing in common are not compared in detail, and all of both is told', () => {
    const before = numbered(30_000, (line) => `a${line * 7}`);
    const after = numbered(30_000, (line) => `b${line * 11}`);
    const difference = compareTexts(`same\n${before}end\n`, `same\n${after}end\n`, limits);
    expect(difference).toMatchObject({ added: 30_000, removed: 30_000, isCoarse: true, omittedLines: 59_000 });
  });

  test('texts of few lines in every order, the worst there are for the search, come out coarse and not late', () => {
    // Deterministic, and far from each other however they are aligned.
    const scramble = (seed: number) => numbered(20_000, (line) => String((line * seed * 7_919) % 13));
    const difference = compareTexts(scramble(3), scramble(5), limits);
    expect(difference.isCoarse).toBe(true);
    expect(difference.added + difference.removed).toBeGreaterThan(30_000);
  });

  test('nothing but line breaks is told by their number', () => {
    const difference = compareTexts('', '\n'.repeat(100_000), limits);
    expect(difference).toMatchObject({ added: 100_000, omittedLines: 99_000 });
  });
});

describe('beside each other', () => {
  test('a changed line faces the one in its place, and what has none faces nothing', () => {
    const [hunk = []] = compareTexts('a\nb\nc\nd\n', 'a\nB\nC\nd\ne\n', limits).hunks;
    const rows = sideBySide(hunk).map(({ before, after }) => [before?.text ?? null, after?.text ?? null]);
    expect(rows).toEqual([
      ['a', 'a'],
      ['b', 'B'],
      ['c', 'C'],
      ['d', 'd'],
      [null, 'e'],
    ]);
  });

  test('no line of a hunk is lost', () => {
    const [hunk = []] = compareTexts('a\nb\nc\nd\n', 'x\nc\ny\nz\n', limits).hunks;
    const rows = sideBySide(hunk);
    const seen = new Set(rows.flatMap(({ before, after }) => [before, after]).filter((line) => line !== null));
    expect(seen).toEqual(new Set(hunk));
  });
});

describe('what is text', () => {
  test.each([
    ['', true],
    ['grüße', true],
    ['a\0b', false],
  ])('%j: %s', (text, expected) => {
    expect(isText(Buffer.from(text))).toBe(expected);
  });

  test('Latin-1 is none', () => {
    expect(isText(Buffer.from('grüße', 'latin1'))).toBe(false);
  });

  test('line breaks of a text stay', () => {
    expect(visibleText('a\u202eb\n\tc\n')).toBe('a\\u{202e}b\n\tc\n');
  });

  test('bytes are shown with their offsets', () => {
    expect(hexView(Buffer.from('PK\x03\x04 and something that goes on'))).toBe(
      '00000000  50 4b 03 04 20 61 6e 64 20 73 6f 6d 65 74 68 69  PK.. and somethi\n' +
        '00000010  6e 67 20 74 68 61 74 20 67 6f 65 73 20 6f 6e     ng that goes on\n',
    );
  });
});
