import { randomBytes } from 'node:crypto';
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
function issueHierarchy(kind: TestKeyKind) {
  const keys = {
    root: testKeys(kind, 'root'),
    intermediate: testKeys(kind, 'intermediate'),
    leaf: testKeys(kind, 'leaf'),
  };
  const root = issueRoot({
    subject: { commonName: 'My Root', organization: 'Ä & Ö', country: 'DE' },
    keys: keys.root,
    ...context,
  });
  const rootAuthority: Authority = { certificate: root, privateKey: keys.root.privateKey };
  const intermediate = issueCertificate({
    profile: intermediateProfile,
    subject: { commonName: 'My Intermediate' },
    publicKey: keys.intermediate.publicKey,
    authority: rootAuthority,
    revocationListUrl: 'https://apps.example/crl/root.crl',
    ...context,
  });
  const authority: Authority = { certificate: intermediate, privateKey: keys.intermediate.privateKey };
  const leaf = issueCertificate({
    profile: leafProfile,
    subject: { commonName: 'my-app' },
    publicKey: keys.leaf.publicKey,
    authority,
    ...context,
  });
  return { root, rootAuthority, intermediate, authority, leaf };
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

describe.each(['ec-p384', 'rsa-2048'] as const)('a hierarchy of %s keys', (kind) => {
  const hierarchy = issueHierarchy(kind);
  const { root, rootAuthority, intermediate, authority, leaf } = hierarchy;
  const empty = list(authority);
  const revoking = list(authority, [
    { serial: leaf.serial, revokedAt: now, reason: 'keyCompromise', invalidityDate: new Date('2026-11-01T00:00:00Z') },
    { serial: '0A', revokedAt: now, reason: null, invalidityDate: null },
  ]);

  async function opensslVerify(lists: readonly { readonly der: Buffer }[]) {
    const files = {
      'root.pem': pem(root),
      'chain.pem': pem(intermediate),
      'leaf.pem': pem(leaf),
      'lists.pem': [list(rootAuthority), ...lists].map(({ der }) => writePem(der, 'X509 CRL')).join(''),
    };
    const args = ['-crl_check_all', '-CRLfile', 'lists.pem', '-x509_strict', '-attime', seconds, '-purpose', 'any'];
    return openssl(['verify', ...args, '-CAfile', 'root.pem', '-untrusted', 'chain.pem', 'leaf.pem'], files);
  }

  opensslTest('satisfies openssl at its strictest, lists included', async () => {
    expect(await opensslVerify([empty])).toMatchObject({ status: 0, output: 'leaf.pem: OK\n' });
  });
  opensslTest('is refused by openssl once its list names the leaf', async () => {
    const { status, output } = await opensslVerify([revoking]);
    expect(status).not.toBe(0);
    expect(output).toContain('certificate revoked');
  });
  test('satisfies our own rules, and its list counts', () => {
    const trust = createTrust({
      roots: [rootFrom(root, 'root.crt', defaultTrustSettings)],
      intermediates: [intermediate],
      revocationLists: [empty],
      coreMaySignApps: false,
    });
    const { faults, path } = verifyChain({ leaf, supplied: [], trust, at: now });
    expect(faults).toEqual([]);
    expect(checkRevocation(path, [empty], now)).toEqual({ status: 'good', stale: [] });
    expect(checkRevocation(path, [empty, revoking], now)).toMatchObject({ status: 'revoked', reason: 'keyCompromise' });
  });
  opensslTest('looks to openssl like its profiles', async () => {
    const show = (certificate: { readonly der: Buffer }) =>
      opensslText(['x509', '-in', 'c.pem', '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus'], {
        'c.pem': pem(certificate),
      });
    const algorithm = kind === 'ec-p384' ? 'ecdsa-with-SHA384' : 'sha256WithRSAEncryption';
    for (const certificate of [root, intermediate, leaf]) expect(await show(certificate)).toContain(algorithm);
    expect(await show(root)).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
    expect(await show(root)).toContain('C=DE,O=Ä & Ö,CN=My Root');
    expect(await show(intermediate)).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(await show(intermediate)).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(await show(intermediate)).toContain('URI:https://apps.example/crl/root.crl');
    expect(await show(leaf)).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(await show(leaf)).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(await show(leaf)).toMatch(/Extended Key Usage:\s+Code Signing\n/);
  });
  opensslTest('its lists look to openssl like what they are', async () => {
    const output = await opensslText(['crl', '-in', 'l.crl', '-CAfile', 'ca.pem', '-noout', '-text'], {
      'l.crl': writePem(revoking.der, 'X509 CRL'),
      'ca.pem': pem(root) + pem(intermediate),
    });
    expect(output).toContain('verify OK');
    expect(output).toMatch(/CRL Number:\s+12/);
    expect(output).toContain(`Serial Number: ${leaf.serial}`);
    expect(output).toContain('Key Compromise');
    expect(output).toContain('Invalidity Date');
  });
});

describe('a certificate', () => {
  const { authority, rootAuthority, leaf, root } = issueHierarchy('ec-p384');
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
  test('never outlives its issuer, nor precedes it', () => {
    const late = new Date('2036-06-01T00:00:00Z');
    expect(issueCertificate({ ...wish, now: late }).notAfter).toEqual(authority.certificate.notAfter);
    expect(() => issueCertificate({ ...wish, now: new Date('2037-01-01T00:00:00Z') })).toThrow(IssueError);
    expect(issueCertificate({ ...wish, now: new Date('2026-01-01T00:00:00Z') }).notBefore).toEqual(
      authority.certificate.notBefore,
    );
  });
  test('has a serial of 128 random bits, and the same one only from the same randomness', () => {
    expect(issueCertificate(wish).serial).not.toBe(issueCertificate(wish).serial);
    const fixed = { ...wish, randomBytes: (size: number) => Buffer.alloc(size, 0xab) };
    expect(issueCertificate(fixed).serial).toBe(`01${'AB'.repeat(16)}`);
  });

  const profile = (changes: Partial<CertificateProfile>): CertificateProfile => ({ ...leafProfile, ...changes });
  test.each<[string, Partial<Parameters<typeof issueCertificate>[0]>]>([
    ['with a weak key', { publicKey: testKeys('rsa-1024').publicKey }],
    ['with a key that signs nothing here', { publicKey: testKeys('ec-p256').publicKey }],
    ['with a key of another kind', { publicKey: testKeys('ed25519').publicKey }],
    ["with its issuer's key", { publicKey: authority.certificate.publicKey }],
    ["with its issuer's name", { subject: { commonName: 'My Intermediate' } }],
    [
      'by an authority whose key is another',
      { authority: { ...authority, privateKey: testKeys('ec-p384').privateKey } },
    ],
    [
      'by a leaf',
      {
        authority: { certificate: leaf, privateKey: testKeys('ec-p384', 'leaf').privateKey },
        publicKey: testKeys('ec-p384', 'x').publicKey,
      },
    ],
    [
      'for an authority below one that allows none',
      { profile: intermediateProfile, publicKey: testKeys('ec-p384', 'x').publicKey },
    ],
    ['that calls itself a root', { profile: profile({ name: 'root' }) }],
    ['by randomness that is none', { randomBytes: () => Buffer.alloc(0) }],
  ])('%s is not issued', (_, changes) => {
    expect(() => issueCertificate({ ...wish, ...changes })).toThrow(IssueError);
  });
  test.each(['', 'a\u0000b', 'x'.repeat(65)])('for the name %j is not issued', (commonName) => {
    expect(() => issueCertificate({ ...wish, subject: { commonName } })).toThrow(RangeError);
  });
  test('naming a list that can not be fetched is not issued', () => {
    expect(() => issueCertificate({ ...wish, revocationListUrl: 'javascript:1' })).toThrow(RangeError);
  });
  test('straight from the root is for a leaf as good as from an intermediate', () => {
    expect(issueCertificate({ ...wish, authority: rootAuthority }).issuerId).toBe(root.subjectId);
  });
});

describe('a revocation list', () => {
  const { authority, leaf } = issueHierarchy('ec-p384');
  const entry = { serial: leaf.serial, revokedAt: now, reason: null, invalidityDate: null };
  const wish = { authority, number: 1n, thisUpdate: now, nextUpdate: new Date(now.getTime() + 1000), revoked: [entry] };

  test('says nothing where the reason is unspecified', () => {
    const { revoked } = issueRevocationList({ ...wish, revoked: [{ ...entry, reason: 'unspecified' }] });
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
    ['by a key of another', { authority: { ...authority, privateKey: testKeys('ec-p384').privateKey } }],
    ['by a leaf', { authority: { certificate: leaf, privateKey: testKeys('ec-p384', 'leaf').privateKey } }],
  ])('%s is not issued', (_, changes) => {
    expect(() => issueRevocationList({ ...wish, ...changes })).toThrow(IssueError);
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
