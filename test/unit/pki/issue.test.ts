import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { verifyChain } from '../../../src/pki/chain.js';
import { IssueError, issueCertificate, issueRoot } from '../../../src/pki/issue.js';
import type { Authority } from '../../../src/pki/issue.js';
import { issueRevocationList } from '../../../src/pki/issue-revocation-list.js';
import {
  PrivateKeyError,
  generateKeyPair,
  isSameKeyPair,
  readPrivateKey,
  writePrivateKey,
  writePublicKey,
} from '../../../src/pki/keys.js';
import { writePem } from '../../../src/pki/pem.js';
import { intermediateProfile, leafProfile } from '../../../src/pki/profiles.js';
import type { CertificateProfile } from '../../../src/pki/profiles.js';
import { checkRevocation } from '../../../src/pki/revocation.js';
import { keySigner } from '../../../src/pki/signer.js';
import type { RevocationList } from '../../../src/pki/revocation-list.js';
import { createTrust, rootFrom } from '../../../src/pki/trust.js';
import { defaultTrustSettings } from '../../../src/pki/trust-settings.js';
import { openssl, opensslText } from '../../support/openssl.js';
import { createTestAuthority, testKeys } from '../../support/test-authority.js';
import type { TestKeyKind } from '../../support/test-authority.js';
import { testWith } from '../../support/installed.js';

const opensslTest = testWith('openssl');

const now = new Date('2026-11-22T10:00:00.789Z');
const context = { now, randomBytes };
const pem = ({ der }: { readonly der: Buffer }) => writePem(der, 'CERTIFICATE');
const seconds = String(Math.floor(now.getTime() / 1000));

/** Root, intermediate and a leaf, all issued by the code under test. */
async function issueHierarchy(kind: TestKeyKind) {
  const keys = {
    root: testKeys(kind, 'root'),
    intermediate: testKeys(kind, 'intermediate'),
    leaf: testKeys(kind, 'leaf'),
  };
  const root = await issueRoot({
    subject: { commonName: 'My Root', organization: 'Ä & Ö', country: 'DE' },
    signer: keySigner(keys.root.privateKey),
    ...context,
  });
  const rootAuthority: Authority = { certificate: root, signer: keySigner(keys.root.privateKey) };
  const intermediate = await issueCertificate({
    profile: intermediateProfile,
    subject: { commonName: 'My Intermediate' },
    publicKey: keys.intermediate.publicKey,
    authority: rootAuthority,
    revocationListUrl: 'https://apps.example/crl/root.crl',
    ...context,
  });
  const authority: Authority = { certificate: intermediate, signer: keySigner(keys.intermediate.privateKey) };
  const leaf = await issueCertificate({
    profile: leafProfile,
    subject: { commonName: 'my-app' },
    publicKey: keys.leaf.publicKey,
    authority,
    revocationListUrl: 'https://apps.example/crl/developers.crl',
    ...context,
  });
  return { root, rootAuthority, intermediate, authority, leaf };
}

const hierarchies = { 'ec-p384': await issueHierarchy('ec-p384'), 'rsa-2048': await issueHierarchy('rsa-2048') };

/** What `openssl x509 -text` prints of a certificate, but for its serial, its key and its signature themselves. */
async function shown(certificate: { readonly der: Buffer }) {
  const text = await opensslText(['x509', '-in', 'c.pem', '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus'], {
    'c.pem': pem(certificate),
  });
  const all = (name: string) =>
    [...text.matchAll(new RegExp(`^ *${name} ?: ?(.*)$`, 'gm'))].map(([, value = '']) => value.trim());
  const one = (name: string) => all(name)[0] ?? null;
  const extensions = [...text.matchAll(/^ {12}(X509v3 [^:]+):(.*)\n((?: {16}.*\n)+)/gm)].map(
    ([, name = '', critical = '', value = '']) =>
      [name, `${critical} ${value}`.replace('keyid:', '').trim().replace(/\s+/g, ' ')] as const,
  );
  return {
    Version: one('Version'),
    'Signature Algorithm': all('Signature Algorithm'),
    Issuer: one('Issuer'),
    'Not Before': one('Not Before'),
    'Not After': one('Not After'),
    Subject: one('Subject'),
    'Public Key Algorithm': one('Public Key Algorithm'),
    'Public-Key': one('Public-Key'),
    'NIST CURVE': one('NIST CURVE'),
    extensions: Object.fromEntries(extensions),
  };
}

