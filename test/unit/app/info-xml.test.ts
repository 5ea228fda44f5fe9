import { existsSync, readFileSync } from 'node:fs';
import { parseInfoXml } from '../../../src/app/info-xml.js';
import { infoXml } from '../../support/app-archive.js';

const SHARED = '../shared/conformance/verifier/appinfo';

const parse = (xml: string | Buffer): ReturnType<typeof parseInfoXml> => parseInfoXml(Buffer.from(xml));
const codesOf = (xml: string | Buffer): string[] => parse(xml).findings.map(({ code }) => code);
/** The default app with one element replaced or, with '', removed; `more` is added at the end. */
const changed = (element: string, replacement: string): string =>
  infoXml().replace(new RegExp(`<${element}[ >][^]*?</${element}>`), replacement);
const added = (more: string): string => infoXml().replace('</info>', `${more}</info>`);
const minimal = (inside: string): string => `<info><id>app</id><name>App</name><version>1.0</version>${inside}</info>`;

test('an app with everything is read without a finding', () => {
  const { info, findings } = parse(infoXml());
  expect(findings).toEqual([]);
  expect(info).toEqual({
    id: 'calendar',
    name: 'Calendar',
    version: '1.0.0',
    summary: 'A calendar for everybody',
    description: 'Keeps the dates of a whole team together.',
    licence: 'AGPL',
    authors: [{ name: 'Ada Example', mail: 'ada@example.org', homepage: null }],
    categories: ['productivity'],
    platform: { min: '10.0', max: '10' },
    dependencies: [],
    namespace: null,
    website: null,
    repository: null,
    bugs: null,
    screenshots: ['https://example.org/calendar.png'],
    translations: [],
  });
});

test('what only servers need is passed over', () => {
  const more = `<types><filesystem/></types><commands><command>OCA\\A</command></commands><rememberlogin>false</rememberlogin>
    <repair-steps><install><step>x</step></install></repair-steps><use-migrations>true</use-migrations><default_enable/>
    <ocsid>1234</ocsid><standalone/><shipped>true</shipped><settings><admin>x</admin></settings><namespace>Calendar</namespace>`;
  expect(codesOf(added(more))).toEqual([]);
  expect(parse(added(more)).info?.namespace).toBe('Calendar');
});

describe('required and wanted elements:', () => {
  test.each(['id', 'name', 'version'])('<%s> missing is an error', (element) => {
    const { info, findings } = parse(changed(element, ''));
    expect(info).toBeNull();
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['INFO_XML_ELEMENT_MISSING', 'error']]);
    expect(findings[0]?.message).toContain(`<${element}>`);
    expect(findings[0]?.path).toBe('appinfo/info.xml');
  });

  test.each(['summary', 'description', 'licence', 'author', 'category', 'dependencies'])(
    '<%s> missing is a warning',
    (element) => {
      const { info, findings } = parse(changed(element, ''));
      expect(info).not.toBeNull();
      expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['INFO_XML_INCOMPLETE', 'warning']]);
    },
  );

  test('all that is missing is said at once', () => {
    expect(codesOf('<info/>')).toHaveLength(3 + 6);
  });

  test.each(['id', 'version', 'licence'])('<%s> twice is refused', (element) => {
    expect(codesOf(added(`<${element}>1.0.0</${element}>`))).toContain('INFO_XML_ELEMENT_REPEATED');
  });

  test.each(['name', 'summary', 'description'])(
    '<%s> twice in one language is refused, in two it is not',
    (element) => {
      expect(codesOf(added(`<${element}>Kalender</${element}>`))).toEqual(['INFO_XML_ELEMENT_REPEATED']);
      const german = added(`<${element} lang="de">Kalender</${element}>`);
      expect(codesOf(german)).toEqual([]);
      expect(parse(german).info?.translations).toMatchObject([{ lang: 'de', [element]: 'Kalender' }]);
    },
  );

  test('author, category and screenshot may stand several times', () => {
    const more = '<author>B</author><category>tools</category><screenshot>https://example.org/2.png</screenshot>';
    const { info, findings } = parse(added(more));
    expect(findings).toEqual([]);
    expect(info).toMatchObject({ categories: ['productivity', 'tools'], screenshots: { length: 2 } });
  });
});

