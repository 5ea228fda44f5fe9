import { createPublicKey } from 'node:crypto';
import { verifyChain } from '../../../src/pki/chain.js';
import type { ChainVerdict } from '../../../src/pki/chain.js';
import { writeInteger, writeOid, writeSequence } from '../../../src/pki/der-writer.js';
import { createTrust, emptyTrust } from '../../../src/pki/trust.js';
import type { Trust, TrustRoot } from '../../../src/pki/trust.js';
import { testWith } from '../../support/installed.js';
import { openssl } from '../../support/openssl.js';
import {
  createTestAuthority,
  intermediateOptions,
  makeCertificate,
  rootOptions,
  testExtension,
  testKeys,
} from '../../support/test-authority.js';
import type { CertificateOptions, TestCertificate } from '../../support/test-authority.js';

const now = new Date('2026-11-22T00:00:00Z');
const current = createTestAuthority('current');
const legacy = createTestAuthority('legacy');
const both = join(current.trust(), legacy.trust());

function join(...trusts: readonly Trust[]): Trust {
  return createTrust({
    roots: trusts.flatMap(({ roots }) => roots),
    intermediates: trusts.flatMap(({ intermediates }) => intermediates),
    revocationLists: trusts.flatMap(({ revocationLists }) => revocationLists),
    coreMaySignApps: false,
  });
}

function judge(
  leaf: TestCertificate,
  trust: Trust = both,
  supplied: readonly TestCertificate[] = [],
  at = now,
): ChainVerdict {
  return verifyChain({ leaf: leaf.certificate, supplied: supplied.map(({ certificate }) => certificate), trust, at });
}

const kinds = ({ faults }: ChainVerdict) => faults.map(({ kind }) => kind);

/** A trust with one current root, and intermediates. */
function trusting(
  root: TestCertificate,
  intermediates: readonly TestCertificate[],
  settings: Partial<TrustRoot> = {},
): Trust {
  const [example] = current.trust().roots;
  if (example === undefined) throw new Error('The test authority has no root.');
  return createTrust({
    roots: [{ ...example, certificate: root.certificate, ...settings }],
    intermediates: intermediates.map(({ certificate }) => certificate),
    revocationLists: [],
    coreMaySignApps: false,
  });
}

/** A leaf below an intermediate below a root, each with faults of its own. */
function hierarchy(faults: {
  root?: CertificateOptions;
  intermediate?: CertificateOptions;
  leaf?: CertificateOptions;
}) {
  const root = makeCertificate({ ...rootOptions, ...faults.root });
  const intermediate = makeCertificate({ ...intermediateOptions, issuer: root, ...faults.intermediate });
  const leaf = makeCertificate({ issuer: intermediate, ...faults.leaf });
  return { root, intermediate, leaf, trust: trusting(root, [intermediate]) };
}

describe('a good leaf is accepted', () => {
  test('below a current root', () => {
    const verdict = judge(current.issue());
    expect(verdict).toMatchObject({ faults: [], graces: [], root: { generation: 'current', file: 'root-g2.crt' } });
    expect(verdict.path.map(({ subject }) => subject)).toEqual([
      'CN=example-app',
      'CN=Test G2 Intermediate',
      'CN=Test G2 Root',
    ]);
  });
  test('below a legacy root, of version 1 and outliving its authority', () => {
    expect(judge(legacy.issue())).toMatchObject({ faults: [], graces: [], root: { generation: 'legacy' } });
  });
  test('directly below a root', () => {
    expect(judge(makeCertificate({ issuer: current.root })).path).toHaveLength(2);
  });
  test.each(['ec-p256', 'ec-p384', 'ec-p521', 'rsa-2048'] as const)('with a key %s', (kind) => {
    expect(kinds(judge(current.issue('a', { keys: testKeys(kind) })))).toEqual([]);
  });
  test('with an intermediate that came along, of a current root', () => {
    const trust = trusting(current.root, []);
    expect(judge(current.issue(), trust, [current.intermediate]).faults).toEqual([]);
    expect(kinds(judge(current.issue(), trust))).toEqual(['untrusted']);
  });
  test('when another authority of the same name and another key is installed too', () => {
    const namesake = makeCertificate({
      ...intermediateOptions,
      commonName: 'Test G2 Intermediate',
      issuer: current.root,
    });
    const trust = trusting(current.root, [namesake, current.intermediate]);
    expect(judge(current.issue(), trust).faults).toEqual([]);
  });
});

