import { X509Certificate, createHash, sign } from 'node:crypto';
import { CmsError, createSignedData, isSignedDataOf, parseSignedData } from '../../../src/pki/cms.js';
import type { SignedData } from '../../../src/pki/cms.js';
import {
  writeExplicit,
  writeInteger,
  writeNull,
  writeOctetString,
  writeOid,
  writeSequence,
  writeSet,
  writeValue,
} from '../../../src/pki/der-writer.js';
import type { Certificate } from '../../../src/pki/certificate.js';
import { readDer } from '../../../src/pki/der.js';
import { EXTENSION } from '../../../src/pki/extensions.js';
import { keySigner } from '../../../src/pki/signer.js';
import { testWith } from '../../support/installed.js';
import { openssl, opensslText } from '../../support/openssl.js';
import { createTestAuthority, makeCertificate, testExtension, testKeys } from '../../support/test-authority.js';
import type { TestCertificate, TestKeyKind } from '../../support/test-authority.js';

const opensslTest = testWith('openssl');

const authority = createTestAuthority();
const keyId = (seed: string) => createHash('sha1').update(seed).digest();

/** A leaf that identifies its key, as those of a gate do. */
const leafOf = (kind: TestKeyKind) =>
  authority.issue(`${kind}-app`, {
    keys: testKeys(kind),
    extensions: [testExtension(EXTENSION.subjectKeyIdentifier, writeOctetString(keyId(kind)))],
  });
const leaf = leafOf('ec-p384');
const other = authority.issue('other-app');

const verifies = (message: SignedData, certificate: Certificate) =>
  message.signers.map((signer) => isSignedDataOf(signer, message, certificate));

/** What openssl makes of `printf revoke | openssl …`. */
function signedByOpenssl(signer: TestCertificate, command: string, content = 'revoke'): Promise<string> {
  const files = { 'leaf.crt': signer.pem, 'leaf.key': signer.privateKeyPem, content };
  const [program = '', ...options] = command.split(' ');
  // A -keyopt belongs to the -inkey before it.
  return opensslText([program, '-in', 'content', '-signer', 'leaf.crt', '-inkey', 'leaf.key', ...options], files);
}

const asInIssue = 'cms -sign -outform PEM -nodetach';

