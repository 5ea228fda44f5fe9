import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inTransaction } from '../../src/database/connect.js';
import { lockApp } from '../../src/database/apps.js';
import { sendJson, upload, request, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { signedApp } from '../support/signed-app.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * What happens when two things happen at once, on a real Postgres. Each race is run many times, since a lock that is
 * missing shows only in some of them.
 */

const ROUNDS = 15;

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate();
});
afterAll(async () => {
  await gate.stop();
});

const rounds = Array.from({ length: ROUNDS }, (_, round) => round);

interface Published {
  readonly version: string;
  readonly signed: boolean;
  readonly publishedAt: string;
}

async function releasesOf(appId: string): Promise<readonly Published[]> {
  const { body } = await request(`${gate.url}/api/v1/apps/${appId}/releases`);
  return ((body.releases ?? []) as Published[]).toReversed();
}

test('of two uploads at once of the same version exactly one is published', async () => {
  for (const round of rounds) {
    const id = `version-race-${round}`;
    const token = await gate.token(id);
    const archives = await Promise.all([1, 2, 3].map((n) => appArchive({ id, files: { 'n.txt': String(n) } })));
    const answers = await Promise.all(archives.map((archive) => upload(gate.url, token, id, archive)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(await releasesOf(id)).toHaveLength(1);
  }
});

test('of the same bytes twice at once one is a release and the other a repetition of it', async () => {
  for (const round of rounds) {
    const id = `bytes-race-${round}`;
    const token = await gate.token(id);
    const archive = await appArchive({ id });
    const answers = await Promise.all([1, 2].map(() => upload(gate.url, token, id, archive)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  }
});

test('a signed and an unsigned first upload at once never leave an unsigned release after the signed one', async () => {
  for (const round of rounds) {
    const id = `signed-race-${round}`;
    const token = await gate.token(id);
    const [signed, unsigned] = await Promise.all([
      signedApp(gate.authority, { id }),
      appArchive({ id, version: '1.0.1' }),
    ]);
    const order = round % 2 === 0 ? [signed, unsigned] : [unsigned, signed];
    await Promise.all(order.map((archive) => upload(gate.url, token, id, archive)));
    const published = await releasesOf(id);
    const firstSigned = published.findIndex((release) => release.signed);
    expect(firstSigned).toBeGreaterThanOrEqual(0);
    expect(published.slice(firstSigned).every((release) => release.signed)).toBe(true);
  }
});

test('two callers who claim the same free app id at once don’t both get it', async () => {
  for (const round of rounds) {
    const id = `claim-race-${round}`;
    const tokens = await Promise.all(['ann', 'ben'].map((account) => gate.token(null, { account })));
    const archives = await Promise.all([appArchive({ id }), appArchive({ id, version: '2.0.0' })]);
    const answers = await Promise.all(archives.map((archive, n) => upload(gate.url, tokens[n] ?? '', id, archive)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
  }
});

test('an app made official while an upload is being inspected is judged as official', async () => {
  for (const round of rounds) {
    const id = `level-race-${round}`;
    const token = await gate.token(id);
    const archive = await appArchive({ id });
    // The upload is under way, its body only half sent, when the level changes.
    const underWay = await slowUpload(id, token, archive);
    const level = await sendJson(`${gate.url}/api/v1/apps/${id}/trust-level`, 'PUT', gate.operatorToken, {
      trustLevel: 'official',
      reason: 'race',
    });
    expect(level.status).toBe(200);
    const { status, body: submission } = await underWay.finish();
    expect([status, submission.report.findings[0].code]).toEqual([422, 'OFFICIAL_APP_UNSIGNED']);
    expect(await releasesOf(id)).toEqual([]);
  }
});

/** Sends the first bytes of an upload, and the rest when told to. */
async function slowUpload(id: string, token: string, archive: Buffer): Promise<{ finish: () => Promise<ApiAnswer> }> {
  let sendRest = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(archive.subarray(0, 100));
      sendRest = () => {
        controller.enqueue(archive.subarray(100));
        controller.close();
      };
    },
  });
  const headers = { 'content-type': 'application/zip' };
  const url = `${gate.url}/api/v1/apps/${id}/releases`;
  const answer = request(url, { method: 'POST', token, headers, body, duplex: 'half' });
  // Under way: its temporary folder is there.
  while ((await readdir(gate.gate.temporaryFolder)).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  return {
    finish: () => {
      sendRest();
      return answer;
    },
  };
}

test('a token revoked while its upload is under way publishes nothing', async () => {
  const token = await gate.token('revoked-race', { scopes: ['upload', 'manage'] });
  const { body } = await request(`${gate.url}/api/v1/tokens`, { token });
  const underWay = await slowUpload('revoked-race', token, await appArchive({ id: 'revoked-race' }));
  expect((await request(`${gate.url}/api/v1/tokens/${body.tokens[0].id}`, { method: 'DELETE', token })).status).toBe(
    204,
  );
  expect((await underWay.finish()).status).toBe(401);
  expect(await releasesOf('revoked-race')).toEqual([]);
});

test('a certificate revoked after the inspection, but before the decision, signs nothing', async () => {
  const id = 'certificate-race';
  const leaf = gate.authority.issue(id);
  const archive = await signedApp(gate.authority, { id, leaf });
  const token = await gate.token(id);
  await gate.gate.database.query('INSERT INTO apps (id) VALUES ($1)', [id]);
  // Whoever holds the app's row keeps the upload waiting between inspection and decision.
  const answer = await inTransaction(gate.gate.database, async (tx) => {
    await lockApp(tx, id);
    const waiting = upload(gate.url, token, id, archive);
    while ((await waitingForLocks()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const list = gate.authority.list({ revoked: [leaf] });
    await writeFile(join(gate.config.trustDir, 'crl', 'revoked.crl'), list.pem);
    return { waiting };
  });
  const { status, body } = await answer.waiting;
  expect([status, body.report?.findings[0].code]).toEqual([422, 'REVOKED']);
});

async function waitingForLocks(): Promise<number> {
  const { rows } = await gate.gate.database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

test('a level that changes at the same moment as an upload ends either way, but never in between', async () => {
  for (const round of rounds) {
    const id = `moment-race-${round}`;
    const token = await gate.token(id);
    const archive = await appArchive({ id });
    const [answer] = await Promise.all([
      upload(gate.url, token, id, archive),
      sendJson(`${gate.url}/api/v1/apps/${id}/trust-level`, 'PUT', gate.operatorToken, {
        trustLevel: 'official',
        reason: 'race',
      }),
    ]);
    expect([201, 422]).toContain(answer.status);
    expect(await releasesOf(id)).toHaveLength(answer.status === 201 ? 1 : 0);
    const next = await upload(gate.url, token, id, await appArchive({ id, version: '1.0.1' }));
    expect(next.status).toBe(422);
  }
});
