import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAuditEntry, readAuditLog, type AuditEntry } from '../../src/database/audit-log.js';
import { verifyLog } from '../../src/moderation/read-audit.js';
import { keepStanding } from '../../src/storefront/keep-standing.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { act, ask, csrFor } from '../support/signing-requests.js';
import { createTestAuthority } from '../support/test-authority.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { decide, onReview, uploadNested } from '../support/verdicts.js';

/**
 * Of each table the rows that have no entry in the log, or more than one where there must be one. `entries(…)` counts those of
 * a row.
 */
const entries = (kind: string, type: string, id: string): string =>
  `(SELECT count(*) FROM audit_log WHERE kind ${kind} AND subject_type = '${type}' AND subject_id = ${id})`;
const mentioned = (kind: string, text: string): string =>
  `(SELECT count(*) FROM audit_log WHERE kind ${kind} AND strpos(entry, ${text}) > 0)`;

const unlogged: Readonly<Record<string, string>> = {
  accounts: `SELECT name FROM accounts WHERE ${entries(`= 'account-created'`, 'account', 'name')} <> 1
    UNION ALL SELECT name FROM accounts WHERE suspended_at IS NOT NULL AND ${entries(`= 'account-suspended'`, 'account', 'name')} = 0
    UNION ALL SELECT name FROM accounts WHERE role <> 'developer' AND ${entries(`LIKE 'account-%'`, 'account', 'name')} = 0`,
  tokens: `SELECT id::text FROM tokens WHERE ${entries(`IN ('token-created', 'session-began')`, 'token', 'tokens.id::text')} <> 1
    UNION ALL SELECT id::text FROM tokens
      WHERE revoked_at IS NOT NULL AND kind = 'bearer' AND ${entries(`= 'token-revoked'`, 'token', 'tokens.id::text')} <> 1`,
  identities: `SELECT subject FROM identities JOIN accounts ON accounts.id = account_id
    WHERE ${entries(`= 'account-identity-added'`, 'account', 'name')} = 0`,
  invitations: `SELECT id::text FROM invitations WHERE ${entries(`= 'invitation-made'`, 'invitation', 'invitations.id::text')} <> 1
    UNION ALL SELECT id::text FROM invitations
      WHERE closed_as IS NOT NULL AND ${entries(`= 'invitation-' || closed_as`, 'invitation', 'invitations.id::text')} <> 1`,
  app_owners: `SELECT app_id FROM app_owners JOIN accounts ON accounts.id = account_id
    WHERE NOT EXISTS (SELECT 1 FROM audit_log WHERE audit_log.app_id = app_owners.app_id AND kind IN ('app-claimed', 'app-owner-added', 'app-transferred'))`,
  app_events: `SELECT app_id || ' ' || kind FROM (
      SELECT app_id, kind, count(*) AS events FROM app_events WHERE kind <> 'certificate-requested' GROUP BY 1, 2) AS happened
    WHERE events <> (SELECT count(*) FROM audit_log WHERE audit_log.app_id = happened.app_id AND CASE happened.kind
      WHEN 'release-status' THEN audit_log.kind IN ('release-withdrawn', 'release-quarantined', 'release-restored')
      WHEN 'trust-level' THEN audit_log.kind = 'app-trust-level-changed'
      WHEN 'certificate-issued' THEN audit_log.kind = 'certificate-issued'
      WHEN 'certificate-revoked' THEN audit_log.kind = 'certificate-revoked'
      ELSE audit_log.kind = 'app-' || happened.kind END)`,
  submissions: `SELECT id::text FROM submissions WHERE ${entries(`= 'submission-' || outcome`, 'submission', 'submissions.id::text')} <> 1`,
  releases: `SELECT version FROM releases WHERE ${entries(`= 'release-published'`, 'release', `releases.app_id || '@' || releases.version`)} <> 1
    UNION ALL SELECT version FROM releases
      WHERE status <> 'published' AND ${entries(`= 'release-' || status`, 'release', `releases.app_id || '@' || releases.version`)} = 0`,
  reviews: `SELECT id::text FROM reviews WHERE kind IN ('appeal', 'report') AND ${entries(`= 'review-opened'`, 'review', 'reviews.id::text')} <> 1`,
  review_events: `SELECT review_id::text FROM (SELECT review_id, kind AS what, count(*) AS events FROM review_events GROUP BY 1, 2) AS happened
    WHERE events <> ${entries(`= 'review-' || what`, 'review', 'review_id::text')}`,
  reinspections: `SELECT id::text FROM reinspections WHERE ${mentioned(`= 'review-inspected'`, 'submission_id::text')} = 0`,
  overrides: `SELECT id::text FROM overrides WHERE ${entries(`LIKE 'override-%'`, 'override', 'overrides.id::text')} = 0`,
  rule_changes: `SELECT code FROM (SELECT code, count(*) AS changes FROM rule_changes GROUP BY 1) AS happened
    WHERE changes <> ${entries(`= 'rule-changed'`, 'rule', 'code')}`,
  signing_requests: `SELECT id::text FROM signing_requests WHERE ${entries(`= 'signing-request-requested'`, 'signing-request', 'signing_requests.id::text')} <> 1
    UNION ALL SELECT id::text FROM signing_requests
      WHERE state IN ('approved', 'declined', 'withdrawn') AND ${entries(`= 'signing-request-' || state`, 'signing-request', 'signing_requests.id::text')} <> 1`,
  signing_request_events: `SELECT request_id::text FROM (
      SELECT request_id, kind AS what, count(*) AS events FROM signing_request_events GROUP BY 1, 2) AS happened
    WHERE events <> ${entries(`= 'signing-request-' || what`, 'signing-request', 'request_id::text')}`,
  // Those of a folder that was adopted came with one entry for all.
  certificates: `SELECT serial FROM certificates WHERE issued_at IS NOT NULL AND der IS NOT NULL
      AND ${entries(`= 'certificate-issued'`, 'certificate', 'serial')} <> 1
    UNION ALL SELECT serial FROM certificates
      WHERE revoked_at IS NOT NULL AND ${entries(`= 'certificate-revoked'`, 'certificate', 'serial')} = 0`,
  authority_certificates: `SELECT fingerprint FROM authority_certificates
    WHERE ${mentioned(`IN ('authority-adopted', 'authority-imported')`, 'fingerprint')} <> 1`,
  standing_findings: `SELECT version FROM standing_findings
    WHERE NOT EXISTS (SELECT 1 FROM audit_log WHERE audit_log.app_id = standing_findings.app_id AND kind = 'app-releases-marked'
      AND entry::jsonb -> 'after' -> 'codes' ? code AND entry::jsonb -> 'after' -> 'versions' ? version)`,
  webhooks: `SELECT id::text FROM webhooks WHERE ${entries(`LIKE 'webhook-%'`, 'webhook', 'webhooks.id::text')} = 0`,
};

