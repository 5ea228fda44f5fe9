import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCertificate } from '../../src/pki/certificate.js';
import { loadTrust, type Trust } from '../../src/pki/trust.js';
import type { Contents } from '../../src/report/contents.js';
import { verifyBytes } from '../../src/signature/algorithms.js';
import { compareManifest } from '../../src/signature/compare-manifest.js';
import { legacyMessage } from '../../src/signature/legacy-message.js';
import { canonicalManifest } from '../../src/signature/manifest.js';
import { parseSignatureFile, serializeSignatureFile } from '../../src/signature/signature-file.js';
import { verifySignature } from '../../src/signature/verify-signature.js';
import { contentsOf } from '../support/golden.js';

// Public files that are not ours to pass on. Where the folder beside the project is absent, these tests are skipped;
// the project's own golden vectors always run.
const shared = new URL('../../../shared/', import.meta.url).pathname;
const isPresent = existsSync(join(shared, 'conformance')) && existsSync(join(shared, 'real'));
const given = isPresent ? describe : describe.skip;
const read = (path: string): Buffer => readFileSync(join(shared, path));
/** `test.each` needs its table before a `describe` can be skipped. */
const table = <T>(path: string, rows: (json: never) => readonly T[], none: T): readonly T[] =>
  isPresent ? rows(JSON.parse(read(path).toString()) as never) : [none];

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** A trust folder made of shared files: name in the folder → shared path. */
async function trustOf(files: Readonly<Record<string, string>>): Promise<Trust> {
  const folder = await mkdtemp(join(tmpdir(), 'shared-trust-'));
  folders.push(folder);
  await Promise.all(['roots', 'intermediates', 'crl'].map((part) => mkdir(join(folder, part))));
  await Promise.all(Object.entries(files).map(([name, path]) => cp(join(shared, path), join(folder, name))));
  return loadTrust(folder);
}

async function contentsOfFolder(folder: string): Promise<Contents> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const files = new Map(paths.map((path) => [path, readFileSync(join(folder, path))]));
  // It lies in the root there; in a package it lies in appinfo.
  files.delete('signature.json');
  return contentsOf(files);
}

const codesOf = (findings: readonly { readonly code: string }[]): string[] => [
  ...new Set(findings.map(({ code }) => code)),
];

if (!isPresent) test.todo('../shared is absent: its conformance vectors and real signatures are not checked');

given('conformance: what is signed', () => {
  interface LegacyCase {
    readonly name: string;
    readonly entries: readonly (readonly [string, string])[];
    readonly messageBase64: string;
  }
  test.each(
    table('conformance/legacy-encoding/vectors.json', ({ cases }: { cases: LegacyCase[] }) => cases, {
      name: '',
      entries: [],
      messageBase64: '',
    }),
  )('format 1, $name: the bytes that PHP signs', ({ entries, messageBase64 }) => {
    expect(legacyMessage(new Map(entries)).toString()).toBe(Buffer.from(messageBase64, 'base64').toString());
  });

  test.each([
    'golden/tree-basic',
    'golden/tree-cruft',
    'golden/tree-edge',
    'golden/tree-unicode',
    'golden-ocsign/tree-core',
  ])('format 2, %s: the bytes that ocsign signs', (tree) => {
    const hashes = JSON.parse(read(`conformance/${tree}/hashes.expected.json`).toString()) as Record<string, string>;
    const shuffled = new Map(Object.entries(hashes).reverse());
    expect(canonicalManifest(shuffled)).toEqual(read(`conformance/${tree}/manifest.canonical.json`));
  });

  test.each([
    ['ec-leaf.crt', 'sig-ec-p384-tree-basic.b64', 'ecdsa-p384-sha384'],
    ['rsa-leaf.crt', 'sig-rsa-pss-sha384-tree-basic.b64', 'rsa-pss-sha384'],
  ] as const)('the signature of %s over tree-basic verifies', (certificate, signature, algorithm) => {
    const { publicKey } = parseCertificate(read(`conformance/verifier/${certificate}`).toString());
    const message = read('conformance/golden/tree-basic/manifest.canonical.json');
    const bytes = Buffer.from(read(`conformance/verifier/${signature}`).toString(), 'base64');
    expect(verifyBytes(algorithm, publicKey, message, bytes)).toBe(true);
    expect(verifyBytes(algorithm, publicKey, message.subarray(1), bytes)).toBe(false);
  });

  test.each(['signature-v2-compact.json', 'signature-v2-pretty.json', 'signature-legacy.json'])(
    '%s is read',
    (name) => {
      expect(parseSignatureFile(read(`conformance/verifier/${name}`)).file?.hashes.size).toBeGreaterThan(1);
    },
  );
});