/** RFC 7093 §2, method 1, as openssl prints it. */
function keyIdOf(publicKey: KeyObject): string {
  const isEc = publicKey.asymmetricKeyType === 'ec';
  const bits = isEc
    ? publicKey.export({ type: 'spki', format: 'der' }).subarray(-97)
    : publicKey.export({ type: 'pkcs1', format: 'der' });
  const hex = createHash('sha256').update(bits).digest('hex').slice(0, 40).toUpperCase();
  return hex.replace(/..(?=.)/g, '$&:');
}

const days = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 86_400_000;
const list = (authority: Authority, revoked: Parameters<typeof issueRevocationList>[0]['revoked'] = []) =>
  issueRevocationList({
    authority,
    number: 12n,
    thisUpdate: now,
    nextUpdate: new Date(now.getTime() + 864e5),
    revoked,
  });

const sources = (...lists: readonly RevocationList[]) => ({ lists, ledgers: [], maxListAgeMs: null });

describe.each(['ec-p384', 'rsa-2048'] as const)('a hierarchy of %s keys', (kind) => {
  const { root, rootAuthority, intermediate, authority, leaf } = hierarchies[kind];
  const empty = () => list(authority);
  const revoking = () =>
    list(authority, [
      {
        serial: leaf.serial,
        revokedAt: now,
        reason: 'keyCompromise',
        invalidityDate: new Date('2026-11-01T00:00:00Z'),
      },
      { serial: '0A', revokedAt: now, reason: null, invalidityDate: null },
    ]);

  async function opensslVerify(lists: readonly { readonly der: Buffer }[]) {
    const files = {
      'root.pem': pem(root),
      'chain.pem': pem(intermediate),
      'leaf.pem': pem(leaf),
      'lists.pem': [await list(rootAuthority), ...lists].map(({ der }) => writePem(der, 'X509 CRL')).join(''),
    };
    const args = ['-crl_check_all', '-CRLfile', 'lists.pem', '-x509_strict', '-attime', seconds, '-purpose', 'any'];
    return openssl(['verify', ...args, '-CAfile', 'root.pem', '-untrusted', 'chain.pem', 'leaf.pem'], files);
  }

  opensslTest('satisfies openssl at its strictest, lists included', async () => {
    expect(await opensslVerify([await empty()])).toMatchObject({ status: 0, output: 'leaf.pem: OK\n' });
  });
  opensslTest('is refused by openssl once its list names the leaf', async () => {
    const { status, output } = await opensslVerify([await revoking()]);
    expect(status).not.toBe(0);
    expect(output).toContain('certificate revoked');
  });
  test('satisfies our own rules, and its list counts', async () => {
    const lists = [await empty(), await revoking()];
    const trust = createTrust({
      roots: [rootFrom(root, 'root.crt', defaultTrustSettings)],
      intermediates: [intermediate],
      revocationLists: lists.slice(0, 1),
      coreMaySignApps: false,
    });
    const { faults, path } = verifyChain({ leaf, supplied: [], trust, at: now });
    expect(faults).toEqual([]);
    expect(checkRevocation(path, sources(...lists.slice(0, 1)), now)).toEqual({ status: 'good', stale: [] });
    expect(checkRevocation(path, sources(...lists), now)).toMatchObject({ status: 'revoked', reason: 'keyCompromise' });
  });
  const signatureAlgorithm = kind === 'ec-p384' ? 'ecdsa-with-SHA384' : 'sha256WithRSAEncryption';
  const common = {
    Version: '3 (0x2)',
    'Signature Algorithm': [signatureAlgorithm, signatureAlgorithm],
    'Public Key Algorithm': kind === 'ec-p384' ? 'id-ecPublicKey' : 'rsaEncryption',
    'Public-Key': kind === 'ec-p384' ? '(384 bit)' : '(2048 bit)',
    'NIST CURVE': kind === 'ec-p384' ? 'P-384' : null,
    'Not Before': 'Nov 22 09:55:00 2026 GMT',
  };
  const keyIds = {
    root: keyIdOf(root.publicKey),
    intermediate: keyIdOf(intermediate.publicKey),
    leaf: keyIdOf(leaf.publicKey),
  };
  opensslTest.each<[string, { readonly der: Buffer }, Awaited<ReturnType<typeof shown>>]>([
    [
      'root',
      root,
      {
        ...common,
        Issuer: 'C=DE,O=Ä & Ö,CN=My Root',
        Subject: 'C=DE,O=Ä & Ö,CN=My Root',
        'Not After': 'Nov 22 09:55:00 2051 GMT',
        extensions: {
          'X509v3 Basic Constraints': 'critical CA:TRUE, pathlen:1',
          'X509v3 Key Usage': 'critical Certificate Sign, CRL Sign',
          'X509v3 Subject Key Identifier': keyIds.root,
          'X509v3 Authority Key Identifier': keyIds.root,
        },
      },
    ],
    [
      'intermediate',
      intermediate,
      {
        ...common,
        Issuer: 'C=DE,O=Ä & Ö,CN=My Root',
        Subject: 'CN=My Intermediate',
        'Not After': 'Nov 22 09:55:00 2036 GMT',
        extensions: {
          'X509v3 Basic Constraints': 'critical CA:TRUE, pathlen:0',
          'X509v3 Key Usage': 'critical Certificate Sign, CRL Sign',
          'X509v3 Extended Key Usage': 'Code Signing',
          'X509v3 Subject Key Identifier': keyIds.intermediate,
          'X509v3 Authority Key Identifier': keyIds.root,
          'X509v3 CRL Distribution Points': 'Full Name: URI:https://apps.example/crl/root.crl',
        },
      },
    ],
    [
      'leaf',
      leaf,
      {
        ...common,
        Issuer: 'CN=My Intermediate',
        Subject: 'CN=my-app',
        'Not After': 'Nov 22 09:55:00 2028 GMT',
        extensions: {
          'X509v3 Basic Constraints': 'critical CA:FALSE',
          'X509v3 Key Usage': 'critical Digital Signature',
          'X509v3 Extended Key Usage': 'Code Signing',
          'X509v3 Subject Key Identifier': keyIds.leaf,
          'X509v3 Authority Key Identifier': keyIds.intermediate,
          'X509v3 CRL Distribution Points': 'Full Name: URI:https://apps.example/crl/developers.crl',
        },
      },
    ],
  ])('looks to openssl like the profile of a %s, field by field', async (_, certificate, expected) => {
    expect(await shown(certificate)).toEqual(expected);
  });
  opensslTest('gives every certificate a serial of its own, of 128 random bits', async () => {
    const serials = await Promise.all(
      [root, intermediate, leaf].map((each) =>
        opensslText(['x509', '-in', 'c', '-noout', '-serial'], { c: pem(each) }),
      ),
    );
    expect(new Set(serials).size).toBe(3);
    // The 01 before them keeps the INTEGER positive and its length the same, whatever the bits are.
    for (const serial of serials) expect(serial).toMatch(/^serial=01[0-9A-F]{32}\n$/);
  });
  opensslTest('ends a leaf where its issuer ends, to the second', async () => {
    const late = await issueCertificate({
      profile: leafProfile,
      subject: { commonName: 'late-app' },
      publicKey: testKeys(kind, 'leaf').publicKey,
      authority,
      now: new Date('2035-06-01T00:00:00Z'),
      randomBytes,
    });
    expect((await shown(late))['Not After']).toBe('Nov 22 09:55:00 2036 GMT');
  });
  opensslTest('its lists look to openssl like what they are', async () => {
    const output = await opensslText(['crl', '-in', 'l.crl', '-CAfile', 'ca.pem', '-noout', '-text'], {
      'l.crl': writePem((await revoking()).der, 'X509 CRL'),
      'ca.pem': pem(root) + pem(intermediate),
    });
    expect(output).toContain('verify OK');
    expect(output).toMatch(/CRL Number:\s+12/);
    const entries = output.slice(output.indexOf('Revoked Certificates:')).replace(/\s+/g, ' ');
    expect(entries).toContain(
      `Serial Number: ${leaf.serial} Revocation Date: Nov 22 10:00:00 2026 GMT CRL entry extensions: ` +
        'X509v3 CRL Reason Code: Key Compromise Invalidity Date: Nov 1 00:00:00 2026 GMT',
    );
    expect(entries).toMatch(/Serial Number: 0A Revocation Date: Nov 22 10:00:00 2026 GMT Signature Algorithm/);
  });
});

