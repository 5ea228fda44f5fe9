import { crc32 } from 'node:zlib';
import { repeatsAttributes } from '../../../src/archive/experimental-attributes.js';
import { parseExtraFields, widen } from '../../../src/archive/extra-fields.js';
import { alteration, claimsEncryption, meaningfulFields, unixKind } from '../../../src/archive/extra-meaning.js';
import { extraField, u16, u32, u64 } from '../../support/raw-zip.js';

const central = { versionMadeBy: 0x0314, externalAttributes: 0o100644 * 0x10000 };
const name = Buffer.from('app/x');

/** The fields of a header that are made of these. */
function fieldsOf(...fields: Buffer[]): ReadonlyMap<number, Buffer> {
  const parsed = meaningfulFields(Buffer.concat(fields));
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

const unicodePath = (of: Buffer, to: Buffer, version = 1): Buffer =>
  extraField(0x7075, Buffer.concat([Buffer.from([version]), u32(crc32(of)), to]));

describe('extra fields are refused', () => {
  test.each<[string, Buffer]>([
    ['where one overruns', Buffer.concat([u16(0x5455), u16(9), Buffer.alloc(8)])],
    ['where bytes are left over', Buffer.concat([extraField(0x5455, u32(0)), Buffer.alloc(3)])],
    ['where one stands twice', Buffer.concat([extraField(0x9999, u32(0)), extraField(0x9999, u32(0))])],
  ])('%s', (_, bytes) => {
    expect(typeof parseExtraFields(bytes, new Set())).toBe('string');
  });

  test('not for what stood in the header before', () => {
    const bytes = extraField(0x5455, u32(0));
    for (const _ of [1, 2, 3]) expect(parseExtraFields(bytes, new Set([0x5455]))).toEqual(new Map([[0x5455, u32(0)]]));
  });
});

describe('a field makes something else of an entry:', () => {
  test.each<[string, Buffer]>([
    ['a Unicode path of another name', unicodePath(name, Buffer.from('app/y'))],
    ['a Unicode path for another name', unicodePath(Buffer.from('app/y'), name)],
    ['a Unicode path of another version', unicodePath(name, name, 2)],
    ['a Unicode path cut short', extraField(0x7075, Buffer.from([1]))],
    ['a name of Xceed', extraField(0x554e, Buffer.alloc(8))],
    ['a name of a Macintosh', extraField(0x2605, Buffer.alloc(8))],
    ['another language', extraField(0x0008, Buffer.alloc(8))],
    ['a patch', extraField(0x000f, Buffer.alloc(8))],
    ['attributes of libarchive', extraField(0x6c78, Buffer.concat([Buffer.from([4]), u32(0o120777 * 0x10000)]))],
  ])('%s', (_, field) => {
    expect(alteration(fieldsOf(field), name, central)).not.toBeNull();
  });

  test.each<[string, Buffer]>([
    ['a Unicode path that repeats the name', unicodePath(name, name)],
    [
      'timestamps and owners',
      Buffer.concat([extraField(0x5455, Buffer.alloc(5)), extraField(0x7875, Buffer.alloc(11))]),
    ],
    ['the mark of a jar', extraField(0xcafe, Buffer.alloc(0))],
    ['an access control list', extraField(0x4453, Buffer.alloc(20))],
    ['padding', extraField(0xd935, Buffer.alloc(6))],
  ])('not %s', (_, field) => {
    expect(alteration(fieldsOf(field), name, central)).toBeNull();
  });
});

describe('libarchive’s attributes in the local header', () => {
  const { versionMadeBy, externalAttributes } = central;
  const whole = Buffer.concat([Buffer.from([7]), u16(versionMadeBy), u16(0), u32(externalAttributes)]);

  test('are innocent where they repeat those of the directory', () => {
    expect(repeatsAttributes(whole, central)).toBe(true);
    expect(repeatsAttributes(Buffer.concat([Buffer.from([4]), u32(externalAttributes)]), central)).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['other attributes', Buffer.concat([whole.subarray(0, 5), u32(0o120777 * 0x10000)])],
    ['another host', Buffer.concat([Buffer.from([1]), u16(0x0014)])],
    ['more than the bitmap says', Buffer.concat([whole, Buffer.alloc(1)])],
    ['less than the bitmap says', whole.subarray(0, -1)],
    ['a longer bitmap', Buffer.from([0x80, 0])],
    ['nothing', Buffer.alloc(0)],
  ])('are not with %s', (_, field) => {
    expect(repeatsAttributes(field, central)).toBe(false);
  });
});

test('a field can make a link or a device of an entry, or say that it is encrypted', () => {
  const asi = (mode: number, link: string): Buffer =>
    extraField(0x756e, Buffer.concat([u32(0), u16(mode), u32(link.length), u16(0), u16(0), Buffer.from(link)]));
  expect(unixKind(fieldsOf(asi(0o100644, '')))).toEqual({ mode: 0o100644 });
  expect(unixKind(fieldsOf(asi(0o120777, '/etc')))).toBe('link or device');
  expect(unixKind(fieldsOf(extraField(0x000d, Buffer.alloc(12))))).toBeNull();
  expect(unixKind(fieldsOf(extraField(0x000d, Buffer.alloc(16))))).toBe('link or device');
  for (const id of [0x0017, 0x0019, 0x9901]) expect(claimsEncryption(fieldsOf(extraField(id, u32(0))))).toBe(true);
});

describe('a zip64 field', () => {
  const marked = (value: number): { value: number; sentinel: boolean } => ({ value, sentinel: true });
  const plain = (value: number): { value: number; sentinel: boolean } => ({ value, sentinel: false });
  const zip64 = (...parts: Buffer[]): ReadonlyMap<number, Buffer> => fieldsOf(extraField(1, Buffer.concat(parts)));

  test('tells what is marked, in order', () => {
    expect(widen(zip64(u64(7)), [plain(3), marked(0xffffffff)])).toEqual([3, 7]);
  });

  test('may repeat what is not marked', () => {
    expect(widen(zip64(u64(3), u64(4)), [plain(3), plain(4), plain(5)])).toEqual([3, 4, 5]);
  });

  test.each<[string, readonly Buffer[], readonly { value: number; sentinel: boolean }[]]>([
    ['may not say otherwise', [u64(4)], [plain(3)]],
    ['may not be too short', [u32(4)], [marked(0xffffffff)]],
    [
      'may not hold half of what is marked and half of what is not',
      [u64(3), u64(3)],
      [plain(3), marked(0xffffffff), plain(0)],
    ],
    ['may not speak of another disk', [u64(3), u32(1)], [plain(3)]],
  ])('%s', (_, parts, narrow) => {
    expect(typeof widen(zip64(...parts), narrow)).toBe('string');
  });

  test('must be there for a sentinel', () => {
    expect(typeof widen(new Map(), [marked(0xffffffff)])).toBe('string');
  });
});
