import { readByteRange } from '../../../src/http/byte-range.js';

test.each([
  ['bytes=0-4', 0, 4],
  ['bytes=5-', 5, 99],
  ['bytes=99-99', 99, 99],
  ['bytes=-10', 90, 99],
  ['bytes=-100', 0, 99],
  ['bytes=-2000000', 0, 99],
  ['bytes=50-99999999999999999999999', 50, 99],
  ['BYTES=1-2', 1, 2],
  ['bytes= 1-2 ', 1, 2],
])('%p of a hundred bytes is %d to %d', (header, start, end) => {
  expect(readByteRange(header, 100)).toEqual({ start, end });
});

test.each(['bytes=100-', 'bytes=100-200', 'bytes=-0', 'bytes=99999999999999999999999-', `bytes=${'9'.repeat(400)}-`])(
  '%p is nothing of a hundred bytes',
  (header) => {
    expect(readByteRange(header, 100)).toBe('unsatisfiable');
  },
);

test.each([
  undefined,
  '',
  'bytes=5-1',
  'bytes=200-100',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=+1-3',
  'bytes=1.5-3',
  'bytes=0x1-3',
  'bytes=--1',
  'bytes=0-1,3-4',
  'items=0-1',
  'xbytes=0-1',
])('%p is no such header, or of several: then it is the whole', (header) => {
  expect(readByteRange(header, 100)).toBeNull();
});
