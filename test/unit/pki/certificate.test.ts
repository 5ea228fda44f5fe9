import { X509Certificate } from 'node:crypto';
import {
  CertificateError,
  isSelfSigned,
  isSignedBy,
  parseCertificate,
  parseCertificates,
} from '../../../src/pki/certificate.js';
import { TAG } from '../../../src/pki/der.js';
import {
  writeBitString,
  writeInteger,
  writeNull,
  writeOctetString,
  writeOid,
  writePrintable,
  writeSequence,
  writeSet,
  writeUtf8,
  writeValue,
} from '../../../src/pki/der-writer.js';
import { EXTENSION } from '../../../src/pki/extensions.js';
import {
  createTestAuthority,
  makeCertificate,
  rootOptions,
  testExtension,
  testKeys,
} from '../../support/test-authority.js';
import { opensslText } from '../../support/openssl.js';
import { testWith } from '../../support/installed.js';

const opensslTest = testWith('openssl');

const authority = createTestAuthority();
const leaf = authority.issue('example-app');
const refuses = (input: Buffer | string) => expect(() => parseCertificate(input)).toThrow(CertificateError);

describe('a certificate that openssl made', () => {
  opensslTest.each([
    ['EC', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'ec', 384, 'P-384'],
    ['RSA', ['-newkey', 'rsa:2048'], 'rsa', 2048, null],
  ])('with an %s key is read as openssl prints it', async (_, newKey, keyType, keyBits, curve) => {
    const pem = await opensslText([
      ...['req', '-x509', ...newKey, '-nodes', '-keyout', 'key.pem', '-days', '30', '-sha384', '-batch'],
      ...['-subj', '/C=DE/O=A, B "C"/CN=my-app', '-addext', 'keyUsage=critical,digitalSignature'],
      ...[
        '-addext',
        'extendedKeyUsage=codeSigning,timeStamping',
        '-addext',
        'nameConstraints=critical,permitted;DNS:x',
      ],
    ]);
    const certificate = parseCertificate(pem);
    const facts = await opensslText(
      ['x509', '-in', 'c.pem', '-noout', '-serial', '-fingerprint', '-sha256', '-dates', '-dateopt', 'iso_8601'],
      { 'c.pem': pem },
    );
    expect(facts).toContain(`serial=${certificate.serial}\n`);
    expect(facts.replaceAll(':', '').toLowerCase()).toContain(`fingerprint=${certificate.fingerprint}\n`);
    const iso = (date: Date) => date.toISOString().replace('T', ' ').replace('.000', '');
    expect(facts).toContain(`notBefore=${iso(certificate.notBefore)}`);
    expect(facts).toContain(`notAfter=${iso(certificate.notAfter)}`);
    expect(certificate).toMatchObject({
      version: 3,
      subject: 'C=DE, O=A\\, B \\"C\\", CN=my-app',
      commonNames: ['my-app'],
      keyType,
      keyBits,
      curve,
      basicConstraints: { ca: true, pathLength: null },
      keyUsage: new Set(['digitalSignature']),
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.8'],
      unknownCriticalExtensions: ['2.5.29.30'],
    });
    expect(certificate.subjectKeyId).toBe(certificate.authorityKeyId);
    expect(isSelfSigned(certificate)).toBe(true);
  });
});