given('conformance: verdicts', () => {
  const pki = 'conformance/verifier/pki';
  const legacy = {
    'roots/root-g1.crt': `${pki}/root-g1.crt`,
    'intermediates/intermediate-g1.crt': `${pki}/intermediate-g1.crt`,
  };
  const current = {
    'roots/root-g2.crt': `${pki}/root-g2.crt`,
    'intermediates/intermediate-g2.crt': `${pki}/intermediate-g2.crt`,
  };
  const JULY = '2026-07-13T00:00:00Z';
  const NOVEMBER = '2026-11-22T00:00:00Z';
  const JANUARY = '2027-01-02T00:00:00Z';

  const PASS: readonly string[] = [];
  const WARN = ['LEGACY_ACCEPTED_WARN'];

  const rows = [
    ['app-tree', 'developers-empty', PASS, PASS],
    ['app-tree', 'developers-revoked', ['REVOKED'], ['REVOKED']],
    ['app-tree', 'wrong-issuer', ['CRL_UNAVAILABLE'], ['CRL_UNAVAILABLE']],
    ['app-tree-g1', 'legacy', WARN, ['BAD_ALGORITHM']],
    ['app-tree-g1', 'legacy-revoked', ['REVOKED'], ['BAD_ALGORITHM']],
    ['app-tree-g1-legacy', 'legacy', PASS, ['BAD_ALGORITHM']],
    ['app-tree-g1-legacy', 'legacy-revoked', PASS, ['BAD_ALGORITHM']],
  ] as const;
  const cases = rows.flatMap(([tree, crl, before, after]) =>
    [JULY, NOVEMBER, JANUARY].flatMap((at) =>
      (['its own generation', 'both generations'] as const).map(
        (trusted) => [tree, crl, at, trusted, at === JANUARY ? after : before] as const,
      ),
    ),
  );

  test.each(cases)('%s with %s.crl at %s, trusting %s: %j', async (tree, crl, at, trusted, expected) => {
    const own = tree === 'app-tree' ? current : legacy;
    const trust = await trustOf({
      ...(trusted === 'both generations' ? { ...legacy, ...current } : own),
      [`crl/${crl}.crl`]: `conformance/verifier/crl/${crl}.crl`,
    });
    const folder = join(shared, 'conformance/verifier', tree);
    const scope = tree === 'app-tree-g1-legacy' ? 'SomeApp' : 'example-app';
    const bytes = read(`conformance/verifier/${tree}/signature.json`);
    const { signature, findings, manifest } = verifySignature({ bytes, scope, trust, at: new Date(at) });
    const codes = codesOf(findings);
    const stands = expected.every((code) => code === 'LEGACY_ACCEPTED_WARN');
    // The table gives the first reason; all of them are found here.
    if (stands) expect(codes.filter((code) => code !== 'CRL_STALE')).toEqual(expected);
    else expect(codes).toEqual(expect.arrayContaining([...expected]));
    expect(signature.status).toBe(stands ? 'valid' : 'invalid');
    const contents = await contentsOfFolder(folder);
    expect(await compareManifest({ manifest: manifest ?? new Map(), contents, profile: 'app' })).toEqual([]);
  });
});

