import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { codesOf, request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { signedApp } from '../support/signed-app.js';
import { createTestAuthority, testKeys } from '../support/test-authority.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate();
});
afterAll(async () => {
  await gate.stop();
});

async function setLevel(appId: string, trustLevel: string): Promise<void> {
  const url = `${gate.url}/api/v1/apps/${appId}/trust-level`;
  const answer = await sendJson(url, 'PUT', gate.operatorToken, { trustLevel, reason: 'test' });
  expect(answer.status).toBe(200);
}

describe('the rules, through the door', () => {
  test('an unsigned app is accepted and published', async () => {
    const token = await gate.token('contacts');
    const archive = await appArchive({ id: 'contacts' });
    const answer = await upload(gate.url, token, 'contacts', archive);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      appId: 'contacts',
      version: '1.0.0',
      outcome: 'accepted',
      release: { status: 'published' },
    });
    expect(answer.body.report.signature.status).toBe('absent');

    const release = await request(`${gate.url}/api/v1/apps/contacts/releases/1.0.0`);
    expect(release.body).toMatchObject({ status: 'published', signed: false, archive: { bytes: archive.length } });
    const submission = await request(gate.url + (answer.headers.get('location') ?? ''), { token });
    expect(submission.body).toEqual(answer.body);
  });

  test('an unsigned update of an official app is refused, and a signed one accepted', async () => {
    const token = await gate.token('calendar');
    expect((await upload(gate.url, token, 'calendar', await appArchive())).status).toBe(201);
    await setLevel('calendar', 'official');
    const refused = await upload(gate.url, token, 'calendar', await appArchive({ version: '1.1.0' }));
    expect([refused.status, codesOf(refused)]).toEqual([422, ['OFFICIAL_APP_UNSIGNED']]);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toMatchObject({ status: 422, code: 'RELEASE_REFUSED', outcome: 'refused' });

    const accepted = await upload(gate.url, token, 'calendar', await signedApp(gate.authority, { version: '1.1.0' }));
    expect([accepted.status, codesOf(accepted)]).toEqual([201, []]);
    expect(accepted.body.report.signature).toMatchObject({
      status: 'valid',
      format: 2,
      algorithm: 'ecdsa-p384-sha384',
      signer: { commonName: 'calendar' },
    });
  });

  test('an app signed once stays signed: losing the official level, or withdrawing the release, disarms nothing', async () => {
    const token = await gate.token('notes', { scopes: ['upload', 'manage'] });
    expect((await upload(gate.url, token, 'notes', await signedApp(gate.authority, { id: 'notes' }))).status).toBe(201);
    await setLevel('notes', 'official');
    await setLevel('notes', 'experimental');
    const withdrawal = { status: 'withdrawn', reason: 'broken' };
    expect(
      (await sendJson(`${gate.url}/api/v1/apps/notes/releases/1.0.0/status`, 'PUT', token, withdrawal)).status,
    ).toBe(200);

    const dropped = await upload(gate.url, token, 'notes', await appArchive({ id: 'notes', version: '0.9.0' }));
    expect([dropped.status, codesOf(dropped)]).toEqual([422, ['SIGNATURE_DROPPED']]);
    const requirements = await request(`${gate.url}/api/v1/apps/notes/requirements`);
    expect(requirements.body.signature).toMatchObject({
      required: true,
      reason: 'SIGNATURE_DROPPED',
      because: { version: '1.0.0' },
    });

    const again = await upload(gate.url, token, 'notes', await signedApp(gate.authority, { id: 'notes' }));
    expect([again.status, codesOf(again)]).toEqual([409, ['VERSION_WITHDRAWN']]);
  });

  test('a tampered file is refused by its name', async () => {
    const token = await gate.token('tampered');
    const archive = await signedApp(gate.authority, {
      id: 'tampered',
      afterSigning: (files) => files.set('js/script.js', Buffer.from('steal()')),
    });
    const answer = await upload(gate.url, token, 'tampered', archive);
    expect(answer.status).toBe(422);
    expect(answer.body.report.signature.status).toBe('invalid');
    expect(answer.body.report.findings).toEqual([
      expect.objectContaining({ code: 'INVALID_HASH', path: 'js/script.js' }),
    ]);
  });

  test('a certificate of another app is refused, also where no signature is needed', async () => {
    const token = await gate.token('mine');
    const archive = await signedApp(gate.authority, { id: 'mine', leaf: gate.authority.issue('other') });
    const answer = await upload(gate.url, token, 'mine', archive);
    expect([answer.status, codesOf(answer)]).toEqual([422, ['CN_MISMATCH']]);
  });

  test('another key for a signed app is said and passes', async () => {
    const token = await gate.token('rekeyed');
    await upload(gate.url, token, 'rekeyed', await signedApp(gate.authority, { id: 'rekeyed' }));
    const leaf = gate.authority.issue('rekeyed', {
      keys: testKeys('ec-p384', 'second'),
    });
    const answer = await upload(
      gate.url,
      token,
      'rekeyed',
      await signedApp(gate.authority, { id: 'rekeyed', version: '2.0.0', leaf }),
    );
    expect([answer.status, codesOf(answer)]).toEqual([201, ['SIGNER_CHANGED']]);
  });

  test('one app id in four places', async () => {
    const token = await gate.token('four');
    const folder = await upload(gate.url, token, 'four', await appArchive({ id: 'four', topLevelFolder: 'for' }));
    expect([folder.status, codesOf(folder)]).toEqual([422, ['APP_ID_MISMATCH']]);
    const declared = await upload(gate.url, token, 'four', await appArchive({ id: 'five', topLevelFolder: 'four' }));
    expect([declared.status, codesOf(declared)]).toEqual([422, ['APP_ID_MISMATCH']]);
  });

  test('a file that signing leaves out does not ride along', async () => {
    const token = await gate.token('leftover');
    const archive = await signedApp(gate.authority, {
      id: 'leftover',
      afterSigning: (files) => files.set('js/.DS_Store', Buffer.from('<?php evil();')),
    });
    const answer = await upload(gate.url, token, 'leftover', archive);
    expect([answer.status, codesOf(answer)]).toEqual([422, ['UNSIGNED_LEFTOVER']]);
  });
});

