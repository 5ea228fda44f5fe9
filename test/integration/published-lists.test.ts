import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { createIssuingKeySource } from '../../src/authority/issuing-key.js';
import { readPublishedCertificate, readPublishedList } from '../../src/authority/published-files.js';
import { revokeCertificate } from '../../src/authority/revoke-certificate.js';
import { requireStoreAuthority } from '../../src/authority/store-authority.js';
import { renewStoreLists } from '../../src/authority/store-lists.js';
import { ensureAccount } from '../../src/database/accounts.js';
import { insertAuthorityCertificate } from '../../src/database/authority-certificates.js';
import { beginAuthorityChange } from '../../src/database/authority-state.js';
import { inTransaction, type Queryable } from '../../src/database/connect.js';
import { parseCertificate } from '../../src/pki/certificate.js';
import type { Certificate } from '../../src/pki/certificate.js';
import { issueCertificate } from '../../src/pki/issue.js';
import { generateKeyPair } from '../../src/pki/keys.js';
import { intermediateProfile } from '../../src/pki/profiles.js';
import { keySigner } from '../../src/pki/signer.js';
import { isRevocationListOf, parseRevocationList } from '../../src/pki/revocation-list.js';
import { writePem } from '../../src/pki/pem.js';
import { request } from '../support/api.js';
import { testWith } from '../support/installed.js';
import { openssl, opensslText } from '../support/openssl.js';
import { issueSigner } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * The certificates and the revocation lists of the store's own authority, as files.
 */

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
});
afterAll(() => gate.stop());

interface PublishedFile {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

async function read(path: string, init: RequestInit = {}, from: TestGate = gate): Promise<PublishedFile> {
  const answer = await fetch(`${from.url}${path}`, init);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: answer.headers, bytes };
}

async function revoke(serial: string): Promise<void> {
  const account = await ensureAccount(gate.gate.database, 'operator');
  const order = { serial, reason: 'superseded', invalidityDate: null, note: '', account } as const;
  expect((await revokeCertificate(gate.gate, order)).list).toBe('signed');
}

const PATHS = [
  ['/certificates/root.pem', 'application/x-pem-file'],
  ['/certificates/intermediate.pem', 'application/x-pem-file'],
  ['/certificates/developers.pem', 'application/x-pem-file'],
  ['/crl/root.crl', 'application/pkix-crl'],
  ['/crl/developers.crl', 'application/pkix-crl'],
  ['/crl/root.pem', 'application/x-pem-file'],
  ['/crl/developers.pem', 'application/x-pem-file'],
] as const;

test.each(PATHS)('%s is served with a type, a digest for a tag, and for a few minutes', async (path, type) => {
  const { status, headers, bytes } = await read(path);
  expect([status, headers.get('content-type')]).toEqual([200, type]);
  expect(headers.get('etag')).toBe(`"${createHash('sha256').update(bytes).digest('hex')}"`);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
  expect(Number(headers.get('content-length'))).toBe(bytes.length);
  expect(Date.parse(headers.get('expires') ?? '')).toBeGreaterThan(Date.now());
  // Caches would compare it, and two lists may come within one second.
  expect(headers.get('last-modified')).toBeNull();
});

test.each(PATHS)('%s is not sent again to whoever has it, which only its tag tells', async (path) => {
  const first = await read(path);
  const etag = first.headers.get('etag') ?? '';
  for (const tag of [etag, `"other", W/${etag}`, '*']) {
    const again = await read(path, { headers: { 'if-none-match': tag, 'if-modified-since': 'yesterday' } });
    expect(again.status).toBe(304);
    expect(again.bytes).toHaveLength(0);
    expect(again.headers.get('etag')).toBe(etag);
  }
  const inAHundredYears = new Date('2100-01-01T00:00:00Z').toUTCString();
  for (const conditions of [
    { 'if-none-match': '"other"' },
    { 'if-none-match': '"other"', 'if-modified-since': inAHundredYears },
    { 'if-modified-since': new Date().toUTCString() },
    { 'if-modified-since': inAHundredYears },
    { 'if-modified-since': 'yesterday' },
  ]) {
    expect((await read(path, { headers: conditions })).status).toBe(200);
  }
});