describe('PEM', () => {
  test('text around the block, CRLF and indentation are passed over', () => {
    const messy = `Bag Attributes\r\n  friendlyName: x\r\n\r\n${leaf.pem.replaceAll('\n', '\r\n')}the end`;
    expect(parseCertificate(messy).fingerprint).toBe(leaf.certificate.fingerprint);
    expect(parseCertificate(Buffer.from(messy)).fingerprint).toBe(leaf.certificate.fingerprint);
    expect(parseCertificate(leaf.pem.replace(/^/gm, '  ')).fingerprint).toBe(leaf.certificate.fingerprint);
  });
  test('two certificates are refused where one is expected, and read where a bundle is', () => {
    const bundle = leaf.pem + authority.intermediate.pem;
    expect(() => parseCertificate(bundle)).toThrow(/2 certificates/);
    expect(parseCertificates(bundle).map(({ subject }) => subject)).toEqual([
      'CN=example-app',
      'CN=Test G2 Intermediate',
    ]);
  });
  test.each([
    ['no certificate', ''],
    ['a private key', leaf.privateKeyPem],
    ['a block without an end', leaf.pem.replace(/-----END.*/s, '')],
    ['a block within a block', leaf.pem.replace('\n', '\n-----BEGIN CERTIFICATE-----\n')],
    ['an end without a beginning', `-----END CERTIFICATE-----\n${leaf.pem}`],
    ['characters that are not base64', leaf.pem.replace('\n', '\n*')],
    ['base64 of something else', '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n'],
    ['an empty block', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
  ])('%s is refused', (_, pem) => refuses(pem));
});

describe('hostile bytes', () => {
  test('PEM hidden inside of DER does not replace the certificate around it', () => {
    const hidden = testExtension('1.2.3.4', writeOctetString(Buffer.from(`\n${authority.root.pem}\n`)));
    const der = craft([hidden]);
    // This is what the attack rests on: Node reads the one inside.
    expect(new X509Certificate(der).subject).toBe('CN=Test G2 Root');
    refuses(der);
  });
  test('nor does one that shares serial, dates and key with it', () => {
    const dates = { notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z' };
    const twin = makeCertificate({ commonName: 'twin', serial: 5n, keys: testKeys('ec-p384'), ...dates });
    refuses(craft([testExtension('1.2.3.4', writeOctetString(Buffer.from(`\n${twin.pem}\n`)))]));
    expect(parseCertificate(craft([])).serial).toBe('05');
  });
  test('a certificate of more than 64 KiB is refused', () => {
    const padding = testExtension('1.2.3.4', writeOctetString(Buffer.alloc(70_000)));
    refuses(craft([padding]));
  });
  test('values nested a hundred thousand deep are refused, not followed', () => {
    let hex = '';
    for (let depth = 0; depth < 30_000; depth += 1) hex += '3080';
    refuses(Buffer.from(hex, 'hex'));
    refuses(Buffer.from('30'.repeat(60_000), 'hex'));
  });
  test('bytes after the end are refused', () => {
    refuses(Buffer.concat([leaf.der, Buffer.from([0])]));
  });
  test('the same extension twice is refused', () => {
    const twice = testExtension(EXTENSION.basicConstraints, writeSequence(), true);
    refuses(craft([twice]));
  });
  test('extensions in a version 1 certificate are refused', () => {
    refuses(craft([testExtension('1.2.3.4', writeNull())], { version: 1 }));
  });
  test('two signature algorithms that differ are refused', () => {
    refuses(craft([], { outerAlgorithm: writeSequence(writeOid('1.2.840.10045.4.3.2')) }));
  });
  opensslTest('a curve spelt out instead of named is refused', async () => {
    const pem = await opensslText([
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-pkeyopt', 'ec_param_enc:explicit'],
      ...['-nodes', '-keyout', 'key.pem', '-subj', '/CN=a', '-batch'],
    ]);
    refuses(pem);
  });
  test('a date that does not exist is refused', () => {
    refuses(craft([], { notAfter: writeValue(TAG.utcTime, Buffer.from('300230000000Z')) }));
  });
  test('names can not draw over the line they are printed in', () => {
    const subjectDer = writeSequence(
      writeSet(writeSequence(writeOid('2.5.4.3'), writeUtf8('a\n\u202eb\u0000, CN=admin'))),
    );
    const { certificate } = makeCertificate({ subjectDer, keys: testKeys('ec-p384') });
    expect(certificate.subject).toBe('CN=a\\0A\\E2\\80\\AEb\\00\\, CN\\=admin');
    expect(certificate.commonNames).toEqual(['a\n\u202eb\u0000, CN=admin']);
  });
  test('all common names are told, also those of one set', () => {
    const cn = (name: string) => writeSequence(writeOid('2.5.4.3'), writePrintable(name));
    const subjectDer = writeSequence(writeSet(cn('a'), cn('b')), writeSet(cn('c')));
    expect(makeCertificate({ subjectDer, keys: testKeys('ec-p384') }).certificate.commonNames).toEqual(['a', 'b', 'c']);
  });
});

describe('versions and fields', () => {
  test('a version 1 certificate has no extensions', () => {
    const { certificate } = makeCertificate({ version: 1, keys: testKeys('rsa-2048') });
    expect(certificate).toMatchObject({ version: 1, basicConstraints: null, keyUsage: null, extendedKeyUsage: null });
    expect(certificate.signatureAlgorithm).toBe('sha256WithRSAEncryption');
  });
  test('a negative serial is told as openssl tells it', () => {
    const certificate = parseCertificate(craft([], { serial: writeValue(TAG.integer, Buffer.from([0xfe])) }));
    expect(certificate.serial).toBe('-02');
  });
  test('an unknown kind of key is read, and called so', () => {
    expect(makeCertificate({ keys: testKeys('ed25519') }).certificate.keyType).toBe('other');
  });
});

describe('who signed a certificate', () => {
  test('its issuer did, another authority did not', () => {
    expect(isSignedBy(leaf.certificate, authority.intermediate.certificate)).toBe(true);
    expect(isSignedBy(leaf.certificate, authority.root.certificate)).toBe(false);
    expect(isSelfSigned(authority.root.certificate)).toBe(true);
  });
  test('a root that names itself but was signed by another key is not self-signed', () => {
    const forged = makeCertificate({ ...rootOptions, signingKeys: testKeys('ec-p384', 'other') });
    expect(isSelfSigned(forged.certificate)).toBe(false);
  });
});

/** A certificate put together by hand, signed by nobody, for what the builder can't get wrong. */
function craft(
  extensions: readonly Buffer[],
  options: { version?: number; outerAlgorithm?: Buffer; notAfter?: Buffer; serial?: Buffer } = {},
): Buffer {
  const algorithm = writeSequence(writeOid('1.2.840.10045.4.3.3'));
  const name = writeSequence(writeSet(writeSequence(writeOid('2.5.4.3'), writeUtf8('crafted'))));
  const { version = 3 } = options;
  const body = writeSequence(
    ...(version === 1 ? [] : [writeValue(0xa0, writeInteger(version - 1))]),
    options.serial ?? writeInteger(5),
    algorithm,
    name,
    writeSequence(
      writeValue(TAG.utcTime, Buffer.from('260101000000Z')),
      options.notAfter ?? writeValue(TAG.utcTime, Buffer.from('360101000000Z')),
    ),
    name,
    testKeys('ec-p384').publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0
      ? []
      : [writeValue(0xa3, writeSequence(testExtension(EXTENSION.basicConstraints, writeSequence()), ...extensions))]),
  );
  return writeSequence(body, options.outerAlgorithm ?? algorithm, writeBitString(Buffer.alloc(8)));
}
