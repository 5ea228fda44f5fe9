import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { answerOcsp } from '../../src/authority/ocsp-responder.js';
import { writeInteger, writeNull, writeOctetString, writeOid, writeSequence } from '../../src/pki/der-writer.js';
import { publicKeyBitsOf } from '../../src/pki/ocsp-request.js';
import { ocspFailure } from '../../src/pki/ocsp-response.js';
import { createIssuingKeySource } from '../../src/authority/issuing-key.js';
import type { IntermediateReason } from '../../src/authority/root-folder.js';
import { openRootFolder, signRootList } from '../../src/authority/root-folder.js';
import { revokeCertificate } from '../../src/authority/revoke-certificate.js';
import { ensureOwnAuthority } from '../../src/authority/own-authority.js';
import { openAuthorityParts } from '../../src/compose.js';
import { ensureAccount } from '../../src/database/accounts.js';
import { findCertificate } from '../../src/database/certificates.js';
import { listNewestRevocationLists } from '../../src/database/revocation-lists.js';
import { parseRevocationList } from '../../src/pki/revocation-list.js';
import { pino } from 'pino';
import { codesOf, upload, type ApiAnswer } from '../support/api.js';
import { issueSigner, signedBy, type StoreSigner } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const gates: TestGate[] = [];

afterEach(async () => {
  for (const gate of gates.splice(0).reverse()) await gate.stop();
});

async function start(options: Parameters<typeof startTestGate>[0]): Promise<TestGate> {
  const gate = await startTestGate(options);
  gates.push(gate);
  return gate;
}

async function send(gate: TestGate, signer: StoreSigner, id: string, version = '1.0.0'): Promise<ApiAnswer> {
  return upload(gate.url, gate.operatorToken, id, await signedBy(signer, { id, version }));
}

async function signAsRoot(folder: string, gate: TestGate, reason: IntermediateReason | null): Promise<void> {
  const root = await openRootFolder(folder);
  const signer = await createIssuingKeySource({ ...gate.config, authorityDir: folder }).root();
  if (signer === null) throw new Error('The root has no key');
  const revoke = reason === null ? null : { serial: root.developers.serial, reason };
  await signRootList(root, { certificate: root.root, signer }, new Date(), revoke);
}

test('a replica with its own copy of the root’s key does not bring back what the root revoked', async () => {
  const one = await start({ ownAuthority: true });
  const two = await start({ replicaOf: one });
  await cp(one.config.authorityDir, two.config.authorityDir, { recursive: true });
  const passphrase = 'authority-passphrase';
  await cp(join(one.config.dataDir, passphrase), join(two.config.dataDir, passphrase));
  const signer = await issueSigner(one.gate, 'calendar');
  await signAsRoot(one.config.authorityDir, one, 'cACompromise');
  await one.tend();
  expect(codesOf(await send(two, signer, 'calendar'))).toContain('REVOKED');
  // Its own list is as old as it was, and due.
  for (let round = 0; round < 3; round++) await signAsRoot(two.config.authorityDir, two, null);
  await two.tend();
  await one.tend();
  for (const gate of [one, two]) expect(codesOf(await send(gate, signer, 'calendar'))).toContain('REVOKED');
});

test('what a database that was set back has forgotten, the lists in the trust folder bring back', async () => {
  const gate = await start({ ownAuthority: true });
  const signer = await issueSigner(gate.gate, 'calendar');
  const account = await ensureAccount(gate.gate.database, 'operator');
  const order = {
    serial: signer.leaf.serial,
    reason: 'keyCompromise',
    invalidityDate: null,
    note: '',
    account,
  } as const;
  await revokeCertificate(gate.gate, order);
  await gate.tend();
  // As in a backup from before: the guards of the ledger stand in the way of doing this by accident.
  for (const statement of [
    'ALTER TABLE certificates DISABLE TRIGGER guard_certificate_update',
    `UPDATE certificates SET revoked_at = NULL, revocation_reason = NULL, revoked_by = NULL, revocation_note = NULL`,
    'ALTER TABLE certificates ENABLE TRIGGER guard_certificate_update',
    `DELETE FROM revocation_lists WHERE tier = 'developers' AND number = (SELECT max(number) FROM revocation_lists WHERE tier = 'developers')`,
  ]) {
    await gate.gate.database.query(statement);
  }
  const parts = openAuthorityParts(gate.config, gate.gate.database, pino({ level: 'silent' }));
  await ensureOwnAuthority(parts, gate.config);
  expect(await findCertificate(gate.gate.database, signer.leaf.serial)).toMatchObject({
    revocationReason: 'keyCompromise',
  });
  const list = (await listNewestRevocationLists(gate.gate.database)).find(({ tier }) => tier === 'developers');
  expect(parseRevocationList(list?.der ?? Buffer.alloc(0)).revoked.has(signer.leaf.serial)).toBe(true);
});

