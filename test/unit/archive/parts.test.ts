import { gzipSync, crc32 as zlibCrc32 } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { crc32ByTable } from '../../../src/archive/crc-32.js';
import { sniffArchive } from '../../../src/archive/sniff-archive.js';
import { appArchive } from '../../support/app-archive.js';

const tar = Buffer.alloc(1_024);
tar.write('app/appinfo/info.xml', 0);
tar.write('ustar', 257);

describe('what a file looks like that is no zip:', () => {
  test.each<[string, Buffer, string | null]>([
    ['nothing', Buffer.alloc(0), 'an empty file'],
    ['a tar.gz', gzipSync(tar), 'a gzip-compressed tar archive (.tar.gz)'],
    [
      'the beginning of a tar.gz',
      gzipSync(Buffer.concat([tar, randomBytes(9_000)])).subarray(0, 1_024),
      'a gzip-compressed tar archive (.tar.gz)',
    ],
    ['a gz', gzipSync('text'), 'a gzip-compressed file'],
    ['a tar', tar, 'a tar archive'],
    ['bzip2', Buffer.from('BZh91AY'), 'a bzip2-compressed file (.tar.bz2)'],
    ['xz', Buffer.from('fd377a585a000004', 'hex'), 'an xz-compressed file (.tar.xz)'],
    ['7z', Buffer.from('377abcaf271c0004', 'hex'), 'a 7-Zip archive (.7z)'],
    ['a part of a split zip', Buffer.from('PK\x07\x08PK\x03\x04', 'latin1'), expect.stringContaining('split zip')],
    ['the only part of a split zip', Buffer.from('PK00PK\x03\x04', 'latin1'), expect.stringContaining('split zip')],
    [
      'a zip behind a warning',
      Buffer.from('Warning: x\nPK\x03\x04', 'latin1'),
      'a zip archive behind 11 bytes of something else',
    ],
    ['rar', Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'), 'a RAR archive'],
    ['HTML', Buffer.from('\n<!doctype HTML><html>'), 'an HTML page'],
    ['XML', Buffer.from('\uFEFF<?xml version="1.0"?>'), 'an XML document'],
    ['JSON', Buffer.from(' {"error": "not found"}'), 'a JSON document'],
    ['text', Buffer.from('hello'), 'a text file'],
    ['text cut in a character', Buffer.from('größe').subarray(0, 3), 'a text file'],
    ['bytes', Buffer.from('00ff00ff', 'hex'), null],
  ])('%s', (_, bytes, looksLike) => {
    expect(sniffArchive(bytes)).toEqual({ zip: false, looksLike });
  });

  test('a zip is a zip, also when it is empty', async () => {
    expect(sniffArchive(await appArchive()).zip).toBe(true);
    expect(sniffArchive(Buffer.from('PK\x05\x06')).zip).toBe(true);
  });
});

test('the CRC-32 for older Node agrees with that of zlib, also in pieces', () => {
  const bytes = randomBytes(10_000);
  const first = crc32ByTable(bytes.subarray(0, 3_333));
  expect(crc32ByTable(bytes)).toBe(zlibCrc32(bytes));
  expect(crc32ByTable(bytes.subarray(3_333), first)).toBe(zlibCrc32(bytes));
  expect(crc32ByTable(Buffer.from('123456789'))).toBe(0xcbf43926);
});