describe('a certificate', () => {
  const { authority, rootAuthority, leaf, root } = hierarchies['ec-p384'];
  const wish = {
    profile: leafProfile,
    subject: { commonName: 'my-app' },
    publicKey: testKeys('ec-p384', 'leaf').publicKey,
    authority,
    ...context,
  };

  test('begins five minutes ago and lasts two years', () => {
    expect(leaf.notBefore).toEqual(new Date('2026-11-22T09:55:00Z'));
    expect(days(leaf.notBefore, leaf.notAfter)).toBe(731);
  });
  test('never outlives its issuer, nor precedes it', async () => {
    const late = new Date('2036-06-01T00:00:00Z');
    expect((await issueCertificate({ ...wish, now: late })).notAfter).toEqual(authority.certificate.notAfter);
    await expect(issueCertificate({ ...wish, now: new Date('2037-01-01T00:00:00Z') })).rejects.toThrow(IssueError);
    expect((await issueCertificate({ ...wish, now: new Date('2026-01-01T00:00:00Z') })).notBefore).toEqual(
      authority.certificate.notBefore,
    );
  });
  test('has a serial of 128 random bits, and the same one only from the same randomness', async () => {
    expect((await issueCertificate(wish)).serial).not.toBe((await issueCertificate(wish)).serial);
    const fixed = { ...wish, randomBytes: (size: number) => Buffer.alloc(size, 0xab) };
    expect((await issueCertificate(fixed)).serial).toBe(`01${'AB'.repeat(16)}`);
  });

  const profile = (changes: Partial<CertificateProfile>): CertificateProfile => ({ ...leafProfile, ...changes });
  test.each<[string, Partial<Parameters<typeof issueCertificate>[0]>]>([
    ['with a weak key', { publicKey: testKeys('rsa-1024').publicKey }],
    [
      'with an exponent that forgers like',
      { publicKey: generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey },
    ],
    ['with a key that signs nothing here', { publicKey: testKeys('ec-p256').publicKey }],
    ['with a key of another kind', { publicKey: testKeys('ed25519').publicKey }],
    ["with its issuer's key", { publicKey: authority.certificate.publicKey }],
    ["with its issuer's name", { subject: { commonName: 'My Intermediate' } }],
    [
      'by an authority whose key is another',
      { authority: { ...authority, signer: keySigner(testKeys('ec-p384').privateKey) } },
    ],
    [
      'by a leaf',
      {
        authority: { certificate: leaf, signer: keySigner(testKeys('ec-p384', 'leaf').privateKey) },
        publicKey: testKeys('ec-p384', 'x').publicKey,
      },
    ],
    [
      'for an authority below one that allows none',
      { profile: intermediateProfile, publicKey: testKeys('ec-p384', 'x').publicKey },
    ],
    ['that calls itself a root', { profile: profile({ name: 'root' }) }],
    ['by randomness that is none', { randomBytes: () => Buffer.alloc(0) }],
  ])('%s is not issued', async (_, changes) => {
    await expect(issueCertificate({ ...wish, ...changes })).rejects.toThrow(IssueError);
  });
  test.each(['', 'a\u0000b', 'x'.repeat(65)])('for the name %j is not issued', async (commonName) => {
    await expect(issueCertificate({ ...wish, subject: { commonName } })).rejects.toThrow(RangeError);
  });
  test('naming a list that can not be fetched is not issued', async () => {
    await expect(issueCertificate({ ...wish, revocationListUrl: 'javascript:1' })).rejects.toThrow(RangeError);
  });
  test('straight from the root is for a leaf as good as from an intermediate', async () => {
    expect((await issueCertificate({ ...wish, authority: rootAuthority })).issuerId).toBe(root.subjectId);
  });
});

