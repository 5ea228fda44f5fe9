import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildManifest } from '../../src/signature/manifest.js';
import { signManifest } from '../../src/signature/sign-manifest.js';
import { hostileArchives } from '../fuzz/hostile-archives.js';
import { largeZip } from '../fuzz/large-zip.js';
import { infoXml } from '../support/app-archive.js';
import { contentsOf } from '../support/golden.js';
import { createTestAuthority, writeTrustFolder } from '../support/test-authority.js';

const MIB = 1024 * 1024;
/** Above what a program has that has loaded the gate and done nothing with it. */
const MEMORY_BOUND = 128 * MIB;

const PROGRAM = [
  fileURLToPath(new URL('../support/inspect-program.mjs', import.meta.url)),
  '--at',
  '2026-11-22T00:00:00Z',
];

interface Measured {
  readonly idleRss: number;
  readonly peakRss: number;
  readonly outcome: string;
  readonly status: string;
  readonly codes: readonly string[];
}

const authority = createTestAuthority();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-bounds-'));
  await writeTrustFolder(join(folder, 'trust'), authority.files());
});
afterAll(() => rm(folder, { recursive: true }));

/** Inspects an archive in a program of its own, with the limits that a store has by default. */
async function inspect(archive: Buffer): Promise<Measured> {
  const file = join(folder, 'archive.zip');
  await writeFile(file, archive);
  const { stdout } = await promisify(execFile)(process.execPath, [...PROGRAM, file, join(folder, 'trust')]);
  return JSON.parse(stdout) as Measured;
}

function mebibytesAboveIdle({ idleRss, peakRss }: Measured): number {
  return Math.round((peakRss - idleRss) / MIB);
}

test.each(hostileArchives.filter(({ code }) => code !== null))(
  '$name: refused, in bounded memory',
  async ({ make, code }) => {
    const measured = await inspect(make());
    expect(measured.outcome).toBe('refused');
    expect(measured.codes).toContainEqual(expect.stringMatching(`^${code ?? ''}`));
    // What isn't looked into can't cost anything.
    expect(measured.codes).not.toContain('ARCHIVE_NOT_ZIP');
    expect(mebibytesAboveIdle(measured)).toBeLessThanOrEqual(MEMORY_BOUND / MIB);
  },
);

test.each(hostileArchives.filter(({ code }) => code === null))(
  '$name: nothing wrong with that, and in bounded memory',
  async ({ make }) => {
    const measured = await inspect(make());
    expect(measured.codes).toEqual([]);
    expect(mebibytesAboveIdle(measured)).toBeLessThanOrEqual(MEMORY_BOUND / MIB);
  },
);

test('a signed app of 50,000 files: its signature is verified, in bounded memory', async () => {
  const files = new Map<string, Buffer>([['appinfo/info.xml', Buffer.from(infoXml({ id: 'app' }))]]);
  for (let index = 0; files.size < 49_999; index += 1) files.set(`f${index}`, Buffer.from(String(index)));
  const leaf = authority.issue('app');
  const signature = signManifest({
    manifest: await buildManifest(contentsOf(files), 'app'),
    privateKey: createPrivateKey(leaf.privateKeyPem),
    certificate: leaf.certificate,
    chain: [authority.intermediate.certificate],
    format: 2,
  });
  files.set('appinfo/signature.json', signature);
  const measured = await inspect(largeZip([...files].map(([path, data]) => ({ name: `app/${path}`, data }))));
  expect(measured).toMatchObject({ outcome: 'accepted', status: 'valid', codes: [] });
  expect(mebibytesAboveIdle(measured)).toBeLessThanOrEqual(MEMORY_BOUND / MIB);
});