describe('a leaf of nobody we trust is refused', () => {
  test('with an empty trust', () => {
    expect(kinds(judge(current.issue(), emptyTrust))).toEqual(['untrusted']);
  });
  test('signed by itself', () => {
    expect(kinds(judge(makeCertificate()))).toEqual(['self-signed']);
  });
  test('by a whole hierarchy that came along, root included', () => {
    const evil = createTestAuthority('current', 'Evil');
    expect(kinds(judge(evil.issue(), both, [evil.intermediate, evil.root]))).toEqual(['untrusted']);
  });
  test('by a self-made root and intermediate under the names of trusted ones', () => {
    const root = makeCertificate({ ...rootOptions, commonName: 'Test G2 Root', keys: testKeys('ec-p384', 'forger') });
    const intermediate = makeCertificate({
      ...intermediateOptions,
      commonName: 'Test G2 Intermediate',
      issuer: root,
      keys: testKeys('ec-p384', 'forger 2'),
    });
    const leaf = makeCertificate({ issuer: intermediate });
    expect(kinds(judge(leaf))).toEqual(['bad-signature']);
    expect(judge(leaf, both, [intermediate, root]).root).toBeNull();
  });
  test('by a self-made root that bears the name and the serial of the trusted one', () => {
    const root = makeCertificate({
      ...rootOptions,
      commonName: 'Test G2 Root',
      serial: BigInt(`0x${current.root.certificate.serial}`),
      keys: testKeys('ec-p384', 'forger'),
    });
    expect(root.certificate.subjectId).toBe(current.root.certificate.subjectId);
    const leaf = makeCertificate({ issuer: root });
    expect(kinds(judge(leaf, both, [root]))).toEqual(['bad-signature']);
    expect(judge(leaf, both, [root]).root).toBeNull();
    // The self-made root was signed by nobody but itself, also when it is shown as if the trusted one had certified it.
    const crossed = makeCertificate({ ...intermediateOptions, commonName: 'X', issuer: root, keys: root.keys });
    expect(judge(makeCertificate({ issuer: crossed }), both, [crossed, root]).root).toBeNull();
  });
  test('with the name of a trusted issuer, signed by its own key', () => {
    const forged = makeCertificate({ issuer: current.intermediate, signingKeys: testKeys('ec-p384', 'forger') });
    expect(kinds(judge(forged))).toEqual(['bad-signature']);
  });
  test('by an intermediate that was installed without its root', () => {
    const evil = createTestAuthority('current', 'Evil');
    expect(kinds(judge(evil.issue(), trusting(current.root, [evil.intermediate])))).toEqual(['untrusted']);
  });
  test('below a legacy root, by an intermediate that only the upload brought', () => {
    const [root] = legacy.trust().roots;
    const trust = trusting(legacy.root, [], root);
    const verdict = judge(legacy.issue(), trust, [legacy.intermediate]);
    expect(kinds(verdict)).toEqual(['untrusted']);
    expect(verdict.root).toBeNull();
  });
  test('with so many namesakes in the upload that each could cost a signature check', () => {
    const crowd = Array.from({ length: 60 }, () =>
      makeCertificate({ ...intermediateOptions, commonName: 'Crowd', issuer: current.root }),
    );
    const [one] = crowd;
    const leaf = makeCertificate({ issuer: one ?? null, signingKeys: testKeys('ec-p384', 'forger') });
    expect(kinds(judge(leaf, both, crowd))).toEqual(['bad-signature']);
  });
  test('through authorities that vouch for each other in a circle', () => {
    const keys = [testKeys('ec-p384', 'circle a'), testKeys('ec-p384', 'circle b')] as const;
    const seed = makeCertificate({
      ...intermediateOptions,
      commonName: 'Circle B',
      issuer: current.root,
      keys: keys[1],
    });
    const a = makeCertificate({ ...intermediateOptions, commonName: 'Circle A', issuer: seed, keys: keys[0] });
    const b = makeCertificate({ ...intermediateOptions, commonName: 'Circle B', issuer: a, keys: keys[1] });
    expect(judge(makeCertificate({ issuer: a }), both, [a, b]).root).toBeNull();
  });
  test('more than six certificates away from a root', () => {
    const chain = [current.root];
    for (let depth = 0; depth < 5; depth += 1) {
      chain.unshift(
        makeCertificate({
          ...intermediateOptions,
          pathLength: null,
          commonName: `Deep ${depth}`,
          issuer: chain[0] ?? null,
        }),
      );
    }
    const verdict = judge(makeCertificate({ issuer: chain[0] ?? null }), both, chain);
    expect(verdict.root).toBeNull();
    expect(kinds(verdict)).toEqual(['untrusted']);
  });
});

