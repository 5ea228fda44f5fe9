import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { appFiles } from '../../support/app-archive.js';
import { packers, refusedPackers } from '../../support/zip-packers.js';
import { testWith } from '../../support/installed.js';
import { outlineOfFile } from './read-bytes.js';

const files = appFiles({
  files: {
    'l10n/größe.txt': 'Größe',
    'l10n/日本語.json': '{}',
    'a/b/c/d/e/deep.txt': 'deep',
    'a/b/deep.txt': 'less deep',
    'bin/run me.sh': '#!/bin/sh\n',
    '.htaccess': 'Deny from all\n',
    'v1.2.3/file.with.dots.txt': 'dots',
    'data/zeros.bin': Buffer.alloc(200_000),
    'data/empty': '',
  },
});
const expected = Object.fromEntries(
  [...files].map(([path, content]) => [path, createHash('sha512').update(content).digest('hex')]),
);

let folder: string;
let archives: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-tools-'));
  archives = mkdtempSync(join(tmpdir(), 'portcullis-made-'));
  for (const [path, content] of files) {
    const file = join(folder, 'calendar', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: 0o644 });
  }
  chmodSync(join(folder, 'calendar', 'bin/run me.sh'), 0o755);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(archives, { recursive: true, force: true });
});

describe.each(packers)('$name', ({ name, tool, isInstalled, pack }) => {
  const claim = isInstalled() ? test : test.skip;
  claim(`is read as it was packed (skipped where ${tool} is not installed)`, async () => {
    const out = join(archives, `${name}.zip`);
    await pack(folder, 'calendar', out);
    const { codes, reading, hashes } = await outlineOfFile(out);
    expect(codes.filter((code) => code !== 'ARCHIVE_NAME_NOT_MARKED_UTF8')).toEqual([]);
    expect(hashes).toEqual(expected);
    expect(reading.complete).toBe(true);
    expect(reading.topLevelFolder).toBe('calendar');
  });
});

describe.each(refusedPackers)('$name', ({ name, tool, codes, isInstalled, pack }) => {
  const claim = isInstalled() ? test : test.skip;
  claim(`is refused, ${codes.join(', ')} (skipped where ${tool} is not installed)`, async () => {
    const out = join(archives, `${name}.zip`);
    await pack(folder, 'calendar', out);
    const outline = await outlineOfFile(out);
    expect(outline.codes.filter((code) => code !== 'ARCHIVE_NAME_NOT_MARKED_UTF8')).toEqual(codes);
  });
});

testWith('zip')('a symbolic link that zip keeps as one is refused', async () => {
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