describe('versions', () => {
  test('the same bytes again are no new release, other bytes are a conflict, and a refusal burns nothing', async () => {
    const token = await gate.token('versions');
    const first = await appArchive({ id: 'versions' });
    const refused = await upload(
      gate.url,
      token,
      'versions',
      await appArchive({ id: 'versions', files: { '.git/config': 'x' } }),
    );
    expect([refused.status, codesOf(refused)]).toEqual([422, ['VCS_DATA']]);
    const accepted = await upload(gate.url, token, 'versions', first);
    expect(accepted.status).toBe(201);
    const again = await upload(gate.url, token, 'versions', first);
    expect(again.status).toBe(200);
    expect(again.body.id).toBe(accepted.body.id);
    const other = await upload(
      gate.url,
      token,
      'versions',
      await appArchive({ id: 'versions', files: { 'new.txt': 'x' } }),
    );
    expect([other.status, other.body.code, codesOf(other)]).toEqual([409, 'VERSION_EXISTS', ['VERSION_EXISTS']]);

    const list = await request(`${gate.url}/api/v1/apps/versions/submissions`, { token });
    expect(list.body.submissions.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'refused',
      'accepted',
      'refused',
    ]);
  });
});

test('a version that was withdrawn does not come back under another spelling', async () => {
  const token = await gate.token('spelled', { scopes: ['upload', 'manage'] });
  const first = await upload(gate.url, token, 'spelled', await appArchive({ id: 'spelled', version: '1.0.0-rc1' }));
  expect(first.status).toBe(201);
  const withdrawal = { status: 'withdrawn', reason: 'broken' };
  await sendJson(`${gate.url}/api/v1/apps/spelled/releases/1.0.0-rc1/status`, 'PUT', token, withdrawal);
  const again = await upload(gate.url, token, 'spelled', await appArchive({ id: 'spelled', version: '1.0.0.RC.1' }));
  expect([again.status, codesOf(again)]).toEqual([409, ['VERSION_WITHDRAWN']]);
});

