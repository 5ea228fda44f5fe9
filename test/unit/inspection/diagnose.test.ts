import { sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { diagnose } from '../../../src/inspection/diagnose.js';
import type { Contents } from '../../../src/report/contents.js';
import type { Finding } from '../../../src/report/finding.js';
import { legacyMessage, unsortedLegacyMessage } from '../../../src/signature/legacy-message.js';
import { signPss } from '../../../src/signature/rsa-pss.js';
import { makeCertificate, testKeys } from '../../support/test-authority.js';
import { compareManifest } from '../../../src/signature/compare-manifest.js';
import { buildManifest, type Manifest } from '../../../src/signature/manifest.js';
import { verifySignature } from '../../../src/signature/verify-signature.js';
import { contentsOf, goldenBytes, goldenContents, goldenTrust, sha512 } from '../../support/golden.js';

const AT = new Date('2026-06-01T00:00:00Z');

/** What becomes of a signature file by itself. */
async function diagnoseFile(bytes: Buffer, scope = 'golden_app'): Promise<readonly Finding[]> {
  const verdict = verifySignature({ bytes, scope, trust: await goldenTrust('both'), at: AT });
  return diagnose({ findings: verdict.findings, contents: null, verdict, signatureBytes: bytes, profile: 'app' });
}

/** What becomes of files that were signed as `manifest` and are now `contents`. */
async function diagnoseFiles(manifest: Manifest, contents: Contents): Promise<readonly Finding[]> {
  const signatureBytes = goldenBytes('signatures/format2-p384.json');
  const verified = verifySignature({
    bytes: signatureBytes,
    scope: 'golden_app',
    trust: await goldenTrust('both'),
    at: AT,
  });
  const findings = await compareManifest({ manifest, contents, profile: 'app' });
  return diagnose({ findings, contents, verdict: { ...verified, manifest }, signatureBytes, profile: 'app' });
}

const saying = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);
const signedApp = () => buildManifest(goldenContents('app'), 'app');
const filesOf = (files: Readonly<Record<string, string | Buffer>>): Contents =>
  contentsOf(new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)])));
const manifestOf = (files: Readonly<Record<string, string | Buffer>>): Promise<Manifest> =>
  buildManifest(filesOf(files), 'app');

