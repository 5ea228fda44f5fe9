import {
  writeExplicit,
  writeInteger,
  writeOctetString,
  writeSequence,
  writeValue,
} from '../../../src/pki/der-writer.js';
import { findRevocationListUrl } from '../../../src/pki/distribution-point.js';
import { EXTENSION } from '../../../src/pki/extensions.js';
import { makeCertificate, testExtension } from '../../support/test-authority.js';

const uri = (address: string): Buffer => writeValue(0x86, Buffer.from(address, 'latin1'));
const fullName = (...names: readonly Buffer[]): Buffer => writeExplicit(0, writeValue(0xa0, ...names));
const points = (...each: readonly Buffer[]): Buffer => writeSequence(...each.map((point) => writeSequence(point)));
const found = (value: Buffer): string | null =>
  findRevocationListUrl(makeCertificate({ extensions: [testExtension(EXTENSION.crlDistributionPoints, value)] }));

test('the first address of http or https is found, whatever stands before it', () => {
  const ldap = fullName(uri('ldap://a.example/cn=a'), uri('https://a.example/a.crl'));
  expect(found(points(ldap, fullName(uri('http://b.example/b.crl'))))).toBe('https://a.example/a.crl');
});

test.each<[string, Buffer]>([
  ['no point', points()],
  ['no name', points(writeExplicit(1, writeInteger(1)))],
  ['no address', points(fullName())],
  ['an address with a space', points(fullName(uri('https://a.example/a b')))],
  ['an address of another kind', points(fullName(writeValue(0x82, Buffer.from('a.example'))))],
  ['a number', writeInteger(7)],
  ['text', writeOctetString(Buffer.from('https://a.example'))],
  ['bytes that are no DER', Buffer.from([0x30, 0x84])],
])('in %s none is found', (_what, value) => {
  expect(found(value)).toBeNull();
});

test('in a certificate without the extension none is found', () => {
  expect(findRevocationListUrl(makeCertificate())).toBeNull();
  expect(findRevocationListUrl(makeCertificate({ version: 1 }))).toBeNull();
});