test('an unsigned release of an app that must be signed is not brought back', async () => {
  const token = await gate.token('revived', { scopes: ['upload', 'manage'] });
  const status = `${gate.url}/api/v1/apps/revived/releases/9.0.0/status`;
  expect((await upload(gate.url, token, 'revived', await appArchive({ id: 'revived', version: '9.0.0' }))).status).toBe(
    201,
  );
  expect((await sendJson(status, 'PUT', token, { status: 'withdrawn', reason: 'x' })).status).toBe(200);
  expect((await upload(gate.url, token, 'revived', await signedApp(gate.authority, { id: 'revived' }))).status).toBe(
    201,
  );
  const revival = await sendJson(status, 'PUT', gate.operatorToken, { status: 'published', reason: 'x' });
  expect([revival.status, revival.body.code]).toEqual([409, 'SIGNATURE_REQUIRED']);
});

test('a signature file spelled otherwise is a fault, not an unsigned app', async () => {
  const token = await gate.token('misspelled');
  for (const path of ['appinfo/Signature.json', 'AppInfo/signature.JSON', 'appinfo/signature.json/x']) {
    const answer = await upload(
      gate.url,
      token,
      'misspelled',
      await appArchive({ id: 'misspelled', files: { [path]: '{}' } }),
    );
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toContain('SIGNATURE_FILE_MALFORMED');
    expect(answer.body.report.signature.status).toBe('invalid');
  }
});

describe('owners', () => {
  test('the first upload that is not refused claims a free app id; others’ uploads are NOT_OWNER', async () => {
    const alice = await gate.token(null, { account: 'alice', scopes: ['upload', 'manage'] });
    const bob = await gate.token(null, { account: 'bob', scopes: ['upload'] });
    const refused = await upload(gate.url, bob, 'shared', await appArchive({ id: 'nothing' }));
    expect(refused.status).toBe(422);
    expect((await upload(gate.url, alice, 'shared', await appArchive({ id: 'shared' }))).status).toBe(201);
    const notOwner = await upload(gate.url, bob, 'shared', await appArchive({ id: 'shared', version: '2.0.0' }));
    expect([notOwner.status, notOwner.body.code]).toEqual([403, 'NOT_OWNER']);

    const owners = `${gate.url}/api/v1/apps/shared/owners`;
    expect((await sendJson(`${owners}/bob`, 'PUT', alice, {})).body).toEqual({ owners: ['alice', 'bob'] });
    expect((await upload(gate.url, bob, 'shared', await appArchive({ id: 'shared', version: '2.0.0' }))).status).toBe(
      201,
    );
    expect((await request(`${owners}/bob`, { method: 'DELETE', token: alice })).body).toEqual({ owners: ['alice'] });
    expect((await request(`${owners}/alice`, { method: 'DELETE', token: alice })).body.code).toBe('LAST_OWNER');
  });

  test('nobody who decides about apps is made an owner unasked: they would decide about it no more', async () => {
    const ann = await gate.token(null, { account: 'ann', scopes: ['upload', 'manage'] });
    await gate.token(null, { account: 'judge', scopes: ['manage', 'moderate'] });
    expect((await upload(gate.url, ann, 'stuffed', await appArchive({ id: 'stuffed' }))).status).toBe(201);
    const owners = `${gate.url}/api/v1/apps/stuffed/owners`;
    for (const name of ['judge', 'operator']) {
      const answer = await sendJson(`${owners}/${name}`, 'PUT', ann, {});
      expect([answer.status, answer.body.code]).toEqual([409, 'INVITATION_REQUIRED']);
    }
    for (const token of [ann, gate.operatorToken]) {
      expect((await sendJson(`${owners}/portcullis`, 'PUT', token, {})).status).toBe(404);
    }
    expect((await request(owners, { token: ann })).body).toEqual({ owners: ['ann'] });
  });

  test('an owner of any role leaves by themselves', async () => {
    const eve = await gate.token(null, { account: 'eve', scopes: ['upload', 'manage'] });
    expect((await upload(gate.url, eve, 'sticky', await appArchive({ id: 'sticky' }))).status).toBe(201);
    const owners = `${gate.url}/api/v1/apps/sticky/owners`;
    for (const [name, scopes] of [
      ['leaver', ['upload', 'manage']],
      ['leaving-moderator', ['manage', 'moderate']],
      ['leaving-administrator', ['operate']],
    ] as const) {
      const token = await gate.token(null, { account: name, scopes });
      expect((await sendJson(`${owners}/${name}`, 'PUT', gate.operatorToken, {})).body.owners).toContain(name);
      expect((await request(`${owners}/${name}`, { method: 'DELETE', token })).body).toEqual({ owners: ['eve'] });
    }
  });

  test('a reserved id can’t be claimed', async () => {
    const token = await gate.token(null, { account: 'mallory' });
    for (const appId of ['core', 'owncloud']) {
      const answer = await upload(gate.url, token, appId, await appArchive({ id: appId }));
      expect([answer.status, answer.body.code]).toEqual([403, 'APP_ID_RESERVED']);
    }
  });

  test('a token made for one app uploads no other, and a submission is nobody else’s business', async () => {
    const carol = await gate.token('carols', { account: 'carol' });
    const answer = await upload(gate.url, carol, 'carols2', await appArchive({ id: 'carols2' }));
    expect([answer.status, answer.body.code]).toEqual([403, 'SCOPE_INSUFFICIENT']);
    const own = await upload(gate.url, carol, 'carols', await appArchive({ id: 'carols' }));
    const dave = await gate.token(null, { account: 'dave' });
    expect((await request(`${gate.url}/api/v1/submissions/${own.body.id}`, { token: dave })).status).toBe(404);
    expect((await request(`${gate.url}/api/v1/submissions/${own.body.id}`)).status).toBe(401);
  });
});

