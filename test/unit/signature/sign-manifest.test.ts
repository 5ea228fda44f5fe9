import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCertificate } from '../../../src/pki/certificate.js';
import { buildManifest, canonicalManifest } from '../../../src/signature/manifest.js';
import { legacyMessage } from '../../../src/signature/legacy-message.js';
import { signManifest, SigningError } from '../../../src/signature/sign-manifest.js';
import { parseSignatureFile } from '../../../src/signature/signature-file.js';
import { verifySignature } from '../../../src/signature/verify-signature.js';
import { emptyTrust } from '../../../src/pki/trust.js';
import { goldenBytes, goldenContents } from '../../support/golden.js';
import { testWith } from '../../support/installed.js';

const opensslTest = testWith('openssl');

const folder = mkdtempSync(join(tmpdir(), 'sign-manifest-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);
const openssl = (...words: string[]): string => execFileSync('openssl', words, { stdio: 'pipe' }).toString();

const KEYS = {
  'rsa-2048': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'rsa-4096': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:4096'],
  'rsa-1024': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
  'p-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  'p-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ed25519: ['-algorithm', 'ED25519'],
} as const;

/** A key and a self-signed certificate, both openssl's. */
function signer(kind: keyof typeof KEYS) {
  openssl('genpkey', ...KEYS[kind], '-out', file(`${kind}.key`));
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    file(`${kind}.key`),
    '-subj',
    '/CN=golden_app',
    '-days',
    '2',
    '-out',
    file(`${kind}.crt`),
  );
  return {
    privateKey: createPrivateKey(readFileSync(file(`${kind}.key`))),
    certificate: parseCertificate(readFileSync(file(`${kind}.crt`))),
  };
}

const manifest = await buildManifest(goldenContents('app'), 'app');
const hex = 'a'.repeat(128);

function opensslVerifies(kind: string, message: Buffer, signature: Buffer, options: readonly string[]): string {
  openssl('x509', '-in', file(`${kind}.crt`), '-pubkey', '-noout', '-out', file('pub'));
  writeFileSync(file('message'), message);
  writeFileSync(file('signature'), signature);
  return openssl('dgst', ...options, '-verify', file('pub'), '-signature', file('signature'), file('message'));
}

const pss = (salt: string, mask: string): readonly string[] =>
  ['rsa_padding_mode:pss', `rsa_pss_saltlen:${salt}`, `rsa_mgf1_md:${mask}`].flatMap((option) => ['-sigopt', option]);

opensslTest.each([
  ['rsa-2048', 1, ['-sha1', ...pss('0', 'sha512')]],
  ['rsa-4096', 1, ['-sha1', ...pss('0', 'sha512')]],
  ['rsa-2048', 2, ['-sha384', ...pss('48', 'sha384')]],
  ['rsa-4096', 2, ['-sha384', ...pss('48', 'sha384')]],
  ['p-384', 2, ['-sha384']],
] as const)('%s, format %d: openssl alone verifies what is written, and so do we', (kind, format, options) => {
  const bytes = signManifest({ manifest, ...signer(kind), chain: [], format });
  const document = JSON.parse(bytes.toString()) as { signature: string };
  const message = format === 1 ? goldenBytes('manifests/app.legacy.json') : goldenBytes('manifests/app.canonical.json');
  expect(opensslVerifies(kind, message, Buffer.from(document.signature, 'base64'), options)).toContain('Verified OK');
  const { findings } = verifySignature({ bytes, scope: 'golden_app', trust: emptyTrust, at: new Date() });
  // Nobody trusts the certificate here; the signature itself is right.
  expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['BAD_CHAIN']));
});

opensslTest('format 2 holds the hashes byte for byte as they were signed, and the chain', () => {
  const { privateKey, certificate } = signer('p-384');
  const { file: read } = parseSignatureFile(
    signManifest({ manifest, privateKey, certificate, chain: [certificate], format: 2 }),
  );
  expect(read?.format === 2 && read.signedBytes.equals(canonicalManifest(manifest))).toBe(true);
  expect(read?.format === 2 && read.chain.map((pem) => parseCertificate(pem).fingerprint)).toEqual([
    certificate.fingerprint,
  ]);
});

opensslTest('format 1 is laid out as occ integrity:sign-app writes it', () => {
  const text = signManifest({ manifest, ...signer('rsa-2048'), chain: [], format: 1 }).toString();
  expect(text).toMatch(/^\{\n {4}"hashes": \{\n {8}"\.htaccess": "[0-9a-f]{128}",\n/);
  expect(text).toContain('"a\\/b"');
  expect(text).toContain('"img\\/caf\\u00e9.txt"');
  expect(text).toMatch(/"certificate": "-----BEGIN CERTIFICATE-----\\r\\n.*-----END CERTIFICATE-----"\n\}$/);
});

opensslTest.each([
  ['an EC key in format 1', 'p-384', 1],
  ['EC on another curve', 'p-256', 2],
  ['RSA of 1,024 bits in format 1', 'rsa-1024', 1],
  ['RSA of 1,024 bits in format 2', 'rsa-1024', 2],
  ['Ed25519', 'ed25519', 2],
] as const)('%s is refused', (_, kind, format) => {
  const made = signer(kind);
  expect(() => signManifest({ manifest, ...made, chain: [], format })).toThrow(SigningError);
});

opensslTest('a key that does not belong to the certificate is refused', () => {
  const { certificate } = signer('rsa-2048');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  expect(() => signManifest({ manifest, privateKey, certificate, chain: [], format: 1 })).toThrow(SigningError);
});

opensslTest.each([
  ['names that are numbers', ['10', '9', '2', 'a'], true],
  ['names 0…n-1, which PHP writes as a list', ['0', '1', '2'], true],
  ['names like __proto__', ['__proto__', 'constructor'], true],
  ['an empty folder', [], true],
  [
    'many names that PHP can order in several ways',
    [...Array.from({ length: 30 }, (_, index) => String(index)), '0x1A', '1x', '07', '7a'],
    false,
  ],
])('%s in format 1: signed only where every verifier comes to the same bytes', (_, paths, isSigned) => {
  const numbered = new Map(paths.map((path) => [path, hex]));
  const made = signer('rsa-2048');
  const sign = () => parseSignatureFile(signManifest({ manifest: numbered, ...made, chain: [], format: 1 }));
  if (!isSigned) {
    expect(sign).toThrow(SigningError);
    return;
  }
  const { file: read } = sign();
  expect(read && legacyMessage(read.hashes)).toEqual(legacyMessage(numbered));
});
