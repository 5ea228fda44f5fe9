import { sendJson, upload, request } from '../support/api.js';
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
    const answer = request(`${gate.url}/api/v1/apps/${id}/releases`, {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/zip' },
      body,
      duplex: 'half',
    });
    const level = await sendJson(`${gate.url}/api/v1/apps/${id}/trust-level`, 'PUT', gate.operatorToken, {
      trustLevel: 'official',
      reason: 'race',
    });
    expect(level.status).toBe(200);
    sendRest();
    const { status, body: submission } = await answer;
    expect([status, submission.report.findings[0].code]).toEqual([422, 'OFFICIAL_APP_UNSIGNED']);
    expect(await releasesOf(id)).toEqual([]);
  }
});

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