describe('a signature that does not verify', () => {
  test.each([
    ['format1-pkcs1-sha1', /PKCS#1 v1\.5 padding and SHA1/],
    ['format1-pkcs1-sha512', /PKCS#1 v1\.5 padding and SHA512/],
    ['format1-salt-20', /other PSS parameters \(SHA1, MGF1 with SHA512, salt of 20 bytes\)/],
    ['format1-mask-sha1', /other PSS parameters \(SHA1, MGF1 with SHA1, salt of 0 bytes\)/],
    ['format1-digest-sha512', /other PSS parameters \(SHA512, MGF1 with SHA512, salt of 0 bytes\)/],
    ['format1-unsorted', /another order/],
    ['format1-plain-json', /layout of format 2|without escaped slashes/],
    ['format1-tampered', /by this key, but over other hashes/],
    ['format1-other-key', /not made with the key of this certificate/],
    ['format2-reformatted', /reformatted/],
    ['format2-rsa-pkcs1', /PKCS#1 v1\.5 padding and SHA384/],
    ['format2-rsa-salt-0', /salt of 0 bytes\)/],
    ['format2-rsa-mask-sha1', /MGF1 with SHA1/],
    ['format2-p384-sha256', /SHA-256 instead of SHA-384/],
  ])('%s: %s', async (name, cause) => {
    const findings = await diagnoseFile(goldenBytes(`signatures/${name}.json`));
    expect(findings).toMatchObject([{ code: 'BAD_SIGNATURE', severity: 'error', cause: saying(cause) }]);
    expect(findings[0]?.fix).toContain('portcullis sign');
  });
});

describe('a certificate that is not accepted', () => {
  test.each([
    ['format2-other-app', 'CN_MISMATCH', /another app/],
    ['format2-placeholder-name', 'CN_MISMATCH', /placeholder/],
    ['format2-by-core', 'CN_MISMATCH', /server itself/],
    ['format2-self-signed', 'BAD_CHAIN', /own key/],
    ['format2-untrusted', 'BAD_CHAIN', /authority/],
    ['format2-expired', 'BAD_CHAIN', /expired/],
    ['format2-server-certificate', 'BAD_CHAIN', /another purpose/],
  ])('%s: %s because of %s', async (name, code, cause) => {
    const findings = await diagnoseFile(goldenBytes(`signatures/${name}.json`));
    expect(findings.find((finding) => finding.code === code)?.cause).toMatch(cause);
  });

  test('a name that differs in capitals only', async () => {
    const findings = await diagnoseFile(goldenBytes('signatures/format2-p384.json'), 'Golden_App');
    expect(findings).toMatchObject([{ code: 'CN_MISMATCH', cause: saying(/capital/), fix: saying(/: golden_app$/) }]);
  });
});

describe('what is no signature file', () => {
  const genuine = goldenBytes('signatures/format2-p384.json');
  test.each([
    ['a byte-order mark', Buffer.concat([Buffer.from('efbbbf', 'hex'), genuine]), /byte-order mark/],
    ['UTF-16', Buffer.from(`\uFEFF${genuine.toString()}`, 'utf16le'), /UTF-16/],
    ['the signature of a whole archive', Buffer.from(`${Buffer.alloc(512, 7).toString('base64')}\n`), /whole archive/],
    [
      'such a signature in lines',
      Buffer.from(Buffer.alloc(256, 7).toString('base64').replace(/.{64}/g, '$&\n')),
      /whole archive/,
    ],
    ['nothing', Buffer.alloc(0), /empty/],
    ['an error page', Buffer.from('<!DOCTYPE html><title>404</title>'), /HTML/],
    ['a certificate', Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), /PEM/],
    [
      'a private key',
      Buffer.from('-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n'),
      /private key/,
    ],
    [
      'the example of the documentation',
      Buffer.from(
        '{"hashes":{"path\\/filename.php":"hash"},"signature":"hash","certificate":"-----BEGIN CERTIFICATE-----\\r\\ncode\\r\\n-----END CERTIFICATE-----"}',
      ),
      /documentation/,
    ],
  ])('%s', async (_, bytes, cause) => {
    const findings = await diagnoseFile(bytes);
    expect(findings.map(({ code }) => code)).toContain('SIGNATURE_FILE_MALFORMED');
    expect(findings.map((finding) => finding.cause)).toEqual(findings.map(() => saying(cause)));
  });

  test('ordinary bad JSON gets no cause made up for it', async () => {
    expect((await diagnoseFile(Buffer.from('{"hashes": }')))[0]?.cause).toBeUndefined();
  });
});

describe('files that differ', () => {
  test.each([
    ['LF', 'CRLF', 'a\nb\n', 'a\r\nb\r\n'],
    ['CRLF', 'LF', 'a\r\nb\r\n', 'a\nb\n'],
  ])('line endings converted from %s to %s', async (from, to, before, after) => {
    const findings = await diagnoseFiles(
      await manifestOf({ 'x.php': before, 'y.bin': 'y' }),
      filesOf({ 'x.php': after, 'y.bin': 'z' }),
    );
    expect(findings).toMatchObject([
      { code: 'INVALID_HASH', path: 'x.php', cause: containing(`from ${from} to ${to}, in 1 file`) },
      { code: 'INVALID_HASH', path: 'y.bin' },
    ]);
    expect(findings[1]?.cause).toBeUndefined();
  });

  test('line endings converted in a hundred files are one cause, told by a sample of them', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `js/${index}.js`);
    const before = Object.fromEntries(names.map((name) => [name, `${name}\n`]));
    const after = filesOf(Object.fromEntries(names.map((name) => [name, `${name}\r\n`])));
    let reads = 0;
    const counting: Contents = { files: after.files, read: (path, maxBytes) => (reads++, after.read(path, maxBytes)) };
    const findings = await diagnoseFiles(await manifestOf(before), counting);
    expect([findings.length, new Set(findings.map(({ cause }) => cause)).size]).toEqual([100, 1]);
    expect(findings[0]?.cause).toContain('100 files');
    expect(reads).toBeLessThanOrEqual(20);
  });

  test('bytes that are no UTF-8 are not what changes', async () => {
    const findings = await diagnoseFiles(
      await manifestOf({ x: Buffer.from('ff0d0afe0d0a', 'hex') }),
      filesOf({ x: Buffer.from('ff0afe0a', 'hex') }),
    );
    expect(findings[0]?.cause).toMatch(/Line endings/);
  });

  test('names in another Unicode normalisation', async () => {
    const findings = await diagnoseFiles(
      await manifestOf({ 'caf\u00e9.txt': 'x' }),
      filesOf({ 'cafe\u0301.txt': 'x' }),
    );
    expect(findings.map(({ code, cause }) => [code, cause])).toEqual([
      ['FILE_MISSING', saying(/normalisation.*1 file/)],
      ['EXTRA_FILE', saying(/normalisation.*1 file/)],
    ]);
  });

  test('a renamed file', async () => {
    const findings = await diagnoseFiles(await manifestOf({ 'old.txt': 'x' }), filesOf({ 'new.txt': 'x' }));
    expect(findings.map(({ cause }) => cause)).toEqual([saying(/renamed/), saying(/renamed/)]);
  });

  test.each(['.git', 'node_modules'])('%s signed along and not packed', async (folder) => {
    const extra = { [`${folder}/a`]: '1', [`deep/${folder}/b`]: '2' };
    const findings = await diagnoseFiles(await manifestOf({ 'x.php': 'x', ...extra }), filesOf({ 'x.php': 'x' }));
    expect(findings.map(({ code }) => code)).toEqual(['FILE_MISSING', 'FILE_MISSING']);
    expect(new Set(findings.map(({ cause }) => cause)).size).toBe(1);
    expect(findings[0]?.cause).toContain(`${folder} was signed along, 2 files`);
  });

  test('files added after signing', async () => {
    const findings = await diagnoseFiles(
      await signedApp(),
      goldenContents('app', { 'new.php': 'x', 'js/new.js': 'y' }),
    );
    expect(findings).toMatchObject([{ code: 'EXTRA_FILE' }, { code: 'EXTRA_FILE' }]);
    expect(findings.map(({ cause }) => cause)).toEqual(findings.map(() => saying(/added after signing, 2/)));
  });

  test('a version raised after signing', async () => {
    const findings = await diagnoseFiles(await signedApp(), goldenContents('app', { 'appinfo/info.xml': '<info/>' }));
    expect(findings).toMatchObject([{ code: 'INVALID_HASH', cause: saying(/version/) }]);
  });

  test('a file that the signer could not read', async () => {
    const manifest = new Map([...(await signedApp()), ['a.b', false] as const]);
    const findings = await diagnoseFiles(manifest, goldenContents('app'));
    expect(findings).toMatchObject([{ code: 'INVALID_HASH', path: 'a.b', cause: saying(/could not read/) }]);
  });

  test.each([
    ['/', /begin with "\/"/],
    ['golden_app/', /one folder too high/],
  ])('every signed path begins with %s', async (prefix, cause) => {
    const manifest = new Map([...(await signedApp())].map(([path, hash]) => [`${prefix}${path}`, hash]));
    const findings = await diagnoseFiles(manifest, goldenContents('app'));
    expect(findings.length).toBe(2 * manifest.size);
    expect(findings.map((finding) => finding.cause)).toEqual(findings.map(() => saying(cause)));
  });

  test('a folder name meant for the shell of whoever follows the advice does not get into it', async () => {
    const manifest = new Map([...(await signedApp())].map(([path, hash]) => [`$(touch x)\u001b[2J/${path}`, hash]));
    const findings = await diagnoseFiles(manifest, goldenContents('app'));
    expect(findings.some(({ fix }) => fix?.includes('touch'))).toBe(false);
    expect(findings.some(({ cause }) => cause?.includes('\u001b'))).toBe(false);
  });

  test('a mere change gets no cause made up for it', async () => {
    const findings = await diagnoseFiles(await signedApp(), goldenContents('app', { 'a.b': 'tampered' }));
    expect(findings).toMatchObject([{ code: 'INVALID_HASH', path: 'a.b', actual: sha512('tampered') }]);
    expect(findings[0]?.cause).toBeUndefined();
  });
});

