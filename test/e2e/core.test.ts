import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codesOf, request, upload, type ApiAnswer } from '../support/api.js';
import { zipOf } from '../support/app-archive.js';
import { writeAppFolder } from '../support/app-folder.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';

const MARKER = '#### DO NOT CHANGE ANYTHING ABOVE THIS LINE ####';

let gate: BuiltGate;

beforeAll(async () => {
  gate = await startBuiltGate();
  await gate.succeed(['ca', 'issue', '--app-id', 'core', '--new-key', 'core.key']);
});

afterAll(async () => gate.remove());

/** The files of a release of the server, small, with one of everything that its signature treats in its own way. */
function coreFiles(version: string): Map<string, string> {
  return new Map([
    [
      'version.php',
      `<?php\n$OC_Version = array(${version.replaceAll('.', ',')},0);\n$OC_VersionString = '${version}';\n`,
    ],
    ['.htaccess', `Options -Indexes\n${MARKER}\n`],
    ['index.php', '<?php\nrequire __DIR__ . "/lib/base.php";\n'],
    ['lib/base.php', '<?php\n'],
    ['core/js/js.js', 'console.log("core");\n'],
    ['core/js/mimetypelist.js', 'OC.MimeTypeList = {};\n'],
    ['apps/dav/appinfo/info.xml', '<info><id>dav</id></info>\n'],
  ]);
}

type Files = Map<string, Buffer>;

/** A release of the server, signed with CN=core and then changed by `change`, packed below `owncloud/`. */
async function coreArchive(version: string, change: (files: Files) => void = () => undefined): Promise<Buffer> {
  const folder = `core-${version}`;
  for (const [path, content] of coreFiles(version)) {
    await mkdir(gate.path(folder, dirname(path)), { recursive: true });
    await writeFile(gate.path(folder, path), content);
  }
  await gate.succeed(['sign', '--core', '--path', folder, '--key', 'core.key', '--cert', 'core.crt']);
  const files: Files = new Map();
  for (const entry of await readdir(gate.path(folder), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(path.slice(gate.path(folder).length + 1), await readFile(path));
  }
  change(files);
  return zipOf([...files].map(([path, content]) => [`owncloud/${path}`, content] as const));
}

async function uploadCore(archive: Buffer): Promise<ApiAnswer> {
  return upload(gate.url, await gate.operatorToken(), 'core', archive);
}

function pathsOf({ body }: ApiAnswer): readonly unknown[] {
  return (body.report.findings as { severity: string; path?: string }[])
    .filter(({ severity }) => severity === 'error')
    .map(({ path }) => path);
}

test('a release of the server signed by core goes through the gate', async () => {
  const archive = await coreArchive('10.15.0');
  const answer = await uploadCore(archive);
  expect(answer).toMatchObject({
    status: 201,
    body: {
      appId: 'core',
      version: '10.15.0',
      outcome: 'accepted',
      report: { signature: { status: 'valid', signer: { commonName: 'core' } } },
    },
  });
  const download = await fetch(`${gate.url}/api/v1/apps/core/releases/10.15.0/archive`);
  expect(Buffer.from(await download.arrayBuffer())).toEqual(archive);
  await writeFile(gate.path('core.zip'), archive);
  expect((await gate.run(['verify', 'core.zip', '--core', '--signed'])).exit).toBe(0);
});

test('what the signature of core leaves out may change', async () => {
  const archive = await coreArchive('10.15.1', (files) => {
    files.set('.htaccess', Buffer.from(`Options -Indexes\n${MARKER}\nErrorDocument 403 /\n`));
    files.set('core/js/mimetypelist.js', Buffer.from('OC.MimeTypeList = {"x": 1};\n'));
    files.set('apps/dav/appinfo/app.php', Buffer.from('<?php\n'));
  });
  expect((await uploadCore(archive)).status).toBe(201);
});

test.each([
  [
    'a file was changed',
    'lib/base.php',
    'INVALID_HASH',
    (files: Files) => files.set('lib/base.php', Buffer.from('<?php evil();\n')),
  ],
  [
    '.htaccess was changed above its line',
    '.htaccess',
    'INVALID_HASH',
    (files: Files) => files.set('.htaccess', Buffer.from(`Options +Indexes\n${MARKER}\n`)),
  ],
  [
    'a file was added',
    'lib/back.php',
    'EXTRA_FILE',
    (files: Files) => files.set('lib/back.php', Buffer.from('<?php\n')),
  ],
  ['a file is missing', 'index.php', 'FILE_MISSING', (files: Files) => files.delete('index.php')],
])('a release of the server in which %s is refused, naming it', async (_what, path, code, change) => {
  const answer = await uploadCore(await coreArchive('10.15.2', change));
  expect(answer.status).toBe(422);
  expect(codesOf(answer)).toContain(code);
  expect(pathsOf(answer)).toEqual([path]);
});

test('an unsigned release of the server after a signed one is refused', async () => {
  const archive = await coreArchive('10.15.3', (files) => files.delete('core/signature.json'));
  // Whatever the tests before have published.
  await uploadCore(await coreArchive('10.14.0'));
  const answer = await uploadCore(archive);
  expect(answer.status).toBe(422);
  expect(codesOf(answer)).toContain('SIGNATURE_DROPPED');
});

test('only the operator uploads under core', async () => {
  const token = await gate.token('core');
  const answer = await upload(gate.url, token, 'core', await coreArchive('10.15.4'));
  expect(answer).toMatchObject({ status: 403, body: { code: 'APP_ID_RESERVED' } });
  expect((await request(`${gate.url}/api/v1/apps/core/releases/10.15.4`)).status).toBe(404);
});

test('the certificate of core signs no app, not even the operator’s upload', async () => {
  await writeAppFolder(gate.path('calendar'));
  // As one with the key of core could do it: the folder's own <id> is hidden from our tool while it signs.
  const signature = await gate.succeed([
    'sign',
    '--core',
    '--path',
    'calendar',
    '--key',
    'core.key',
    '--cert',
    'core.crt',
    '--out',
    '-',
  ]);
  await writeFile(gate.path('calendar', 'appinfo', 'signature.json'), signature.out);
  await gate.succeed(['pack', 'calendar', '--out', 'calendar.zip']);
  const answer = await upload(
    gate.url,
    await gate.operatorToken(),
    'calendar',
    await readFile(gate.path('calendar.zip')),
  );
  expect(answer.status).toBe(422);
  expect(codesOf(answer)).toContain('CN_MISMATCH');
  expect(pathsOf(answer)).toHaveLength(1);
});
