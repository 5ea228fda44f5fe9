import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '../../../src/archive/limits.js';
import { inspectArchive, inspectFolder } from '../../../src/inspection/inspect-archive.js';
import type { Inspection } from '../../../src/inspection/inspection.js';
import { emptyTrust } from '../../../src/pki/trust.js';
import { appArchive, zipOf, type AppArchiveOptions } from '../../support/app-archive.js';
import { writeAppFolder } from '../../support/app-folder.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-changelog-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const request = { appId: null, profile: 'app', trust: emptyTrust, limits: defaultLimits, at: new Date() } as const;

async function inspect(zip: Buffer, profile: 'app' | 'core' = 'app'): Promise<Inspection> {
  const file = join(folder, 'app.zip');
  await writeFile(file, zip);
  return inspectArchive(file, { ...request, profile });
}

async function changelogOf(files: NonNullable<AppArchiveOptions['files']>, version = '1.0.0'): Promise<string | null> {
  return (await inspect(await appArchive({ version, files }))).changelog;
}

const section = (text: string): string => `# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- ${text}\n`;

test('an inspection brings what the changelog says of this version', async () => {
  expect(await changelogOf({ 'CHANGELOG.md': section('weeks') })).toBe('- weeks');
  expect(await changelogOf({ 'CHANGELOG.md': section('weeks') }, '1.1.0')).toBeNull();
  expect(await changelogOf({})).toBeNull();
});

test('also where its name is written otherwise; of several that which is written right', async () => {
  expect(await changelogOf({ 'changelog.md': section('small') })).toBe('- small');
  expect(await changelogOf({ 'Changelog.MD': section('mixed') })).toBe('- mixed');
  expect(await changelogOf({ 'changelog.md': section('small'), 'CHANGELOG.md': section('right') })).toBe('- right');
});

test.each(['docs/CHANGELOG.md', 'CHANGELOG.md.txt', 'CHANGELOG', 'vendor/CHANGELOG.md'])(
  '%s is no changelog',
  async (name) => {
    expect(await changelogOf({ [name]: section('other') })).toBeNull();
  },
);

test('one that is too long, empty or no text says nothing, and is nothing to complain of', async () => {
  const plain = await inspect(await appArchive());
  for (const content of [
    section('x').padEnd(1024 * 1024 + 1, ' '),
    '',
    Buffer.from('## 1.0.0\n\n\xff\xfe', 'latin1'),
    '## 1.0.0',
  ]) {
    const { changelog, findings } = await inspect(await appArchive({ files: { 'CHANGELOG.md': content } }));
    expect(changelog).toBeNull();
    expect(findings).toEqual(plain.findings);
  }
  expect(await changelogOf({ 'CHANGELOG.md': section('x').padEnd(1024 * 1024, ' ') })).toBe('- x');
});

test('of a folder and of a core release it is read in the same way', async () => {
  const app = await writeAppFolder(join(folder, 'calendar'), { files: { 'CHANGELOG.md': section('folder') } });
  expect((await inspectFolder(app, request)).changelog).toBe('- folder');
  const core = await zipOf([
    ['core/version.php', Buffer.from(`<?php\n$OC_Version = array(10, 15, 0, 2);\n$OC_VersionString = '10.15.0';\n`)],
    ['core/CHANGELOG.md', Buffer.from('Changelog for ownCloud Core [10.15.0] (2026-01-01)\n===\n\n* Core\n')],
  ]);
  expect((await inspect(core, 'core')).changelog).toBe('* Core');
});

test('an archive that says nothing of itself has no changelog either', async () => {
  const { app, changelog } = await inspect(
    await appArchive({ infoXml: 'broken', files: { 'CHANGELOG.md': section('x') } }),
  );
  expect([app, changelog]).toEqual([null, null]);
});
