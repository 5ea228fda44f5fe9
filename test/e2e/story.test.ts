import { readFile, rm, writeFile } from 'node:fs/promises';
import { request } from '../support/api.js';
import type { AppArchiveOptions } from '../support/app-archive.js';
import { writeAppFolder } from '../support/app-folder.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';

let gate: BuiltGate;
/** Of a developer who owns both apps. */
let token: string;

beforeAll(async () => {
  gate = await startBuiltGate();
  token = (await gate.succeed(['token', 'create', '--app', 'calendar,gallery', '--account', 'ada'])).out.trim();
  for (const id of ['calendar', 'gallery']) {
    await gate.succeed(['ca', 'issue', '--app-id', id, '--new-key', `${id}.key`]);
  }
});

afterAll(async () => gate.remove());

interface Built extends AppArchiveOptions {
  readonly id: string;
  readonly version: string;
  readonly signed?: boolean;
  /** Files written after the signing, by path below the app's folder; null removes one. */
  readonly afterwards?: Readonly<Record<string, string | null>>;
}

/** Builds an app as developers do: writes, signs, packs; the archive's name. */
async function build({ signed = false, afterwards = {}, ...app }: Built): Promise<string> {
  const folder = `${app.id}-${app.version}`;
  await rm(gate.path(folder), { recursive: true, force: true });
  await writeAppFolder(gate.path(folder), app);
  if (signed) await gate.succeed(['sign', '--path', folder, '--key', `${app.id}.key`, '--cert', `${app.id}.crt`]);
  for (const [path, content] of Object.entries(afterwards)) {
    await (content === null ? rm(gate.path(folder, path)) : writeFile(gate.path(folder, path), content));
  }
  await gate.succeed(['pack', folder]);
  return `${folder}.zip`;
}

interface Told {
  readonly exit: number;
  readonly id: string;
  readonly outcome: string;
  /** The codes of what is an error. */
  readonly errors: readonly string[];
  readonly paths: readonly string[];
}

/** Runs `upload` or `validate`: what it told. */
async function send(command: 'upload' | 'validate', archive: string, ...more: string[]): Promise<Told> {
  const { exit, out, err } = await gate.run([command, archive, '--json', ...more], token);
  if (out === '') throw new Error(`${command} ${archive}: exit ${exit}\n${err}`);
  const { id, outcome, report } = JSON.parse(out) as {
    id: string;
    outcome: string;
    report: { findings: { code: string; severity: string; path?: string }[] };
  };
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  return {
    exit,
    id,
    outcome,
    errors: errors.map(({ code }) => code),
    paths: errors.flatMap(({ path }) => (path === undefined ? [] : [path])),
  };
}

const ACCEPTED = { exit: 0, outcome: 'accepted', errors: [] };

test('from an unsigned app to an official one, and no way back', async () => {
  // Unsigned, and nobody asks for more.
  const first = await build({ id: 'calendar', version: '1.0.0' });
  expect(await send('validate', first)).toMatchObject(ACCEPTED);
  expect((await gate.run(['status', 'calendar'])).exit).toBe(1);
  expect(await send('upload', first)).toMatchObject(ACCEPTED);
  expect(await send('upload', await build({ id: 'calendar', version: '1.0.1' }))).toMatchObject(ACCEPTED);

  // The store vouches for it: from now on unsigned updates are refused, and asking beforehand tells so.
  await gate.succeed(['app', 'level', 'calendar', 'official', '--reason', 'shipped with the server']);
  const unsigned = await build({ id: 'calendar', version: '2.0.0' });
  const refusal = { exit: 1, outcome: 'refused', errors: ['OFFICIAL_APP_UNSIGNED'] };
  expect(await send('validate', unsigned)).toMatchObject(refusal);
  const refused = await send('upload', unsigned);
  expect(refused).toMatchObject(refusal);
  const text = await gate.run(['upload', unsigned], token);
  expect(text.exit).toBe(1);
  expect(text.out).toContain('OFFICIAL_APP_UNSIGNED');
  const shown = await gate.run(['status', refused.id], token);
  expect(shown).toMatchObject({ exit: 1 });
  expect(shown.out).toContain('OFFICIAL_APP_UNSIGNED');
  expect((await gate.run(['status', 'calendar@2.0.0'])).exit).toBe(1);

  // Signed it gets in, under the version that the refused attempt did not burn.
  const signed = await build({ id: 'calendar', version: '2.0.0', signed: true });
  const accepted = await send('upload', signed);
  expect(accepted).toMatchObject(ACCEPTED);
  expect(await send('upload', signed)).toMatchObject({ ...ACCEPTED, id: accepted.id });
  expect((await gate.run(['status', accepted.id], token)).exit).toBe(0);
  expect((await gate.run(['status', 'calendar@2.0.0'])).exit).toBe(0);

  // Even with the level gone and the signed release withdrawn, a signed app stays signed.
  await gate.succeed(['app', 'level', 'calendar', 'experimental', '--reason', 'no longer shipped']);
  await gate.succeed(['app', 'withdraw', 'calendar', '2.0.0', '--reason', 'a leak']);
  expect((await gate.run(['status', 'calendar@2.0.0'])).exit).toBe(1);
  expect(await send('upload', await build({ id: 'calendar', version: '2.1.0' }))).toMatchObject({
    exit: 1,
    errors: ['SIGNATURE_DROPPED'],
  });
  expect(await send('upload', signed)).toMatchObject({ exit: 1, errors: ['VERSION_WITHDRAWN'] });
  const releases = (await request(`${gate.url}/api/v1/apps/calendar/releases`)).body as {
    releases: { version: string; status: string; signed: boolean }[];
  };
  expect(releases.releases.map(({ version, status, signed: isSigned }) => [version, status, isSigned])).toEqual(
    expect.arrayContaining([
      ['1.0.0', 'published', false],
      ['1.0.1', 'published', false],
      ['2.0.0', 'withdrawn', true],
    ]),
  );
});