/** Tables that hold no decision and no change by themselves, and why. */
const exempt: Readonly<Record<string, string>> = {
  apps: 'a row is made for whatever mentions the id; what changes in it is an event',
  archive_files: 'what is in a release',
  attempts: 'counts what is tried',
  account_secrets: 'the account has the entry; nothing of it may be in a log',
  recovery_codes: 'the account has the entry',
  audit_log: 'is the log',
  audit_head: 'is its end',
  audit_readers: 'how far somebody has read',
  authority_changes: 'counts what has entries of its own',
  catalogue_changes: 'where in the order of changes something is',
  catalogue_places: 'marks the places of changes',
  control_challenges: 'the signing request has the entries',
  download_state: 'counts what is fetched',
  fetched_revocation_lists: 'what another authority said',
  idempotency_keys: 'answers that were given',
  images: 'copies of what a release declares',
  listings: 'what an app and its releases say, to find it by',
  notification_choices: 'the account has the entry',
  outgoing_mail: 'tells of what has an entry',
  release_downloads: 'counts what is fetched',
  release_screenshots: 'what a release declares, and how far the copying is',
  revocation_lists: 'tell of what has an entry',
  schema_migrations: 'of the software',
  signer_chains: 'what releases were signed with',
  standing_looks: 'when something was last looked at',
  webhook_deliveries: 'tell of what has an entry',
};

let gate: TestGate;

beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
});

afterAll(() => gate.stop());

async function rowsWithoutEntry(table: string): Promise<readonly unknown[]> {
  const { rows } = await gate.gate.database.query(unlogged[table] ?? '');
  return rows.map((row) => Object.values(row)[0]);
}

async function log(): Promise<readonly AuditEntry[]> {
  return (await readAuditLog(gate.gate.database, { after: 0, limit: 10_000 })).map(parseAuditEntry);
}

async function good(answer: Promise<ApiAnswer>): Promise<any> {
  const { status, body } = await answer;
  expect(status).toBeLessThan(300);
  return body;
}

