import { byteOrderKey, sortUtf8 } from '../../../src/signature/byte-order.js';

const PIECES = ['', 'a', 'é', '日', '\ud7ff', '\ue000', '\uff5e', '😀', '\u{10000}', '/', '.'];

test('texts are ordered as the bytes of their UTF-8 forms are', () => {
  const texts = PIECES.flatMap((one) => PIECES.flatMap((two) => PIECES.map((three) => one + two + three)));
  const byBytes = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(sortUtf8(texts)).toEqual(byBytes);
  const plain = texts.filter((text) => /^[a-zé日./]*$/.test(text));
  const byKey = (a: string, b: string) => (byteOrderKey(a) < byteOrderKey(b) ? -1 : 1);
  expect(sortUtf8(plain)).toEqual([...new Set(plain)].sort(byKey).flatMap((text) => plain.filter((x) => x === text)));
});