describe('who is no authority issues nothing', () => {
  test('a leaf does not vouch for another certificate', () => {
    const leaf = current.issue();
    expect(kinds(judge(makeCertificate({ commonName: 'other-app', issuer: leaf }), both, [leaf]))).toContain(
      'issuer-not-ca',
    );
  });
  test('nor does a legacy leaf of version 1, were it installed', () => {
    const leaf = legacy.issue();
    const trust = join(both, { ...emptyTrust, intermediates: [leaf.certificate] });
    expect(kinds(judge(makeCertificate({ commonName: 'other-app', issuer: leaf }), trust))).toContain('issuer-not-ca');
  });
  test.each<[string, CertificateOptions]>([
    ['CA:FALSE', { ca: false, pathLength: null }],
    ['no basic constraints', { ca: null }],
    ['no keyCertSign', { keyUsage: ['cRLSign', 'digitalSignature'] }],
    ['no key usage', { keyUsage: null }],
    ['version 1', { version: 1 }],
  ])('an intermediate with %s', (_, intermediate) => {
    const { leaf, trust } = hierarchy({ intermediate });
    expect(kinds(judge(leaf, trust))).toEqual(['issuer-not-ca']);
  });
  test.each<[string, CertificateOptions]>([
    ['CA:FALSE', { ca: false, pathLength: null }],
    ['key usage without keyCertSign', { keyUsage: ['cRLSign'] }],
    ['version 1', { version: 1 }],
  ])('a root with %s', (_, root) => {
    const { leaf, trust } = hierarchy({ root });
    expect(kinds(judge(leaf, trust))).toEqual(['issuer-not-ca']);
  });
  test('a root that says nothing of key usage, as openssl makes them, is one', () => {
    const { leaf, trust } = hierarchy({ root: { keyUsage: null } });
    expect(kinds(judge(leaf, trust))).toEqual([]);
  });
  test('an intermediate for other purposes', () => {
    const { leaf, trust } = hierarchy({ intermediate: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] } });
    expect(kinds(judge(leaf, trust))).toEqual(['issuer-not-for-code-signing']);
  });
  test('an intermediate for code signing among other purposes is one', () => {
    const { leaf, trust } = hierarchy({
      intermediate: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.8', '1.3.6.1.5.5.7.3.3'] },
    });
    expect(kinds(judge(leaf, trust))).toEqual([]);
  });
  test('an intermediate below one that allows none below it', () => {
    const second = makeCertificate({ ...intermediateOptions, commonName: 'Second', issuer: current.intermediate });
    expect(kinds(judge(makeCertificate({ issuer: second }), both, [second]))).toEqual(['path-length', 'path-length']);
  });
  test('a chain that is longer than its root allows', () => {
    const { leaf, trust } = hierarchy({ root: { pathLength: 0 } });
    expect(kinds(judge(leaf, trust))).toEqual(['path-length']);
  });
});

/**
 * Every developer has a leaf and its key. A reader that takes a certificate for an authority because nothing in it says
 * otherwise lets each of them sign for every app; no other rule stands in the way of the chains here.
 */