test('every table is known, either by how its rows come into the log or by why they do not', async () => {
  const { rows } = await gate.gate.database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  expect(rows.map(({ name }) => name).sort()).toEqual([...Object.keys(unlogged), ...Object.keys(exempt)].sort());
});

describe('after a busy day', () => {
  const url = (path: string): string => `${gate.url}/api/v1/${path}`;

  beforeAll(async () => {
    const { operatorToken: operator } = gate;
    const moderator = await gate.token(null, { account: 'mona', scopes: ['moderate'] });
    const developer = await gate.token(null, { account: 'dora', scopes: ['upload', 'manage'] });
    await gate.token('other', { account: 'otto' });

    // Apps, releases and rules.
    await good(upload(gate.url, developer, 'calendar', await appArchive()));
    await upload(gate.url, developer, 'calendar', await appArchive({ version: 'none' }));
    await good(sendJson(url('rules/VERSION_NOT_NEWER'), 'PUT', operator, { mode: 'hold', reason: 'x' }));
    await good(upload(gate.url, developer, 'calendar', await appArchive({ version: '0.9.0' })));
    await good(sendJson(url('rules/VERSION_NOT_NEWER'), 'PUT', operator, { mode: null, reason: 'x' }));
    await good(sendJson(url('apps/calendar/trust-level'), 'PUT', moderator, { trustLevel: 'approved', reason: 'x' }));
    await good(request(url('apps/calendar/owners/otto'), { method: 'PUT', token: developer }));
    await good(request(url('apps/calendar/owners/otto'), { method: 'DELETE', token: developer }));
    for (const status of ['quarantined', 'published', 'withdrawn']) {
      await good(sendJson(url('apps/calendar/releases/1.0.0/status'), 'PUT', moderator, { status, reason: 'x' }));
    }

    // Reviews.
    const nested = await uploadNested(gate, developer, 'nested');
    const text = 'It has to be there, as the documentation says.';
    const appealed = await good(sendJson(url(`submissions/${nested.id}/appeal`), 'POST', developer, { text }));
    const { id: review } = appealed.review;
    await good(onReview(gate, moderator, review, 'question', { text: 'Why is it there?' }));
    await good(sendJson(url(`submissions/${nested.id}/answer`), 'POST', developer, { text }));
    await good(onReview(gate, moderator, review, 'notes', { text: 'Looks right.' }));
    await good(onReview(gate, moderator, review, 'inspection', { reason: 'x' }));
    await good(decide(gate, moderator, review, 'granted', { codes: ['NESTED_APPINFO'] }));
    const report = { category: 'broken', text: 'It does not even start, whatever I do.' };
    const headers = { 'content-type': 'application/json' };
    await good(request(url('apps/nested/reports'), { method: 'POST', headers, body: JSON.stringify(report) }));

    // Invitations.
    const offer = { kind: 'co-owner', appId: 'nested', account: 'otto' };
    const offered = await good(sendJson(url('invitations'), 'POST', developer, offer));
    await good(
      request(url(`invitations/${offered.invitation?.id ?? offered.id}`), { method: 'DELETE', token: developer }),
    );

    // Tokens.
    const made = await good(sendJson(url('tokens'), 'POST', developer, { scopes: ['upload'], label: 'CI' }));
    await good(request(url(`tokens/${made.id}`), { method: 'DELETE', token: developer }));

    // Certificates.
    const first = await good(ask(gate, developer, 'calendar', { csr: await csrFor('calendar') }));
    await good(act(gate, moderator, first.id, 'question', { reason: 'who?' }));
    await good(act(gate, developer, first.id, 'answer', { text: 'me' }));
    const granted = await good(act(gate, moderator, first.id, 'approval', { reason: 'x' }));
    const second = await good(
      ask(gate, developer, 'calendar', { csr: await csrFor('calendar'), purpose: 'additional' }),
    );
    await good(act(gate, moderator, second.id, 'decline', { reason: 'x' }));
    const serial = granted.certificate.serial as string;
    await good(sendJson(url(`certificates/${serial}/revocation`), 'POST', moderator, { reason: 'keyCompromise' }));

    // What the standing watch finds.
    const looks = new Map([['STORED_ARCHIVE_MISSING', { state: 'found', detail: undefined }]] as const);
    await keepStanding(gate.gate, { appId: 'nested', versions: ['1.0.0'] }, looks);
  });

  test.each(Object.keys(unlogged))('every row of %s has its entry', async (table) => {
    expect(await rowsWithoutEntry(table)).toEqual([]);
  });

  test('and there are rows to speak of', async () => {
    const tables = ['accounts', 'tokens', 'app_owners', 'app_events', 'submissions', 'releases', 'rule_changes'];
    for (const table of [
      ...tables,
      'signing_requests',
      'signing_request_events',
      'certificates',
      'authority_certificates',
      'reviews',
      'review_events',
      'reinspections',
      'overrides',
      'standing_findings',
      'invitations',
    ]) {
      const { rows } = await gate.gate.database.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`);
      expect({ table, some: (rows[0]?.count ?? 0) > 0 }).toEqual({ table, some: true });
    }
  });

  test('the log is whole, and holds no secret', async () => {
    expect(await verifyLog(gate.gate.database)).toMatchObject({ isWhole: true });
    const text = JSON.stringify(await log());
    expect(text).not.toContain(gate.operatorToken);
    expect(text).not.toMatch(/portcullis_[A-Za-z0-9_-]{20}|PRIVATE KEY|BEGIN /);
  });

  test('a change says what it was before', async () => {
    const found = await log();
    const of = (kind: string): AuditEntry | undefined => found.find((entry) => entry.kind === kind);
    expect(of('app-trust-level-changed')).toMatchObject({
      before: { trustLevel: 'experimental' },
      after: { trustLevel: 'approved' },
    });
    expect(of('release-restored')).toMatchObject({ before: { status: 'quarantined' }, after: { status: 'published' } });
    expect(of('rule-changed')).toMatchObject({
      before: { mode: null, weight: 'warning' },
      after: { mode: 'hold', weight: 'hold' },
    });
    expect(of('signing-request-approved')).toMatchObject({ after: { state: 'approved', serial: expect.any(String) } });
    expect(of('authority-adopted')).toMatchObject({
      actor: { account: 'portcullis' },
      after: { root: expect.stringMatching(/^[0-9a-f]{64}$/), certificates: 0 },
    });
  });

  test('a row that came in beside the log is noticed', async () => {
    await gate.gate.database.query(
      `INSERT INTO app_events (app_id, kind, account_id, detail) SELECT 'calendar', 'owner-added', id, '{}' FROM accounts LIMIT 1`,
    );
    expect(await rowsWithoutEntry('app_events')).toEqual(['calendar owner-added']);
  });
});

test('a gate that starts again adopts nothing again', async () => {
  const before = (await log()).filter(({ kind }) => kind === 'authority-adopted');
  const replica = await startTestGate({ replicaOf: gate });
  await replica.stop();
  await gate.tend();
  expect((await log()).filter(({ kind }) => kind.startsWith('authority-'))).toEqual(before);
});

describe('a change of the trust folder', () => {
  const outside = createTestAuthority('current', 'Outside');
  const run = (...words: string[]) =>
    commandLine(['trust', ...words], {
      environment: { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir },
      workingFolder: gate.config.dataDir,
    });
  const trustEntries = async (): Promise<readonly AuditEntry[]> =>
    (await log()).filter(({ kind }) => kind.startsWith('trust-'));

  beforeAll(() => writeFile(join(gate.config.dataDir, 'outside.crt'), outside.root.pem));

  test('by the commands beside the gate is in the log', async () => {
    const { fingerprint } = outside.root.certificate;
    expect(await run('add', 'outside.crt', '--as', 'root')).toMatchObject({ exit: 0 });
    expect(await run('add', 'outside.crt')).toMatchObject({ exit: 1 });
    expect(await run('remove', fingerprint)).toMatchObject({ exit: 0 });
    const item = expect.objectContaining({ kind: 'root', sha256: fingerprint });
    expect(await trustEntries()).toMatchObject([
      { kind: 'trust-added', actor: { account: 'operator' }, before: null, after: { items: [item] } },
      { kind: 'trust-removed', actor: { account: 'operator' }, before: { items: [item] }, after: null },
    ]);
  });

  test('of another folder is none of the store', async () => {
    const before = await trustEntries();
    expect(
      await run('add', 'outside.crt', '--trust', join(gate.config.dataDir, `other-${randomUUID()}`)),
    ).toMatchObject({ exit: 0 });
    expect(await trustEntries()).toEqual(before);
  });

  test('is in force also where it can not be written down, which is said', async () => {
    const result = await commandLine(['trust', 'add', 'outside.crt'], {
      environment: {
        DATABASE_URL: gate.databaseUrl.replace(/[^/]+$/, 'not_there'),
        DATA_DIR: gate.config.dataDir,
      },
      workingFolder: gate.config.dataDir,
    });
    expect(result.exit).toBe(0);
    expect(result.err).toContain('could not be written into the audit log');
  });
});