describe('what is a moderator’s own', () => {
  test('is not theirs to restore, to put under quarantine or to vouch for; they withdraw it like any owner', async () => {
    const own = await gate.token(null, { account: 'moderating', scopes: ['upload', 'manage', 'moderate'] });
    const other = await gate.token(null, { account: 'other-moderator', scopes: ['moderate'] });
    for (const version of ['1.0.0', '1.1.0']) {
      expect((await upload(gate.url, own, 'own-case', await appArchive({ id: 'own-case', version }))).status).toBe(201);
    }
    const app = `${gate.url}/api/v1/apps/own-case`;
    const setStatus = (token: string, version: string, status: string) =>
      sendJson(`${app}/releases/${version}/status`, 'PUT', token, { status, reason: 'a reason' });
    const vouch = (token: string, trustLevel: string) =>
      sendJson(`${app}/trust-level`, 'PUT', token, { trustLevel, reason: 'a reason' });
    const codeOf = ({ status, body }: Awaited<ReturnType<typeof vouch>>) => `${status} ${String(body.code)}`;
    expect((await setStatus(other, '1.0.0', 'quarantined')).status).toBe(200);
    expect(codeOf(await setStatus(own, '1.0.0', 'published'))).toBe('403 OWN_CASE');
    expect(codeOf(await setStatus(own, '1.1.0', 'quarantined'))).toBe('403 OWN_CASE');
    expect(codeOf(await vouch(own, 'approved'))).toBe('403 OWN_CASE');
    expect((await request(app)).body.trustLevel).toBe('experimental');
    // Nor is what they uploaded, once they own it no longer.
    await sendJson(`${app}/owners/bob`, 'PUT', gate.operatorToken, {});
    expect((await request(`${app}/owners/moderating`, { method: 'DELETE', token: own })).status).toBe(200);
    expect(codeOf(await setStatus(own, '1.0.0', 'published'))).toBe('403 OWN_CASE');
    await sendJson(`${app}/owners/moderating`, 'PUT', gate.operatorToken, {});
    expect((await setStatus(own, '1.1.0', 'withdrawn')).status).toBe(200);
    expect((await setStatus(other, '1.0.0', 'published')).status).toBe(200);
    expect((await vouch(other, 'approved')).status).toBe(200);
  });

  test('is an administrator’s to decide here, who may be alone in the store', async () => {
    const archive = await appArchive({ id: 'alone' });
    expect((await upload(gate.url, gate.operatorToken, 'alone', archive)).status).toBe(201);
    await setLevel('alone', 'approved');
    const url = `${gate.url}/api/v1/apps/alone/releases/1.0.0/status`;
    for (const status of ['quarantined', 'published']) {
      expect((await sendJson(url, 'PUT', gate.operatorToken, { status, reason: 'a reason' })).status).toBe(200);
    }
  });
});

