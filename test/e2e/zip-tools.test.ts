import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { request, upload } from '../support/api.js';
import { writeAppFolder } from '../support/app-folder.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';

/** A way to pack the folder `calendar` into `app.zip`, as a shell's line. */
interface Packer {
  readonly name: string;
  /** What must be installed for it, and how to see whether it is. */
  readonly needs: readonly [program: string, ...args: string[]];
  readonly line: string;
}

const git = 'git -c user.name=Ada -c user.email=ada@example.org -c commit.gpgsign=false -C calendar';

const packers: readonly Packer[] = [
  { name: 'Info-ZIP zip', needs: ['zip', '-v'], line: 'zip -qr app.zip calendar' },
  // It can't seek back: sizes and checksums follow the data.
  { name: 'Info-ZIP zip into a pipe', needs: ['zip', '-v'], line: 'zip -qr - calendar | cat > app.zip' },
  { name: 'Info-ZIP zip without compression', needs: ['zip', '-v'], line: 'zip -qr0 app.zip calendar' },
  { name: 'Python zipfile', needs: ['python3', '--version'], line: 'python3 -m zipfile -c app.zip calendar' },
  {
    name: 'Python shutil',
    needs: ['python3', '--version'],
    line: `python3 -c "import shutil; shutil.make_archive('app', 'zip', '.', 'calendar')"`,
  },
  { name: 'jar', needs: ['jar', '--version'], line: 'jar --create --no-manifest --file app.zip calendar' },
  {
    name: 'git archive',
    needs: ['git', '--version'],
    line: `${git} init -q && ${git} add -A && ${git} commit -qm app && ${git} archive --format=zip --prefix=calendar/ -o ../app.zip HEAD`,
  },
  { name: 'bsdtar', needs: ['bsdtar', '--version'], line: 'bsdtar --format zip -cf app.zip calendar' },
  { name: '7-Zip', needs: ['7z', 'i'], line: '7z a -bd app.zip calendar' },
];

let gate: BuiltGate;
let token: string;

beforeAll(async () => {
  gate = await startBuiltGate();
  token = await gate.token('calendar');
  await gate.succeed(['ca', 'issue', '--app-id', 'calendar', '--new-key', 'calendar.key']);
});

afterAll(async () => gate.remove());

/** A signed app of its own for every packer, with names and contents that packers treat differently. */
async function signedApp(folder: string, version: string): Promise<void> {
  await writeAppFolder(gate.path(folder, 'calendar'), {
    version,
    files: {
      'l10n/größe.js': '// beyond ASCII\n',
      'js/empty.js': '',
      'img/noise.bin': Buffer.from(version.repeat(5_000)),
    },
  });
  const signing = ['sign', '--path', `${folder}/calendar`, '--key', 'calendar.key', '--cert', 'calendar.crt'];
  await gate.succeed(signing);
}

describe.each(packers.map((packer, index) => ({ ...packer, version: `1.0.${index}` })))(
  'a signed app packed by $name',
  ({ needs: [program, ...args], line, version }) => {
    const isInstalled = spawnSync(program, args).status === 0;
    const claim = isInstalled ? test : test.skip;
    claim(`is accepted${isInstalled ? '' : ` (${program} is not installed)`}`, async () => {
      const folder = `packed-${version}`;
      await signedApp(folder, version);
      await promisify(execFile)('sh', ['-euc', line], {
        cwd: gate.path(folder),
        env: { ...process.env, LC_ALL: 'C.UTF-8', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      });
      const answer = await upload(gate.url, token, 'calendar', await readFile(gate.path(folder, 'app.zip')));
      expect(answer.body).toMatchObject({
        outcome: 'accepted',
        version,
        report: { signature: { status: 'valid', signer: { commonName: 'calendar' } } },
      });
      expect(answer.status).toBe(201);
    });
  },
);

const withCurl = spawnSync('curl', ['--version']).status === 0 ? describe : describe.skip;

withCurl('curl (skipped where there is none)', () => {
  test.each([
    ['multipart', ['-F', 'archive=@app.zip']],
    ['multipart, asking first', ['-F', 'archive=@app.zip', '-H', 'Expect: 100-continue']],
    ['as the body', ['--data-binary', '@app.zip', '-H', 'Content-Type: application/zip']],
    ['from a pipe, of unknown length', ['-T', '-', '-X', 'POST', '-H', 'Content-Type: application/zip']],
  ])('uploads it %s', async (way, options) => {
    const version = `2.${way.length}.0`;
    const folder = `curl-${version}`;
    await signedApp(folder, version);
    await gate.succeed(['pack', `${folder}/calendar`, '--out', `${folder}/app.zip`]);
    const header = ['-H', `Authorization: Bearer ${token}`];
    const address = `${gate.url}/api/v1/apps/calendar/releases`;
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-euc', 'cat app.zip | curl --silent --show-error "$@"', 'sh', ...header, ...options, address],
      { cwd: gate.path(folder) },
    );
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'accepted', version });
    expect((await request(`${gate.url}/api/v1/apps/calendar/releases/${version}`)).status).toBe(200);
  });

  test('downloads the very bytes', async () => {
    const version = '3.0.0';
    await signedApp('curl-back', version);
    await gate.succeed(['pack', 'curl-back/calendar', '--out', 'curl-back/app.zip']);
    const bytes = await readFile(gate.path('curl-back', 'app.zip'));
    await upload(gate.url, token, 'calendar', bytes);
    await promisify(execFile)('curl', [
      ...['--silent', '--show-error', '--fail', '-o', gate.path('curl-back', 'back.zip')],
      `${gate.url}/api/v1/apps/calendar/releases/${version}/archive`,
    ]);
    expect(await readFile(gate.path('curl-back', 'back.zip'))).toEqual(bytes);
  });
});
