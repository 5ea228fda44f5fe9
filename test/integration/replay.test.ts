import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replayRule, type Replay } from '../../src/moderation/replay-rule.js';
import { readAuditHead } from '../../src/database/audit-log.js';
import { sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive, type AppArchiveOptions } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { newKeys } from '../support/signing-requests.js';
import { signedApp, type SignedAppOptions } from '../support/signed-app.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let token: string;

beforeEach(async () => {
  gate = await startTestGate();
  token = await gate.token('calendar');
});

afterEach(() => gate.stop());

const DAY_MS = 24 * 60 * 60 * 1000;

async function send(archive: Buffer, outcome: string): Promise<ApiAnswer> {
  const answer = await upload(gate.url, token, 'calendar', archive);
  expect(answer.body.outcome ?? answer.body.submission?.outcome).toBe(outcome);
  return answer;
}

const unsigned = async (version: string, outcome = 'accepted', options: AppArchiveOptions = {}): Promise<ApiAnswer> =>
  send(await appArchive({ version, ...options }), outcome);
const signed = async (version: string, outcome = 'accepted', options: SignedAppOptions = {}): Promise<ApiAnswer> =>
  send(await signedApp(gate.authority, { version, ...options }), outcome);

async function change(path: string, body: object): Promise<void> {
  const answer = await sendJson(`${gate.url}/api/v1/${path}`, 'PUT', gate.operatorToken, {
    reason: 'because',
    ...body,
  });
  expect(answer.status).toBe(200);
}

const level = (trustLevel: string): Promise<void> => change('apps/calendar/trust-level', { trustLevel });
const status = (version: string, to: string): Promise<void> =>
  change(`apps/calendar/releases/${version}/status`, { status: to });
const setRule = (code: string, mode: string): Promise<void> => change(`rules/${code}`, { mode });

const replay = (code: string, days = 90): Promise<Replay> => replayRule(gate.gate, { code, days });
const versionsOf = ({ examples }: Replay): readonly (string | null)[] => examples.map(({ version }) => version);
const none = { accepted: 0, held: 0, refusedOtherwise: 0, refusedForIt: 0 };

test('a version is compared with what was published when it came, not with what was published since', async () => {
  await unsigned('1.0.0');
  await unsigned('3.0.0');
  await unsigned('2.0.0');
  await unsigned('4.0.0');
  const result = await replay('VERSION_NOT_NEWER');
  expect(result).toMatchObject({ basis: 'history', submissions: 4, wouldRefuse: { ...none, accepted: 1 } });
  expect(versionsOf(result)).toEqual(['2.0.0']);
  expect(result.apps).toEqual([{ appId: 'calendar', accepted: 1, held: 0 }]);
  expect(result.examples[0]).toMatchObject({ outcome: 'accepted', message: expect.stringContaining('not newer') });
});

test('a version is compared with what stood when it came, not with what was withdrawn since', async () => {
  await unsigned('3.0.0');
  await unsigned('2.0.0');
  await status('3.0.0', 'withdrawn');
  await unsigned('2.5.0');
  expect(versionsOf(await replay('VERSION_NOT_NEWER'))).toEqual(['2.0.0']);
});

test('another key is another one than that of the release before', async () => {
  const [first, second] = [gate.authority.issue('calendar'), gate.authority.issue('calendar', { keys: newKeys() })];
  await signed('1.0.0', 'accepted', { leaf: first });
  await signed('1.1.0', 'accepted', { leaf: first });
  await signed('1.2.0', 'accepted', { leaf: second });
  await signed('1.3.0', 'accepted', { leaf: second });
  expect(versionsOf(await replay('SIGNER_CHANGED'))).toEqual(['1.2.0']);
});

test('what came before an app became official is judged as it was then', async () => {
  await unsigned('1.0.0');
  await level('official');
  await unsigned('1.1.0', 'refused');
  await signed('1.2.0');
  await level('experimental');
  await unsigned('1.3.0', 'refused');
  await signed('1.4.0');
  expect(await replay('OFFICIAL_APP_UNSIGNED')).toMatchObject({ wouldRefuse: { ...none, refusedForIt: 1 } });
  expect(await replay('SIGNATURE_DROPPED')).toMatchObject({ wouldRefuse: { ...none, refusedForIt: 1 } });
  const approval = await replay('APPROVAL_REQUIRED');
  expect(approval.wouldRefuse).toEqual({ ...none, accepted: 1, refusedOtherwise: 1 });
  expect(versionsOf(approval)).toEqual(['1.2.0']);
});

test('what the store did not ask for then is counted, apart what was refused anyhow', async () => {
  await unsigned('1.0.0');
  await unsigned('none', 'refused');
  await unsigned('1.0.0', 'refused', { files: { 'js/more.js': '1' } });
  await signed('2.0.0');
  expect(await replay('SIGNING_REQUIRED')).toMatchObject({
    wouldRefuse: { ...none, accepted: 1, refusedOtherwise: 1 },
  });
});

