import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createWorkspace } from '../../support/workspace.js';
import type { Workspace } from '../../support/workspace.js';
import { testWith } from '../../support/installed.js';

const pythonTest = testWith('python3');

let work: Workspace;

beforeEach(async () => {
  work = await createWorkspace();
  await work.app('source', {
    id: 'calendar',
    version: '1.2.3',
    files: { 'empty.txt': '', 'l10n/äöü.js': 'x', 'b/a': '1' },
  });
});

afterEach(async () => work.remove());

function entriesOf(zip: string): readonly string[] {
  const list = 'import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))';
  return execFileSync('python3', ['-c', list, work.path(zip)], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

pythonTest('packs below a folder named as <id>, whatever the folder is called, and sorted', async () => {
  await work.succeed('pack', 'source');
  const entries = entriesOf('calendar-1.2.3.zip');
  expect(entries).toContain('calendar/appinfo/info.xml');
  expect(entries.every((name) => name.startsWith('calendar/'))).toBe(true);
  expect(entries).toEqual([...entries].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
});

test('what it writes is accepted, without a warning', async () => {
  const { err } = await work.succeed('pack', 'source', '--out', 'calendar.zip');
  expect(err).toBe('');
  expect(await work.verify('calendar.zip')).toMatchObject({ exit: 0, findings: [], archive: { files: 8 } });
});

test('the same files give the same bytes, whenever and wherever they are packed', async () => {
  await work.succeed('pack', 'source', '--out', 'one.zip');
  await cp(work.path('source'), work.path('elsewhere'), { recursive: true });
  await utimes(work.path('elsewhere/js/script.js'), 1, 1);
  // A process of its own: the zone of this one is fixed once it has told a time.
  const script = `
    const { commandLine } = await import('./test/support/run-command-line.ts');
    const { exit } = await commandLine(['pack', 'elsewhere', '--out', 'other.zip'], { workingFolder: process.argv[1] });
    process.exit(exit);`;
  const hooks = ['--import', './test/support/typescript.mjs', '--input-type=module'];
  const environment = { ...process.env, TZ: 'Pacific/Kiritimati' };
  execFileSync(process.execPath, [...hooks, '-e', script, work.folder], { env: environment });
  expect((await readFile(work.path('other.zip'))).equals(await readFile(work.path('one.zip')))).toBe(true);
});

pythonTest('SOURCE_DATE_EPOCH dates the entries', async () => {
  const environment = { SOURCE_DATE_EPOCH: '1700000000' };
  await work.runWith({ environment }, 'pack', 'source', '--out', 'dated.zip');
  const date = 'import sys, zipfile; print(*{i.date_time[:3] for i in zipfile.ZipFile(sys.argv[1]).infolist()})';
  expect(execFileSync('python3', ['-c', date, work.path('dated.zip')], { encoding: 'utf8' })).toBe('(2023, 11, 14)\n');
  expect(await work.runWith({ environment: { SOURCE_DATE_EPOCH: 'now' } }, 'pack', 'source')).toMatchObject({
    exit: 2,
  });
});

pythonTest('what nobody ships is left out, and said', async () => {
  for (const path of ['.git/HEAD', 'sub/.svn/entries', '.hg/store', '.DS_Store', 'img/Thumbs.db']) {
    await mkdir(work.path(`source/${path}/..`), { recursive: true });
    await writeFile(work.path(`source/${path}`), 'x');
  }
  const { err } = await work.succeed('pack', 'source', '--out', 'clean.zip');
  for (const name of ['.git', 'sub/.svn', '.hg', '.DS_Store', 'img/Thumbs.db']) expect(err).toContain(name);
  expect(entriesOf('clean.zip').filter((name) => /\.git|\.svn|\.hg|DS_Store|Thumbs/.test(name))).toEqual([]);
  expect(await work.verify('clean.zip')).toMatchObject({ exit: 0, findings: [] });
});

test('a symbolic link is refused, and nothing written', async () => {
  await symlink('/etc/passwd', work.path('source/passwd'));
  const { exit, err } = await work.run('pack', 'source', '--out', 'linked.zip');
  expect(exit).toBe(1);
  expect(err).toContain('ARCHIVE_SYMLINK  passwd');
  await expect(readFile(work.path('linked.zip'))).rejects.toThrow('ENOENT');
});

test.each([
  ['without info.xml', null, 'INFO_XML_MISSING'],
  ['without a version', '<info><id>calendar</id><name>x</name></info>', '<version>'],
  ['with broken XML', '<info>', 'INFO_XML_MALFORMED'],
  ['with too large an info.xml', ' '.repeat(2_000_000), 'INFO_XML_TOO_LARGE'],
  ['with an id that leads out', '<info><id>../evil</id><name>x</name><version>1.0.0</version></info>', '<id>'],
])('a folder %s is refused, and it is said why', async (_what, content, word) => {
  await rm(work.path('source/appinfo/info.xml'));
  if (content !== null) await writeFile(work.path('source/appinfo/info.xml'), content);
  const { exit, out, err } = await work.run('pack', 'source');
  expect({ exit, out }).toEqual({ exit: 1, out: '' });
  expect(err).toContain(word);
});

test('warns of what a store will refuse: a file changed after signing', async () => {
  await work.succeed('ca', 'init');
  await work.succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'key', '--out', 'crt');
  await work.succeed('sign', '--path', 'source', '--key', 'key', '--cert', 'crt');
  expect((await work.succeed('pack', 'source', '--out', 'fine.zip')).err).toBe('');
  await writeFile(work.path('source/js/script.js'), 'changed');
  const { err } = await work.succeed('pack', 'source', '--out', 'tampered.zip');
  expect(err).toContain('INVALID_HASH  js/script.js');
  const report = await work.verify('tampered.zip');
  expect(report).toMatchObject({ exit: 1, findings: [{ code: 'INVALID_HASH', path: 'js/script.js' }] });
});

test('the archive must not lie in the folder that is packed', async () => {
  expect(await work.run('pack', 'source', '--out', 'source/js/out.zip')).toMatchObject({ exit: 2 });
  expect(await work.runWith({ workingFolder: work.path('source') }, 'pack', '.')).toMatchObject({ exit: 2 });
});

test.each([[[]], [['one', 'two']]])('%j is not understood', async (words) => {
  expect(await work.run('pack', ...words)).toMatchObject({ exit: 2, out: '' });
});

test('a folder that is not there is said', async () => {
  expect(await work.run('pack', 'nowhere')).toMatchObject({ exit: 3, out: '' });
});

test('a file in whose place the archive comes is no secret, and the next line of a script goes on', async () => {
  expect((await work.succeed('pack', 'source')).out).toBe('Packed 8 files of calendar 1.2.3: calendar-1.2.3.zip\n');
  await writeFile(work.path('calendar-1.2.3.zip'), 'something else');
  for (const options of [[], ['--out', 'calendar-1.2.3.zip']]) {
    expect((await work.succeed('pack', 'source', ...options)).out).toContain('in place of the file that was there');
  }
  expect(await work.verify('calendar-1.2.3.zip')).toMatchObject({ exit: 0 });
});