describe('a message that openssl signs', () => {
  const pss = '-keyopt rsa_padding_mode:pss';
  opensslTest.each<[string, TestKeyKind]>([
    [asInIssue, 'ec-p384'],
    [asInIssue, 'rsa-2048'],
    [asInIssue, 'rsa-4096'],
    [`${asInIssue} -nocerts`, 'ec-p384'],
    [`${asInIssue} -keyid`, 'ec-p384'],
    [`${asInIssue} -keyid -nocerts -noattr`, 'rsa-2048'],
    [`${asInIssue} -noattr`, 'ec-p384'],
    [`${asInIssue} -binary -nosmimecap`, 'ec-p384'],
    [`${asInIssue} -cades`, 'rsa-2048'],
    [`${asInIssue} -md sha384`, 'ec-p384'],
    [`${asInIssue} -md sha512`, 'ec-p384'],
    [`${asInIssue} -md sha512`, 'rsa-2048'],
    [`${asInIssue} ${pss}`, 'rsa-2048'],
    [`${asInIssue} ${pss} -md sha384`, 'rsa-2048'],
    [`${asInIssue} ${pss} -keyopt rsa_pss_saltlen:32 -noattr`, 'rsa-2048'],
    ['smime -sign -outform PEM -nodetach', 'ec-p384'],
    ['smime -sign -outform PEM -nodetach', 'rsa-2048'],
    ['smime -sign -outform PEM -nodetach -noattr -nocerts', 'rsa-2048'],
  ])('with %s and a key %s counts for its certificate and no other', async (command, kind) => {
    const signer = leafOf(kind);
    const message = parseSignedData(await signedByOpenssl(signer, command));
    expect(message.content.toString()).toBe('revoke');
    expect(message.signers.map(({ fault }) => fault)).toEqual([null]);
    expect(verifies(message, signer.certificate)).toEqual([true]);
    expect(verifies(message, other.certificate)).toEqual([false]);
    const expected = command.includes('-nocerts') ? [] : [signer.certificate.fingerprint];
    expect(message.certificates.map(({ fingerprint }) => fingerprint)).toEqual(expected);
  });

  opensslTest('names its certificate by issuer and serial, or by the key identifier', async () => {
    const [byName] = parseSignedData(await signedByOpenssl(leaf, asInIssue)).signers;
    const { issuerId, serial } = leaf.certificate;
    expect(byName?.identifier).toEqual({ issuerId, serial });
    const [byKey] = parseSignedData(await signedByOpenssl(leaf, `${asInIssue} -keyid`)).signers;
    expect(byKey?.identifier).toEqual({ subjectKeyId: keyId('ec-p384').toString('hex') });
  });

  opensslTest('is read from DER too', async () => {
    const pem = await signedByOpenssl(leaf, asInIssue);
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    expect(verifies(parseSignedData(der), leaf.certificate)).toEqual([true]);
  });

  opensslTest('counts for none of several certificates that share its key but not its serial', async () => {
    const sibling = authority.issue('ec-p384-app', { keys: leaf.keys });
    const message = parseSignedData(await signedByOpenssl(leaf, asInIssue));
    expect(verifies(message, sibling.certificate)).toEqual([false]);
  });

  opensslTest('counts for no certificate of the same issuer name and serial with another key', async () => {
    const twin = makeCertificate({
      commonName: 'twin',
      issuer: authority.intermediate,
      serial: BigInt(`0x${leaf.certificate.serial}`),
    });
    const message = parseSignedData(await signedByOpenssl(leaf, asInIssue));
    expect(verifies(message, twin.certificate)).toEqual([false]);
  });

  opensslTest('by two signers counts for each', async () => {
    const rsa = leafOf('rsa-2048');
    const args = '-signer a.crt -inkey a.key -signer b.crt -inkey b.key -in content'.split(' ');
    const pem = await opensslText([...asInIssue.split(' '), ...args], {
      'a.crt': leaf.pem,
      'a.key': leaf.privateKeyPem,
      'b.crt': rsa.pem,
      'b.key': rsa.privateKeyPem,
      content: 'revoke',
    });
    const message = parseSignedData(pem);
    expect(verifies(message, leaf.certificate).filter(Boolean)).toHaveLength(1);
    expect(verifies(message, rsa.certificate).filter(Boolean)).toHaveLength(1);
  });

  opensslTest.each([
    ['SHA-1', `${asInIssue} -md sha1`],
    ['MD5', 'smime -sign -outform PEM -nodetach -md md5'],
    ['SHA-1 without attributes', `${asInIssue} -md sha1 -noattr`],
    ['RSASSA-PSS with a mask of SHA-1', `${asInIssue} -keyopt rsa_padding_mode:pss -keyopt rsa_mgf1_md:sha1`],
  ])('with %s is read, and counts for nobody', async (_, command) => {
    const signer = leafOf('rsa-2048');
    const message = parseSignedData(await signedByOpenssl(signer, command));
    expect(message.signers.map(({ fault }) => fault)).not.toContain(null);
    expect(verifies(message, signer.certificate)).toEqual([false]);
  });

  opensslTest.each([
    ['without its content', 'cms -sign -outform PEM', /-nodetach/],
    ['in the BER of -stream', `${asInIssue} -stream`, /-stream/],
    ['with content of another type', `${asInIssue} -econtent_type 1.2.3.4`, /plain data/],
  ])('%s is refused, and told why', async (_, command, words) => {
    const pem = await signedByOpenssl(leaf, command);
    expect(() => parseSignedData(pem)).toThrow(CmsError);
    expect(() => parseSignedData(pem)).toThrow(words);
  });
  opensslTest('and then encrypts is none', async () => {
    const pem = await opensslText(['cms', '-encrypt', '-outform', 'PEM', '-in', 'content', 'rsa.crt'], {
      content: 'revoke',
      'rsa.crt': leafOf('rsa-2048').pem,
    });
    expect(() => parseSignedData(pem)).toThrow(CmsError);
  });
});