describe('a revocation list', () => {
  const { authority, leaf } = hierarchies['ec-p384'];
  const entry = { serial: leaf.serial, revokedAt: now, reason: null, invalidityDate: null };
  const wish = { authority, number: 1n, thisUpdate: now, nextUpdate: new Date(now.getTime() + 1000), revoked: [entry] };

  test('says nothing where the reason is unspecified', async () => {
    const { revoked } = await issueRevocationList({ ...wish, revoked: [{ ...entry, reason: 'unspecified' }] });
    expect(revoked.get(leaf.serial)?.reason).toBeNull();
  });
  test.each<[string, Partial<typeof wish>]>([
    ['that ends before it begins', { nextUpdate: now }],
    ['without a number', { number: 0n }],
    ['with a reason nobody knows', { revoked: [{ ...entry, reason: 'boredom' as unknown as null }] }],
    ['that takes back', { revoked: [{ ...entry, reason: 'removeFromCRL' as unknown as null }] }],
    ['with a serial spelt otherwise', { revoked: [{ ...entry, serial: leaf.serial.toLowerCase() }] }],
    ['with a serial padded', { revoked: [{ ...entry, serial: `00${leaf.serial}` }] }],
    ['with a serial twice', { revoked: [entry, entry] }],
    ['by a key of another', { authority: { ...authority, signer: keySigner(testKeys('ec-p384').privateKey) } }],
    ['by a leaf', { authority: { certificate: leaf, signer: keySigner(testKeys('ec-p384', 'leaf').privateKey) } }],
  ])('%s is not issued', async (_, changes) => {
    await expect(issueRevocationList({ ...wish, ...changes })).rejects.toThrow(IssueError);
  });
});

