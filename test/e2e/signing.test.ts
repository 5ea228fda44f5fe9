import { execFile, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { upload, type ApiAnswer } from '../support/api.js';
import { writeAppFolder } from '../support/app-folder.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';

const run = promisify(execFile);

/** An app whose developers made their key with openssl. */
interface Developer {
  readonly id: string;
  readonly kind: string;
  /** What `openssl req -newkey` is told. */
  readonly newKey: readonly string[];
  readonly formats: readonly (1 | 2)[];
}

const developers: readonly Developer[] = [
  { id: 'contacts', kind: 'RSA 2048', newKey: ['rsa:2048'], formats: [1, 2] },
  { id: 'gallery', kind: 'RSA 4096', newKey: ['rsa:4096'], formats: [1, 2] },
  { id: 'calendar', kind: 'EC P-384', newKey: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], formats: [2] },
];

const cases = developers.flatMap(({ id, kind, formats }) =>
  formats.map((format) => ({ id, format, algorithm: algorithmOf(kind, format), title: `${kind}, format ${format}` })),
);

type Case = (typeof cases)[number];

function algorithmOf(kind: string, format: 1 | 2): string {
  if (format === 1) return 'rsa-pss-sha1';
  return kind.startsWith('EC') ? 'ecdsa-p384-sha384' : 'rsa-pss-sha384';
}

/** What openssl is told about an algorithm: the digest, and for RSASSA-PSS its mask and salt. */
const opensslOptions: Readonly<Record<string, readonly string[]>> = {
  'rsa-pss-sha1': ['-sha1', ...pss(0, 'sha512')],
  'rsa-pss-sha384': ['-sha384', ...pss(48, 'sha384')],
  'ecdsa-p384-sha384': ['-sha384'],
};

function pss(saltLength: number, maskDigest: string): readonly string[] {
  const options = ['rsa_padding_mode:pss', `rsa_pss_saltlen:${saltLength}`, `rsa_mgf1_md:${maskDigest}`];
  return options.flatMap((option) => ['-sigopt', option]);
}

const withOpenssl = spawnSync('openssl', ['version']).status === 0 ? describe : describe.skip;

