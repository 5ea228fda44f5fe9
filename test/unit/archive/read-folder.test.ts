import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultLimits } from '../../../src/archive/limits.js';
import { readFolder, type FolderReading } from '../../../src/archive/read-folder.js';
import { appArchive, appFiles } from '../../support/app-archive.js';
import { outlineOf } from './read-bytes.js';
import { testWith } from '../../support/installed.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-folder-'));
  for (const [path, content] of appFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const codesOf = (reading: FolderReading): string[] => reading.findings.map(({ code }) => code);

test('a folder gives the same facts as an archive of it', async () => {
  const reading = await readFolder(folder, defaultLimits);
  const archived = await outlineOf(await appArchive());
  expect(codesOf(reading)).toEqual([]);
  expect(reading.complete).toBe(true);
  expect(Object.fromEntries(reading.contents.files)).toEqual(Object.fromEntries(archived.reading.contents.files));
  expect(await reading.contents.read('appinfo/app.php', 1_000)).toEqual(appFiles().get('appinfo/app.php'));
  expect(await reading.contents.read('appinfo/app.php', 3)).toBeNull();
  expect(await reading.contents.read('../outside', 1_000)).toBeNull();
});

test('symbolic links are reported and not followed, to files as well as to folders', async () => {
  symlinkSync('/etc/passwd', join(folder, 'link'));
  symlinkSync('/etc', join(folder, 'linked-folder'));
  symlinkSync('.', join(folder, 'loop'));
  const reading = await readFolder(folder, defaultLimits);
  expect(codesOf(reading)).toEqual(['ARCHIVE_SYMLINK', 'ARCHIVE_SYMLINK', 'ARCHIVE_SYMLINK']);
  expect(reading.contents.files.size).toBe(appFiles().size);
});

testWith('mkfifo')('a named pipe is reported and not opened', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(codesOf(await readFolder(folder, defaultLimits))).toEqual(['ARCHIVE_SPECIAL_FILE']);
});

test('names are judged as in an archive', async () => {
  writeFileSync(join(folder, 'a:b'), '');
  writeFileSync(join(folder, 'CSS'), '');
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, '.git', 'HEAD'), '');
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('f6', 'hex')]), '');
  const reading = await readFolder(folder, defaultLimits);
  expect(codesOf(reading).sort()).toEqual([
    'ARCHIVE_NAME_ABSOLUTE',
    'ARCHIVE_NAME_CONFLICT',
    'ARCHIVE_NAME_ENCODING',
    'VCS_DATA',
  ]);
  expect(reading.complete).toBe(false);
});

test.each([
  ['ARCHIVE_FILE_TOO_LARGE', { fileBytes: 60 }],
  ['ARCHIVE_INFLATES_TOO_LARGE', { inflatedBytes: 60 }],
  ['ARCHIVE_TOO_MANY_ENTRIES', { entries: 4 }],
  ['ARCHIVE_TIMEOUT', { inspectionMs: -1 }],
])('%s: the limits hold for a folder as well', async (code, limit) => {
  const reading = await readFolder(folder, { ...defaultLimits, ...limit });
  expect(codesOf(reading)).toContain(code);
  expect(reading.complete).toBe(false);
});

test('an empty folder is an empty archive', async () => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  expect(codesOf(await readFolder(folder, defaultLimits))).toEqual(['ARCHIVE_EMPTY']);
});

test('a file that changed since it was hashed is not given out', async () => {
  const reading = await readFolder(folder, defaultLimits);
  writeFileSync(join(folder, 'appinfo/app.php'), '<?php\n// something quite another\n');
  await expect(reading.contents.read('appinfo/app.php', 1_000)).rejects.toThrow();
});