describe('invalid values:', () => {
  test.each([
    ['an id with capitals', changed('id', '<id>Calendar</id>')],
    ['an id that is too short', changed('id', '<id>ab</id>')],
    ['an id that climbs', changed('id', '<id>../etc</id>')],
    ['an empty id', changed('id', '<id/>').replace('<id/>', '<id></id>')],
    ['a version that is none', changed('version', '<version>latest</version>')],
    ['a version with a space', changed('version', '<version>1.0 beta</version>')],
    ['a name that is too long', changed('name', `<name>${'x'.repeat(129)}</name>`)],
    ['a name with a right-to-left override', changed('name', '<name>\u202Eabc</name>')],
    ['an empty name', changed('name', '<name> </name>')],
    ['an empty summary', changed('summary', '<summary></summary>')],
    ['a summary that is too long', changed('summary', `<summary>${'x'.repeat(1_025)}</summary>`)],
    ['a description that is too long', changed('description', `<description>${'x'.repeat(65_537)}</description>`)],
    ['an empty licence', changed('licence', '<licence></licence>')],
    ['an empty author', changed('author', '<author></author>')],
    [
      'a description of fewer characters, but too many bytes',
      changed('description', `<description>${'漢'.repeat(21_846)}</description>`),
    ],
    ['a name of nothing but no-break spaces', changed('name', '<name>\u00A0\u00A0</name>')],
    ['a name with a line separator', changed('name', '<name>Calen\u2028dar</name>')],
    ['a category with a tag in it', changed('category', '<category>&lt;script></category>')],
    ['a screenshot over http', changed('screenshot', '<screenshot>http://example.org/a.png</screenshot>')],
    ['a screenshot as a script', changed('screenshot', '<screenshot>javascript:alert(1)</screenshot>')],
    [
      'a screenshot that poses as another host',
      changed('screenshot', '<screenshot>https://example.org@evil.example/</screenshot>'),
    ],
    ['a language that is none', added('<name lang="../de">x</name>')],
    [
      'a min-version that is none',
      changed('dependencies', '<dependencies><owncloud min-version="ten"/></dependencies>'),
    ],
    [
      'an empty max-version',
      changed('dependencies', '<dependencies><owncloud min-version="10" max-version=""/></dependencies>'),
    ],
    [
      'min above max',
      changed('dependencies', '<dependencies><owncloud min-version="10.5" max-version="10.4"/></dependencies>'),
    ],
  ])('%s', (_, xml) => {
    expect(codesOf(xml)).toEqual(['INFO_XML_ELEMENT_INVALID']);
  });

  test('an id with capitals is kept beside its finding, one that could do harm is not', () => {
    expect(parse(changed('id', '<id>SomeApp</id>')).info?.id).toBe('SomeApp');
    expect(parse(changed('id', '<id>../etc</id>')).info).toBeNull();
  });

  // Servers trim nothing but the white space of XML, if that: they would see another id or version.
  test.each([
    ['id', '\u00A0'],
    ['id', '\uFEFF'],
    ['id', '\u2003'],
    ['version', '\u2003'],
    ['version', '\u2028'],
    ['version', '\u00A0'],
    ['version', '\uFEFF'],
  ])('<%s> with %j at its end, which is no white space to XML', (element, space) => {
    const value = element === 'id' ? 'calendar' : '1.0.0';
    for (const text of [`${value}${space}`, `${space}${value}`]) {
      const { info, findings } = parse(changed(element, `<${element}>${text}</${element}>`));
      expect(findings.map(({ code }) => code)).toEqual(['INFO_XML_ELEMENT_INVALID']);
      expect(info).toBeNull();
    }
  });

  test.each(['min-version', 'max-version'])('%s with an em space at its end', (bound) => {
    const dependencies = `<dependencies><owncloud ${bound}="10\u2003"/></dependencies>`;
    expect(codesOf(changed('dependencies', dependencies))).toEqual(['INFO_XML_ELEMENT_INVALID']);
  });

  test('the white space of XML around a text is trimmed', () => {
    const xml = changed('version', '<version>\r\n\t 1.0.0&#13;\n</version>');
    expect(codesOf(xml)).toEqual([]);
    expect(parse(xml).info?.version).toBe('1.0.0');
  });

  // A reader that takes the text in front of an element, one that takes it all and one that takes an array disagree.
  test.each([
    ['version', '<version>9.9<x>.9</x></version>', true],
    ['version', '<version>1.0.0<x/></version>', true],
    ['id', '<id><a>calen</a><b>dar</b></id>', true],
    ['id', '<id>calendar<b/></id>', true],
    ['name', '<name>Calendar<b>!</b></name>', true],
    ['summary', '<summary>A <em>calendar</em></summary>', false],
    ['description', '<description>A <em>calendar</em></description>', false],
    ['licence', '<licence><l>AGPL</l></licence>', false],
    ['author', '<author>Ada <mail>ada@example.org</mail></author>', false],
    ['category', '<category>tools<x/></category>', false],
    ['screenshot', '<screenshot>https://example.org/a.png<x/></screenshot>', false],
  ])('<%s> with an element in it: %s', (element, replacement, nothingLeft) => {
    const { info, findings } = parse(changed(element, replacement));
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['INFO_XML_ELEMENT_INVALID', 'error']]);
    expect(info === null).toBe(nothingLeft);
  });

  test.each(['website', 'bugs', 'namespace'])('<%s> with an element in it', (element) => {
    expect(codesOf(added(`<${element}>https://example.org<x/></${element}>`))).toEqual(['INFO_XML_ELEMENT_INVALID']);
  });

  test('<requiremin> with an element in it', () => {
    expect(codesOf(minimal('<requiremin>1<x>0</x></requiremin>'))).toContain('INFO_XML_ELEMENT_INVALID');
  });

  test('comments, processing instructions and CDATA inside a text are no elements', () => {
    const xml = changed('id', '<id>cal<!-- x -->end<?x y?><![CDATA[ar]]></id>');
    expect(codesOf(xml)).toEqual([]);
    expect(parse(xml).info?.id).toBe('calendar');
  });

  test('texts that are fine one by one are refused, and dropped, where they are too long altogether', () => {
    const languages = ['de', 'fr', 'it', 'es', 'pt', 'nl', 'pl', 'cs', 'sv', 'da', 'fi', 'hu', 'ro', 'el'];
    const described = (count: number): string =>
      added(
        languages
          .slice(0, count)
          .map((lang) => `<description lang="${lang}">${'x'.repeat(65_000)}</description>`)
          .join(''),
      );
    expect(codesOf(described(3))).toEqual([]);
    const { info, findings } = parse(described(14));
    expect(findings.map(({ code }) => code)).toEqual(['INFO_XML_ELEMENT_INVALID']);
    expect(info).toMatchObject({ id: 'calendar', version: '1.0.0' });
    expect(JSON.stringify(info).length).toBeLessThan(10_000);
  });

  test('many small texts count as well', () => {
    const authors = Array.from({ length: 6_000 }, (_, index) => `<author>${index}</author>`).join('');
    expect(codesOf(added(authors))).toEqual(['INFO_XML_ELEMENT_INVALID']);
  });

  test('a link that is none is left out with a warning', () => {
    const { info, findings } = parse(
      added('<website>javascript:alert(1)</website><bugs>https://example.org/bugs</bugs>'),
    );
    expect(findings.map(({ severity }) => severity)).toEqual(['warning']);
    expect(info).toMatchObject({ website: null, bugs: 'https://example.org/bugs' });
  });
});