test('a revocation within the same second as the list before is not hidden by a date', async () => {
  const at = new Date();
  const account = await ensureAccount(gate.gate.database, 'operator');
  for (let round = 0; round < 2; round += 1) {
    const { leaf } = await issueSigner(gate.gate, 'same-second');
    const order = { serial: leaf.serial, reason: 'superseded', invalidityDate: null, note: '', account } as const;
    expect((await revokeCertificate({ ...gate.gate, now: () => at }, order)).list).toBe('signed');
    const { status, bytes } = await read('/crl/developers.crl', {
      headers: { 'if-modified-since': at.toUTCString() },
    });
    expect(status).toBe(200);
    expect(parseRevocationList(bytes).revoked.has(leaf.serial)).toBe(true);
  }
});

test('lists are read from the database once after each change, however often they are asked for', async () => {
  let reads = 0;
  const pool: Queryable = gate.gate.database;
  const database = Object.assign(Object.create(gate.gate.database) as typeof gate.gate.database, {
    query: (text: string, values?: readonly unknown[]) => {
      if (text.includes('FROM revocation_lists')) reads += 1;
      return pool.query(text, values);
    },
  });
  const names = ['developers', 'root', 'developers', 'root'];
  const first = await Promise.all(names.map((name) => readPublishedList(database, name)));
  expect(first[2]).toBe(first[0]);
  for (const name of names) await readPublishedList(database, name);
  await readPublishedCertificate(database, 'intermediate');
  // Those that asked first did so at the same time.
  expect(reads).toBe(1);
  const { leaf } = await issueSigner(gate.gate, 'read-once');
  await revoke(leaf.serial);
  const { der } = await readPublishedList(database, 'developers');
  expect(parseRevocationList(der.bytes).revoked.has(leaf.serial)).toBe(true);
  expect(reads).toBe(2);
});

test.each(PATHS)('%s answers HEAD as GET, without the bytes', async (path) => {
  const whole = await read(path);
  const head = await read(path, { method: 'HEAD' });
  expect([head.status, head.bytes.length]).toEqual([200, 0]);
  for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) {
    expect(head.headers.get(name)).toBe(whole.headers.get(name));
  }
});

test('the list changes with its tag once something is revoked', async () => {
  const before = await read('/crl/developers.crl');
  const list = parseRevocationList(before.bytes);
  const { leaf } = await issueSigner(gate.gate, 'listed');
  await revoke(leaf.serial);
  const after = await read('/crl/developers.crl', { headers: { 'if-none-match': before.headers.get('etag') ?? '' } });
  expect(after.status).toBe(200);
  const renewed = parseRevocationList(after.bytes);
  expect(BigInt(renewed.number ?? 0)).toBeGreaterThan(BigInt(list.number ?? 0));
  expect(renewed.revoked.get(leaf.serial)).toMatchObject({ reason: 'superseded' });
  expect((await read('/crl/developers.pem')).bytes.toString()).toBe(writePem(after.bytes, 'X509 CRL'));
});

test('a list near its end is kept no longer than it holds, and one that has ended not at all', async () => {
  const { nextUpdate } = parseRevocationList((await read('/crl/developers.crl')).bytes);
  for (const [secondsLeft, maxAge] of [
    [1000, 300],
    [60, 60],
    [-1, 0],
  ] as const) {
    const now = (): Date => new Date((nextUpdate?.getTime() ?? 0) - secondsLeft * 1000);
    const later = await startTestGate({ replicaOf: gate, gate: { now } });
    const { status, headers } = await read('/crl/developers.crl', {}, later);
    await later.stop();
    expect([status, headers.get('cache-control')]).toEqual([200, `public, max-age=${maxAge}`]);
  }
});

test('a replica without a folder of the authority serves the same files', async () => {
  const replica = await startTestGate({ replicaOf: gate });
  for (const [path] of PATHS) {
    expect((await read(path, {}, replica)).bytes.equals((await read(path)).bytes)).toBe(true);
  }
  await replica.stop();
});

test('a store without an authority says so', async () => {
  const without = await startTestGate();
  for (const [path] of PATHS) {
    const { status, body } = await request(`${without.url}${path}`);
    expect([status, body.code]).toEqual([404, 'NO_AUTHORITY']);
  }
  await without.stop();
});

