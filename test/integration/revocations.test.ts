import { createPublicKey } from 'node:crypto';
import { issueAppCertificate } from '../../src/authority/issue-certificate.js';
import { ensureAccount } from '../../src/database/accounts.js';
import { holdAuthorityStill, readAuthorityState } from '../../src/database/authority-state.js';
import { inTransaction, type Transaction } from '../../src/database/connect.js';
import { parseRevocationList } from '../../src/pki/revocation-list.js';
import { codesOf, request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { issueSigner, signedBy, type StoreSigner } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * Taking certificates back with an account: as a moderator, or as an owner of the app.
 */

let gate: TestGate;
let replica: TestGate;
let moderator: string;
beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
  replica = await startTestGate({ replicaOf: gate });
  moderator = await gate.token(null, { scopes: ['moderate'], account: 'mo' });
});
afterAll(async () => {
  await replica.stop();
  await gate.stop();
});

function addressOf(serial: string, query = ''): string {
  return `${gate.url}/api/v1/certificates/${serial}/revocation${query}`;
}

async function revoke(serial: string, token: string, body: object = { reason: 'keyCompromise' }): Promise<ApiAnswer> {
  return sendJson(addressOf(serial), 'POST', token, body);
}

/** An app with one release, signed by a certificate of the store, and its owner's token. */
async function published(id: string): Promise<StoreSigner & { readonly token: string }> {
  const token = await gate.token(id, { scopes: ['upload', 'manage'] });
  const signer = await issueSigner(gate.gate, id);
  expect((await upload(gate.url, token, id, await signedBy(signer, { id, version: '1.0.0' }))).status).toBe(201);
  return { ...signer, token };
}

async function statusOf(serial: string): Promise<string> {
  return (await request(`${gate.url}/api/v1/certificates/${serial}`)).body.status as string;
}

