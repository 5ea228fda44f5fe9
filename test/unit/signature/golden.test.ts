import { compareManifest } from '../../../src/signature/compare-manifest.js';
import { verifySignature } from '../../../src/signature/verify-signature.js';
import { writeOid, writeSequence, writeSet, writeUtf8 } from '../../../src/pki/der-writer.js';
import { makeCertificate, testKeys } from '../../support/test-authority.js';
import { goldenBytes, goldenContents, goldenTrust, goldenVectors, type GoldenVector } from '../../support/golden.js';

async function judge(vector: GoldenVector, trust: 'both' | 'legacy' | 'current' | 'no-lists' = 'both') {
  return verifySignature({
    bytes: goldenBytes(vector.file),
    scope: vector.scope,
    trust: await goldenTrust(trust),
    at: new Date(vector.at),
  });
}

function vectorOf(name: string): GoldenVector {
  const found = goldenVectors().find(({ file }) => file === `signatures/${name}.json`);
  if (found === undefined) throw new RangeError(`no vector ${name}`);
  return found;
}

function withLeaf(change: (pem: string) => string): Buffer {
  const document = JSON.parse(goldenBytes('signatures/format2-p384.json').toString()) as {
    certificates: { leaf: string };
  };
  document.certificates.leaf = change(document.certificates.leaf);
  return Buffer.from(JSON.stringify(document));
}

const codesOf = (findings: readonly { readonly code: string }[]) => [...new Set(findings.map(({ code }) => code))];

test.each(goldenVectors())('$file, asked for $scope: $codes', async (vector) => {
  const { signature, findings, manifest } = await judge(vector);
  expect(codesOf(findings)).toEqual(vector.codes);
  const accepted = vector.codes.every((code) => code === 'LEGACY_ACCEPTED_WARN');
  expect(signature.status).toBe(accepted ? 'valid' : 'invalid');
  expect(signature.signer?.commonName).toEqual(expect.any(String));
  if (!accepted || manifest === null) return;
  const contents = goldenContents(vector.tree, {
    [vector.profile === 'core' ? 'core/signature.json' : 'appinfo/signature.json']: 'x',
  });
  const differences = await compareManifest({ manifest, contents, profile: vector.profile });
  expect(codesOf(differences)).toEqual(vector.profile === 'core' ? ['CORE_NOT_COVERED'] : []);
});

test('the names of a signer are made printable', async () => {
  const name = 'cal\0en\u001b[2Jdar\u202e';
  const subjectDer = writeSequence(writeSet(writeSequence(writeOid('2.5.4.3'), writeUtf8(name))));
  const leaf = makeCertificate({ subjectDer, keys: testKeys('ec-p384', 'nasty') });
  const { signature, findings } = verifySignature({
    bytes: withLeaf(() => leaf.pem),
    scope: 'golden_app',
    trust: await goldenTrust('both'),
    at: new Date('2026-06-01'),
  });
  expect(signature.signer).toMatchObject({
    commonName: 'cal\\u{0}en\\u{1b}[2Jdar\\u{202e}',
    issuer: expect.stringContaining('[2Jdar') as string,
  });
  expect(JSON.stringify({ signature, findings })).not.toMatch(/\\u0000|\\u001b|\u202e/);
});

test('a list past its next update still counts, and is said to be stale', async () => {
  const { signature, findings } = await judge({ ...vectorOf('format1-rsa2048'), at: '2026-06-01' }, 'both');
  expect([signature.status, codesOf(findings)]).toEqual(['valid', []]);
  const stale = await staleTrust();
  const later = verifySignature({
    bytes: goldenBytes('signatures/format2-p384.json'),
    scope: 'golden_app',
    trust: stale,
    at: new Date('2026-06-01'),
  });
  expect([later.signature.status, codesOf(later.findings)]).toEqual(['valid', ['CRL_STALE']]);
});

async function staleTrust() {
  const trust = await goldenTrust('current');
  return {
    ...trust,
    revocationLists: trust.revocationLists.map((list) => ({ ...list, nextUpdate: new Date('2026-05-01') })),
  };
}