withOpenssl('with keys and signing requests of openssl (skipped where there is none)', () => {
  let gate: BuiltGate;
  let token: string;

  beforeAll(async () => {
    gate = await startBuiltGate();
    for (const { id, newKey } of developers) {
      const files = ['-keyout', `${id}.key`, '-out', `${id}.csr`];
      await openssl('req', '-nodes', '-newkey', ...newKey, ...files, '-subj', `/CN=${id}`);
      await gate.succeed(['ca', 'issue', '--app-id', id, '--csr', `${id}.csr`]);
    }
    const ids = developers.map(({ id }) => id).join(',');
    token = (await gate.succeed(['token', 'create', '--app', ids, '--account', 'team'])).out.trim();
  });

  afterAll(async () => gate.remove());

  /** Runs openssl in the workspace: what it printed. Rejects where it fails. */
  async function openssl(...args: readonly string[]): Promise<string> {
    return (await run('openssl', [...args], { cwd: gate.workspace })).stdout;
  }

  /** An app of this id, in a folder of its own that only this claim writes to. */
  async function app(id: string, version: string): Promise<string> {
    const folder = join(version, id);
    await writeAppFolder(gate.path(folder), { id, version, files: { 'l10n/größe – 1.js': '// beyond ASCII\n' } });
    return folder;
  }

  async function packAndUpload(folder: string, id: string): Promise<ApiAnswer> {
    await gate.succeed(['pack', folder, '--out', `${folder}.zip`]);
    return upload(gate.url, token, id, await readFile(gate.path(`${folder}.zip`)));
  }

  test.each(developers)('the certificate for $kind stands before openssl, revocation lists and all', async ({ id }) => {
    const trust = join(gate.dataDir, 'trust');
    const lists = (await readdir(join(trust, 'crl'))).map((name) => join(trust, 'crl', name));
    const [root = ''] = await readdir(join(trust, 'roots'));
    const [issuer = ''] = await readdir(join(trust, 'intermediates'));
    const checked = await openssl(
      'verify',
      '-x509_strict',
      '-crl_check_all',
      ...lists.flatMap((list) => ['-CRLfile', list]),
      ...['-CAfile', join(trust, 'roots', root), '-untrusted', join(trust, 'intermediates', issuer)],
      `${id}.crt`,
    );
    expect(checked).toContain('OK');
    expect(await openssl('x509', '-in', `${id}.crt`, '-noout', '-subject', '-nameopt', 'multiline')).toMatch(
      new RegExp(`commonName += ${id}\\n`),
    );
    expect(await openssl('x509', '-in', `${id}.crt`, '-noout', '-pubkey')).toBe(
      await openssl('pkey', '-in', `${id}.key`, '-pubout'),
    );
  });

  test.each(developers)('a signing request for $kind is good for no other app', async ({ id }) => {
    const { exit, err } = await gate.run(['ca', 'issue', '--app-id', 'other-app', '--csr', `${id}.csr`]);
    expect(exit).toBe(1);
    expect(err).toContain(`${id}.csr`);
  });

  test.each(cases)('what sign writes with $title verifies with openssl alone, and is accepted', async (which) => {
    const { id, format, algorithm } = which;
    const folder = await app(id, `1.${format}.0`);
    const key = ['--key', `${id}.key`, '--cert', `${id}.crt`];
    await gate.succeed(['sign', '--path', folder, ...key, '--format', String(format)]);

    const written = await readFile(gate.path(folder, 'appinfo', 'signature.json'), 'utf8');
    const { message, signature, certificate } = asOpensslNeedsIt(written, format);
    await writeFile(gate.path('message'), message);
    await writeFile(gate.path('signature'), signature);
    await writeFile(gate.path('leaf.pem'), certificate);
    await writeFile(gate.path('public.pem'), await openssl('x509', '-in', 'leaf.pem', '-noout', '-pubkey'));
    const verify = ['-verify', 'public.pem', '-signature', 'signature', 'message'];
    expect(await openssl('dgst', ...(opensslOptions[algorithm] ?? []), ...verify)).toBe('Verified OK\n');
    expect(hashesIn(written)).toEqual(Object.fromEntries(await digests(folder)));

    expect(await packAndUpload(folder, id)).toMatchObject({
      status: 201,
      body: acceptance(which, `1.${format}.0`),
    });
  });

  test.each(cases)('what openssl alone signs with $title is accepted by verify and by the gate', async (which) => {
    const { id, format } = which;
    const folder = await app(id, `2.${format}.0`);
    await signWithOpensslAlone(folder, which);

    const verified = await gate.run(['verify', folder, '--signed', '--json']);
    expect(JSON.parse(verified.out)).toMatchObject({ outcome: 'accepted', signature: { status: 'valid', format } });
    expect(verified.exit).toBe(0);
    expect(await packAndUpload(folder, id)).toMatchObject({
      status: 201,
      body: acceptance(which, `2.${format}.0`),
    });
  });

  const oneOfEachAlgorithm = cases.filter(({ id }) => id !== 'gallery');
  test.each(oneOfEachAlgorithm)(
    'what openssl signs with $title and another salt or digest is BAD_SIGNATURE',
    async (which) => {
      const { id, format, algorithm } = which;
      const folder = await app(id, `3.${format}.0`);
      const other = algorithm === 'rsa-pss-sha1' ? pss(20, 'sha512') : pss(32, 'sha384');
      // ECDSA has no salt; there another digest stands for everything else that verifiers may be lax about.
      const options = algorithm.startsWith('ecdsa') ? ['-sha256'] : [format === 1 ? '-sha1' : '-sha384', ...other];
      await signWithOpensslAlone(folder, which, options);
      const { exit, out } = await gate.run(['verify', folder, '--json']);
      const { findings } = JSON.parse(out) as { findings: { code: string; severity: string }[] };
      expect(findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual([
        'BAD_SIGNATURE',
      ]);
      expect(exit).toBe(1);
    },
  );

  /** SHA-512 of every file in an app's folder but the signature file, as openssl counts it. */
  async function digests(folder: string): Promise<readonly (readonly [string, string])[]> {
    const found = await readdir(gate.path(folder), { recursive: true, withFileTypes: true });
    const paths = found
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(gate.path(folder).length + 1))
      .filter((path) => path !== join('appinfo', 'signature.json'))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const printed = await openssl('dgst', '-sha512', '-r', ...paths.map((path) => join(folder, path)));
    const hashes = printed.split('\n').map((line) => line.slice(0, 128));
    return paths.map((path, index) => [path.replaceAll(sep, '/'), hashes[index] ?? ''] as const);
  }

  /** Signs an app as somebody would who has openssl and docs/signature-format.md, and no program of ours. */
  async function signWithOpensslAlone(
    folder: string,
    { id, format, algorithm }: Case,
    options: readonly string[] = opensslOptions[algorithm] ?? [],
  ): Promise<void> {
    const entries = await digests(folder);
    const hashes = format === 1 ? legacyEncoding(entries) : JSON.stringify(Object.fromEntries(entries));
    await writeFile(gate.path('message'), hashes);
    await openssl('dgst', ...options, '-sign', `${id}.key`, '-out', 'signature', 'message');
    const signature = (await readFile(gate.path('signature'))).toString('base64');
    const bundle = await readFile(gate.path(`${id}.crt`), 'utf8');
    const [leaf = '', ...chain] = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
    const quoted = JSON.stringify;
    const file =
      format === 1
        ? `{"hashes":${hashes},"signature":${quoted(signature)},"certificate":${quoted(leaf)}}`
        : `{"v":2,"alg":${quoted(algorithm)},"hashes":${hashes},"signature":${quoted(signature)},"certificates":${quoted({ leaf, chain })}}`;
    await mkdir(gate.path(folder, 'appinfo'), { recursive: true });
    await writeFile(gate.path(folder, 'appinfo', 'signature.json'), file);
  }
});