describe('a preview', () => {
  test('tells what would be quarantined, what kept and what the app has left, and changes nothing', async () => {
    const { leaf, token } = await published('previewed');
    const other = await issueSigner(gate.gate, 'previewed');
    const before = await readAuthorityState(gate.gate.database);
    const release = { appId: 'previewed', version: '1.0.0', status: 'published' };
    const plain = await request(addressOf(leaf.serial), { token: moderator });
    expect(plain.status).toBe(200);
    expect(plain.body).toMatchObject({
      certificate: { serial: leaf.serial, status: 'valid' },
      quarantined: [],
      kept: [release],
      remaining: [{ serial: other.leaf.serial }],
    });
    const query = '?reason=keyCompromise&invalidityDate=2026-01-01T00:00:00Z';
    const compromised = await request(addressOf(leaf.serial, query), { token });
    expect(compromised.body).toMatchObject({ quarantined: [release], kept: [], certificate: { status: 'valid' } });
    const since = encodeURIComponent(new Date().toISOString());
    const late = await request(addressOf(leaf.serial, `?reason=keyCompromise&invalidityDate=${since}`), { token });
    expect(late.body).toMatchObject({ quarantined: [], kept: [release] });
    expect(await readAuthorityState(gate.gate.database)).toEqual(before);
    expect((await request(`${gate.url}/api/v1/apps/previewed/releases/1.0.0`)).body.status).toBe('published');
  });

  test('is for moderators and owners', async () => {
    const { leaf } = await published('previewed-by');
    expect((await request(addressOf(leaf.serial))).status).toBe(401);
    const stranger = await gate.token('some-other', { scopes: ['manage'] });
    expect((await request(addressOf(leaf.serial), { token: stranger })).body.code).toBe('NOT_OWNER');
    const uploader = await gate.token('previewed-by');
    expect((await request(addressOf(leaf.serial), { token: uploader })).body.code).toBe('SCOPE_INSUFFICIENT');
    expect((await request(addressOf(leaf.serial), { token: gate.operatorToken })).status).toBe(200);
  });

  test.each([
    'reason=cACompromise',
    'reason=certificateHold',
    'reason=removeFromCRL',
    'reason=',
    'invalidityDate=yesterday',
    'invalidityDate=2999-01-01T00:00:00Z',
    'invalidityDate=0001-01-01T00:00:00Z',
    'invalidityDate=2026-02-30T00:00:00Z',
    'fingerprint=x',
  ])('with %s is a wrong request', async (query) => {
    const { leaf } = await issueSigner(gate.gate, 'wrong-preview');
    const { status, body } = await request(addressOf(leaf.serial, `?${query}`), { token: moderator });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('a compromised key', () => {
  test('is revoked in every certificate over it, as the preview says, and signs nothing more', async () => {
    const { leaf, token, privateKey } = await published('one-key');
    const publicKey = createPublicKey(privateKey);
    const account = await ensureAccount(gate.gate.database, 'operator');
    const order = { appId: 'one-key', publicKey, days: null, requestId: null, contact: null, account };
    const other = await issueAppCertificate(gate.gate, order);
    const third = await issueSigner(gate.gate, 'one-key');
    const also = [{ serial: other.leaf.serial }];

    const harmless = await request(addressOf(leaf.serial, '?reason=superseded'), { token });
    expect(harmless.body).toMatchObject({ alsoRevoked: [], remaining: [expect.anything(), expect.anything()] });
    const preview = await request(addressOf(leaf.serial, '?reason=keyCompromise'), { token });
    expect(preview.body).toMatchObject({ alsoRevoked: also, remaining: [{ serial: third.leaf.serial }] });
    expect(await statusOf(other.leaf.serial)).toBe('valid');

    const { body } = await revoke(leaf.serial, token);
    expect(body).toMatchObject({
      certificate: { status: 'revoked' },
      alsoRevoked: [{ ...also[0], status: 'revoked', revocationReason: 'keyCompromise' }],
      remaining: [{ serial: third.leaf.serial }],
    });
    expect((await revoke(leaf.serial, token)).body).toMatchObject({ alsoRevoked: [] });
    const next = await signedBy({ privateKey, ...other }, { id: 'one-key', version: '2.0.0' });
    const refused = await upload(gate.url, token, 'one-key', next);
    expect([refused.status, codesOf(refused)]).toEqual([422, expect.arrayContaining(['REVOKED'])]);
  });
});

describe('a revocation with an account', () => {
  test('by a moderator is in force at once on every replica, and on the list', async () => {
    const { leaf, token, ...signer } = await published('moderated');
    const answer = await revoke(leaf.serial, moderator, { reason: 'privilegeWithdrawn', note: 'They said so' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      certificate: { status: 'revoked', revocationReason: 'privilegeWithdrawn', invalidityDate: null },
      quarantined: [],
      kept: [{ version: '1.0.0', status: 'published' }],
      remaining: [],
      list: 'signed',
    });
    const next = await signedBy({ leaf, ...signer }, { id: 'moderated', version: '2.0.0' });
    for (const { url } of [replica, gate]) {
      const refused = await upload(url, token, 'moderated', next);
      expect([refused.status, codesOf(refused)]).toEqual([422, expect.arrayContaining(['REVOKED'])]);
    }
    const list = await fetch(`${replica.url}/crl/developers.crl`).then((each) => each.arrayBuffer());
    expect(parseRevocationList(Buffer.from(list)).revoked.get(leaf.serial)).toMatchObject({
      reason: 'privilegeWithdrawn',
    });
    const { body } = await request(`${gate.url}/api/v1/apps/moderated/events`, { token });
    expect(body.events[0]).toMatchObject({
      kind: 'certificate-revoked',
      account: 'a moderator',
      reason: 'They said so',
    });
  });

  test('by an owner may say since when the key was in wrong hands, and quarantines what came later', async () => {
    const { leaf, token } = await published('owned');
    const invalidityDate = '2026-01-01T01:00:00+01:00';
    const answer = await revoke(leaf.serial, token, { reason: 'keyCompromise', invalidityDate });
    expect(answer.body).toMatchObject({
      certificate: { invalidityDate: '2026-01-01T00:00:00.000Z' },
      quarantined: [{ appId: 'owned', version: '1.0.0' }],
      kept: [],
    });
    expect((await request(`${gate.url}/api/v1/apps/owned/releases/1.0.0/archive`)).body.code).toBe(
      'RELEASE_QUARANTINED',
    );
  });

  test('keeps what was signed in wrong hands from coming back, through whatever door', async () => {
    const setStatus = (id: string, status: string, token = moderator) =>
      sendJson(`${gate.url}/api/v1/apps/${id}/releases/1.0.0/status`, 'PUT', token, { status, reason: 'a reason' });
    const reviewOf = async (id: string): Promise<string> =>
      (await request(`${gate.url}/api/v1/reviews?app=${id}&kind=quarantine`, { token: moderator })).body.reviews[0].id;
    for (const before of ['quarantined', 'withdrawn', 'published']) {
      const id = `stolen-${before}`;
      const { leaf } = await published(id);
      if (before !== 'published') expect((await setStatus(id, before)).status).toBe(200);
      const invalidityDate = new Date(Date.now() - 3_600_000).toISOString();
      const { body } = await revoke(leaf.serial, moderator, { reason: 'keyCompromise', invalidityDate });
      expect(body.quarantined).toHaveLength(before === 'published' ? 1 : 0);
      const is = before === 'withdrawn' ? 'withdrawn' : 'quarantined';
      for (const token of [moderator, gate.operatorToken]) {
        const { status, body: problem } = await setStatus(id, 'published', token);
        expect([status, problem.code]).toEqual([409, 'SIGNER_COMPROMISED']);
      }
      if (is === 'quarantined') {
        const verdict = { verdict: 'restored', reason: 'It works again.' };
        const url = `${gate.url}/api/v1/reviews/${await reviewOf(id)}/verdict`;
        expect((await sendJson(url, 'POST', moderator, verdict)).body.code).toBe('SIGNER_COMPROMISED');
      }
      expect((await request(`${gate.url}/api/v1/apps/${id}/releases/1.0.0`)).body.status).toBe(is);
    }
    // What was published before the key was in wrong hands comes back.
    const { leaf } = await published('not-stolen');
    await setStatus('not-stolen', 'quarantined');
    await revoke(leaf.serial, moderator, { reason: 'keyCompromise' });
    expect((await setStatus('not-stolen', 'published')).status).toBe(200);
  });

  test('puts a release under quarantine with the code of why, in the log and in the feed', async () => {
    const { leaf } = await published('coded');
    const invalidityDate = new Date(Date.now() - 3_600_000).toISOString();
    await revoke(leaf.serial, moderator, { reason: 'keyCompromise', invalidityDate });
    const { body } = await request(`${gate.url}/api/v1/audit?subject=release:coded@1.0.0&kind=release-quarantined`, {
      token: moderator,
    });
    expect(body.entries.map(({ after }: any) => after.reasonCode)).toEqual(['key-compromised']);
    const { items } = await (await fetch(`${gate.url}/feeds/releases.json?app=coded`)).json();
    expect(items[0]._portcullis).toMatchObject({ change: 'quarantined', reasonCode: 'key-compromised' });
  });

  test('again changes nothing, and can only make it worse', async () => {
    const { leaf } = await issueSigner(gate.gate, 'again');
    const first = await revoke(leaf.serial, moderator, { reason: 'keyCompromise' });
    const second = await revoke(leaf.serial, moderator, { reason: 'superseded' });
    expect([second.status, second.body.certificate]).toEqual([200, first.body.certificate]);
    const invalidityDate = '2026-01-01T00:00:00.000Z';
    const third = await revoke(leaf.serial, moderator, { reason: 'keyCompromise', invalidityDate });
    expect(third.body.certificate).toEqual({ ...first.body.certificate, invalidityDate });
  });

  test('from several at once on two replicas is one revocation', async () => {
    const { leaf } = await issueSigner(gate.gate, 'at-once');
    const answers = await Promise.all(
      [gate, replica, gate, replica].map(({ url }) =>
        sendJson(`${url}/api/v1/certificates/${leaf.serial}/revocation`, 'POST', moderator, { reason: 'superseded' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body.certificate))).size).toBe(1);
  });

  test('is for moderators and owners with the scope manage', async () => {
    const { leaf } = await published('guarded');
    const callers = [
      [await gate.token('guarded'), 'SCOPE_INSUFFICIENT'],
      [await gate.token('other-app', { account: 'guarded', scopes: ['manage'] }), 'SCOPE_INSUFFICIENT'],
      [await gate.token('guarded', { account: 'stranger', scopes: ['manage'] }), 'NOT_OWNER'],
    ] as const;
    for (const [token, code] of callers) {
      const { status, body } = await revoke(leaf.serial, token);
      expect([status, body.code]).toEqual([403, code]);
    }
    expect((await revoke(leaf.serial, 'nonsense')).status).toBe(401);
    expect(await statusOf(leaf.serial)).toBe('valid');
  });

  test('with a fingerprint takes the certificate that is meant and no other', async () => {
    const { leaf } = await issueSigner(gate.gate, 'fingered');
    const other = await revoke(leaf.serial, moderator, { reason: 'superseded', fingerprint: 'ab'.repeat(32) });
    expect([other.status, other.body.code]).toEqual([404, 'NOT_FOUND']);
    expect(await statusOf(leaf.serial)).toBe('valid');
    const asPrinted = leaf.fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:');
    const right = await revoke(leaf.serial.toLowerCase(), moderator, { reason: 'superseded', fingerprint: asPrinted });
    expect([right.status, await statusOf(leaf.serial)]).toEqual([200, 'revoked']);
  });

  test('of a certificate that is not there is not found, for callers of every kind', async () => {
    for (const token of [moderator, gate.operatorToken, await gate.token('nobody', { scopes: ['manage'] })]) {
      const { status, body } = await revoke('01ABCDEF0123456789', token);
      expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  test.each([
    ['no reason', {}],
    ['a reason for authorities', { reason: 'cACompromise' }],
    ['a reason of nobody', { reason: 'because' }],
    ['a number for a reason', { reason: 1 }],
    ['a time to come', { reason: 'keyCompromise', invalidityDate: '2999-01-01T00:00:00Z' }],
    ['a time before all times', { reason: 'keyCompromise', invalidityDate: '0000-01-01T00:00:00Z' }],
    ['a day for a time', { reason: 'keyCompromise', invalidityDate: '2026-01-01' }],
    ['a note without end', { reason: 'superseded', note: 'x'.repeat(2001) }],
    ['a note with NUL', { reason: 'superseded', note: 'a\0b' }],
    ['half a fingerprint', { reason: 'superseded', fingerprint: 'ab'.repeat(16) }],
    ['an account', { reason: 'superseded', account: 'root' }],
    ['a list', []],
    ['nothing', null],
  ])('with %s is a wrong request', async (_what, body) => {
    const { leaf } = await issueSigner(gate.gate, 'wrong-revocation');
    const answer = await revoke(leaf.serial, moderator, body as object);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toMatch(/^(INVALID_REQUEST|BODY_MALFORMED)$/);
    expect(await statusOf(leaf.serial)).toBe('valid');
  });

  describe('that waited for the lock is asked for again under it', () => {
    /** Sends a revocation, does something while it waits for the authority's lock, and lets it go on. */
    async function revokeMeanwhile(
      serial: string,
      token: string,
      meanwhile: (tx: Transaction) => Promise<unknown>,
      body: object = { reason: 'superseded' },
    ): Promise<ApiAnswer> {
      const answer = await inTransaction(gate.gate.database, async (tx) => {
        await holdAuthorityStill(tx);
        const waiting = revoke(serial, token, body);
        while ((await waitingForLocks()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        await meanwhile(tx);
        return { waiting };
      });
      return answer.waiting;
    }

    async function waitingForLocks(): Promise<number> {
      const { rows } = await gate.gate.database.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows[0]?.n ?? 0;
    }

    test('and refused where the moderator’s token was taken back meanwhile', async () => {
      const { leaf } = await issueSigner(gate.gate, 'token-gone');
      const token = await gate.token(null, { scopes: ['moderate'], account: 'leaving' });
      const { status, body } = await revokeMeanwhile(leaf.serial, token, (tx) =>
        tx.query(
          `UPDATE tokens SET revoked_at = now() WHERE account_id = (SELECT id FROM accounts WHERE name = 'leaving')`,
        ),
      );
      expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(await statusOf(leaf.serial)).toBe('valid');
    });

    test('and refused where the owner’s token was deleted meanwhile', async () => {
      const { leaf } = await published('owners-token-gone');
      const token = await gate.token('owners-token-gone', { scopes: ['manage'] });
      const { status, body } = await revokeMeanwhile(leaf.serial, token, (tx) =>
        tx.query(
          `DELETE FROM tokens WHERE scopes = '{manage}' AND account_id = (SELECT id FROM accounts WHERE name = 'owners-token-gone')`,
        ),
      );
      expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(await statusOf(leaf.serial)).toBe('valid');
    });

    test('and refused where the app has another owner meanwhile, but not to a moderator', async () => {
      const { leaf, token } = await published('owner-gone');
      const giveAway = (tx: Transaction) => tx.query(`DELETE FROM app_owners WHERE app_id = 'owner-gone'`);
      const { status, body } = await revokeMeanwhile(leaf.serial, token, giveAway);
      expect([status, body.code]).toEqual([403, 'NOT_OWNER']);
      expect(await statusOf(leaf.serial)).toBe('valid');
      expect((await revokeMeanwhile(leaf.serial, moderator, giveAway)).status).toBe(200);
      expect(await statusOf(leaf.serial)).toBe('revoked');
    });
  });

  test('on a replica without the key is in force, and says that the list is still to be signed', async () => {
    const { leaf } = await issueSigner(gate.gate, 'keyless');
    const answer = await sendJson(`${replica.url}/api/v1/certificates/${leaf.serial}/revocation`, 'POST', moderator, {
      reason: 'superseded',
    });
    expect([answer.status, answer.body.list]).toEqual([200, 'pending']);
    expect(await statusOf(leaf.serial)).toBe('revoked');
    await gate.tend();
  });
});

describe('a token that speaks for the store', () => {
  test('made by an operator’s token ends with it, and one for developers does not', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const operator = await gate.token(null, { scopes: ['operate'], account: 'operator', expiresAt });
    for (const scopes of [['operate'], ['moderate'], ['upload', 'moderate']]) {
      for (const wish of [{}, { expiresAt: '2999-01-01T00:00:00Z' }]) {
        const made = await sendJson(`${gate.url}/api/v1/tokens`, 'POST', operator, { scopes, label: 'x', ...wish });
        expect(made.status).toBe(201);
        const listed = await request(`${gate.url}/api/v1/tokens`, { token: operator });
        const one = (listed.body.tokens as { id: string }[]).find(({ id }) => id === made.body.id);
        expect(one).toMatchObject({ expiresAt: expiresAt.toISOString() });
      }
    }
    const developers = await sendJson(`${gate.url}/api/v1/tokens`, 'POST', operator, {
      scopes: ['upload'],
      label: 'x',
    });
    const { body } = await request(`${gate.url}/api/v1/tokens`, { token: operator });
    expect((body.tokens as { id: string }[]).find(({ id }) => id === developers.body.id)).toMatchObject({
      expiresAt: null,
    });
  });
});