describe('a forged chain through the leaf of a developer is refused', () => {
  const silent = { ca: null, keyUsage: null, extendedKeyUsage: null } as const;
  const boundless = { root: { pathLength: null }, intermediate: { pathLength: null } } as const;
  const victim = { commonName: 'victim-app', keys: testKeys('ec-p384', 'forger') };

  const leaves: readonly [string, CertificateOptions][] = [
    ['of version 1, which knows no extensions', { version: 1 }],
    ['of version 3 without extensions', silent],
    ['that says no more than what it is for', { ca: null }],
    ['that says CA:FALSE', {}],
    ['that says CA:FALSE and keyCertSign all the same', { keyUsage: ['digitalSignature', 'keyCertSign'] }],
  ];
  test.each(leaves)('%s', (_, options) => {
    const { leaf, trust } = hierarchy({ ...boundless, leaf: options });
    const forged = makeCertificate({ ...victim, issuer: leaf });
    expect(kinds(judge(forged, trust, [leaf]))).toEqual(['issuer-not-ca']);
  });
  test.each(leaves)('%s, with a true authority made up below it', (_, options) => {
    const { leaf, trust } = hierarchy({ ...boundless, leaf: options });
    const middle = makeCertificate({ ...intermediateOptions, commonName: 'Made up', issuer: leaf });
    const forged = makeCertificate({ ...victim, issuer: middle });
    expect(kinds(judge(forged, trust, [middle, leaf]))).toEqual(['issuer-not-ca']);
    expect(kinds(judge(forged, trust, [leaf, middle]))).toEqual(['issuer-not-ca']);
  });
  test.each(leaves)('%s, were it installed beside the authorities', (_, options) => {
    const { leaf, trust } = hierarchy({ ...boundless, leaf: options });
    const installed = join(trust, { ...emptyTrust, intermediates: [leaf.certificate] });
    expect(kinds(judge(makeCertificate({ ...victim, issuer: leaf }), installed))).toEqual(['issuer-not-ca']);
  });
  test.each(leaves)('%s, below a legacy root', (_, options) => {
    const leaf = legacy.issue('developer-app', options);
    const forged = makeCertificate({ ...victim, issuer: leaf });
    expect(kinds(judge(forged, both, [leaf]))).toEqual(['untrusted']);
    const installed = join(both, { ...emptyTrust, intermediates: [leaf.certificate] });
    expect(kinds(judge(forged, installed))).toContain('issuer-not-ca');
  });
  testWith('openssl').each(leaves)('%s, and by openssl', async (_, options) => {
    const { leaf, intermediate, root } = hierarchy({ ...boundless, leaf: options });
    const files = {
      'root.pem': root.pem,
      'chain.pem': intermediate.pem + leaf.pem,
      'forged.pem': makeCertificate({ ...victim, issuer: leaf }).pem,
    };
    const args = '-CAfile root.pem -untrusted chain.pem -purpose any forged.pem'.split(' ');
    const { status, output } = await openssl(['verify', ...args], files);
    expect(status).not.toBe(0);
    expect(output).toMatch(/invalid CA certificate/);
  });
});

describe('weak cryptography is refused', () => {
  test.each<[string, 'md5' | 'sha1', 'rsa-2048' | 'ec-p384']>([
    ['MD5', 'md5', 'rsa-2048'],
    ['SHA-1 with RSA', 'sha1', 'rsa-2048'],
    ['SHA-1 with ECDSA', 'sha1', 'ec-p384'],
  ])('a leaf signed with %s', (_, hash, kind) => {
    const { leaf, trust } = hierarchy({ intermediate: { keys: testKeys(kind, 'weak') }, leaf: { hash } });
    expect(kinds(judge(leaf, trust))).toEqual(['weak-signature']);
  });
  test.each(['md5', 'sha1'] as const)('an intermediate signed with %s, installed or brought along', (hash) => {
    const { root, intermediate, leaf, trust } = hierarchy({
      root: { keys: testKeys('rsa-2048', 'weak root') },
      intermediate: { hash },
    });
    expect(kinds(judge(leaf, trust))).toEqual(['weak-signature']);
    expect(kinds(judge(leaf, trusting(root, []), [intermediate]))).toEqual(['weak-signature']);
  });
  test("a root's signature over itself does not matter", () => {
    const { leaf, trust } = hierarchy({ root: { hash: 'sha1' } });
    expect(kinds(judge(leaf, trust))).toEqual([]);
  });
  test.each<[string, 'rsa-1024' | 'ec-secp256k1' | 'ed25519']>([
    ['RSA of 1024 bits', 'rsa-1024'],
    ['another curve', 'ec-secp256k1'],
    ['neither RSA nor EC', 'ed25519'],
  ])('a leaf with a key of %s', (_, kind) => {
    expect(kinds(judge(current.issue('a', { keys: testKeys(kind) })))).toEqual(['weak-key']);
  });
  test.each([
    ['a key so long that it only costs time', 16_384, 'AQAB'],
    ['the exponent 1, under which every signature is its own message', 2048, 'AQ'],
    ['an even exponent', 2048, 'BA'],
  ])('a leaf with %s', (_, bits, e) => {
    const n = Buffer.alloc(bits / 8, 0xff).toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
    const leaf = current.issue('a', { keys: { ...testKeys('rsa-2048'), publicKey } });
    expect(kinds(judge(leaf))).toEqual(['weak-key']);
  });
  test('an intermediate with an RSA key of 1024 bits, a root with one', () => {
    const weak = { keys: testKeys('rsa-1024') };
    expect(kinds(judge(...inOrder(hierarchy({ intermediate: weak }))))).toEqual(['weak-key']);
    expect(kinds(judge(...inOrder(hierarchy({ root: weak }))))).toEqual(['weak-key']);
  });
});