describe('the platform range:', () => {
  const range = (inside: string): unknown => parse(minimal(inside)).info?.platform;

  test.each([
    ['<dependencies><owncloud min-version="10.3" max-version="10"/></dependencies>', { min: '10.3', max: '10' }],
    ['<dependencies><php min-version="7"/><owncloud min-version="9.0.4"/></dependencies>', { min: '9.0.4', max: null }],
    ['<requiremin>4.9</requiremin><requiremax>8</requiremax>', { min: '4.9', max: '8' }],
    ['<requiremin>4</requiremin><dependencies><owncloud max-version="10"/></dependencies>', { min: null, max: '10' }],
    ['<dependencies><nextcloud min-version="10"/></dependencies>', null],
    ['<dependencies><owncloud/></dependencies>', null],
  ])('%s', (inside, expected) => {
    expect(range(inside)).toEqual(expected);
  });

  test('two of them are refused', () => {
    const two = '<dependencies><owncloud min-version="9"/><owncloud min-version="10"/></dependencies>';
    expect(codesOf(minimal(two))).toContain('INFO_XML_ELEMENT_REPEATED');
  });
});

describe('what it needs beside the platform:', () => {
  const needs = (inside: string): unknown =>
    parse(minimal(`<dependencies>${inside}</dependencies>`)).info?.dependencies;
  const none = { name: null, min: null, max: null, os: null };

  test('everything that servers know is read', () => {
    expect(
      needs(`<php min-version="5.6" max-version=" 7.4 " min-int-size="64"/><owncloud min-version="10"/>
        <database>sqlite</database><database>mysql</database><command os="Windows">notepad</command><command>grep</command>
        <lib min-version="7.1" max-version="8">curl</lib><lib>PDO</lib><os>Linux</os>`),
    ).toEqual([
      { ...none, kind: 'php', min: '5.6', max: '7.4' },
      { ...none, kind: 'int-size', min: '64' },
      { ...none, kind: 'database', name: 'sqlite' },
      { ...none, kind: 'database', name: 'mysql' },
      { ...none, kind: 'command', name: 'notepad', os: 'Windows' },
      { ...none, kind: 'command', name: 'grep' },
      { ...none, kind: 'lib', name: 'curl', min: '7.1', max: '8' },
      { ...none, kind: 'lib', name: 'PDO' },
      { ...none, kind: 'os', name: 'Linux' },
    ]);
  });

  test.each([
    ['<php/>', []],
    ['<php min-version="new" max-version="8"/>', [{ ...none, kind: 'php', max: '8' }]],
    ['<php min-int-size="many"/>', []],
    ['<lib min-version="&lt;b&gt;">curl</lib>', [{ ...none, kind: 'lib', name: 'curl' }]],
    [`<lib min-version="1${'0'.repeat(40)}">curl</lib>`, [{ ...none, kind: 'lib', name: 'curl' }]],
    ['<lib/><lib> </lib><lib><b>curl</b></lib><lib>&lt;script&gt;</lib><lib>\u202Ecurl</lib>', []],
    [`<command>${'x'.repeat(65)}</command>`, []],
    ['<backend>caldav</backend><__proto__>x</__proto__><constructor>x</constructor>', []],
  ])('%s is no reason to refuse it', (inside, expected) => {
    expect(needs(inside)).toEqual(expected);
    const found = codesOf(minimal(`<dependencies><owncloud min-version="10"/>${inside}</dependencies>`));
    expect(new Set(found)).toEqual(new Set(['INFO_XML_INCOMPLETE']));
  });

  test('of a thousand a hundred are kept', () => {
    expect(needs('<lib>curl</lib>'.repeat(1_000))).toHaveLength(100);
  });
});