test.each([
  ['format1-rsa2048', 'legacy', []],
  ['format1-rsa2048', 'current', ['BAD_CHAIN']],
  ['format1-revoked', 'legacy', ['REVOKED']],
  ['format2-p384', 'current', []],
  ['format2-p384', 'legacy', ['BAD_CHAIN']],
  ['format2-p384', 'no-lists', ['CRL_UNAVAILABLE']],
  ['format2-revoked', 'current', ['REVOKED']],
] as const)('%s with the trust folder "%s": %j', async (name, trust, codes) => {
  expect(codesOf((await judge(vectorOf(name), trust)).findings)).toEqual(codes);
});

test('the signer is described as openssl prints it', async () => {
  const { signature } = await judge(vectorOf('format2-p384'));
  expect(signature).toMatchObject({
    status: 'valid',
    format: 2,
    algorithm: 'ecdsa-p384-sha384',
    signer: {
      commonName: 'golden_app',
      serial: expect.stringMatching(/^[0-9A-F]+$/) as unknown,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      notBefore: '2020-01-01T00:00:00.000Z',
      notAfter: '2049-12-31T23:59:59.000Z',
    },
  });
});

test('the certificate of core signs apps only where the store says so', async () => {
  const vector = vectorOf('format2-by-core');
  const trust = { ...(await goldenTrust('both')), coreMaySignApps: true };
  const input = { bytes: goldenBytes(vector.file), scope: vector.scope, at: new Date(vector.at) };
  expect(verifySignature({ ...input, trust }).signature.status).toBe('valid');
  expect(verifySignature({ ...input, trust: { ...trust, coreMaySignApps: false } }).signature.status).toBe('invalid');
});

test('the setting for core opens nothing to other names, nor core to apps', async () => {
  const trust = { ...(await goldenTrust('both')), coreMaySignApps: true };
  const verify = (name: string, scope: string) =>
    verifySignature({ bytes: goldenBytes(`signatures/${name}.json`), scope, trust, at: new Date('2026-06-01') });
  expect(codesOf(verify('format2-other-app', 'golden_app').findings)).toEqual(['CN_MISMATCH']);
  expect(codesOf(verify('format2-p384', 'core').findings)).toEqual(['CN_MISMATCH']);
});

test('all that is wrong is found at once', async () => {
  const text = goldenBytes('signatures/format2-revoked.json')
    .toString()
    .replace(/[0-9a-f]{128}/, '0'.repeat(128));
  const verdict = verifySignature({
    bytes: Buffer.from(text),
    scope: 'calendar',
    trust: await goldenTrust('both'),
    at: new Date('2060-01-01'),
  });
  expect(codesOf(verdict.findings).sort()).toEqual(['BAD_CHAIN', 'BAD_SIGNATURE', 'CN_MISMATCH', 'REVOKED']);
});

test.each([
  ['two certificates', (pem: string) => pem + pem],
  ['no certificate', () => 'hello'],
  ['a certificate cut short', (pem: string) => pem.replace(/\n[^-]{20}/, '\n')],
])('%s where the leaf belongs is BAD_CHAIN', async (_, change) => {
  const bytes = withLeaf(change);
  const verdict = verifySignature({
    bytes,
    scope: 'golden_app',
    trust: await goldenTrust('both'),
    at: new Date('2026-06-01'),
  });
  expect(codesOf(verdict.findings)).toEqual(['BAD_CHAIN']);
  expect(verdict.signature).toMatchObject({ status: 'invalid', format: 2, signer: null });
});

test('a certificate with CRLF line ends is read', async () => {
  const bytes = withLeaf((pem) => pem.replaceAll('\n', '\r\n'));
  const verdict = verifySignature({
    bytes,
    scope: 'golden_app',
    trust: await goldenTrust('both'),
    at: new Date('2026-06-01'),
  });
  expect(verdict.signature.status).toBe('valid');
});

test.each(['small-format1', 'small-format2'])(
  'no bit of %s can be flipped so that it vouches for other files',
  async (name) => {
    const bytes = goldenBytes(`signatures/${name}.json`);
    const trust = await goldenTrust('both');
    const input = { scope: 'golden_app', trust, at: new Date('2026-06-01') };
    const unflipped = verifySignature({ bytes, ...input });
    expect(unflipped.signature.status).toBe('valid');
    const genuine = JSON.stringify([...(unflipped.manifest ?? [])].sort());
    const accepted: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { signature, manifest } = verifySignature({ bytes: flipped, ...input });
      if (signature.status === 'valid' && JSON.stringify([...(manifest ?? [])].sort()) !== genuine) accepted.push(bit);
    }
    expect(accepted).toEqual([]);
  },
);