given('real signature files', () => {
  interface RealEntry {
    readonly file: string;
    readonly scope: string;
    readonly app_id: string;
    readonly cn: string | null;
    readonly issuer_authority: string | null;
    readonly expected: string;
    readonly signature_verifies: boolean | null;
    readonly revoked: boolean | null;
  }
  const none: RealEntry = {
    file: '',
    scope: 'app',
    app_id: '',
    cn: null,
    issuer_authority: null,
    expected: 'OK',
    signature_verifies: null,
    revoked: null,
  };
  const entries = table('real/index.json', (index: { entries: RealEntry[] }) => index.entries, none);
  const at = new Date('2026-11-22T00:00:00Z');

  const CODES: Readonly<Record<string, readonly string[]>> = {
    OK: [],
    OK_LEAF_EXPIRED: ['LEGACY_ACCEPTED_WARN'],
    REVOKED: ['REVOKED'],
    BAD_SIGNATURE: ['BAD_SIGNATURE'],
    CN_MISMATCH: ['CN_MISMATCH'],
    CN_IS_CORE: ['CN_MISMATCH'],
    UNTRUSTED_ISSUER: ['BAD_CHAIN'],
    MALFORMED: ['SIGNATURE_FILE_MALFORMED'],
  };

  const anchors = (name: 'owncloud' | 'nextcloud'): Promise<Trust> =>
    name === 'owncloud'
      ? trustOf({
          'roots/root-g1.crt': 'real/anchors/owncloud-root-g1.crt',
          'roots/root-g2.crt': 'real/anchors/owncloud-root-g2.crt',
          'intermediates/intermediate-g2.crt': 'real/anchors/owncloud-intermediate-g2.crt',
          'crl/legacy.crl': 'real/anchors/owncloud-legacy.crl',
          'crl/developers.crl': 'real/anchors/owncloud-developers.crl',
        })
      : trustOf({
          'roots/root-g1.crt': 'real/anchors/nextcloud-root.crt',
          'crl/root.crl': 'real/anchors/nextcloud-root.crl',
        });

  test.each(entries)('$file, judged by the authority that issued it: $expected', async (entry) => {
    const trust = await anchors(entry.issuer_authority === 'nextcloud' ? 'nextcloud' : 'owncloud');
    const { signature, findings } = verifySignature({
      bytes: read(`real/${entry.file}`),
      scope: entry.app_id,
      trust,
      at,
    });
    const codes = codesOf(findings);
    const [first] = CODES[entry.expected] ?? ['unknown verdict'];
    const stands = entry.expected === 'OK' || entry.expected === 'OK_LEAF_EXPIRED';
    expect(signature.status).toBe(stands ? 'valid' : 'invalid');
    if (first === undefined) expect(codes).toEqual([]);
    else expect(codes).toContain(first);
    if (entry.expected === 'MALFORMED') return;
    expect(codes.includes('BAD_SIGNATURE')).toBe(entry.signature_verifies === false);
    expect(codes.includes('CN_MISMATCH')).toBe(entry.cn !== entry.app_id);
    if (entry.revoked !== null) expect(codes.includes('REVOKED')).toBe(entry.revoked);
    expect(signature.signer?.commonName).toBe(entry.cn);
  });

  test.each(entries.filter(({ issuer_authority }) => issuer_authority === 'nextcloud'))(
    '$file is untrusted where only ownCloud is trusted',
    async ({ file, app_id }) => {
      const { signature, findings } = verifySignature({
        bytes: read(`real/${file}`),
        scope: app_id,
        trust: await anchors('owncloud'),
        at,
      });
      expect([signature.status, codesOf(findings).includes('BAD_CHAIN')]).toEqual(['invalid', true]);
      expect(codesOf(findings)).not.toContain('REVOKED');
    },
  );

  test.each(entries.filter(({ expected }) => expected === 'CN_IS_CORE'))(
    "$file stands where the store lets core's certificate sign apps",
    async ({ file, app_id }) => {
      const trust = { ...(await anchors('owncloud')), coreMaySignApps: true };
      expect(verifySignature({ bytes: read(`real/${file}`), scope: app_id, trust, at }).signature.status).toBe('valid');
    },
  );

  test.each(entries.filter(({ expected }) => expected !== 'MALFORMED'))(
    '$file, written again, says the same',
    ({ file }) => {
      const bytes = read(`real/${file}`);
      const { file: parsed } = parseSignatureFile(bytes);
      const again = parsed && parseSignatureFile(serializeSignatureFile(parsed)).file;
      expect(again?.format === 1 && legacyMessage(again.hashes)).toEqual(parsed && legacyMessage(parsed.hashes));
      expect(again?.signature).toEqual(parsed?.signature);
    },
  );

  test.each(entries.filter(({ file }) => file.includes('/oc-')))(
    '$file is written as occ wrote it, to the byte',
    ({ file }) => {
      const text = read(`real/${file}`).toString();
      const { file: parsed } = parseSignatureFile(Buffer.from(text));
      // One of them got a newline at its end from somebody's editor.
      expect(parsed && serializeSignatureFile(parsed).toString()).toBe(text.trimEnd());
    },
  );

  test('after the sunset nothing that the first authority signed stands', async () => {
    const trust = await anchors('owncloud');
    const valid = entries.filter(({ expected }) => expected.startsWith('OK'));
    const later = valid
      .filter(({ issuer_authority }) => issuer_authority === 'owncloud-g1')
      .map(({ file, app_id }) =>
        verifySignature({ bytes: read(`real/${file}`), scope: app_id, trust, at: new Date('2027-01-01T00:00:00Z') }),
      );
    expect(later.length).toBeGreaterThan(0);
    expect(later.map(({ signature }) => signature.status)).toEqual(later.map(() => 'invalid'));
    expect(later.every(({ findings }) => codesOf(findings).includes('BAD_ALGORITHM'))).toBe(true);
  });
});