test.each([
  [
    '<author mail="a@example.org" homepage="https://example.org">A</author>',
    'A',
    'a@example.org',
    'https://example.org',
  ],
  ['<author>A &lt;a@example.org&gt;</author>', 'A', 'a@example.org', null],
  ['<author>A <![CDATA[<a@example.org>]]></author>', 'A', 'a@example.org', null],
  ['<author homepage="javascript:x">A,\n   B</author>', 'A, B', null, null],
  ['<author>A &lt;nothing&gt;</author>', 'A <nothing>', null, null],
])('%s', (author, name, mail, homepage) => {
  expect(parse(changed('author', author)).info?.authors).toEqual([{ name, mail, homepage }]);
});

const BILLION_LAUGHS = `<!DOCTYPE info [<!ENTITY a "ha">${'bcdefghij'
  .split('')
  .map((name, index) => `<!ENTITY ${name} "${`&${'abcdefghij'[index]};`.repeat(10)}">`)
  .join('')}]><info><id>&j;</id></info>`;
const utf16 = (text: string, mark = '\uFEFF'): Buffer => Buffer.from(`${mark}${text}`, 'utf16le');

describe('hostile and broken documents:', () => {
  test.each<[string, string | Buffer, string]>([
    ['nothing', '', 'INFO_XML_MALFORMED'],
    ['text', 'hello', 'INFO_XML_MALFORMED'],
    ['half a document', infoXml().slice(0, 200), 'INFO_XML_MALFORMED'],
    ['an unclosed element', '<info><id>app</info>', 'INFO_XML_MALFORMED'],
    ['two roots', '<info/><info/>', 'INFO_XML_MALFORMED'],
    ['another root', '<html><info/></html>', 'INFO_XML_WRONG_ROOT'],
    ['a billion laughs', BILLION_LAUGHS, 'INFO_XML_DOCTYPE'],
    [
      'an external entity',
      '<!DOCTYPE info [<!ENTITY x SYSTEM "file:///etc/passwd">]><info>&x;</info>',
      'INFO_XML_DOCTYPE',
    ],
    ['an external DTD', '<!DOCTYPE info SYSTEM "https://example.org/info.dtd"><info/>', 'INFO_XML_DOCTYPE'],
    ['an unknown entity', '<info><name>&nbsp;</name></info>', 'INFO_XML_MALFORMED'],
    ['an entity named as a member of objects', '<info><name>&constructor;</name></info>', 'INFO_XML_MALFORMED'],
    ['an entity named __proto__', '<info><name>&__proto__;</name></info>', 'INFO_XML_MALFORMED'],
    ['10,000 levels', '<info>'.repeat(10_000), 'INFO_XML_MALFORMED'],
    ['100,000 elements', `<info>${'<a/>'.repeat(100_000)}</info>`, 'INFO_XML_MALFORMED'],
    [
      '20,000 attributes',
      `<info ${Array.from({ length: 20_000 }, (_, index) => `a${index}=""`).join(' ')}/>`,
      'INFO_XML_MALFORMED',
    ],
    ['an attribute twice', '<info a="1" a="2"/>', 'INFO_XML_MALFORMED'],
    ['a NUL', infoXml({ name: 'a\0b' }), 'INFO_XML_MALFORMED'],
    ['a NUL by reference', infoXml({ name: 'a&#0;b' }), 'INFO_XML_MALFORMED'],
    ['half a surrogate pair by reference', infoXml({ name: 'a&#xD800;b' }), 'INFO_XML_MALFORMED'],
    ['half a surrogate pair in an attribute', added('<author mail="a&#xDC00;@b">A</author>'), 'INFO_XML_MALFORMED'],
    [
      'half a surrogate pair in bytes',
      Buffer.from(infoXml({ name: '\u00ED\u00A0\u0080' }), 'latin1'),
      'INFO_XML_ENCODING',
    ],
    ['a character that XML has not', infoXml({ name: 'a\uFFFEb' }), 'INFO_XML_MALFORMED'],
    ['a character that XML has not, by reference', infoXml({ name: 'a&#xFFFF;b' }), 'INFO_XML_MALFORMED'],
    ['a control character in CDATA', infoXml({ name: '<![CDATA[a\u0001b]]>' }), 'INFO_XML_MALFORMED'],
    ['a NUL in an attribute', added('<author mail="a&#0;@b">A</author>'), 'INFO_XML_MALFORMED'],
    [']]> in text', infoXml({ name: 'a]]>b' }), 'INFO_XML_MALFORMED'],
    ['an unclosed comment', '<info><!-- ', 'INFO_XML_MALFORMED'],
    ['an unclosed CDATA section', '<info><![CDATA[ ', 'INFO_XML_MALFORMED'],
    ['XML 1.1', '<?xml version="1.1"?><info/>', 'INFO_XML_MALFORMED'],
    ['a declaration that isn’t first', '\n<?xml version="1.0"?><info/>', 'INFO_XML_MALFORMED'],
    ['UTF-16', utf16(infoXml()), 'INFO_XML_ENCODING'],
    ['UTF-16 without a byte-order mark', utf16(infoXml(), ''), 'INFO_XML_ENCODING'],
    ['big-endian UTF-16', utf16(infoXml()).swap16(), 'INFO_XML_ENCODING'],
    ['Latin-1', Buffer.from(infoXml({ name: 'Gr\u00f6\u00dfe' }), 'latin1'), 'INFO_XML_ENCODING'],
    ['declared as Latin-1', infoXml().replace('UTF-8', 'ISO-8859-1'), 'INFO_XML_ENCODING'],
    ['declared as UTF-16', infoXml().replace('UTF-8', 'UTF-16'), 'INFO_XML_ENCODING'],
  ])('%s', (_, xml, code) => {
    const { info, findings } = parse(xml);
    expect(info).toBeNull();
    expect(findings.map((found) => found.code)).toEqual([code]);
  });

  test.each<[string, string]>([
    ['a byte-order mark', `\uFEFF${infoXml()}`],
    ['no declaration', infoXml().slice(infoXml().indexOf('<info>'))],
    ['a processing instruction', infoXml().replace('<info>', '<?xml-stylesheet href="file:///etc/passwd"?><info>')],
    ['a comment with a doctype in it', infoXml().replace('<info>', '<!-- <!DOCTYPE x> --><info>')],
    ['CDATA and character references', infoXml({ name: '<![CDATA[Cal]]>end&#97;r' })],
    ['lower-case utf-8', infoXml().replace('UTF-8', 'utf-8')],
    ['an attribute of a million characters', infoXml().replace('<info>', `<info x="${'y'.repeat(1_000_000)}">`)],
    ['elements and attributes named __proto__', added('<__proto__ __proto__="x">y</__proto__>')],
  ])('%s does no harm', (_, xml) => {
    expect(codesOf(xml)).toEqual([]);
  });

  test('every prefix and every flipped byte of a document ends in findings or an app', () => {
    const document = Buffer.from(infoXml());
    for (let at = 0; at < document.length; at += 1) {
      const flipped = Buffer.from(document);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0xa5, at);
      const readings = [parse(document.subarray(0, at)), parse(flipped)];
      for (const { info, findings } of readings) expect(info !== null || findings.length > 0).toBe(true);
    }
  });
});

describe('conformance (skipped where ../shared is absent)', () => {
  const claim = existsSync(SHARED) ? test : test.skip;
  const read = (name: string): ReturnType<typeof parseInfoXml> =>
    parseInfoXml(readFileSync(`${SHARED}/${name}/appinfo/info.xml`));
  const errorsOf = (name: string): string[] =>
    read(name)
      .findings.filter(({ severity }) => severity === 'error')
      .map(({ code }) => code);

  claim('valid', () => {
    expect(errorsOf('valid')).toEqual([]);
    expect(read('valid').info).toMatchObject({ id: 'example-app', version: '1.0.0' });
  });
  claim('missing-id', () => expect(errorsOf('missing-id')).toEqual(['INFO_XML_ELEMENT_MISSING']));
  claim('bad-id', () => expect(errorsOf('bad-id')).toEqual(['INFO_XML_ELEMENT_INVALID']));
  claim('uppercase', () => expect(errorsOf('uppercase')).toEqual(['INFO_XML_ELEMENT_INVALID']));
  claim('xxe', () => expect(errorsOf('xxe')).toEqual(['INFO_XML_DOCTYPE']));
});