const inOrder = ({ leaf, trust }: { leaf: TestCertificate; trust: Trust }) => [leaf, trust] as const;

describe('a current leaf is for signing code, and says so', () => {
  test.each<[string, CertificateOptions, string]>([
    ['CA:TRUE', { ca: true }, 'leaf-is-ca'],
    ['keyCertSign', { keyUsage: ['digitalSignature', 'keyCertSign'] }, 'leaf-is-ca'],
    ['no digitalSignature', { keyUsage: ['keyEncipherment'] }, 'no-digital-signature'],
    ['no key usage', { keyUsage: null }, 'no-digital-signature'],
    ['no codeSigning', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }, 'no-code-signing'],
    ['any purpose', { extendedKeyUsage: ['2.5.29.37.0'] }, 'no-code-signing'],
    ['no purposes', { extendedKeyUsage: null }, 'no-code-signing'],
    [
      'a critical extension nobody knows',
      { extensions: [testExtension('1.2.3.4', writeInteger(1), true)] },
      'critical-extension',
    ],
    [
      'critical name constraints',
      { extensions: [testExtension('2.5.29.30', writeSequence(), true)] },
      'critical-extension',
    ],
  ])('%s', (_, options, kind) => {
    expect(kinds(judge(current.issue('a', options)))).toEqual([kind]);
    expect(kinds(judge(current.issue('a', options), current.trust()))).toEqual([kind]);
  });
  test('version 1 says neither', () => {
    expect(kinds(judge(current.issue('a', { version: 1 })))).toEqual(['no-digital-signature', 'no-code-signing']);
  });
  test('an extension nobody knows that is not critical does no harm', () => {
    expect(kinds(judge(current.issue('a', { extensions: [testExtension('1.2.3.4', writeOid('1.2'))] })))).toEqual([]);
  });
  test('basic constraints that are absent mean CA:FALSE', () => {
    expect(kinds(judge(current.issue('a', { ca: null })))).toEqual([]);
  });
  test('the certificate of an authority signs no app', () => {
    expect(kinds(judge(current.intermediate))).toContain('leaf-is-ca');
    expect(kinds(judge(current.root))).toEqual(['self-signed']);
    expect(kinds(judge(legacy.intermediate))).toContain('leaf-is-ca');
  });
});

describe('times below a current root', () => {
  const past = { notBefore: '2020-01-01T00:00:00Z', notAfter: '2026-11-21T23:59:59Z' };
  const future = { notBefore: '2026-11-22T00:00:01Z' };
  test.each(['leaf', 'intermediate', 'root'] as const)('of the %s are enforced', (which) => {
    expect(kinds(judge(...inOrder(hierarchy({ [which]: past }))))).toEqual(['expired']);
    expect(kinds(judge(...inOrder(hierarchy({ [which]: future }))))).toEqual(['not-yet-valid']);
  });
  test('include their first and their last second', () => {
    const exactly = { notBefore: '2026-11-22T00:00:00Z', notAfter: '2026-11-22T00:00:00Z' };
    expect(kinds(judge(current.issue('a', exactly)))).toEqual([]);
  });
  test('can not be judged against no time at all', () => {
    expect(() => judge(current.issue(), both, [], new Date(Number.NaN))).toThrow(RangeError);
  });
  test('a root that is accepted until a day is refused after it', () => {
    const trust = trusting(current.root, [current.intermediate], { acceptedUntil: new Date('2026-11-21T00:00:00Z') });
    expect(kinds(judge(current.issue(), trust))).toEqual(['root-sunset']);
  });
});

