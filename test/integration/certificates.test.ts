import { ensureAccount } from '../../src/database/accounts.js';
import { readLedgerPage } from '../../src/authority/read-ledger.js';
import { revokeCertificate } from '../../src/authority/revoke-certificate.js';
import { listCertificates } from '../../src/database/certificates.js';
import { inTransaction, type Queryable } from '../../src/database/connect.js';
import { parseCertificate } from '../../src/pki/certificate.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { testWith } from '../support/installed.js';
import { opensslText } from '../support/openssl.js';
import { issueSigner, signedBy } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * The public ledger, and the mark on releases that a revoked certificate signed.
 */

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
});
afterAll(() => gate.stop());

async function ledger(query = ''): Promise<ApiAnswer> {
  return request(`${gate.url}/api/v1/certificates${query}`);
}

function serialsOf({ body }: ApiAnswer): readonly string[] {
  return (body.certificates as { serial: string }[]).map(({ serial }) => serial);
}

async function revoke(serial: string, invalidityDate: Date | null = null): Promise<void> {
  const account = await ensureAccount(gate.gate.database, 'operator');
  const note = 'a secret note';
  await revokeCertificate(gate.gate, { serial, reason: 'keyCompromise', invalidityDate, note, account });
}

describe('the ledger', () => {
  test('lists certificates, the newest first, a page at a time', async () => {
    const issued: string[] = [];
    for (let each = 0; each < 5; each += 1) issued.unshift((await issueSigner(gate.gate, 'paged')).leaf.serial);
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const answer: ApiAnswer = await ledger(`?app=paged&limit=2${after === '' ? '' : `&after=${after}`}`);
      expect(answer.status).toBe(200);
      seen.push(...serialsOf(answer));
      after = answer.body.next as string | null;
    }
    expect(seen).toEqual(issued);
    expect(serialsOf(await ledger('?limit=1'))).toEqual([issued[0]]);
    expect((await ledger('?app=nosuch')).body).toEqual({ certificates: [], next: null });
  });

  test('reads the bytes of a certificate only where it is asked for by itself', async () => {
    const { leaf } = await issueSigner(gate.gate, 'bytes');
    const read: string[] = [];
    const database = Object.assign(Object.create(gate.gate.database) as typeof gate.gate.database, {
      query: (text: string, values?: readonly unknown[]) => {
        if (text.includes('FROM certificates')) read.push(text);
        return (gate.gate.database as Queryable).query(text, values);
      },
    });
    const page = await readLedgerPage(
      { ...gate.gate, database },
      { appId: 'bytes', status: null, after: null, limit: 1 },
    );
    expect(page).toMatchObject([{ serial: leaf.serial }]);
    expect(page[0]).not.toHaveProperty('der');
    expect(read.join()).not.toMatch(/\bder\b/);
  });

  test.each([
    ['of the store', null],
    ['of an app', 'indexed'],
  ])('%s comes out of its index in order, from wherever it goes on', async (_what, appId) => {
    const { leaf } = await issueSigner(gate.gate, 'indexed');
    for (const after of [null, leaf.serial]) {
      const plan = await inTransaction(gate.gate.database, async (tx) => {
        // So few rows would be read and sorted whatever index there is.
        await tx.query('SET LOCAL enable_seqscan = off');
        await tx.query('SET LOCAL enable_sort = off');
        const lines: string[] = [];
        const explaining = {
          async query(text: string, values?: readonly unknown[]) {
            const { rows } = await tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
            lines.push(...rows.map((row) => row['QUERY PLAN']));
            return tx.query(text, values);
          },
        };
        await listCertificates(explaining as Queryable, { appId, after, limit: 10 });
        return lines.join('\n');
      });
      expect(plan).not.toMatch(/Sort/);
      expect(plan).toContain(appId === null ? 'certificates_by_time' : 'certificates_by_app');
    }
  });

  test('is for everybody, and tells nothing of who asked, who revoked and what they wrote', async () => {
    const { leaf } = await issueSigner(gate.gate, 'private-data');
    await gate.gate.database.query('UPDATE certificates SET contact = $2 WHERE serial = $1', [
      leaf.serial,
      'someone@example.org',
    ]);
    await revoke(leaf.serial);
    for (const path of ['/api/v1/certificates', `/api/v1/certificates/${leaf.serial}`]) {
      const { status, body } = await request(`${gate.url}${path}`);
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toMatch(/someone@example|secret note|operator|accountId|contact/);
    }
  });

  test('shows those of one status', async () => {
    const { leaf: first } = await issueSigner(gate.gate, 'by-status');
    const { leaf: revoked } = await issueSigner(gate.gate, 'by-status');
    const { leaf: last } = await issueSigner(gate.gate, 'by-status');
    await revoke(revoked.serial);
    expect(serialsOf(await ledger('?app=by-status&status=valid'))).toEqual([last.serial, first.serial]);
    expect(serialsOf(await ledger('?app=by-status&status=revoked'))).toEqual([revoked.serial]);
    expect(serialsOf(await ledger('?app=by-status&status=expired'))).toEqual([]);
    const later = await startTestGate({ replicaOf: gate, gate: { now: () => new Date('2060-01-01T00:00:00Z') } });
    const { body } = await request(`${later.url}/api/v1/certificates?app=by-status&status=expired`);
    await later.stop();
    expect(body.certificates.map(({ serial }: { serial: string }) => serial)).toEqual([last.serial, first.serial]);
    expect(body.certificates[0].status).toBe('expired');
  });

  test('shows what was only intended as that', async () => {
    const { randomBytes, issuingKey, ...rest } = gate.gate;
    const failing = {
      signer: async () => {
        const signer = await issuingKey.signer();
        if (signer === null) throw new Error('The gate has no key');
        return { publicKey: signer.publicKey, sign: () => Promise.reject(new Error('away')) };
      },
    };
    await expect(issueSigner({ ...rest, randomBytes, issuingKey: failing }, 'intended-only')).rejects.toMatchObject({
      code: 'ISSUER_UNAVAILABLE',
    });
    const { body } = await ledger('?app=intended-only');
    expect(body.certificates).toMatchObject([{ fingerprint: null, issuedAt: null, notAfter: null }]);
    const [{ serial }] = body.certificates;
    const one = await request(`${gate.url}/api/v1/certificates/${serial}`);
    expect(one.body).toMatchObject({ leaf: null, chain: [expect.stringContaining('BEGIN CERTIFICATE')] });
  });

  test.each(['limit=0', 'limit=501', 'limit=x', 'limit=', 'after=x', 'after=', 'after=ABCD', 'status=good', 'status='])(
    'with %s is a wrong request',
    async (query) => {
      const { status, body } = await ledger(`?${query}`);
      expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    },
  );

  test('of a store without an authority is not there', async () => {
    const without = await startTestGate();
    for (const path of ['', '/01AB', '?app=x']) {
      const { status, body } = await request(`${without.url}/api/v1/certificates${path}`);
      expect([status, body.code]).toEqual([404, 'NO_AUTHORITY']);
    }
    await without.stop();
  });
});

