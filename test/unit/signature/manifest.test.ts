import { legacyMessage } from '../../../src/signature/legacy-message.js';
import { buildManifest, canonicalManifest, isExcluded } from '../../../src/signature/manifest.js';
import { contentsOf, goldenBytes, goldenContents, sha512 } from '../../support/golden.js';

test.each(['app', 'core'] as const)(
  'the manifest of the golden %s is, byte for byte, that of the script',
  async (name) => {
    const manifest = await buildManifest(goldenContents(name), name);
    expect(canonicalManifest(manifest)).toEqual(goldenBytes(`manifests/${name}.canonical.json`));
    expect(legacyMessage(manifest)).toEqual(goldenBytes(`manifests/${name}.legacy.json`));
  },
);

test('both messages depend on the files and not on the order they are found in', async () => {
  const manifest = await buildManifest(goldenContents('app'), 'app');
  const reversed = new Map([...manifest].reverse());
  expect(canonicalManifest(reversed)).toEqual(canonicalManifest(manifest));
  expect(legacyMessage(reversed)).toEqual(legacyMessage(manifest));
});

test.each([
  ['appinfo/signature.json', true, false],
  ['core/signature.json', false, true],
  ['x/appinfo/signature.json', false, false],
  ['.DS_Store', true, true],
  ['deep/in/.DS_Store', true, true],
  ['Thumbs.db', true, true],
  ['thumbs.db', false, false],
  ['.directory', true, true],
  ['.directory/file', false, false],
  ['.webapp', true, true],
  ['.webapp-owncloud-9.1', true, true],
  ['.webapp-other', false, false],
  ['x.webapp-owncloud-9', false, false],
  ['apps/x.php', false, true],
  ['apps', false, false],
  ['lib/apps/x.php', false, false],
  ['lost+found/x', false, true],
  ['core/js/mimetypelist.js', false, true],
  ['apps2/x.php', false, false],
  ['data/x', false, true],
  ['/data/x', false, false],
])('%s: excluded from an app %s, from core %s', (path, fromApp, fromCore) => {
  expect([isExcluded(path, 'app'), isExcluded(path, 'core')]).toEqual([fromApp, fromCore]);
});

const MARKER = '#### DO NOT CHANGE ANYTHING ABOVE THIS LINE ####';

test.each([
  ['one marker', `above\n${MARKER}\nbelow`, 'above\n'],
  ['no marker', 'all of it', 'all of it'],
  ['two markers', `a${MARKER}b${MARKER}c`, `a${MARKER}b${MARKER}c`],
])('the root .htaccess of core with %s', async (_, content, hashed) => {
  const contents = contentsOf(new Map([['.htaccess', Buffer.from(content)]]));
  expect((await buildManifest(contents, 'core')).get('.htaccess')).toBe(sha512(hashed));
  expect((await buildManifest(contents, 'app')).get('.htaccess')).toBe(sha512(content));
});

test('control characters, quotes and backslashes are escaped as briefly as JSON allows, and nothing else is', () => {
  const manifest = new Map([['\u0000\u001f\b\t\n\f\r"\\/\u007f\u2028<é😀', 'a']]);
  expect(canonicalManifest(manifest).toString()).toBe(
    String.raw`{"\u0000\u001f\b\t\n\f\r\"\\/` + '\u007f\u2028<é😀":"a"}',
  );
});

test('format 2 has no way to write a file that could not be read', () => {
  expect(() => canonicalManifest(new Map([['x', false]]))).toThrow(RangeError);
});

test('format 1 writes it as false', () => {
  expect(legacyMessage(new Map([['x', false]])).toString()).toBe('{"x":false}');
});

test.each([
  ['nothing', [], '[]'],
  ['0…n-1', ['1', '0'], '["h","h"]'],
  ['integers that do not begin at 0', ['2', '1'], '{"1":"h","2":"h"}'],
  ['integers by value', ['10', '9', '-1'], '{"-1":"h","9":"h","10":"h"}'],
  ['text beside integers', ['a', '10', '9'], '{"9":"h","10":"h","a":"h"}'],
  ['decimals by value', ['1e1', '9.5', '10.5'], '{"9.5":"h","1e1":"h","10.5":"h"}'],
  [
    'beyond 64 bits as text',
    ['99999999999999999999', '100000000000000000000'],
    '{"100000000000000000000":"h","99999999999999999999":"h"}',
  ],
])('PHP orders %s its own way', (_, paths, message) => {
  expect(legacyMessage(new Map(paths.map((path) => [path, 'h']))).toString()).toBe(message);
});

test('every letter beyond ASCII is escaped as PHP does, half by half beyond U+FFFF', () => {
  const units = Array.from({ length: 0x10000 }, (_, unit) => unit).filter((unit) => unit < 0xd800 || unit > 0xdfff);
  const path = `${String.fromCharCode(...units.slice(0, 40_000))}😀${String.fromCharCode(...units.slice(40_000))}`;
  const text = legacyMessage(new Map([[path, false]])).toString('latin1');
  expect(text).toMatch(/^[\0-\x7f]*$/);
  expect(JSON.parse(text)).toEqual({ [path]: false });
  expect(text).toContain('\\u0080\\u0081');
  expect(text).toContain('\\ud83d\\ude00');
  expect(text).not.toMatch(/\\u[0-9a-f]*[A-F]/);
});

test('a manifest of thousands of files is one text without a seam', async () => {
  const manifest = new Map(Array.from({ length: 2_500 }, (_, index) => [`f${10_000 + index}/ä`, sha512(`${index}`)]));
  const members = [...manifest].map(([path, hash]) => `"${path.replace('/ä', '\\/\\u00e4')}":"${hash}"`);
  expect(legacyMessage(manifest).toString()).toBe(`{${members.join(',')}}`);
  const list = new Map(Array.from({ length: 1_001 }, (_, index) => [String(index), false as const]));
  expect(legacyMessage(list).toString()).toBe(`[${Array.from({ length: 1_001 }, () => 'false').join(',')}]`);
});