describe('keys', () => {
  opensslTest.each(['ec-p384', 'rsa-2048'] as const)(
    'of kind %s are written as openssl reads them, and read back',
    async (kind) => {
      const pair = await generateKeyPair(kind);
      const text = writePrivateKey(pair.privateKey);
      expect(text).toContain('-----BEGIN PRIVATE KEY-----');
      expect(await opensslText(['pkey', '-in', 'k.pem', '-pubout'], { 'k.pem': text })).toBe(
        writePublicKey(pair.publicKey),
      );
      expect(isSameKeyPair(readPrivateKey(text), pair.publicKey)).toBe(true);
    },
  );
  opensslTest('that are none, or encrypted, are refused without a word of them', async () => {
    const secret = 'c2VjcmV0';
    const refused = (text: string, passphrase?: string) => {
      expect(() => readPrivateKey(text, passphrase)).toThrow(PrivateKeyError);
      try {
        readPrivateKey(text, passphrase);
      } catch (error) {
        expect(String(error)).not.toContain(secret);
      }
    };
    refused(`-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`);
    refused('');
    const encrypted = await opensslText([
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-384',
      '-aes256',
      '-pass',
      'pass:abcd',
    ]);
    refused(encrypted);
    refused(encrypted, 'wrong');
    expect(readPrivateKey(encrypted, 'abcd').asymmetricKeyType).toBe('ec');
  });
  test("an authority's own test hierarchy has keys that belong together", () => {
    const { root, intermediate } = createTestAuthority();
    expect(isSameKeyPair(root.keys.privateKey, root.certificate.publicKey)).toBe(true);
    expect(isSameKeyPair(root.keys.privateKey, intermediate.certificate.publicKey)).toBe(false);
  });
});