test.each([
  '/certificates/developers-2.pem',
  '/certificates/developers-1.pem',
  '/certificates/ROOT.pem',
  '/certificates/root.crt',
  '/certificates/root.pem/',
  '/certificates/..%2froot.pem',
  '/certificates/%00.pem',
  '/certificates/.pem',
  '/certificates/constructor.pem',
  '/crl/intermediate.crl',
  '/crl/developers-2.crl',
  '/crl/developers.crl.crl',
  '/crl/developers.der',
  '/crl/',
  '/crl/%2e%2e%2f%2e%2e%2fetc%2fpasswd.crl',
])('%s is nothing here', async (path) => {
  const { status, body } = await request(`${gate.url}${path}`);
  expect([404, 400]).toContain(status);
  expect(body.code).toMatch(/^(NOT_FOUND|INVALID_REQUEST)$/);
});

test('they are read and not written', async () => {
  const { status, body } = await request(`${gate.url}/crl/developers.crl`, { method: 'PUT', body: 'x' });
  expect([status, body.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
});

testWith('openssl')('openssl reads them, and finds each signed by the one above', async () => {
  const files = {
    'root.pem': (await read('/certificates/root.pem')).bytes,
    'intermediate.pem': (await read('/certificates/intermediate.pem')).bytes,
    'developers.crl': (await read('/crl/developers.crl')).bytes,
    'developers.pem': (await read('/crl/developers.pem')).bytes,
    'root-crl.pem': (await read('/crl/root.pem')).bytes,
  };
  expect(await opensslText(['verify', '-CAfile', 'root.pem', 'intermediate.pem'], files)).toContain(': OK');
  const inDer = ['crl', '-inform', 'DER', '-in', 'developers.crl', '-CAfile', 'intermediate.pem', '-noout'];
  expect(await opensslText(inDer, files)).toContain('verify OK');
  const inPem = ['crl', '-in', 'root-crl.pem', '-CAfile', 'root.pem', '-noout', '-lastupdate', '-nextupdate'];
  expect(await opensslText(inPem, files)).toMatch(/lastUpdate=[^]*nextUpdate=[^]*verify OK/);
});

testWith('openssl')('openssl verify -crl_check_all agrees: good before a revocation, revoked right after', async () => {
  const { leaf } = await issueSigner(gate.gate, 'crl-checked');
  async function verify(): Promise<{ readonly status: number; readonly output: string }> {
    const lists = [(await read('/crl/root.pem')).bytes, (await read('/crl/developers.pem')).bytes];
    const files = {
      'root.pem': (await read('/certificates/root.pem')).bytes,
      'intermediate.pem': (await read('/certificates/intermediate.pem')).bytes,
      'lists.pem': Buffer.concat(lists),
      'leaf.pem': writePem(leaf.der, 'CERTIFICATE'),
    };
    const chain = ['-CAfile', 'root.pem', '-untrusted', 'intermediate.pem', '-CRLfile', 'lists.pem'];
    return openssl(['verify', '-crl_check_all', ...chain, 'leaf.pem'], files);
  }
  expect(await verify()).toMatchObject({ status: 0, output: expect.stringContaining('leaf.pem: OK') as unknown });
  await revoke(leaf.serial);
  const after = await verify();
  expect(after.status).not.toBe(0);
  expect(after.output).toContain('certificate revoked');
});

testWith('openssl')('the address of the list in a certificate is where the list is', async () => {
  const { leaf } = await issueSigner(gate.gate, 'points-there');
  const text = await opensslText(['x509', '-in', 'leaf.pem', '-noout', '-ext', 'crlDistributionPoints'], {
    'leaf.pem': new X509Certificate(leaf.der).toString(),
  });
  const address = /URI:(\S+)/.exec(text)?.[1] ?? '';
  expect(address.startsWith(gate.gate.baseUrl)).toBe(true);
  const { bytes } = await read(address.slice(gate.gate.baseUrl.length));
  expect(parseRevocationList(bytes).issuerId).toBe(leaf.issuerId);
});

describe('a second key of the developers’ tier', () => {
  let second: TestGate;
  /** With the first key and the second; and with the second only. */
  let both: TestGate;
  let onlySecond: TestGate;
  /** What the first key issued. */
  let old: Certificate;
  beforeAll(async () => {
    second = await startTestGate({ ownAuthority: true });
    old = (await issueSigner(second.gate, 'before')).leaf;
    const root = await createIssuingKeySource(second.config).root();
    const store = await requireStoreAuthority(second.gate.database);
    if (root === null) throw new Error('The gate has no root key');
    const newKey = keySigner((await generateKeyPair()).privateKey);
    const certificate = await issueCertificate({
      profile: intermediateProfile,
      subject: { commonName: 'Second Developers' },
      publicKey: newKey.publicKey,
      authority: { certificate: store.root, signer: root },
      now: new Date(),
      randomBytes,
    });
    await inTransaction(second.gate.database, async (tx) => {
      await beginAuthorityChange(tx);
      const { fingerprint, publicKeyFingerprint: keyFingerprint, der, notBefore, notAfter } = certificate;
      const key = { fingerprint, keyFingerprint, tier: 'developers', generation: 2 } as const;
      await insertAuthorityCertificate(tx, { ...key, der, notBefore, notAfter, addedAt: new Date() });
    });
    const signer = async (wanted?: string | null) =>
      wanted === certificate.publicKeyFingerprint ? newKey : second.gate.issuingKey.signer(wanted);
    both = await startTestGate({ replicaOf: second, gate: { issuingKey: { signer } } });
    const issuingKey = { signer: async () => newKey };
    onlySecond = await startTestGate({ replicaOf: second, gate: { issuingKey } });
    expect(await renewStoreLists(both.gate)).toBe('signed');
  });
  afterAll(async () => {
    await both.stop();
    await onlySecond.stop();
    await second.stop();
  });

  test('has files of its own, and those of the first stay where they are', async () => {
    const serve = async (path: string) => (await read(path, {}, both)).bytes;
    const [one, two] = [await serve('/certificates/developers.pem'), await serve('/certificates/developers-2.pem')];
    expect(one.equals(two)).toBe(false);
    expect((await serve('/certificates/intermediate.pem')).equals(two)).toBe(true);
    for (const [list, issuer] of [
      ['/crl/developers.crl', one],
      ['/crl/developers-2.crl', two],
    ] as const) {
      const certificate = parseCertificate(issuer);
      expect(isRevocationListOf(parseRevocationList(await serve(list)), certificate)).toBe(true);
    }
    expect((await read('/certificates/developers-3.pem', {}, both)).status).toBe(404);
  });

  testWith('openssl')('issues what openssl verifies with its list and not with the first one’s', async () => {
    const { leaf } = await issueSigner(both.gate, 'second-key');
    const serve = async (path: string) => (await read(path, {}, both)).bytes;
    const files = {
      'root.pem': await serve('/certificates/root.pem'),
      'chain.pem': await serve('/certificates/intermediate.pem'),
      'own.pem': Buffer.concat([await serve('/crl/root.pem'), await serve('/crl/developers-2.pem')]),
      'other.pem': Buffer.concat([await serve('/crl/root.pem'), await serve('/crl/developers.pem')]),
      'leaf.pem': writePem(leaf.der, 'CERTIFICATE'),
    };
    const verify = (lists: string) =>
      openssl(
        ['verify', '-crl_check_all', '-CAfile', 'root.pem', '-untrusted', 'chain.pem', '-CRLfile', lists, 'leaf.pem'],
        files,
      );
    expect((await verify('own.pem')).output).toContain('leaf.pem: OK');
    expect((await verify('other.pem')).output).toContain('unable to get certificate CRL');
  });

  testWith('openssl')('answers OCSP for what it issued, and the first for its own, where both are', async () => {
    const { leaf } = await issueSigner(both.gate, 'after');
    const ask = async (generation: string, serial: string, from: TestGate): Promise<string> => {
      const files = {
        'root.pem': (await read('/certificates/root.pem', {}, both)).bytes,
        'issuer.pem': (await read(`/certificates/${generation}.pem`, {}, both)).bytes,
      };
      const question = ['-issuer', 'issuer.pem', '-serial', `0x${serial}`, '-url', `${from.url}/ocsp`];
      return (await openssl(['ocsp', ...question, '-CAfile', 'root.pem'], files)).output;
    };
    expect(await ask('developers-2', leaf.serial, both)).toContain(`0x${leaf.serial}: good`);
    // The first key says nothing of what the second one issued.
    expect(await ask('developers', leaf.serial, both)).toContain(`0x${leaf.serial}: unknown`);
    expect(await ask('developers-2', leaf.serial, onlySecond)).toContain(`0x${leaf.serial}: good`);
    expect(await ask('developers', old.serial, both)).toContain(`0x${old.serial}: good`);
    expect(await ask('developers', old.serial, onlySecond)).toContain('trylater');
  });
});