describe('tokens', () => {
  test('make others, never mightier ones, and revoked ones count for nothing', async () => {
    const erin = await gate.token(['erins', 'erins2'], { account: 'erin', scopes: ['upload', 'manage'] });
    const tokens = `${gate.url}/api/v1/tokens`;
    expect((await sendJson(tokens, 'POST', erin, { scopes: ['operate'], appIds: ['erins'] })).status).toBe(403);
    expect((await sendJson(tokens, 'POST', erin, { scopes: ['upload'] })).status).toBe(403);
    expect((await sendJson(tokens, 'POST', erin, { scopes: ['upload'], appIds: ['other'] })).status).toBe(403);
    expect(
      (await sendJson(tokens, 'POST', erin, { scopes: ['upload'], appIds: ['erins'], account: 'bob' })).status,
    ).toBe(403);
    const made = await sendJson(tokens, 'POST', erin, { scopes: ['upload'], appIds: ['erins'] });
    expect(made.status).toBe(201);
    expect((await upload(gate.url, made.body.token, 'erins', await appArchive({ id: 'erins' }))).status).toBe(201);

    expect((await request(`${tokens}/${made.body.id}`, { method: 'DELETE', token: erin })).status).toBe(204);
    const revoked = await upload(
      gate.url,
      made.body.token,
      'erins',
      await appArchive({ id: 'erins', version: '2.0.0' }),
    );
    expect([revoked.status, revoked.body.code]).toEqual([401, 'UNAUTHENTICATED']);
    const list = await request(tokens, { token: erin });
    expect(JSON.stringify(list.body)).not.toContain(made.body.token);
    expect(list.body.tokens).toHaveLength(2);
  });

  test('that end make none that outlive them', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const token = await gate.token('ending', { scopes: ['upload', 'manage'], expiresAt });
    const tokens = `${gate.url}/api/v1/tokens`;
    await sendJson(tokens, 'POST', token, { scopes: ['upload'], appIds: ['ending'] });
    await sendJson(tokens, 'POST', token, {
      scopes: ['upload'],
      appIds: ['ending'],
      expiresAt: '2099-01-01T00:00:00Z',
    });
    const { body } = await request(tokens, { token });
    expect(body.tokens.map((made: { expiresAt: string }) => made.expiresAt)).toEqual(
      Array(3).fill(expiresAt.toISOString()),
    );
  });

  test('that operate and end make no operator that outlives them, nor are revoked by lesser ones', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const options = { account: 'deputy', scopes: ['operate'], expiresAt } as const;
    const deputy = await gate.token(null, options);
    const tokens = `${gate.url}/api/v1/tokens`;
    await sendJson(tokens, 'POST', deputy, { scopes: ['operate'] });
    await sendJson(tokens, 'POST', deputy, { scopes: ['upload'], account: 'developer-of-deputy' });
    const { body } = await request(tokens, { token: gate.operatorToken });
    const made = (account: string): readonly (string | null)[] =>
      body.tokens.filter((each: any) => each.account === account).map((each: any) => each.expiresAt);
    expect(made('deputy')).toEqual([expiresAt.toISOString(), expiresAt.toISOString()]);
    expect(made('developer-of-deputy')).toEqual([null]);

    const lesser = await gate.token(null, { account: 'deputy', scopes: ['manage'] });
    const id = body.tokens.find((each: any) => each.account === 'deputy').id;
    expect((await request(`${tokens}/${id}`, { method: 'DELETE', token: lesser })).status).toBe(404);
  });

  test('operate the whole store or none of it', async () => {
    const wish = { scopes: ['operate'], appIds: ['some-app'] };
    const answer = await sendJson(`${gate.url}/api/v1/tokens`, 'POST', gate.operatorToken, wish);
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test('expired ones count for nothing', async () => {
    const token = await gate.token('expired', { expiresAt: new Date(Date.now() - 1_000) });
    expect((await upload(gate.url, token, 'expired', await appArchive({ id: 'expired' }))).status).toBe(401);
  });

  test('are not stored as they are', async () => {
    const token = await gate.token('stored');
    const { rows } = await gate.gate.database.query<{ row: string }>('SELECT tokens::text AS row FROM tokens');
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) expect(row).not.toContain(token.slice('portcullis_'.length));
  });
});

