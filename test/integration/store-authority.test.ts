import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { issueAppCertificate } from '../../src/authority/issue-certificate.js';
import type { RevocationOrder } from '../../src/authority/plan-revocation.js';
import { revokeCertificate } from '../../src/authority/revoke-certificate.js';
import { renewStoreLists } from '../../src/authority/store-lists.js';
import { ensureAccount } from '../../src/database/accounts.js';
import { findCertificate, listCertificates } from '../../src/database/certificates.js';
import { inTransaction } from '../../src/database/connect.js';
import { holdAuthorityStill, readAuthorityState } from '../../src/database/authority-state.js';
import { listNewestRevocationLists } from '../../src/database/revocation-lists.js';
import { keySigner } from '../../src/pki/signer.js';
import { generateKeyPair } from '../../src/pki/keys.js';
import { loadTrust } from '../../src/pki/trust.js';
import { parseRevocationList } from '../../src/pki/revocation-list.js';
import { codesOf, request, upload, type ApiAnswer } from '../support/api.js';
import type { AppArchiveOptions } from '../support/app-archive.js';
import { forgeSigner, issueSigner, signedBy, type StoreSigner } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let one: TestGate;
let two: TestGate;

beforeAll(async () => {
  one = await startTestGate({ ownAuthority: true });
  two = await startTestGate({ replicaOf: one });
});

afterAll(async () => {
  await two.stop();
  await one.stop();
});

async function send(signer: StoreSigner, app: AppArchiveOptions, gate: TestGate = one): Promise<ApiAnswer> {
  return upload(gate.url, one.operatorToken, app.id ?? 'calendar', await signedBy(signer, app));
}

async function revoke(serial: string, order: Partial<RevocationOrder> = {}, gate: TestGate = one) {
  const account = await ensureAccount(gate.gate.database, 'operator');
  const defaults = { reason: 'keyCompromise', invalidityDate: null, note: 'test', account } as const;
  return revokeCertificate(gate.gate, { serial, ...defaults, ...order });
}

async function developersList(gate: TestGate = one) {
  const row = (await listNewestRevocationLists(gate.gate.database)).find(({ tier }) => tier === 'developers');
  if (row === undefined) throw new Error('There is no list');
  return { row, list: parseRevocationList(row.der) };
}

test('what the store issues signs apps on every replica, also on one that has no folder of the authority', async () => {
  const signer = await issueSigner(one.gate, 'everywhere');
  expect((await send(signer, { id: 'everywhere', version: '1.0.0' })).status).toBe(201);
  expect((await send(signer, { id: 'everywhere', version: '1.1.0' }, two)).status).toBe(201);
});

test('a certificate revoked on one replica is refused on the other from the next request on', async () => {
  const signer = await issueSigner(one.gate, 'two-replicas');
  expect((await send(signer, { id: 'two-replicas', version: '1.0.0' }, two)).status).toBe(201);
  await revoke(signer.leaf.serial, {}, one);
  const refused = await send(signer, { id: 'two-replicas', version: '1.1.0' }, two);
  expect(refused.status).toBe(422);
  expect(codesOf(refused)).toContain('REVOKED');
});

test('a replica without the key revokes at once, and the list is signed by the one that has it', async () => {
  const signer = await issueSigner(one.gate, 'keyless');
  const effect = await revoke(signer.leaf.serial, {}, two);
  expect(effect.list).toBe('pending');
  expect((await developersList()).list.revoked.has(signer.leaf.serial)).toBe(false);
  expect(codesOf(await send(signer, { id: 'keyless' }))).toContain('REVOKED');
  await one.tend();
  expect((await developersList()).list.revoked.get(signer.leaf.serial)).toMatchObject({ reason: 'keyCompromise' });
});

test('a certificate that the ledger does not know is refused, though the key of the authority signed it', async () => {
  const forged = await forgeSigner(one.gate, 'forged-app');
  const refused = await send(forged, { id: 'forged-app' });
  expect(refused.status).toBe(422);
  expect(codesOf(refused)).toContain('BAD_CHAIN');
});

test('a certificate under the serial of another one is refused', async () => {
  const genuine = await issueSigner(one.gate, 'same-serial');
  const forged = await forgeSigner(one.gate, 'same-serial', genuine.leaf.serial);
  expect(forged.leaf.serial).toBe(genuine.leaf.serial);
  expect(codesOf(await send(forged, { id: 'same-serial' }))).toContain('BAD_CHAIN');
  expect((await send(genuine, { id: 'same-serial' })).status).toBe(201);
});

