import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { chooseCoding, compress, isCompressible } from '../../../src/http/compress.js';

describe('of the codings that somebody takes', () => {
  test.each<[string | undefined, string | null, boolean]>([
    [undefined, null, true],
    ['', null, true],
    ['gzip', 'gzip', true],
    ['x-gzip', 'gzip', true],
    ['gzip, deflate, br, zstd', 'br', true],
    ['GZIP , BR', 'br', true],
    ['br;q=0.5, gzip', 'gzip', true],
    ['br ; q=1.0, gzip;q=0.999', 'br', true],
    ['gzip;q=0', null, true],
    ['gzip;q=0.000, br;q=0', null, true],
    ['deflate, zstd', null, true],
    ['*', 'gzip', true],
    ['*;q=0.1, gzip;q=0', null, true],
    ['br;q=0, *', 'gzip', true],
    ['identity', null, true],
    ['identity;q=1, gzip;q=0.5', null, true],
    ['identity;q=0.5, gzip;q=0.5', 'gzip', true],
    ['identity;q=0', null, false],
    ['identity;q=0, gzip', 'gzip', false],
    ['*;q=0', null, false],
    ['*;q=0, br', 'br', false],
    ['*;q=0, identity', null, true],
    // Nothing of these is a weight, so nothing is said of the coding.
    ['gzip;q=2', null, true],
    ['gzip;q=0.1234', null, true],
    ['gzip;q=-1, br;q=x', null, true],
    ['gzip;level=9', null, true],
    [',,;q=1, =, \u0000', null, true],
    ['__proto__, constructor;q=1', null, true],
  ])('%p: %p, and as it is: %p', (header, coding, takesIdentity) => {
    expect(chooseCoding(header)).toEqual({ coding, takesIdentity });
  });

  test('a header as long as a server lets through is read at once', () => {
    expect(chooseCoding('gzip;q=0,'.repeat(1_600)).coding).toBeNull();
    expect(chooseCoding(`${' '.repeat(16_000)}gzip`).coding).toBe('gzip');
    expect(chooseCoding(`gzip${' ;'.repeat(8_000)}`).coding).toBeNull();
  });
});

test('texts, JSON and XML are compressed, and nothing that is small already or ends never', () => {
  const types = [
    'text/html; charset=utf-8',
    'application/json',
    'application/feed+json; charset=utf-8',
    'application/atom+xml',
  ];
  const others = [
    'application/zip',
    'image/webp',
    'text/event-stream',
    'application/pkix-crl',
    'application/jsonnet',
    '',
  ];
  expect(types.filter((type) => !isCompressible(type))).toEqual([]);
  expect(others.filter(isCompressible)).toEqual([]);
});

test('what is compressed is the same afterwards', async () => {
  const bytes = Buffer.from('app '.repeat(5_000));
  expect(brotliDecompressSync(await compress(bytes, 'br')).equals(bytes)).toBe(true);
  expect(gunzipSync(await compress(bytes, 'gzip')).equals(bytes)).toBe(true);
});