describe('an Idempotency-Key', () => {
  test('gets the first answer again, and is refused for another upload', async () => {
    const token = await gate.token('idem');
    const archive = await appArchive({ id: 'idem' });
    const key = { 'idempotency-key': '"build-4711"' };
    const first = await upload(gate.url, token, 'idem', archive, key);
    const second = await upload(gate.url, token, 'idem', archive, key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    const other = await upload(gate.url, token, 'idem', await appArchive({ id: 'idem', version: '2.0.0' }), key);
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  test('sent twice at the same moment makes one submission', async () => {
    const token = await gate.token('idem2');
    const archive = await appArchive({ id: 'idem2', files: { '.git/HEAD': 'x' } });
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => upload(gate.url, token, 'idem2', archive, { 'idempotency-key': 'k' })),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
  });
});

test('only what has a record is kept', async () => {
  const token = await gate.token('kept');
  const archives = await Promise.all(
    [1, 2, 3, 4].map((n) => appArchive({ id: 'kept', files: { 'n.txt': String(n) } })),
  );
  const key = { 'idempotency-key': 'the same' };
  const answers = await Promise.all(archives.map((archive) => upload(gate.url, token, 'kept', archive, key)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422]);
  const kept = await Promise.all(archives.map((archive) => gate.gate.archives.open(sha256(archive))));
  kept.forEach((stream) => stream?.destroy());
  expect(kept.filter((stream) => stream !== null)).toHaveLength(1);
});

describe('a validation', () => {
  test('says what the gate would say, decides nothing and keeps nothing', async () => {
    const token = await gate.token('calendar2');
    await setLevel('calendar2', 'official');
    const answer = await request(`${gate.url}/api/v1/apps/calendar2/validations`, {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/zip' },
      body: new Uint8Array(await appArchive({ id: 'calendar2' })),
    });
    expect([answer.status, answer.body.outcome, codesOf(answer)]).toEqual([200, 'refused', ['OFFICIAL_APP_UNSIGNED']]);
    const list = await request(`${gate.url}/api/v1/apps/calendar2/submissions`, { token });
    expect(list.body.submissions).toEqual([]);
  });
});

test('without a revocation list nobody can tell: neither accepted nor refused, and not ready', async () => {
  const authority = createTestAuthority();
  const blind = await startTestGate({ trust: authority.files([]) });
  try {
    const token = await blind.token('calendar');
    const archive = await signedApp(authority);
    const answer = await upload(blind.url, token, 'calendar', archive);
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
      503,
      'CRL_UNAVAILABLE',
      '300',
    ]);
    const validation = await request(`${blind.url}/api/v1/apps/calendar/validations`, {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/zip' },
      body: new Uint8Array(archive),
    });
    expect(validation.status).toBe(503);
    expect((await request(`${blind.url}/api/v1/apps/calendar/submissions`, { token })).body.submissions).toEqual([]);
    expect((await request(`${blind.url}/readyz`)).body.checks.trust).toBe('failing');
  } finally {
    await blind.stop();
  }
});

test('nothing is left in the temporary folder', async () => {
  expect(await readdir(gate.gate.temporaryFolder)).toEqual([]);
});
