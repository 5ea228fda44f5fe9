import { constants, deflateRawSync } from 'node:zlib';
import { extraField, type RawEntry } from '../raw-zip.js';
import {
  asiUnix,
  extended,
  good,
  localPart,
  other,
  pkwareUnix,
  storedBlock,
  unicodePath,
  withEntry,
  zip,
} from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

/** Extra fields that change nothing. */
export const ordinaryExtraFields: ZipCaseGroup = {
  about: 'Extra fields',
  cases: [
    zipCase('unicode-path-that-repeats', [], 'A Unicode path that repeats the name.', () =>
      extended(unicodePath('app/b.txt', 'app/b.txt')),
    ),
    zipCase('asi-file', [], 'The ASi Unix field of a regular file.', () => extended(asiUnix(0o100644))),
    zipCase('pkware-unix-times', [], 'The PKWARE Unix field with times and owner, and nothing behind.', () =>
      extended(pkwareUnix(Buffer.alloc(0))),
    ),
    zipCase(
      'android-alignment-field',
      [],
      'The field by which Android’s tools align data (0xd935), in the local header only.',
      () => withEntry({ ...other, local: { extra: extraField(0xd935, Buffer.from('04000000', 'hex')) } }),
    ),
    zipCase('growth-hint', [], 'The padding of Open Packaging (0xa220) in the local header only.', () =>
      withEntry({
        ...other,
        local: { extra: extraField(0xa220, Buffer.concat([Buffer.from('28a02000', 'hex'), Buffer.alloc(32)])) },
      }),
    ),
    zipCase(
      'libarchive-attributes-that-repeat',
      [],
      'The attributes of the directory once more in libarchive’s field "xl" of the local header.',
      () =>
        withEntry({
          ...other,
          local: { extra: extraField(0x6c78, Buffer.from('07' + '1e03' + '0000' + '0000a481', 'hex')) },
        }),
    ),
    zipCase('unknown-field', [], 'An extra field that nobody knows.', () =>
      extended(extraField(0x9999, Buffer.from('whatever'))),
    ),
    zipCase('extra-field-empty', [], 'An extra field of no bytes.', () =>
      extended(extraField(0x9999, Buffer.alloc(0))),
    ),
  ],
};

/** Names that are unusual and safe. */
export const ordinaryNames: ZipCaseGroup = {
  about: 'Names',
  cases: [
    zipCase('names-of-many-scripts', [], 'Names in several scripts, with the flag of UTF-8.', () =>
      zip(
        ...['größe', '日本語', 'Ελλάς', 'עברית', 'العربية', '한국어', '😀', 'e\u0301'].map((name): RawEntry => ({
          name: `app/${name}`,
          data: name,
        })),
      ),
    ),
    zipCase(
      'name-not-marked',
      ['ARCHIVE_NAME_NOT_MARKED_UTF8'],
      'A name in UTF-8 without the flag, as Info-ZIP writes it on Linux.',
      () => withEntry({ name: 'app/größe', data: 'x', both: { flags: 0 } }),
    ),
    zipCase('names-with-signs', [], 'Names with spaces, dots, dashes, quotes and other signs.', () =>
      zip(
        ...[
          'a b',
          '.htaccess',
          '..a',
          'a..b',
          '-rf',
          "it's",
          '100%',
          '~',
          '#1',
          'a&b',
          'a;b',
          '$HOME',
          '[x]',
          'a,b',
          'a=b',
          '@2x',
          '!',
        ].map((name): RawEntry => ({ name: `app/${name}` })),
      ),
    ),
    zipCase('names-like-devices', [], 'Names that begin like the devices of Windows and aren’t.', () =>
      zip(
        ...['console.js', 'auxiliary', 'com10', 'lpt', 'nullable.ts', 'con-text'].map((name): RawEntry => ({
          name: `app/${name}`,
        })),
      ),
    ),
    zipCase('names-like-git', [], 'Names that hold ".git" and aren’t version control data.', () =>
      zip(
        ...['.gitignore', '.gitattributes', 'a.git', '.github.md', '.gitkeep', 'svn', '.hgignore'].map(
          (name): RawEntry => ({ name: `app/${name}` }),
        ),
      ),
    ),
    zipCase('names-of-objects', [], 'Names that every JavaScript object knows.', () =>
      zip(
        ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name): RawEntry => ({
          name: `app/${name}`,
          data: name,
        })),
      ),
    ),
    zipCase('names-with-tilde', [], 'Names like short ones of Windows, with no longer one beside them.', () =>
      zip(...['README~1', 'a~', '~1', 'x~12.txt'].map((name): RawEntry => ({ name: `app/${name}` }))),
    ),
    zipCase('names-garbled-by-unzip', [], 'Marked names from MS-DOS, as jar writes them, that stay apart.', () =>
      zip(
        ...['größe/', 'größe/é', 'größe/è', '日本'].map((name): RawEntry => ({
          name: `app/${name}`,
          both: { versionMadeBy: 20 },
        })),
      ),
    ),
    zipCase('same-name-in-two-folders', [], 'The same name in two folders.', () =>
      zip({ name: 'app/a/x' }, { name: 'app/b/x' }, { name: 'app/a/' }),
    ),
    zipCase('name-part-of-255-bytes', [], 'The longest name that file systems take.', () =>
      withEntry({ name: `app/${'x'.repeat(255)}`, data: 'x' }),
    ),
    zipCase('path-of-1024-bytes', [], 'The longest path that the store takes.', () =>
      withEntry({ name: `app/${`${'x'.repeat(203)}/`.repeat(5)}`.slice(0, 1023) + 'x', data: 'x' }),
    ),
    zipCase('path-of-32-levels', [], 'The deepest path that the store takes.', () =>
      withEntry({ name: `app/${'d/'.repeat(30)}x`, data: 'x' }),
    ),
  ],
};

