import { crc32 } from 'node:zlib';
import { extraField, u16, u32, type RawEntry } from '../support/raw-zip.js';
import { amid, file } from './odd-parts.js';

/** Odd names, extra fields, attributes and versions: what is said about an entry. */
export function oddEntries(): Record<string, () => Buffer> {
  return { ...names(), ...extraFields(), ...attributes() };
}

function unicodePath(name: string): Buffer {
  return extraField(0x7075, Buffer.concat([Buffer.from([1]), u32(crc32(name)), Buffer.from(name)]));
}

/** libarchive's field in which a local header tells the external attributes. */
function libarchiveAttributes(mode: number): Buffer {
  return extraField(0x6c78, Buffer.concat([Buffer.from([7]), u16(3 << 8), u16(0), u32((mode << 16) >>> 0)]));
}

function names(): Record<string, () => Buffer> {
  const odd = [
    ...[
      'a.php;1',
      'a.php;',
      'a;b.txt',
      'x;1/a.txt',
      '-rf',
      '@list',
      '%2e%2e%2fx',
      '#x#',
      '~',
      'PROGRA~1',
      ' a.txt',
      '...a',
      '.hidden',
    ],
    ...[
      'a*b?.txt',
      '"<>|.txt',
      '$HOME `id` & x.txt',
      "it's",
      '[a]{b}(c)',
      'a=b,c+d',
      'a^b',
      '._a.txt',
      '__MACOSX/._a.txt',
    ],
    ...[
      'META-INF/MANIFEST.MF',
      'größe/äöü.js',
      'ä',
      '가.txt',
      'İı.txt',
      'a\u00a0b',
      'a\u00adb',
      'a\u200db',
      '\u3000a',
      '\u0301a',
    ],
    ...['x\uef80y.txt', 'x\uef41y.txt', '\ue000.txt', '\uf02f.txt', '\u{1f600}.txt', '\u{10fffd}.txt', 'a\u{e0041}b'],
    ...['x'.repeat(255), 'ä'.repeat(127), `${'d/'.repeat(30)}a`, `${`${'y'.repeat(100)}/`.repeat(9)}a`],
  ];
  const unmarked =
    (madeBy: number, ...paths: string[]): (() => Buffer) =>
    (): Buffer =>
      amid(...paths.map((path) => file(path, { both: { flags: 0, versionMadeBy: madeBy } })));
  return {
    ...Object.fromEntries(odd.map((name) => [`a file called ${name.slice(0, 40)}`, () => amid(file(`app/${name}`))])),
    'an unmarked name, made on Unix': unmarked((3 << 8) | 30, 'app/größe.js'),
    'an unmarked name, made on MS-DOS': unmarked(20, 'app/größe.js'),
    'an unmarked name, made on MS-DOS by version 2.5': unmarked(25, 'app/größe.js'),
    'an unmarked name, made on NTFS': unmarked((11 << 8) | 20, 'app/größe.js'),
    'an unmarked name, made on NTFS by version 5.0': unmarked((11 << 8) | 50, 'app/größe.js'),
    'an unmarked name, made on HPFS': unmarked((6 << 8) | 20, 'app/größe.js'),
    'an unmarked folder': unmarked((3 << 8) | 30, 'app/größe/', 'app/größe/a.js'),
    'an unmarked name that means another one in code page 437': () =>
      amid(file('app/größe.js', { both: { flags: 0 } }), file('app/gr├╢├ƒe.js')),
    'a Unicode path that repeats the name': () =>
      amid(file('app/größe.js', { both: { extra: unicodePath('app/größe.js') } })),
    'a Unicode path that repeats an unmarked name': () =>
      amid(file('app/größe.js', { both: { flags: 0, extra: unicodePath('app/größe.js') } })),
    'a Unicode path in the local header only': () =>
      amid(file('app/a.js', { local: { extra: unicodePath('app/a.js') } })),
    'a Unicode path in the directory only': () =>
      amid(file('app/a.js', { central: { extra: unicodePath('app/a.js') } })),
  };
}

