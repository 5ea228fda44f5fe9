import { Secret } from 'otpauth';
import { totpStepOf } from '../../../src/accounts/second-factor.js';

/** RFC 6238, appendix B, SHA-1: the values there have eight digits, of which six are the last six. */
const SECRET = Secret.fromUTF8('12345678901234567890').base32;
const VECTORS: readonly (readonly [number, string, number])[] = [
  [59, '94287082', 0x1],
  [1111111109, '07081804', 0x23523ec],
  [1111111111, '14050471', 0x23523ed],
  [1234567890, '89005924', 0x273ef07],
  [2000000000, '69279037', 0x3f940aa],
  [20000000000, '65353130', 0x27bc86aa],
];

test.each(VECTORS)('at second %i the value is that of RFC 6238', (second, value, step) => {
  expect(totpStepOf(SECRET, value.slice(-6), new Date(second * 1000))).toBe(step);
});

test('a clock may be one step ahead or behind, and no more', () => {
  const [second, value, step] = VECTORS[3] ?? [0, '', 0];
  const code = value.slice(-6);
  const found = [-60, -30, 0, 30, 60].map((drift) => totpStepOf(SECRET, code, new Date((second + drift) * 1000)));
  expect(found).toEqual([null, step, step, step, null]);
});

test('a value may be written in groups', () => {
  expect(totpStepOf(SECRET, ' 287 082 ', new Date(59_000))).toBe(1);
});

test.each(['', '287', '2870820', '94287082', '28708x', '٢٨٧٠٨٢', '287082'.repeat(1000)])('%j is no value', (code) => {
  expect(totpStepOf(SECRET, code, new Date(59_000))).toBeNull();
});