const inner = (): Buffer => zip({ name: 'inner/../evil', data: 'evil' }, { name: 'inner/x', data: 'x' });
const nested = (depth: number): Buffer =>
  depth === 0 ? zip(good) : zip({ name: `app/${depth}.zip`, data: nested(depth - 1), method: 0 });
const deflatedAs =
  (compressed: Buffer): (() => Buffer) =>
  () =>
    withEntry({ ...other, compressed });
const text = Buffer.from('the second file');

/** Contents that only look dangerous. */
export const ordinaryData: ZipCaseGroup = {
  about: 'Data',
  cases: [
    zipCase('zip-in-the-zip', [], 'A stored zip, bad names and all: what is inside is data.', () =>
      zip({ name: 'app/inner.zip', method: 0, data: inner() }, good),
    ),
    zipCase(
      'zip-in-the-zip-last',
      [],
      'A stored zip as the last entry, so that its end record lies close to the real one.',
      () => zip(good, { name: 'app/inner.zip', method: 0, data: inner() }),
    ),
    zipCase(
      'zips-in-zips',
      [],
      'Thirty zips one within the other, as far as a quine gets when nobody unpacks what is inside.',
      () => nested(30),
    ),
    zipCase('records-in-a-text', [], 'A stored text that holds the signatures of all records.', () =>
      withEntry({
        name: 'app/x.txt',
        method: 0,
        data: Buffer.from('PK\x03\x04 PK\x01\x02 PK\x05\x06 PK\x06\x06 PK\x06\x07 PK\x07\x08', 'latin1'),
      }),
    ),
    zipCase('local-headers-in-a-text', [], 'A stored file that is nothing but local headers.', () =>
      withEntry({
        name: 'app/x.bin',
        method: 0,
        data: Buffer.concat(Array.from({ length: 10 }, () => localPart(good))),
      }),
    ),
    zipCase(
      'deflated-as-stored-blocks',
      [],
      'Deflate with blocks that store.',
      deflatedAs(Buffer.concat([storedBlock(text.subarray(0, 5)), storedBlock(text.subarray(5), { final: true })])),
    ),
    zipCase(
      'deflated-with-fixed-codes',
      [],
      'Deflate with fixed codes.',
      deflatedAs(deflateRawSync(text, { strategy: constants.Z_FIXED })),
    ),
    zipCase(
      'deflated-with-an-empty-last-block',
      [],
      'Deflate that was flushed before its end, so that the last block is empty.',
      () =>
        deflatedAs(
          Buffer.concat([deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }), Buffer.from('0300', 'hex')]),
        )(),
    ),
    zipCase('zeros-of-16-mebibytes', [], 'Zeros up to where the ratio begins to count.', () =>
      zip({ name: 'app/zeros', data: Buffer.alloc(16 * 1024 * 1024) }),
    ),
  ],
};