describe('a message that we sign', () => {
  opensslTest.each<TestKeyKind>(['ec-p384', 'rsa-2048', 'ec-p256'])('with a key %s satisfies openssl', async (kind) => {
    const signer = leafOf(kind);
    const pem = await createSignedData({
      content: Buffer.from('revoke'),
      certificate: signer.certificate,
      signer: keySigner(signer.keys.privateKey),
    });
    expect(verifies(parseSignedData(pem), signer.certificate)).toEqual([true]);
    const args = 'cms -verify -inform PEM -in m.pem -CAfile chain.pem -purpose any'.split(' ');
    const files = { 'm.pem': pem, 'chain.pem': authority.intermediate.pem + authority.root.pem };
    const { status, output } = await openssl(args, files);
    expect(output).toMatch(/^revoke/);
    expect(output).toMatch(/successful/i);
    expect(status).toBe(0);
  });
  test('with the key of another certificate is not made', async () => {
    const signer = keySigner(other.keys.privateKey);
    const wish = { content: Buffer.from('revoke'), certificate: leaf.certificate, signer };
    await expect(createSignedData(wish)).rejects.toThrow(CmsError);
  });
  test('is not let out when the signature is wrong', async () => {
    const signer = { publicKey: leaf.keys.publicKey, sign: async () => Buffer.from('3006020101020101', 'hex') };
    const wish = { content: Buffer.from('revoke'), certificate: leaf.certificate, signer };
    await expect(createSignedData(wish)).rejects.toThrow(CmsError);
  });
});

const ids = {
  signedData: '1.2.840.113549.1.7.2',
  data: '1.2.840.113549.1.7.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  rsaEncryption: '1.2.840.113549.1.1.1',
};

const content = Buffer.from('revoke');
const attribute = (id: string, ...values: readonly Buffer[]) => writeSequence(writeOid(id), writeSet(...values));
const goodAttributes = [
  attribute(ids.contentType, writeOid(ids.data)),
  attribute(ids.messageDigest, writeOctetString(createHash('sha384').update(content).digest())),
];

/** A message made by hand, signed by the leaf, that can be wrong in every way. */
function makeMessage(wrong: {
  readonly attributes?: readonly Buffer[] | null;
  readonly signed?: Buffer;
  readonly content?: Buffer;
  readonly certificates?: readonly Buffer[];
  readonly version?: number;
  readonly signerVersion?: number;
  readonly signers?: number;
  readonly digestId?: string;
  readonly algorithm?: Buffer;
  readonly hash?: string;
  readonly after?: readonly Buffer[];
}): Buffer {
  const { attributes = goodAttributes, signers = 1, certificates = [leaf.der] } = wrong;
  const set = attributes === null ? null : writeSet(...attributes);
  const shown = wrong.content ?? content;
  const toSign = wrong.signed ?? set ?? shown;
  const signerInfo = writeSequence(
    writeInteger(wrong.signerVersion ?? 1),
    writeSequence(Buffer.from(leaf.certificate.issuerId, 'hex'), writeInteger(BigInt(`0x${leaf.certificate.serial}`))),
    writeSequence(writeOid(wrong.digestId ?? ids.sha384)),
    ...(set === null ? [] : [writeExplicit(0, readDer(set).content)]),
    wrong.algorithm ?? writeSequence(writeOid(ids.ecdsaWithSha384)),
    writeOctetString(sign(wrong.hash ?? 'sha384', toSign, leaf.keys.privateKey)),
    ...(wrong.after ?? []),
  );
  return writeSequence(
    writeOid(ids.signedData),
    writeExplicit(
      0,
      writeSequence(
        writeInteger(wrong.version ?? 1),
        writeSet(writeSequence(writeOid(ids.sha384))),
        writeSequence(writeOid(ids.data), writeExplicit(0, writeOctetString(shown))),
        ...(certificates.length === 0 ? [] : [writeValue(0xa0, ...certificates)]),
        writeSet(...Array.from({ length: signers }, () => signerInfo)),
      ),
    ),
  );
}

