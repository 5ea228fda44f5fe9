import { JsonError, parseJsonObject } from '../../../src/signature/strict-json.js';

const MAX_VALUES = 1_000;
const parse = (text: string, maxValues = MAX_VALUES) => parseJsonObject(Buffer.from(text), maxValues);

function faultOf(input: string | Buffer): string {
  try {
    parseJsonObject(Buffer.from(input), MAX_VALUES);
  } catch (error) {
    if (error instanceof JsonError) return error.fault;
    throw error;
  }
  return 'none';
}

const toPlain = (value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, toPlain(inner)]));
  return Array.isArray(value) ? value.map(toPlain) : value;
};

test.each([
  '{}',
  ' {"a" : [ ] } \r\n\t',
  '{"a":[1,-0,0.5,1e3,1E-3,-12.25e+2,true,false,null,"x",{"b":{"c":[[]]}}]}',
  String.raw`{"\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00":"\u0000"}`,
  '{"café":"日本語😀","":"empty"}',
])('%s is read as JSON.parse reads it', (text) => {
  expect(toPlain(parse(text).members)).toEqual(JSON.parse(text));
});

test('__proto__, constructor and toString are ordinary names', () => {
  const { members } = parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2}');
  expect([...members.keys()]).toEqual(['__proto__', 'constructor', 'toString']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.each([
  ['{"a":1,"a":1}', 'duplicate-name'],
  ['{"hashes":{"x":"1","x":"2"}}', 'duplicate-name'],
  ['{"x":[{"y":{"z":1,"z":1}}]}', 'duplicate-name'],
  [String.raw`{"a":1,"\u0061":2}`, 'duplicate-name'],
  ['{"__proto__":1,"__proto__":2}', 'duplicate-name'],
  ['\uFEFF{}', 'byte-order-mark'],
  [Buffer.from([0x7b, 0x22, 0xc0, 0x80, 0x22, 0x7d]), 'not-utf8'],
  [Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d]), 'not-utf8'],
  [Buffer.from('{}', 'utf16le'), 'syntax'],
  [String.raw`{"\ud800":1}`, 'syntax'],
  [String.raw`{"a":"\udc00\ud800"}`, 'syntax'],
  ['', 'syntax'],
  ['[]', 'syntax'],
  ['"text"', 'syntax'],
  ['null', 'syntax'],
  ['{', 'syntax'],
  ['{"a"', 'syntax'],
  ['{"a":', 'syntax'],
  ['{"a":}', 'syntax'],
  ['{"a":1,}', 'syntax'],
  ['{"a":[1,]}', 'syntax'],
  ['{"a":[1 2]}', 'syntax'],
  ['{a:1}', 'syntax'],
  ["{'a':1}", 'syntax'],
  ['{"a":01}', 'syntax'],
  ['{"a":.5}', 'syntax'],
  ['{"a":1.}', 'syntax'],
  ['{"a":+1}', 'syntax'],
  ['{"a":NaN}', 'syntax'],
  ['{"a":tru}', 'syntax'],
  ['{"a":truer}', 'syntax'],
  ['{"a":undefined}', 'syntax'],
  ['{"a":"x\ny"}', 'syntax'],
  ['{"a":"x', 'syntax'],
  [String.raw`{"a":"\x41"}`, 'syntax'],
  [String.raw`{"a":"\u00g0"}`, 'syntax'],
  [String.raw`{"a":"\u12`, 'syntax'],
  ['{"a":1} x', 'syntax'],
  ['{"a":1}{"a":1}', 'syntax'],
  ['{"a":1}\0', 'syntax'],
  ['{/* comment */}', 'syntax'],
  ['{\u00a0}', 'syntax'],
  [`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'too-deep'],
  [`{"a":${'{"a":'.repeat(100_000)}`, 'too-deep'],
  [`{"a":[${'{},'.repeat(2_000_000)}{}]}`, 'too-many-values'],
])('%.40s is refused as %s', (input, fault) => {
  expect(faultOf(input)).toBe(fault);
});

test('the message names the line and column', () => {
  expect(() => parse('{\n  "a": 1,\n  "b" 2\n}')).toThrow('line 3, column 7');
});

test('the raw value of a member is the bytes as they stand, white space and escapes untouched', () => {
  const raw = String.raw`{ "é\/\u00e9" :	"😀",
 "hashes": {} }`;
  const document = parse(` {"x":{"hashes":1}, "h" : 2 , "hashes"  : ${raw}  ,"z":"{"}`);
  expect(document.rawValue('hashes')).toEqual(Buffer.from(raw));
  expect(document.rawValue('h')?.toString()).toBe('2');
  expect(document.rawValue('missing')).toBeNull();
});

test('8 MiB with 50,000 members is read whole', () => {
  const members = Array.from(
    { length: 50_000 },
    (_, index) => `"${String(index).padStart(20, 'p')}":"${'a'.repeat(128)}"`,
  );
  const { members: read } = parse(`{"hashes":{${members.join(',')}}}`, 50_001);
  expect((read.get('hashes') as ReadonlyMap<string, unknown>).size).toBe(50_000);
});

test('values of every kind count, at every depth, and just as many as allowed are read', () => {
  const text = '{"a":[1,"x",{"b":null}],"c":{}}';
  expect(parseJsonObject(Buffer.from(text), 6).members.size).toBe(2);
  expect(() => parseJsonObject(Buffer.from(text), 5)).toThrow(expect.objectContaining({ fault: 'too-many-values' }));
});

test.each([
  ['{"a":1,}', 'line 1, column 8'],
  ['{\n  "a": 1\n  "b": 2}', 'line 3, column 3'],
  ['\n\n\n', 'line 4, column 1'],
  [`${'\n'.repeat(3_000_000)}{`, 'line 3000001, column 2'],
])('a fault is told with its line and column (%#)', (text, place) => {
  expect(() => parse(text)).toThrow(place);
});