describe('a legacy root', () => {
  const expired = { notAfter: '2020-01-01T00:00:00Z' };
  const lastSecond = new Date('2026-12-31T23:59:59Z');
  const sunset = new Date('2027-01-01T00:00:00Z');

  test('lets an expired leaf pass with a grace until its sunset, and not after', () => {
    const leaf = legacy.issue('a', expired);
    expect(judge(leaf)).toMatchObject({ faults: [], graces: [{ until: lastSecond }] });
    expect(judge(leaf, both, [], lastSecond)).toMatchObject({ faults: [], graces: [{ until: lastSecond }] });
    expect(judge(leaf, both, [], sunset)).toMatchObject({ faults: [{ kind: 'root-sunset' }], graces: [] });
  });
  test('refuses everything after its sunset', () => {
    expect(kinds(judge(legacy.issue(), both, [], lastSecond))).toEqual([]);
    expect(kinds(judge(legacy.issue(), both, [], sunset))).toEqual(['root-sunset']);
  });
  test('refuses a leaf that is not valid yet', () => {
    expect(kinds(judge(legacy.issue('a', { notBefore: '2027-01-01T00:00:00Z' })))).toEqual(['not-yet-valid']);
  });
  test.each<[string, CertificateOptions, string]>([
    ['CA:TRUE', { ca: true }, 'leaf-is-ca'],
    ['a key usage for something else', { keyUsage: ['keyEncipherment'] }, 'no-digital-signature'],
    ['purposes for something else', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }, 'no-code-signing'],
    ['a critical extension', { extensions: [testExtension('1.2.3.4', writeInteger(1), true)] }, 'critical-extension'],
    ['a key of 1024 bits', { keys: testKeys('rsa-1024') }, 'weak-key'],
    ['a SHA-1 signature', { hash: 'sha1' }, 'weak-signature'],
  ])('refuses a leaf that has extensions, and in them %s', (_, options, kind) => {
    expect(kinds(judge(legacy.issue('a', { version: 3, ...options })))).toEqual([kind]);
  });
  test('accepts a leaf of version 3 that says nothing', () => {
    const leaf = legacy.issue('a', { version: 3, ca: null, keyUsage: null, extendedKeyUsage: null });
    expect(kinds(judge(leaf))).toEqual([]);
  });
  test('does not forgive an expired leaf without end, should it have no sunset', () => {
    const [root] = legacy.trust().roots;
    const trust = trusting(legacy.root, [legacy.intermediate], {
      ...root,
      certificate: legacy.root.certificate,
      acceptedUntil: null,
    });
    expect(kinds(judge(legacy.issue('a', expired), trust))).toEqual(['expired']);
  });
  test('does not lend its leniency to a current leaf when both are installed', () => {
    for (const options of [{ ca: true }, { extendedKeyUsage: null }, { keyUsage: null }, expired]) {
      const verdict = judge(current.issue('a', options));
      expect(verdict.root?.generation).toBe('current');
      expect(verdict.faults).toHaveLength(1);
      expect(verdict.graces).toEqual([]);
    }
  });
});

describe('an authority that both a legacy and a current root certified', () => {
  const crossed = makeCertificate({
    ...intermediateOptions,
    commonName: 'Test G2 Intermediate',
    issuer: legacy.root,
    keys: current.intermediate.keys,
  });
  const trust = join(both, { ...emptyTrust, intermediates: [crossed.certificate] });

  test('is taken on its way to the current root', () => {
    expect(judge(current.issue(), trust)).toMatchObject({ faults: [], root: { generation: 'current' } });
  });
  test('and lends no leniency of the legacy one to its leaves', () => {
    const verdict = judge(current.issue('a', { extendedKeyUsage: null }), trust);
    expect(kinds(verdict)).toEqual(['no-code-signing']);
    expect(verdict.root?.generation).toBe('current');
  });
});