describe('a signed app', () => {
  test('that was changed is refused, naming every file', async () => {
    const archive = await build({
      id: 'gallery',
      version: '3.0.0',
      signed: true,
      files: { 'js/gone.js': '1' },
      afterwards: { 'js/script.js': 'steal();', 'js/gone.js': null, 'js/new.js': 'steal();' },
    });
    const told = await send('upload', archive);
    expect(told).toMatchObject({ exit: 1, outcome: 'refused' });
    expect([...told.errors].sort()).toEqual(['EXTRA_FILE', 'FILE_MISSING', 'INVALID_HASH']);
    expect([...told.paths].sort()).toEqual(['js/gone.js', 'js/new.js', 'js/script.js']);
  });

  test('with the certificate of another app is CN_MISMATCH, also where their key is the same', async () => {
    const folder = 'gallery-4.0.0';
    await writeAppFolder(gate.path(folder), { id: 'gallery', version: '4.0.0' });
    // Our own tool does not sign so; a signature file can be edited.
    const stranger = ['--key', 'calendar.key', '--cert', 'calendar.crt'];
    expect((await gate.run(['sign', '--path', folder, ...stranger])).exit).toBe(1);
    await gate.succeed(['csr', '--key', 'calendar.key', '--app-id', 'gallery', '--out', 'second.csr']);
    await gate.succeed(['ca', 'issue', '--app-id', 'gallery', '--csr', 'second.csr', '--out', 'second.crt']);
    await gate.succeed(['sign', '--path', folder, '--key', 'calendar.key', '--cert', 'second.crt']);
    const file = gate.path(folder, 'appinfo', 'signature.json');
    const signature = await readFile(file, 'utf8');
    const [own, other] = await Promise.all(['second.crt', 'calendar.crt'].map(leafAsJson));
    await writeFile(file, signature.replace(own ?? '', other ?? ''));
    await gate.succeed(['pack', folder]);
    expect(await send('upload', `${folder}.zip`)).toMatchObject({
      exit: 1,
      outcome: 'refused',
      errors: ['CN_MISMATCH'],
    });
    await writeFile(file, signature);
    await gate.succeed(['pack', folder]);
    expect(await send('upload', `${folder}.zip`)).toMatchObject(ACCEPTED);
  });

  test('downloads as the very bytes that were uploaded, whole and in part', async () => {
    const archive = await build({ id: 'gallery', version: '5.0.0', signed: true });
    expect(await send('upload', archive)).toMatchObject(ACCEPTED);
    const bytes = await readFile(gate.path(archive));
    const address = `${gate.url}/api/v1/apps/gallery/releases/5.0.0/archive`;
    const whole = await fetch(address);
    expect(whole.status).toBe(200);
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(bytes);
    const part = await fetch(address, { headers: { range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
  });
});

/** The first certificate of a file in the workspace, as it stands in a signature file. */
async function leafAsJson(name: string): Promise<string> {
  const [leaf = ''] =
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(await readFile(gate.path(name), 'utf8')) ?? [];
  return JSON.stringify(leaf);
}

describe('who may not upload', () => {
  test.each([
    ['without a token it is exit 2', undefined, 2],
    ['with a token that is none it is exit 3', `portcullis_${'x'.repeat(43)}`, 3],
  ])('%s', async (_what, wrong, exit) => {
    const archive = await build({ id: 'calendar', version: '9.0.0' });
    expect((await gate.run(['upload', archive], wrong)).exit).toBe(exit);
  });

  test('somebody else can not upload an app that has an owner', async () => {
    const owned = await build({ id: 'calendar', version: '0.9.0' });
    await send('upload', owned);
    const other = (await gate.succeed(['token', 'create', '--app', 'calendar', '--account', 'mallory'])).out.trim();
    const result = await gate.run(['upload', owned], other);
    expect(result.exit).not.toBe(0);
    expect(result.out + result.err).toContain('NOT_OWNER');
  });
});