describe('where there is a lot of it', () => {
  const hash = 'a'.repeat(128);
  const { pem, keys } = makeCertificate({ commonName: 'golden_app', keys: testKeys('rsa-2048') });

  /** A file of format 1 with so many hashes, signed over them in another order than it must be. */
  function signedUnsorted(files: number): Buffer {
    const entries = Array.from({ length: files }, (_, index) => [`f${1_000_000 - index}`, hash] as const);
    const signature = signPss(keys.privateKey, unsortedLegacyMessage(new Map(entries))).toString('base64');
    return Buffer.from(JSON.stringify({ hashes: Object.fromEntries(entries), signature, certificate: pem }));
  }

  test('the order of 10,000 hashes is told, that of 40,000 is not looked into', async () => {
    const causeOf = async (files: number) =>
      (await diagnoseFile(signedUnsorted(files))).find(({ code }) => code === 'BAD_SIGNATURE')?.cause;
    expect(await causeOf(10_000)).toMatch(/another order/);
    expect(await causeOf(40_000)).toMatch(/by this key, but over other hashes/);
  });

  test('a usual mistake is told of 40,000 hashes too', async () => {
    const entries = Array.from({ length: 40_000 }, (_, index) => [`f${1_000_000 + index}`, hash] as const);
    const signature = sign('sha512', legacyMessage(new Map(entries)), keys.privateKey).toString('base64');
    const bytes = Buffer.from(JSON.stringify({ hashes: Object.fromEntries(entries), signature, certificate: pem }));
    expect((await diagnoseFile(bytes)).map(({ cause }) => cause)).toContainEqual(saying(/PKCS#1 v1\.5 .*SHA512/));
  });

  test('findings without details stay one, and the numbers told are no less than true', async () => {
    const files = Array.from({ length: 3_000 }, (_, index) => [`.git/${index}`, hash] as const);
    const findings = await diagnoseFiles(new Map([...(await signedApp()), ...files]), goldenContents('app'));
    expect(findings.length).toBe(3_000);
    expect(new Set(findings).size).toBe(1_001);
    expect(findings[0]?.cause).toMatch(/\.git was signed along, at least 1000 files/);
  });
});

test('a diagnosis explains; it neither drops, adds nor softens', async () => {
  const bytes = goldenBytes('signatures/format1-pkcs1-sha1.json');
  const verdict = verifySignature({ bytes, scope: 'other', trust: await goldenTrust('both'), at: AT });
  const contents = goldenContents('app', { 'a.b': 'x', 'new.php': 'y', 'a/b': null });
  const manifest = verdict.manifest ?? new Map();
  const findings = [...verdict.findings, ...(await compareManifest({ manifest, contents, profile: 'app' }))];
  const diagnosed = await diagnose({ findings, contents, verdict, signatureBytes: bytes, profile: 'app' });
  const bare = (list: readonly Finding[]) => list.map(({ cause: _cause, fix: _fix, ...rest }) => rest);
  expect(bare(diagnosed)).toEqual(bare(findings));
  expect(findings.length).toBeGreaterThan(4);
});

const real = new URL('../../../../shared/real/signatures/', import.meta.url).pathname;
(existsSync(real) ? describe : describe.skip)('real files, where ../shared is present', () => {
  test.each([
    ['nc-iframewidget-pkcs1', 'iframewidget', 'BAD_SIGNATURE', /PKCS#1 v1\.5/],
    ['nc-user_ispconfig-tampered', 'user_ispconfig', 'BAD_SIGNATURE', /over other hashes/],
    ['nc-APP_ID-revoked', 'deckimportfromtrello', 'CN_MISMATCH', /placeholder/],
    ['oc-files_opds-in-concos', 'concos', 'CN_MISMATCH', /another app/],
    ['selfsigned-simplehabittracker', 'simplehabittracker', 'BAD_CHAIN', /own key/],
    ['malformed-hancomoffice', 'hancomoffice', 'SIGNATURE_FILE_MALFORMED', /documentation/],
  ])('%s', async (name, scope, code, cause) => {
    const findings = await diagnoseFile(readFileSync(`${real}${name}.json`), scope);
    expect(findings.find((finding) => finding.code === code)?.cause).toMatch(cause);
  });
});