test('an intent is in the ledger before the key signs, and what is not signed is revoked', async () => {
  const { privateKey } = await generateKeyPair();
  const seen: string[] = [];
  const failing = {
    ...one.gate,
    issuingKey: {
      async signer(fingerprint?: string | null) {
        const signer = await one.gate.issuingKey.signer(fingerprint);
        if (signer === null) throw new Error('The gate has no key');
        return {
          publicKey: signer.publicKey,
          async sign(): Promise<Buffer> {
            const [newest] = await listCertificates(one.gate.database, { appId: 'intended', after: null, limit: 1 });
            seen.push(newest?.issuedAt === null ? 'intended' : 'something else');
            throw new Error('the key service is away');
          },
        };
      },
    },
  };
  await expect(issueSigner(failing, 'intended')).rejects.toMatchObject({ code: 'ISSUER_UNAVAILABLE' });
  expect(seen).toEqual(['intended']);
  const [row] = await listCertificates(one.gate.database, { appId: 'intended', after: null, limit: 2 });
  expect(row).toMatchObject({ fingerprint: null, revocationReason: 'unspecified' });
  // A key that is not the authority's signs nothing at all.
  const stranger = { ...one.gate, issuingKey: { signer: async () => keySigner(privateKey) } };
  await expect(issueSigner(stranger, 'intended')).rejects.toMatchObject({ code: 'ISSUER_UNAVAILABLE' });
});

