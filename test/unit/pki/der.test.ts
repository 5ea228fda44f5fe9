import { DerError, TAG, readChildren, readDer, readFields } from '../../../src/pki/der.js';
import {
  bitStringOctets,
  boolean,
  integerHex,
  namedBits,
  oid,
  smallInteger,
  text,
  time,
} from '../../../src/pki/der-values.js';
import * as write from '../../../src/pki/der-writer.js';

const der = (hex: string) => readDer(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const refuses = (read: () => unknown) => expect(read).toThrow(DerError);

describe('what only BER allows is refused', () => {
  test.each([
    ['an indefinite length', '30 80 05 00 00 00'],
    ['a long form for a short length', '04 81 01 00'],
    ['a length with a leading zero', '04 82 00 80' + '00'.repeat(128)],
    ['a length of five octets', '04 85 00 00 00 00 01 00'],
    ['a tag number above 30', '1f 81 00 00'],
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a length that is cut off', '30 82 01'],
    ['content that is cut off', '30 03 05 00'],
    ['bytes after the end', '05 00 00'],
    ['a length beyond all bounds', '30 84 ff ff ff ff 00'],
  ])('%s', (_, hex) => refuses(() => der(hex)));

  test('a child that is longer than its parent', () => refuses(() => readChildren(der('30 03 04 05 00'))));
  test('parts of a value that has none', () => refuses(() => readChildren(der('04 02 05 00'))));
});

describe('a sequence is read field by field', () => {
  const fields = () => readFields(readDer(write.writeSequence(write.writeInteger(5), write.writeBoolean(true))));

  test('a field of the wrong type is refused', () => refuses(() => fields().take('x', TAG.oid)));
  test('an optional field that is not there is passed over', () => {
    const reader = fields();
    expect(reader.takeIf(TAG.boolean)).toBeNull();
    expect(smallInteger(reader.take('x', TAG.integer))).toBe(5);
    expect(boolean(reader.take('y'))).toBe(true);
    reader.end();
    refuses(() => reader.take('z'));
  });
  test('a field too many is refused', () => {
    const reader = fields();
    reader.take('x');
    refuses(() => {
      reader.end();
    });
  });
});

describe('numbers', () => {
  test.each([
    ['02 01 03', '03'],
    ['02 02 10 00', '1000'],
    ['02 02 00 80', '80'],
    ['02 01 00', '00'],
    ['02 01 ff', '-01'],
    ['02 02 ff 00', '-0100'],
  ])('%s is %s, as openssl spells serials', (hex, spelt) => {
    expect(integerHex(der(hex))).toBe(spelt);
  });
  test.each(['02 00', '02 02 00 7f', '02 02 ff 80', '02 41' + '01'.repeat(65), '04 01 01'])('%s is refused', (hex) =>
    refuses(() => integerHex(der(hex))),
  );
  test('a small number is neither negative nor large', () => {
    refuses(() => smallInteger(der('02 01 ff')));
    refuses(() => smallInteger(der('02 05 01 00 00 00 00')));
  });
});

describe('other values', () => {
  test.each([
    ['06 03 55 04 03', '2.5.4.3'],
    ['06 09 2a 86 48 86 f7 0d 01 01 0b', '1.2.840.113549.1.1.11'],
    ['06 03 88 37 03', '2.999.3'],
  ])('%s is the identifier %s', (hex, dotted) => {
    expect(oid(der(hex))).toBe(dotted);
  });
  test.each(['06 00', '06 02 55 84', '06 03 55 80 03', '06 41' + '01'.repeat(65)])(
    'the identifier %s is refused',
    (hex) => refuses(() => oid(der(hex))),
  );
  test.each(['01 01 01', '01 02 ff ff', '01 00'])('the boolean %s is refused', (hex) =>
    refuses(() => boolean(der(hex))),
  );
  test('bits by name', () => {
    expect(namedBits(der('03 02 07 80'))).toEqual([0]);
    expect(namedBits(der('03 02 01 06'))).toEqual([5, 6]);
    expect(namedBits(der('03 01 00'))).toEqual([]);
  });
  test.each(['03 00', '03 02 08 80', '03 01 01', '03 02 04 88', '03 06 00 01 01 01 01 01'])(
    'the bits %s are refused',
    (hex) => refuses(() => namedBits(der(hex))),
  );
  test('a signature that is no whole number of octets is refused', () =>
    refuses(() => bitStringOctets(der('03 02 01 02'))));
});

describe('times', () => {
  const at = (tag: number, digits: string) => readDer(write.writeValue(tag, Buffer.from(digits)));
  test('two-digit years are those from 1950 to 2049', () => {
    expect(time(at(TAG.utcTime, '491231235959Z')).toISOString()).toBe('2049-12-31T23:59:59.000Z');
    expect(time(at(TAG.utcTime, '500101000000Z')).toISOString()).toBe('1950-01-01T00:00:00.000Z');
    expect(time(at(TAG.generalizedTime, '20500101000000Z')).toISOString()).toBe('2050-01-01T00:00:00.000Z');
  });
  test.each([
    '260230000000Z',
    '261301000000Z',
    '260101240000Z',
    '260101000060Z',
    '2601010000Z',
    '260101000000+0100',
    '',
  ])('%s is refused', (digits) => refuses(() => time(at(TAG.utcTime, digits))));
  test('a fraction of a second is refused', () => refuses(() => time(at(TAG.generalizedTime, '20260101000000.5Z'))));
});

describe('strings', () => {
  const string = (tag: number, hex: string) => readDer(write.writeValue(tag, Buffer.from(hex, 'hex')));
  test.each([
    [TAG.utf8String, 'c3a4', 'ä'],
    [TAG.bmpString, '00e4', 'ä'],
    [TAG.universalString, '0001f600', '😀'],
    [TAG.teletexString, 'e4', 'ä'],
    [TAG.printableString, '6162', 'ab'],
  ])('of type %d', (tag, hex, expected) => {
    expect(text(string(tag, hex))).toBe(expected);
  });
  test.each([
    ['overlong UTF-8', TAG.utf8String, 'c080'],
    ['half a surrogate pair', TAG.bmpString, 'd800'],
    ['half a character', TAG.bmpString, '00'],
    ['no character', TAG.universalString, '00110000'],
    ['octets above ASCII', TAG.printableString, 'e4'],
    ['no string at all', TAG.integer, '01'],
  ])('%s is refused', (_, tag, hex) => refuses(() => text(string(tag, hex))));
});

test('what is written is read back', () => {
  for (const value of [0n, 1n, 127n, 128n, 255n, 256n, 2n ** 159n - 1n]) {
    expect(BigInt(`0x${integerHex(readDer(write.writeInteger(value)))}`)).toBe(value);
  }
  for (const dotted of ['2.5.29.15', '1.3.6.1.5.5.7.3.3', '2.999.1', '0.9.2342.19200300.100.1.25']) {
    expect(oid(readDer(write.writeOid(dotted)))).toBe(dotted);
  }
  for (const date of ['1950-01-01T00:00:00.000Z', '2049-12-31T23:59:59.000Z', '2050-01-01T00:00:00.000Z']) {
    expect(time(readDer(write.writeTime(new Date(date)))).toISOString()).toBe(date);
  }
  for (const length of [0, 127, 128, 255, 256, 65_535, 65_536]) {
    expect(readDer(write.writeOctetString(Buffer.alloc(length))).content).toHaveLength(length);
  }
  expect(namedBits(readDer(write.writeNamedBits([5, 6])))).toEqual([5, 6]);
  expect(namedBits(readDer(write.writeNamedBits([8])))).toEqual([8]);
  expect(() => write.writeInteger(-1)).toThrow(RangeError);
});