/** The parts of a submission that say that an app was accepted, and as what. */
function acceptance({ id, format, algorithm }: Case, version: string): object {
  return {
    appId: id,
    version,
    outcome: 'accepted',
    release: { status: 'published' },
    report: {
      app: { id, version },
      signature: { status: 'valid', format, algorithm, signer: { commonName: id } },
      outcome: 'accepted',
    },
  };
}

/** What PHP's json_encode makes of a map whose names don't look like numbers. */
function legacyEncoding(entries: readonly (readonly [string, string])[]): string {
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(Object.fromEntries(entries))
    .replaceAll('/', '\\/')
    .replace(/[^\0-\x7f]/g, escape);
}

function hashesIn(signatureFile: string): unknown {
  return (JSON.parse(signatureFile) as { hashes: unknown }).hashes;
}

/** The signed bytes, the signature and the signer's certificate of a signature file, with no code of ours. */
function asOpensslNeedsIt(
  signatureFile: string,
  format: 1 | 2,
): { readonly message: string; readonly signature: Buffer; readonly certificate: string } {
  const parsed = JSON.parse(signatureFile) as {
    hashes: Record<string, string>;
    signature: string;
    certificate: string;
    certificates: { leaf: string };
  };
  const signature = Buffer.from(parsed.signature, 'base64');
  if (format === 1) {
    const sorted = Object.entries(parsed.hashes).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return { message: legacyEncoding(sorted), signature, certificate: parsed.certificate };
  }
  const [, message = ''] = /"hashes":(\{[^}]*\})/.exec(signatureFile) ?? [];
  return { message, signature, certificate: parsed.certificates.leaf };
}