describe('one certificate', () => {
  test('comes with its chain, in PEM', async () => {
    const { leaf, chain } = await issueSigner(gate.gate, 'with-chain');
    const { status, body } = await request(`${gate.url}/api/v1/certificates/${leaf.serial}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      serial: leaf.serial,
      appId: 'with-chain',
      status: 'valid',
      fingerprint: leaf.fingerprint,
      publicKeyFingerprint: leaf.publicKeyFingerprint,
      issuer: chain[0]?.publicKeyFingerprint,
      notAfter: leaf.notAfter.toISOString(),
      revokedAt: null,
      revocationReason: null,
    });
    expect(parseCertificate(body.leaf as string).der.equals(leaf.der)).toBe(true);
    expect(body.chain.map((pem: string) => parseCertificate(pem).fingerprint)).toEqual([chain[0]?.fingerprint]);
  });

  test('that is revoked says since when and why', async () => {
    const { leaf } = await issueSigner(gate.gate, 'revoked-since');
    await revoke(leaf.serial, new Date('2026-03-01T00:00:00Z'));
    const { body } = await request(`${gate.url}/api/v1/certificates/${leaf.serial}`);
    expect(body).toMatchObject({
      status: 'revoked',
      revocationReason: 'keyCompromise',
      invalidityDate: '2026-03-01T00:00:00.000Z',
    });
    expect(Math.abs(Date.parse(body.revokedAt as string) - Date.now())).toBeLessThan(60_000);
  });

  testWith('openssl')('is found by the serial in every way that openssl prints it', async () => {
    const { leaf } = await issueSigner(gate.gate, 'spelt');
    const { body: known } = await request(`${gate.url}/api/v1/certificates/${leaf.serial}`);
    const files = { 'leaf.pem': known.leaf as string };
    const plain = (await opensslText(['x509', '-in', 'leaf.pem', '-noout', '-serial'], files)).trim();
    const text = await opensslText(['x509', '-in', 'leaf.pem', '-noout', '-text'], files);
    const withColons = /Serial Number:\s+([0-9a-f:]+)/.exec(text)?.[1] ?? '';
    expect(withColons).toContain(':');
    for (const serial of [plain.replace('serial=', ''), withColons, leaf.serial.toLowerCase(), `00${leaf.serial}`]) {
      const { status, body } = await request(`${gate.url}/api/v1/certificates/${serial}`);
      expect([status, body.serial]).toEqual([200, leaf.serial]);
    }
  });

  test.each([
    ['01ABCDEF0123456789', 404, 'NOT_FOUND'],
    ['00', 404, 'NOT_FOUND'],
    ['-01', 400, 'INVALID_REQUEST'],
    ['xyz', 400, 'INVALID_REQUEST'],
    [':', 400, 'INVALID_REQUEST'],
    ['%00', 400, 'INVALID_REQUEST'],
    ['AB%0A', 400, 'INVALID_REQUEST'],
    ["'; DROP TABLE certificates; --", 400, 'INVALID_REQUEST'],
    ['A'.repeat(200), 400, 'INVALID_REQUEST'],
    ['%E2%82%AC', 400, 'INVALID_REQUEST'],
    ['%', 400, 'INVALID_REQUEST'],
  ])('under the serial %j is none', async (serial, expected, code) => {
    const { status, body } = await request(`${gate.url}/api/v1/certificates/${serial}`);
    expect([status, body.code]).toEqual([expected, code]);
  });
});

describe('a release whose certificate is revoked', () => {
  async function releases(id: string): Promise<ApiAnswer> {
    return request(`${gate.url}/api/v1/apps/${id}/releases`);
  }

  test('stays published and is marked, in the list and by itself', async () => {
    const id = 'marked';
    const token = await gate.token(id);
    const [old, other] = [await issueSigner(gate.gate, id), await issueSigner(gate.gate, id)];
    for (const [signer, version] of [
      [old, '1.0.0'],
      [other, '1.1.0'],
    ] as const) {
      expect((await upload(gate.url, token, id, await signedBy(signer, { id, version }))).status).toBe(201);
    }
    expect((await releases(id)).body.releases).toMatchObject([{ signerRevoked: null }, { signerRevoked: null }]);
    await revoke(old.leaf.serial);
    const mark = { serial: old.leaf.serial, reason: 'keyCompromise', invalidityDate: null };
    expect((await releases(id)).body.releases).toMatchObject([
      { version: '1.1.0', status: 'published', signerRevoked: null },
      { version: '1.0.0', status: 'published', signerRevoked: mark },
    ]);
    const one = await request(`${gate.url}/api/v1/apps/${id}/releases/1.0.0`);
    const entry = await request(`${gate.url}/api/v1/certificates/${old.leaf.serial}`);
    expect(one.body.signerRevoked).toEqual({ ...mark, revokedAt: entry.body.revokedAt });
  });

  test('is marked where the status of many is asked for', async () => {
    const id = 'marked-status';
    const signer = await issueSigner(gate.gate, id);
    expect((await upload(gate.url, await gate.token(id), id, await signedBy(signer, { id }))).status).toBe(201);
    const { body: release } = await request(`${gate.url}/api/v1/apps/${id}/releases`);
    const { version } = release.releases[0];
    const ask = async () => {
      const pairs = [
        { app: id, version },
        { app: id, version: '99.0.0' },
      ];
      return (await sendJson(`${gate.url}/api/v1/releases/status`, 'POST', '', { releases: pairs })).body.releases;
    };
    expect(await ask()).toMatchObject([{ status: 'published', signerRevoked: null }, { signerRevoked: null }]);
    await revoke(signer.leaf.serial);
    const { body } = await request(`${gate.url}/api/v1/apps/${id}/releases/${version}`);
    expect(body.signerRevoked).toMatchObject({ reason: 'keyCompromise' });
    const unchanged = { reason: null, reasonCode: null, statusChangedAt: null };
    expect(await ask()).toEqual([
      { app: id, version, status: 'published', ...unchanged, signerRevoked: body.signerRevoked },
      { app: id, version: '99.0.0', status: 'unknown', ...unchanged, signerRevoked: null },
    ]);
  });

  test('that was published since the compromise is quarantined and marked', async () => {
    const id = 'marked-late';
    const signer = await issueSigner(gate.gate, id);
    expect((await upload(gate.url, await gate.token(id), id, await signedBy(signer, { id }))).status).toBe(201);
    await revoke(signer.leaf.serial, new Date(Date.now() - 60_000));
    const { body } = await releases(id);
    expect(body.releases).toMatchObject([{ status: 'quarantined', signerRevoked: { reason: 'keyCompromise' } }]);
    expect(Date.parse(body.releases[0].signerRevoked.invalidityDate as string)).not.toBeNaN();
  });

  test('that is not signed has no mark', async () => {
    const id = 'not-signed';
    expect((await upload(gate.url, await gate.token(id), id, await appArchive({ id }))).status).toBe(201);
    expect((await releases(id)).body.releases).toMatchObject([{ signed: false, signerRevoked: null }]);
  });
});
