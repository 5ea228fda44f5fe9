import { createPublicKey } from 'node:crypto';
import {
  SigningRequestError,
  createSigningRequest,
  findRequestFaults,
  parseSigningRequest,
} from '../../../src/pki/signing-request.js';
import { keySigner } from '../../../src/pki/signer.js';
import { openssl, opensslText } from '../../support/openssl.js';
import { createTestAuthority, testKeys } from '../../support/test-authority.js';
import type { TestKeyKind } from '../../support/test-authority.js';
import { testWith } from '../../support/installed.js';

const opensslTest = testWith('openssl');

const request = (kind: TestKeyKind = 'ec-p384', commonName = 'my-app') =>
  createSigningRequest({ signer: keySigner(testKeys(kind).privateKey), commonName });

const kinds = (pem: Buffer | string, commonName = 'my-app') =>
  findRequestFaults(parseSigningRequest(pem), commonName).map(({ kind }) => kind);

describe('a request that we make', () => {
  opensslTest.each(['ec-p384', 'rsa-2048'] as const)('with a key %s satisfies openssl and ourselves', async (kind) => {
    const pem = await request(kind);
    const output = await opensslText(['req', '-in', 'r.pem', '-verify', '-noout', '-subject'], { 'r.pem': pem });
    expect(output).toMatch(/verify OK/i);
    expect(output).toContain('CN = my-app');
    expect(kinds(pem)).toEqual([]);
  });
  test('is never made for a name that can not be seen', async () => {
    for (const commonName of ['', ' a', 'a\n', 'a\u202eb', 'x'.repeat(65)]) {
      await expect(request('ec-p384', commonName)).rejects.toThrow(RangeError);
    }
  });
});

describe('a request that openssl makes', () => {
  const made = (...args: readonly string[]) =>
    opensslText(['req', '-new', '-nodes', '-keyout', 'key.pem', '-batch', ...args]);

  opensslTest.each([
    ['RSA', ['-newkey', 'rsa:2048'], { keyType: 'rsa', keyBits: 2048, curve: null }],
    ['EC', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], { keyType: 'ec', keyBits: 384, curve: 'P-384' }],
  ])('with an %s key is read', async (_, args, expected) => {
    const pem = await made(...args, '-subj', '/C=DE/CN=my-app', '-addext', 'basicConstraints=CA:TRUE');
    expect(parseSigningRequest(pem)).toMatchObject({
      ...expected,
      commonNames: ['my-app'],
      subject: 'C=DE, CN=my-app',
    });
    expect(kinds(pem)).toEqual([]);
    // Only what stands between the lines: openssl prints dashes and dots beside its answer.
    const [, base64 = ''] = /-----BEGIN [A-Z ]+-----([^-]+)-----END/.exec(pem) ?? [];
    const der = Buffer.from(base64, 'base64');
    expect(parseSigningRequest(der).fingerprint).toBe(parseSigningRequest(pem).fingerprint);
    const labelled = Buffer.from(pem.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'));
    expect(kinds(labelled)).toEqual([]);
  });
  opensslTest('with a weak key, a weak hash or another name is told what is wrong', async () => {
    expect(kinds(await made('-newkey', 'rsa:1024', '-subj', '/CN=my-app'))).toEqual(['weak-key']);
    const exponent = ['-newkey', 'rsa:2048', '-pkeyopt', 'rsa_keygen_pubexp:3'];
    expect(kinds(await made(...exponent, '-subj', '/CN=my-app'))).toEqual(['weak-key']);
    for (const curve of ['P-256', 'P-521', 'secp256k1']) {
      const options = ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];
      expect(kinds(await made(...options, '-subj', '/CN=my-app'))).toEqual(['weak-key']);
    }
    expect(kinds(await made('-newkey', 'rsa:2048', '-sha1', '-subj', '/CN=my-app'))).toEqual(['weak-signature']);
    expect(kinds(await made('-newkey', 'rsa:2048', '-subj', '/CN=other'))).toEqual(['common-name']);
    expect(kinds(await made('-newkey', 'rsa:2048', '-subj', '/CN=my-app/CN=other'))).toEqual(['common-name']);
    expect(kinds(await made('-newkey', 'rsa:2048', '-subj', '/O=my-app'))).toEqual(['common-name']);
  });
});

opensslTest("a request for somebody else's public key is refused: it proves no possession", async () => {
  const der = parseSigningRequest(await request('ec-p384')).der;
  const own = testKeys('ec-p384').publicKey.export({ type: 'spki', format: 'der' });
  const stolen = testKeys('ec-p384', 'victim').publicKey.export({ type: 'spki', format: 'der' });
  const forged = Buffer.from(der.toString('hex').replace(own.toString('hex'), stolen.toString('hex')), 'hex');
  expect(kinds(forged)).toEqual(['no-proof-of-possession']);
  const { output } = await openssl(['req', '-inform', 'DER', '-in', 'r.der', '-verify', '-noout'], { 'r.der': forged });
  expect(output).toMatch(/verify(\s|\S)*fail/i);
});

test('what is not proven to be the applicant’s key costs no arithmetic', async () => {
  const own = keySigner(testKeys('rsa-2048').privateKey);
  // 2^2048 - 1, which 3 divides.
  const octets = Buffer.alloc(256, 0xff).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'RSA', n: octets, e: 'AQAB' }, format: 'jwk' });
  expect(kinds(await createSigningRequest({ signer: { ...own, publicKey }, commonName: 'my-app' }))).toEqual([
    'no-proof-of-possession',
  ]);
});

const ours = await request();
test.each([
  ['nothing', ''],
  ['a certificate', createTestAuthority().root.pem],
  ['a certificate in DER', createTestAuthority().root.der],
  ['two requests', ours + ours],
  ['a request cut off', ours.replace(/\n[^\n]+\n-----END/, '\n-----END')],
  ['too much', Buffer.alloc(70_000, 0x30)],
])('%s is no request', (_, input) => {
  expect(() => parseSigningRequest(input)).toThrow(SigningRequestError);
});