function extraFields(): Record<string, () => Buffer> {
  const ids = [
    ...[
      0x0007, 0x0009, 0x000a, 0x000c, 0x000d, 0x000e, 0x000f, 0x0014, 0x0016, 0x0018, 0x0019, 0x0021, 0x0022, 0x0065,
      0x07c8,
    ],
    ...[
      0x2605, 0x2705, 0x334d, 0x4341, 0x4453, 0x4704, 0x4b46, 0x4c41, 0x4d49, 0x4f4c, 0x5356, 0x5455, 0x5855, 0x6375,
      0x6542,
    ],
    ...[0x6854, 0x6c78, 0x7441, 0x7855, 0x7875, 0x9902, 0xa11e, 0xa220, 0xcafe, 0xd935, 0xfb4a, 0xffff],
  ];
  // Of a length each, in one archive, as long as the gate takes them one by one.
  const each = ids.map((id): [string, () => Buffer] => [
    `extra fields 0x${id.toString(16).padStart(4, '0')}`,
    () =>
      amid(
        ...[0, 1, 5, 9, 12, 24]
          .filter((length) => id !== 0x000d || length <= 12)
          .filter((length) => id !== 0x5455 || length > 0)
          .map((length) => file(`app/${length}.txt`, { both: { extra: extraField(id, Buffer.alloc(length, 1)) } })),
      ),
  ]);
  const kinds = { symlink: 0o120777, folder: 0o040755, setuid: 0o104755, file: 0o100644 };
  const byLibarchive = Object.entries(kinds).flatMap(([kind, mode]) =>
    (['both', 'local', 'central'] as const).map((where): [string, () => Buffer] => [
      `libarchive's extra field says ${kind} (${where})`,
      () => amid({ name: 'app/a', data: '/etc/passwd', [where]: { extra: libarchiveAttributes(mode) } }),
    ]),
  );
  const noTime = (): Buffer => amid(file('app/a.txt', { both: { extra: extraField(0x5455, Buffer.alloc(0)) } }));
  return { ...Object.fromEntries([...each, ...byLibarchive]), 'an extended timestamp of 0 bytes': noTime };
}

function attributes(): Record<string, () => Buffer> {
  const ofFile = {
    none: 0,
    file: (0o100644 << 16) >>> 0,
    'read-only': 1,
    hidden: 0x27,
    'mode 0': (0o100000 << 16) >>> 0,
    'no type': (0o644 << 16) >>> 0,
  };
  const ofFolder = {
    none: 0,
    folder: ((0o040755 << 16) | 0x10) >>> 0,
    'mode 0': ((0o040000 << 16) | 0x10) >>> 0,
    'not writable': ((0o040555 << 16) | 0x10) >>> 0,
  };
  const made: [string, () => Buffer][] = [];
  for (const host of [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 16, 17, 19, 30, 255]) {
    const central = (externalAttributes: number): Partial<RawEntry> => ({
      central: { versionMadeBy: (host << 8) | 20, externalAttributes },
    });
    made.push([
      `files and folders of host ${host}`,
      () =>
        amid(
          ...Object.entries(ofFile).map(([what, attributes]) => file(`app/${what}`, central(attributes))),
          ...Object.entries(ofFolder).flatMap(([what, attributes]) => [
            { name: `app/d/${what}/`, ...central(attributes) },
            file(`app/d/${what}/a`),
          ]),
        ),
    ]);
  }
  for (const version of [0, 1, 10, 21, 25, 45, 46, 63, (11 << 8) | 20, (255 << 8) | 20])
    made.push([`version needed ${version}`, () => amid(file('app/a', { both: { versionNeeded: version } }))]);
  for (const flags of [0x800, 0x802, 0x804, 0x806, 0])
    made.push([
      `flags 0x${flags.toString(16)}`,
      () => amid(file('app/a', { both: { flags } }), file('app/b', { method: 0, both: { flags } })),
    ]);
  return Object.fromEntries(made);
}