describe('a message made by hand', () => {
  const counts = (der: Buffer) => verifies(parseSignedData(der), leaf.certificate);

  test('counts when nothing is wrong with it, with and without attributes', () => {
    expect(counts(makeMessage({}))).toEqual([true]);
    expect(counts(makeMessage({ attributes: null }))).toEqual([true]);
  });
  test('may carry unsigned attributes and further signed ones', () => {
    const more = attribute('1.2.840.113549.1.9.5', writeNull());
    expect(counts(makeMessage({ attributes: [...goodAttributes, more], after: [writeValue(0xa1, more)] }))).toEqual([
      true,
    ]);
  });

  test.each<[string, Parameters<typeof makeMessage>[0]]>([
    ['whose content was changed under its attributes', { content: Buffer.from('revokE') }],
    ['whose content was changed', { attributes: null, signed: Buffer.from('revokE') }],
    [
      'whose attributes are of another type',
      { attributes: [attribute(ids.contentType, writeOid('1.2.3')), ...goodAttributes.slice(1)] },
    ],
    ['whose signature is over the content although it has attributes', { signed: content }],
    ['whose signature is over its attributes as they stand', { signed: writeExplicit(0, ...goodAttributes) }],
    ['whose signature is by another digest than it says', { hash: 'sha256' }],
    ['whose algorithm has another digest than its signer', { algorithm: writeSequence(writeOid(ids.ecdsaWithSha256)) }],
    [
      'whose algorithm is for another kind of key',
      { algorithm: writeSequence(writeOid(ids.rsaEncryption), writeNull()) },
    ],
    ['whose algorithm nobody knows', { algorithm: writeSequence(writeOid('1.2.3.4')) }],
    ['whose digest nobody knows', { digestId: '1.2.3.4' }],
  ])('%s is read, and counts for nobody', (_, wrong) => {
    expect(counts(makeMessage(wrong))).toEqual([false]);
  });
  test('does not count when its content is what somebody signed as attributes', () => {
    // The signature is genuine: taken from a message with attributes, whose bytes are now shown as the content.
    expect(counts(makeMessage({ attributes: null, content: writeSet(...goodAttributes) }))).toEqual([false]);
  });

  const contentType = attribute(ids.contentType, writeOid(ids.data));
  const digestOf = (text: string) => writeOctetString(createHash('sha384').update(text).digest());
  test.each<[string, Parameters<typeof makeMessage>[0]]>([
    ['no digest among its attributes', { attributes: [contentType] }],
    ['no type among its attributes', { attributes: goodAttributes.slice(1) }],
    ['no attributes in their place', { attributes: [] }],
    ['two digests', { attributes: [...goodAttributes, attribute(ids.messageDigest, digestOf('other'))] }],
    [
      'a digest of two values',
      { attributes: [contentType, attribute(ids.messageDigest, digestOf('revoke'), digestOf('b'))] },
    ],
    ['a digest of no value', { attributes: [contentType, attribute(ids.messageDigest)] }],
    ['two types', { attributes: [...goodAttributes, attribute(ids.contentType, writeOid('1.2.3'))] }],
    ['an unknown version', { version: 2 }],
    ['a signer of the wrong version', { signerVersion: 3 }],
    ['no signer', { signers: 0 }],
    ['a crowd of signers', { signers: 5 }],
    ['a crowd of certificates', { certificates: Array.from({ length: 9 }, () => leaf.der) }],
    ['something that is no certificate', { certificates: [writeSequence(writeNull())] }],
    ['a field that nobody knows', { after: [writeNull()] }],
  ])('with %s is refused', (_, wrong) => {
    expect(() => parseSignedData(makeMessage(wrong))).toThrow(CmsError);
  });
});

test.each([
  ['nothing', ''],
  ['a certificate', leaf.pem],
  ['a certificate under the label of a message', leaf.pem.replace(/CERTIFICATE/g, 'CMS')],
  ['more than 64 KiB', Buffer.alloc(70_000, 0x30)],
  ['bytes after the end', Buffer.concat([makeMessage({}), Buffer.from([0])])],
  ['a message cut off', makeMessage({}).subarray(0, -1)],
])('%s is no signed message', (_, input) => {
  expect(() => parseSignedData(input)).toThrow(CmsError);
});

test('the leaves here identify their keys, or the claims about -keyid would be empty', () => {
  expect(new X509Certificate(leaf.der).toString()).toBe(leaf.pem);
  expect(leaf.certificate.subjectKeyId).toBe(keyId('ec-p384').toString('hex'));
});
