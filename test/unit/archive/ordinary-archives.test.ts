import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ZipFile } from 'yazl';
import { appArchive, appFiles } from '../../support/app-archive.js';
import { outlineOf, outlineOfFile } from './read-bytes.js';

const files = appFiles({
  files: { 'l10n/größe.txt': 'Größe', 'data/zeros.bin': Buffer.alloc(200_000), 'data/empty': '' },
});
const expected = Object.fromEntries(
  [...files].map(([path, content]) => [path, createHash('sha512').update(content).digest('hex')]),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-tools-'));
  for (const [path, content] of files) {
    const file = join(folder, 'calendar', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: 0o644 });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isInstalled(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const python = (body: string): string[] => ['-c', `import os, sys, zipfile\n${body}`];
const PYTHON_FILES = `files = sorted(os.path.join(d, f) for d, _, fs in os.walk('calendar') for f in fs)`;

/** What packs the folder `calendar` of the working directory into `out.zip`. */
const tools: readonly (readonly [what: string, tool: string, args: readonly string[]])[] = [
  ['zip -r', 'zip', ['-qr', 'out.zip', 'calendar']],
  ['zip without folder entries', 'zip', ['-qrD', 'out.zip', 'calendar']],
  ['zip without extra fields', 'zip', ['-qrX', 'out.zip', 'calendar']],
  ['zip, stored', 'zip', ['-qr0', 'out.zip', 'calendar']],
  ['zip with a comment', 'sh', ['-c', 'echo "made by hand" | zip -qrz out.zip calendar']],
  ['zip, zip64 throughout', 'zip', ['-qr', '-fz', 'out.zip', 'calendar']],
  ['zip to a pipe', 'sh', ['-c', 'zip -qr - calendar | cat > out.zip']],
  [
    'zip, one file after another',
    'sh',
    ['-c', 'find calendar -type f | sort | while read f; do zip -q out.zip "$f"; done'],
  ],
  [
    'zip, one file deleted again',
    'sh',
    ['-c', 'echo x > calendar/x; zip -qr out.zip calendar; rm calendar/x; zip -qd out.zip calendar/x'],
  ],
  ['python3 -m zipfile', 'python3', ['-m', 'zipfile', '-c', 'out.zip', 'calendar']],
  [
    'Python, deflated',
    'python3',
    python(`${PYTHON_FILES}
with zipfile.ZipFile('out.zip', 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files: z.write(f)`),
  ],
  [
    'Python, to a pipe',
    'python3',
    python(`${PYTHON_FILES}
r, w = os.pipe()
if os.fork() == 0:
  os.close(w); open('out.zip', 'wb').write(os.fdopen(r, 'rb').read()); os._exit(0)
with os.fdopen(w, 'wb') as out, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files: z.write(f)
out.close(); os.wait()`),
  ],
  [
    'Python, zip64 forced and to a pipe',
    'python3',
    python(`${PYTHON_FILES}
r, w = os.pipe()
if os.fork() == 0:
  os.close(w); open('out.zip', 'wb').write(os.fdopen(r, 'rb').read()); os._exit(0)
with os.fdopen(w, 'wb') as out, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files:
    i = zipfile.ZipInfo.from_file(f); i.compress_type = 8
    with z.open(i, 'w', force_zip64=True) as e: e.write(open(f, 'rb').read())
out.close(); os.wait()`),
  ],
  [
    'Python, with MS-DOS as host',
    'python3',
    python(`${PYTHON_FILES}
with zipfile.ZipFile('out.zip', 'w', zipfile.ZIP_DEFLATED) as z:
  for f in files:
    i = zipfile.ZipInfo.from_file(f); i.create_system = 0; i.compress_type = 8; z.writestr(i, open(f, 'rb').read())`),
  ],
  ['jar', 'jar', ['cMf', 'out.zip', 'calendar']],
  ['jar, stored', 'jar', ['cM0f', 'out.zip', 'calendar']],
  [
    'git archive',
    'sh',
    [
      '-c',
      'cd calendar && git init -q . && git add . && git -c user.name=a -c user.email=a@example.org commit -qm a && git archive --format=zip --prefix=calendar/ -o ../out.zip HEAD; rm -rf .git',
    ],
  ],
];

describe.each(tools)('%s', (_, tool, args) => {
  const needed = args.some((arg) => arg.includes('git archive'))
    ? 'git'
    : args.some((arg) => /\bzip /.test(arg))
      ? 'zip'
      : tool;
  const claim = isInstalled(needed) ? test : test.skip;
  claim(`is read as it was packed (skipped where ${needed} is not installed)`, async () => {
    rmSync(join(folder, 'out.zip'), { force: true });
    execFileSync(tool, args, { cwd: folder, stdio: 'pipe', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    const { codes, reading, hashes } = await outlineOfFile(join(folder, 'out.zip'));
    expect(codes.filter((code) => code !== 'ARCHIVE_NAME_NOT_MARKED_UTF8')).toEqual([]);
    expect(hashes).toEqual(expected);
    expect(reading.complete).toBe(true);
    expect(reading.topLevelFolder).toBe('calendar');
  });
});

test('yazl is read as it was packed', async () => {
  const { codes, hashes, reading } = await outlineOf(await appArchive({ files: Object.fromEntries(files) }));
  expect(codes).toEqual([]);
  expect(hashes).toEqual(expected);
  expect(reading.archive).toMatchObject({ entries: files.size, files: files.size });
});

test.each<[string, { forceZip64Format?: true }]>([
  ['zip64 throughout', { forceZip64Format: true }],
  ['plain', {}],
])('yazl from streams, %s, is read as it was packed', async (_, options) => {
  const zip = new ZipFile();
  for (const path of files.keys()) zip.addFile(join(folder, 'calendar', path), `calendar/${path}`, options);
  zip.addEmptyDirectory('calendar/empty');
  zip.end({ forceZip64Format: options.forceZip64Format ?? false, comment: '' });
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  const { codes, hashes } = await outlineOf(Buffer.concat(chunks));
  expect(codes).toEqual([]);
  expect(hashes).toEqual(expected);
});

const zipTest = isInstalled('zip') ? test : test.skip;
zipTest('a symbolic link that zip keeps as one is refused (skipped where zip is not installed)', async () => {
  const tree = mkdtempSync(join(tmpdir(), 'portcullis-link-'));
  try {
    mkdirSync(join(tree, 'calendar'));
    writeFileSync(join(tree, 'calendar', 'a.txt'), 'a');
    symlinkSync('/etc/passwd', join(tree, 'calendar', 'link'));
    execFileSync('zip', ['-qry', 'out.zip', 'calendar'], { cwd: tree });
    expect((await outlineOfFile(join(tree, 'out.zip'))).codes).toEqual(['ARCHIVE_SYMLINK']);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
});
