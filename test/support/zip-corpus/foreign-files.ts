import { gzipSync } from 'node:zlib';
import { u16, u32 } from '../raw-zip.js';
import { built, centralPart, EMPTY_ZIP, good, localPart, zip } from './building-blocks.js';
import { zipCase, type ZipCaseGroup } from './zip-case.js';

const GIF = Buffer.concat([Buffer.from('GIF89a'), u16(1), u16(1), Buffer.from([0, 0, 0, 0x3b])]);
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
/** The header of a Dalvik executable, as "Janus" (CVE-2017-13156) puts it before a signed package. */
const DEX = Buffer.concat([Buffer.from('dex\n035\0'), Buffer.alloc(104)]);
const PDF = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Length 4000 >>\nstream\n');

/** A zip behind `prefix`, all of whose offsets take it into account. */
const behind = (prefix: Buffer | string): (() => Buffer) => {
  const bytes = Buffer.from(prefix);
  return () => built({ prefix: bytes });
};

/** Files that aren't a zip, or one for readers that search from the back only. */
export const foreignFiles: ZipCaseGroup = {
  about: 'Not a zip, or one behind something else',
  cases: [
    zipCase('empty-file', 'ARCHIVE_NOT_ZIP', 'A file of no bytes.', () => Buffer.alloc(0)),
    zipCase('one-byte', 'ARCHIVE_NOT_ZIP', 'A file of one byte.', () => Buffer.from('P')),
    zipCase('html-page', 'ARCHIVE_NOT_ZIP', 'An error page that was saved as an archive.', () =>
      Buffer.from('<!DOCTYPE html><title>404</title>'),
    ),
    zipCase('gzip', 'ARCHIVE_NOT_ZIP', 'A gzip file that was named as a zip.', () => gzipSync('app/')),
    zipCase('seven-zip', 'ARCHIVE_NOT_ZIP', 'The beginning of a 7-Zip archive.', () =>
      Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), Buffer.alloc(24)]),
    ),
    zipCase('script-before', 'ARCHIVE_NOT_ZIP', 'A shell script with a zip behind it.', behind('#!/bin/sh\n')),
    zipCase(
      'exe-before',
      'ARCHIVE_NOT_ZIP',
      'A Windows program with a zip behind it, as self-extracting archives are.',
      behind('MZ\x90\0\x03'),
    ),
    zipCase(
      'html-before',
      'ARCHIVE_NOT_ZIP',
      'An HTML page that opens a comment, with a zip behind it: both at once.',
      behind('<html><!--'),
    ),
    zipCase('pdf-before', 'ARCHIVE_NOT_ZIP', 'A PDF document whose first stream is a zip: both at once.', behind(PDF)),
    zipCase('gif-before', 'ARCHIVE_NOT_ZIP', 'A GIF image with a zip behind it ("GIFAR").', behind(GIF)),
    zipCase('jpeg-before', 'ARCHIVE_NOT_ZIP', 'A JPEG image with a zip behind it.', behind(JPEG)),
    zipCase(
      'dex-before',
      'ARCHIVE_NOT_ZIP',
      'A Dalvik program with a zip behind it ("Janus", CVE-2017-13156).',
      behind(DEX),
    ),
    zipCase(
      'dex-before-unshifted',
      'ARCHIVE_NOT_ZIP',
      'The same with offsets that count from the zip: readers that search from the back mend them.',
      () => Buffer.concat([DEX, zip(good)]),
    ),
    zipCase(
      'directory-first',
      'ARCHIVE_NOT_ZIP',
      'The central directory at the beginning, the entries behind it.',
      () => {
        const header = centralPart({ ...good, central: { headerOffset: centralPart(good).length } });
        const end = Buffer.from(EMPTY_ZIP);
        end.writeUInt16LE(1, 8);
        end.writeUInt16LE(1, 10);
        end.writeUInt32LE(header.length, 12);
        return Buffer.concat([header, localPart(good), end]);
      },
    ),
    zipCase(
      'split-marker',
      'ARCHIVE_NOT_ZIP',
      'The marker of a split archive (APPNOTE 8.5.4), and a zip behind it.',
      behind(u32(0x08074b50)),
    ),
    zipCase(
      'single-part-marker',
      'ARCHIVE_NOT_ZIP',
      'The marker of a split archive that came out in one part (APPNOTE 8.5.5, "PK00"), and a zip behind it.',
      behind('PK00'),
    ),
    zipCase(
      'first-header-garbled',
      'ARCHIVE_NOT_ZIP',
      'The first local header lacks its signature; the central directory is fine.',
      () => zip({ ...good, local: { signature: 0x04034b51 } }),
    ),
  ],
};