test('a root that the operator took away stays away', async () => {
  const gate = await start({ ownAuthority: true });
  const signer = await issueSigner(gate.gate, 'calendar');
  await rm(join(gate.config.trustDir, 'roots', 'portcullis-root.crt'));
  await gate.tend();
  expect((await send(gate, signer, 'calendar')).status).toBe(503);
});

test('a root’s key that can’t be opened keeps no developers’ list from being signed', async () => {
  const gate = await start({ ownAuthority: true });
  const key = join(gate.config.authorityDir, 'root.key');
  await writeFile(key, (await readFile(key, 'utf8')).replace(/[A-Za-z0-9+/]{64}\n/, 'A'.repeat(64) + '\n'));
  await rm(join(gate.config.authorityDir, 'root.crl'));
  await gate.gate.database.query(`DELETE FROM revocation_lists WHERE tier = 'developers'`);
  await gate.tend();
  const lists = await listNewestRevocationLists(gate.gate.database);
  expect(lists.map(({ tier }) => tier)).toContain('developers');
});

test('a file of another authority in the folder is not taken over', async () => {
  const gate = await start({ ownAuthority: true });
  const other = await start({ ownAuthority: true });
  for (const name of ['developers.crt', 'root.crl']) {
    await cp(join(other.config.authorityDir, name), join(gate.config.authorityDir, name));
  }
  const before = await listNewestRevocationLists(gate.gate.database);
  await gate.tend();
  expect(await listNewestRevocationLists(gate.gate.database)).toEqual(before);
  const { rows } = await gate.gate.database.query('SELECT 1 FROM authority_certificates');
  expect(rows).toHaveLength(2);
});

test('under a key that the root has revoked nobody is told that a certificate is good', async () => {
  const gate = await start({ ownAuthority: true });
  const signer = await issueSigner(gate.gate, 'calendar');
  const [issuer] = signer.chain;
  if (issuer === undefined) throw new Error('There is no issuer');
  const sha1 = (bytes: Buffer): Buffer => createHash('sha1').update(bytes).digest();
  const certId = writeSequence(
    writeSequence(writeOid('1.3.14.3.2.26'), writeNull()),
    writeOctetString(sha1(Buffer.from(issuer.subjectId, 'hex'))),
    writeOctetString(sha1(publicKeyBitsOf(issuer))),
    writeInteger(BigInt(`0x${signer.leaf.serial}`)),
  );
  const question = writeSequence(writeSequence(writeSequence(writeSequence(certId))));
  const before = await answerOcsp(gate.gate, question);
  expect(before.holds).not.toBeNull();
  await signAsRoot(gate.config.authorityDir, gate, 'cACompromise');
  await gate.tend();
  expect((await answerOcsp(gate.gate, question)).der).toEqual(ocspFailure('unauthorized'));
});

test('what was intended and never issued is revoked after a while', async () => {
  const gate = await start({ ownAuthority: true });
  const signer = await issueSigner(gate.gate, 'calendar');
  const { database } = gate.gate;
  const account = await ensureAccount(database, 'operator');
  await database.query(
    `INSERT INTO certificates (serial, issuer_key, app_id, public_key, account_id, intended_at, change)
     SELECT '01AABBCCDDEEFF0011', issuer_key, app_id, repeat('a', 64), $1, now() - interval '11 minutes', change
     FROM certificates WHERE serial = $2`,
    [account.id, signer.leaf.serial],
  );
  await gate.tend();
  expect(await findCertificate(database, '01AABBCCDDEEFF0011')).toMatchObject({ revocationReason: 'unspecified' });
  expect((await findCertificate(database, signer.leaf.serial))?.revokedAt).toBeNull();
});