describe('a compromised key', () => {
  async function published(id: string, gate: TestGate = one): Promise<readonly [StoreSigner, Date]> {
    const signer = await issueSigner(gate.gate, id);
    expect((await send(signer, { id, version: '1.0.0' }, gate)).status).toBe(201);
    const between = new Date();
    expect((await send(signer, { id, version: '1.1.0' }, gate)).status).toBe(201);
    return [signer, between];
  }

  async function statusOf(id: string, version: string): Promise<string> {
    return (await request(`${one.url}/api/v1/apps/${id}/releases/${version}`)).body.status as string;
  }

  test('quarantines what was published since the compromise and leaves what was before', async () => {
    const [signer, between] = await published('compromised');
    const effect = await revoke(signer.leaf.serial, { invalidityDate: between });
    expect(effect.quarantined.map(({ version }) => version)).toEqual(['1.1.0']);
    expect(effect.kept.map(({ version }) => version)).toEqual(['1.0.0']);
    expect([await statusOf('compromised', '1.0.0'), await statusOf('compromised', '1.1.0')]).toEqual([
      'published',
      'quarantined',
    ]);
  });

  test('of which only later becomes known that it began earlier quarantines more then, and never less', async () => {
    const [signer, between] = await published('worse');
    expect((await revoke(signer.leaf.serial, { reason: 'superseded' })).quarantined).toEqual([]);
    const before = await findCertificate(one.gate.database, signer.leaf.serial);
    const worse = await revoke(signer.leaf.serial, { invalidityDate: between });
    expect(worse.quarantined.map(({ version }) => version)).toEqual(['1.1.0']);
    expect(worse.certificate.revokedAt).toEqual(before?.revokedAt);
    await revoke(signer.leaf.serial, { reason: 'superseded', invalidityDate: new Date() });
    expect(await findCertificate(one.gate.database, signer.leaf.serial)).toMatchObject({
      revocationReason: 'keyCompromise',
      invalidityDate: between,
    });
  });

  test('quarantines everything where the store has chosen so', async () => {
    const [signer] = await published('all-of-it');
    const strict: TestGate = { ...one, gate: { ...one.gate, quarantineOnRevocation: 'all' } };
    const effect = await revoke(signer.leaf.serial, {}, strict);
    expect(effect.quarantined.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0']);
  });

  test('is revoked in every certificate over it', async () => {
    const signer = await issueSigner(one.gate, 'same-key');
    const account = await ensureAccount(one.gate.database, 'operator');
    const { publicKey } = signer.leaf;
    const order = { appId: 'same-key', publicKey, days: null, requestId: null, contact: null, account };
    const twin: StoreSigner = { privateKey: signer.privateKey, ...(await issueAppCertificate(one.gate, order)) };
    expect((await send(twin, { id: 'same-key', version: '1.0.0' })).status).toBe(201);
    await revoke(signer.leaf.serial, { reason: 'superseded' });
    expect((await send(twin, { id: 'same-key', version: '1.1.0' })).status).toBe(201);
    const effect = await revoke(signer.leaf.serial, { invalidityDate: new Date('2026-01-01T00:00:00Z') });
    expect(effect.alsoRevoked.map(({ serial }) => serial)).toEqual([twin.leaf.serial]);
    expect(effect.quarantined.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0']);
    expect(codesOf(await send(twin, { id: 'same-key', version: '1.2.0' }))).toContain('REVOKED');
    expect((await developersList()).list.revoked.get(twin.leaf.serial)).toMatchObject({ reason: 'keyCompromise' });
  });

  test('that is revoked again with nothing new holds nobody up', async () => {
    const signer = await issueSigner(one.gate, 'again');
    await revoke(signer.leaf.serial);
    const before = await readAuthorityState(one.gate.database);
    expect((await revoke(signer.leaf.serial)).alsoRevoked).toEqual([]);
    expect(await readAuthorityState(one.gate.database)).toEqual(before);
  });

  test('is revoked only where the fingerprint is that of the ledger', async () => {
    const signer = await issueSigner(one.gate, 'by-fingerprint');
    await expect(revoke(signer.leaf.serial, { fingerprint: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await findCertificate(one.gate.database, signer.leaf.serial))?.revokedAt).toBeNull();
    await revoke(signer.leaf.serial, { fingerprint: signer.leaf.fingerprint });
    expect((await findCertificate(one.gate.database, signer.leaf.serial))?.revokedAt).not.toBeNull();
  });
});

test('a revocation waits for decisions under way and is in force for every later one', async () => {
  const signer = await issueSigner(one.gate, 'in-order');
  const order: string[] = [];
  let revoking: Promise<unknown> = Promise.resolve();
  await inTransaction(one.gate.database, async (tx) => {
    await holdAuthorityStill(tx);
    revoking = revoke(signer.leaf.serial).then(() => order.push('revoked'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    order.push('decided');
  });
  await revoking;
  expect(order).toEqual(['decided', 'revoked']);
});

test('uploads and the revocation at once: what is accepted was published before it, and nothing after', async () => {
  for (let round = 0; round < 5; round++) {
    const id = `race-${round}`;
    const signer = await issueSigner(one.gate, id);
    const archives = await Promise.all([1, 2, 3, 4].map((minor) => signedBy(signer, { id, version: `1.${minor}.0` })));
    const sends = archives.map((archive, index) =>
      upload((index % 2 === 0 ? one : two).url, one.operatorToken, id, archive),
    );
    const [effect, ...answers] = await Promise.all([
      revoke(signer.leaf.serial, { invalidityDate: new Date(0) }),
      ...sends,
    ]);
    const accepted = answers.filter(({ status }) => status === 201).length;
    expect(answers.every(({ status }) => status === 201 || status === 422)).toBe(true);
    expect(effect.quarantined).toHaveLength(accepted);
  }
});

test('lists have growing numbers, a week to live, and everything that is revoked', async () => {
  const before = await developersList();
  const signer = await issueSigner(one.gate, 'on-the-list');
  const since = new Date('2026-11-01T00:00:00Z');
  expect((await revoke(signer.leaf.serial, { invalidityDate: since })).list).toBe('signed');
  const after = await developersList();
  expect(BigInt(after.row.number)).toBeGreaterThan(BigInt(before.row.number));
  expect(after.list.revoked.get(signer.leaf.serial)).toMatchObject({ reason: 'keyCompromise', invalidityDate: since });
  for (const serial of before.list.revoked.keys()) expect(after.list.revoked.has(serial)).toBe(true);
  expect(after.row.nextUpdate.getTime() - after.row.thisUpdate.getTime()).toBe(7 * 24 * 60 * 60 * 1000);
});

test('a list is signed anew after a day and not before', async () => {
  const { number } = (await developersList()).row;
  await renewStoreLists(one.gate);
  expect((await developersList()).row.number).toBe(number);
  const tomorrow = new Date(Date.now() + 25 * 60 * 60 * 1000);
  await renewStoreLists({ ...one.gate, now: () => tomorrow });
  expect(BigInt((await developersList()).row.number)).toBeGreaterThan(BigInt(number));
  // The clock of this test went back: such a list is not left standing.
  await renewStoreLists(one.gate);
  expect((await developersList()).row.thisUpdate.getTime()).toBeLessThan(tomorrow.getTime());
});

test('many replicas that sign at once leave one newest list with everything on it', async () => {
  const signers = await Promise.all([1, 2, 3, 4].map((each) => issueSigner(one.gate, `busy-${each}`)));
  await Promise.all(signers.map(({ leaf }) => revoke(leaf.serial)));
  await renewStoreLists(one.gate);
  const { list } = await developersList();
  for (const { leaf } of signers) expect(list.revoked.has(leaf.serial)).toBe(true);
});

test('the trust folder of every replica is kept so that others can verify by it', async () => {
  await one.tend();
  await two.tend();
  const { row } = await developersList();
  for (const { config } of [one, two]) {
    const trust = await loadTrust(config.trustDir);
    expect(trust.roots).toHaveLength(1);
    expect(trust.revocationLists.map(({ number }) => number)).toContain(row.number);
  }
});

test('a gate whose folder does not trust the root takes nothing of the authority for granted', async () => {
  const signer = await issueSigner(one.gate, 'untrusted-root');
  await rm(join(two.config.trustDir, 'roots', 'portcullis-root.crt'));
  const answer = await send(signer, { id: 'untrusted-root' }, two);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  await rm(two.config.trustDir, { recursive: true });
  await two.tend();
  expect((await send(signer, { id: 'untrusted-root' }, two)).status).toBe(201);
});

test('the issuing key is encrypted on the disk, and its passphrase is not beside it', async () => {
  const pem = await readFile(join(one.config.authorityDir, 'developers.key'), 'utf8');
  expect(pem).toContain('BEGIN ENCRYPTED PRIVATE KEY');
  expect(one.config.authorityPassphrase).toMatchObject({ file: join(one.config.dataDir, 'authority-passphrase') });
});