test('a version that is taken, and one that was withdrawn', async () => {
  await unsigned('1.0.0');
  await unsigned('1.0.0', 'refused', { files: { 'js/more.js': '1' } });
  await status('1.0.0', 'withdrawn');
  await unsigned('1.0.0', 'refused', { files: { 'js/more.js': '2' } });
  expect((await replay('VERSION_EXISTS')).wouldRefuse).toEqual({ ...none, refusedForIt: 1 });
  expect((await replay('VERSION_WITHDRAWN')).wouldRefuse).toEqual({ ...none, refusedForIt: 1 });
});

test('what was held is counted as such', async () => {
  await unsigned('2.0.0');
  await setRule('VERSION_NOT_NEWER', 'hold');
  await unsigned('1.0.0', 'held');
  await setRule('VERSION_NOT_NEWER', 'refuse');
  await unsigned('1.1.0', 'refused');
  const result = await replay('VERSION_NOT_NEWER');
  expect(result.wouldRefuse).toEqual({ ...none, held: 1, refusedForIt: 1 });
  expect(result.apps).toEqual([{ appId: 'calendar', accepted: 0, held: 1 }]);
});

test('what is in an archive is looked for in the archive, also where the rule was off', async () => {
  await setRule('NESTED_SIGNATURE_FILE', 'off');
  const answer = await unsigned('1.0.0', 'accepted', { files: { 'lib/signature.json': '{}' } });
  expect(JSON.stringify(answer.body.report)).not.toContain('NESTED_SIGNATURE_FILE');
  await unsigned('2.0.0');
  const result = await replay('NESTED_SIGNATURE_FILE');
  expect(result).toMatchObject({ basis: 'archive', wouldRefuse: { ...none, accepted: 1 }, missingArchives: 0 });
  expect(versionsOf(result)).toEqual(['1.0.0']);
  expect(await readdir(gate.gate.temporaryFolder)).toEqual([]);
});

test('archives that are gone are counted, and nothing is said of them', async () => {
  await setRule('NESTED_SIGNATURE_FILE', 'off');
  await unsigned('1.0.0', 'accepted', { files: { 'lib/signature.json': '{}' } });
  await rm(join(gate.config.dataDir, 'archives'), { recursive: true });
  await unsigned('2.0.0').catch(() => undefined);
  expect(await replay('NESTED_SIGNATURE_FILE')).toMatchObject({ wouldRefuse: none, missingArchives: 1 });
});

test('what depends on the lists of then goes by the reports of then', async () => {
  await signed('1.0.0');
  expect(await replay('CRL_STALE')).toMatchObject({ basis: 'report', submissions: 1, wouldRefuse: none });
});

test('what came before the window is not looked at', async () => {
  await unsigned('2.0.0');
  await unsigned('1.0.0');
  const later = { ...gate.gate, now: () => new Date(Date.now() + 2 * DAY_MS) };
  expect(await replayRule(later, { code: 'VERSION_NOT_NEWER', days: 1 })).toMatchObject({
    submissions: 0,
    wouldRefuse: none,
  });
  expect(await replayRule(later, { code: 'VERSION_NOT_NEWER', days: 3 })).toMatchObject({
    wouldRefuse: { accepted: 1 },
  });
});

test('more submissions than fit on a page are all looked at, and it is told how far it is', async () => {
  await unsigned('1.0.0');
  await gate.gate.database.query(
    `INSERT INTO submissions (id, app_id, version, outcome, archive_sha256, archive_bytes, report, account_id, token_id, submitted_at)
     SELECT gen_random_uuid(), app_id, '0.' || number, outcome, archive_sha256, archive_bytes, report, account_id, token_id,
       submitted_at + number % 7 * interval '1 millisecond'
     FROM submissions, generate_series(1, 130) AS number`,
  );
  const told: number[] = [];
  const later = { ...gate.gate, now: () => new Date(Date.now() + DAY_MS) };
  const result = await replayRule(later, { code: 'VERSION_NOT_NEWER', days: 9 }, (done) => told.push(done));
  expect(result).toMatchObject({ submissions: 131, wouldRefuse: { accepted: 130 } });
  expect(result.examples).toHaveLength(20);
  expect(told).toEqual([0, 50, 100, 131]);
});

test.each(['NO_SUCH_RULE', '__proto__', ''])('there is no rule %j', async (code) => {
  await expect(replay(code)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('portcullis rules replay tells it, in words and as JSON, and changes nothing', async () => {
  await unsigned('2.0.0');
  await unsigned('1.0.0');
  const run = (...words: string[]) =>
    commandLine(['rules', 'replay', ...words], {
      environment: { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir },
    });
  const before = await readAuditHead(gate.gate.database);
  const words = await run('--rule', 'VERSION_NOT_NEWER');
  expect(words).toMatchObject({ exit: 0, err: '0 of 2 submissions\n2 of 2 submissions\n' });
  expect(words.out).toMatch(/^ {2}accepted then +1$/m);
  expect(words.out).toMatch(/^ {2}calendar +1 accepted +0 held$/m);
  const json = JSON.parse((await run('--rule', 'NESTED_SIGNATURE_FILE', '--days', '7', '--json')).out);
  expect(json).toMatchObject({ code: 'NESTED_SIGNATURE_FILE', basis: 'archive', submissions: 2, wouldRefuse: none });
  expect(await readAuditHead(gate.gate.database)).toEqual(before);
});
