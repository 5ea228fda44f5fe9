import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { signPss, verifyPss } from '../../../src/signature/rsa-pss.js';
import { testWith } from '../../support/installed.js';

const opensslTest = testWith('openssl');

const folder = mkdtempSync(join(tmpdir(), 'rsa-pss-'));
afterAll(() => rmSync(folder, { recursive: true }));

const message = Buffer.from('{"appinfo\\/info.xml":"…"}');
const keys = new Map(
  [2048, 4096].map((modulusLength) => {
    const pair = generateKeyPairSync('rsa', { modulusLength });
    writeFileSync(file(`${modulusLength}.key`), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(file(`${modulusLength}.pub`), pair.publicKey.export({ type: 'spki', format: 'pem' }));
    return [modulusLength, pair];
  }),
);
writeFileSync(file('message'), message);

function file(name: string): string {
  return join(folder, name);
}

function pair(bits: number) {
  const found = keys.get(bits);
  if (found === undefined) throw new RangeError(`no key of ${bits} bits`);
  return found;
}

function pssOptions(salt: string, mask: string): string[] {
  return ['rsa_padding_mode:pss', `rsa_pss_saltlen:${salt}`, `rsa_mgf1_md:${mask}`].flatMap((option) => [
    '-sigopt',
    option,
  ]);
}

function opensslSigns(bits: number, digest: string, options: readonly string[]): Buffer {
  execFileSync('openssl', [
    'dgst',
    `-${digest}`,
    '-sign',
    file(`${bits}.key`),
    ...options,
    '-out',
    file('signature'),
    file('message'),
  ]);
  return readFileSync(file('signature'));
}

describe.each([2048, 4096])('with a key of %d bits', (bits) => {
  opensslTest('openssl verifies what is signed here', () => {
    writeFileSync(file('ours'), signPss(pair(bits).privateKey, message));
    const said = execFileSync('openssl', [
      'dgst',
      '-sha1',
      '-verify',
      file(`${bits}.pub`),
      ...pssOptions('0', 'sha512'),
      '-signature',
      file('ours'),
      file('message'),
    ]);
    expect(said.toString()).toContain('Verified OK');
  });

  opensslTest('what openssl signs is verified here', () => {
    const signature = opensslSigns(bits, 'sha1', pssOptions('0', 'sha512'));
    expect(verifyPss(pair(bits).publicKey, message, signature)).toBe(true);
    expect(verifyPss(pair(bits).publicKey, Buffer.from('other'), signature)).toBe(false);
  });

  test('with a salt of length 0 there is one signature, and node-forge makes the same', () => {
    const key = forge.pki.privateKeyFromPem(readFileSync(file(`${bits}.key`), 'utf8'));
    const pss: unknown = forge.pss.create({
      md: forge.md.sha1.create(),
      mgf: forge.mgf.mgf1.create(forge.md.sha512.create()),
      saltLength: 0,
    });
    const theirs = key.sign(forge.md.sha1.create().update(message.toString('binary')), pss);
    expect(Buffer.from(theirs, 'binary')).toEqual(signPss(pair(bits).privateKey, message));
  });

  opensslTest.each([
    ['a salt of 20 bytes', 'sha1', pssOptions('20', 'sha512')],
    ['a salt of 1 byte', 'sha1', pssOptions('1', 'sha512')],
    ['the longest salt', 'sha1', pssOptions('max', 'sha512')],
    ['MGF1 with SHA-1', 'sha1', pssOptions('0', 'sha1')],
    ['MGF1 with SHA-256', 'sha1', pssOptions('0', 'sha256')],
    ['SHA-256', 'sha256', pssOptions('0', 'sha512')],
    ['SHA-512', 'sha512', pssOptions('0', 'sha512')],
    ['PKCS#1 v1.5 and SHA-1', 'sha1', []],
    ['PKCS#1 v1.5 and SHA-512', 'sha512', []],
  ])('%s is refused', (_, digest, options) => {
    expect(verifyPss(pair(bits).publicKey, message, opensslSigns(bits, digest, options))).toBe(false);
  });

  test('a signature with a byte more, a byte less, or any of its bits flipped is refused', () => {
    const { publicKey, privateKey } = pair(bits);
    const signature = signPss(privateKey, message);
    const others = [
      Buffer.alloc(0),
      signature.subarray(1),
      signature.subarray(0, -1),
      Buffer.concat([Buffer.of(0), signature]),
      Buffer.concat([signature, Buffer.of(0)]),
      ...Array.from({ length: 64 }, (_, index) => {
        const flipped = Buffer.from(signature);
        const at = Math.floor((index * signature.length) / 64);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (index % 8));
        return flipped;
      }),
    ];
    expect(others.filter((other) => verifyPss(publicKey, message, other))).toEqual([]);
  });
});

test('a signature of another key is refused', () => {
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  expect(verifyPss(pair(2048).publicKey, message, signPss(stranger.privateKey, message))).toBe(false);
});

opensslTest.each([
  { digest: 'sha256', maskDigest: 'sha1', saltLength: 0 },
  { digest: 'sha384', maskDigest: 'sha512', saltLength: 48 },
  { digest: 'sha512', maskDigest: 'sha512', saltLength: 64 },
] as const)('$digest, $maskDigest, $saltLength: openssl and we agree on other parameters too', (parameters) => {
  const { digest, maskDigest, saltLength } = parameters;
  const signature = opensslSigns(2048, digest, pssOptions(String(saltLength), maskDigest));
  const verdicts = [
    parameters,
    { ...parameters, saltLength: saltLength + 1 },
    { ...parameters, digest: 'sha1' as const },
  ].map((tried) => verifyPss(pair(2048).publicKey, message, signature, tried));
  expect(verdicts).toEqual([true, false, false]);
});
