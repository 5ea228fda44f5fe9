import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RefusedZipPacker, ZipPacker } from '../zip-packers/zip-packer.js';
import { packers, refusedPackers } from '../zip-packers.js';
import { SNAPSHOT_PREFIX, type CorpusLine } from './table.js';

/** What real tools pack: small, and with what tools do differently. */
const FILES: Readonly<Record<string, string>> = {
  'appinfo/info.xml': '<?xml version="1.0"?>\n<info><id>app</id><name>App</name><version>1.0.0</version></info>\n',
  'l10n/größe.txt': 'Größe\n',
  'empty file': '',
  'js/script.js': 'console.log("app");\n'.repeat(10),
};

const TIME = new Date('2025-01-01T12:00:00Z');

/** How a program tells its version, in one line. */
const VERSION_COMMANDS: Readonly<Record<string, string>> = {
  zip: 'zip -v | sed -n "s/^This is //;2p"',
  '7z': '7z | sed -n "2s/ : .*//p"',
  bsdtar: 'bsdtar --version | cut -d" " -f1,2',
  jar: 'jar --version',
  git: 'git --version',
  python3: 'python3 --version',
  go: 'go version',
  'php with ZipArchive': `php -r 'echo "PHP ", PHP_VERSION, ", libzip ", ZipArchive::LIBZIP_VERSION;'`,
};

/** An archive that a real tool made just now. */
export interface Snapshot {
  readonly line: CorpusLine;
  readonly bytes: Buffer;
}

/**
 * Packs a small tree with every tool that is installed.
 *
 * @param read which findings the reader has on an archive, sorted
 * @throws where a tool ends with an error
 */
export async function takeSnapshots(read: (file: string) => Promise<readonly string[]>): Promise<Snapshot[]> {
  const work = await mkdtemp(join(tmpdir(), 'portcullis-snapshots-'));
  try {
    await writeTree(join(work, 'tree', 'app'));
    const snapshots: Snapshot[] = [];
    for (const packer of [...packers, ...refusedPackers]) {
      if (!packer.isInstalled()) continue;
      const out = join(work, `${packer.name}.zip`);
      await packer.pack(join(work, 'tree'), 'app', out);
      const folder = isRefused(packer) ? 'reject' : 'accept';
      const line: CorpusLine = {
        file: `${folder}/${SNAPSHOT_PREFIX}${packer.name}.zip`,
        what: `Made by ${await versionOf(packer)}.`,
        codes: await read(out),
      };
      snapshots.push({ line, bytes: await readFile(out) });
    }
    return snapshots;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function isRefused(packer: ZipPacker | RefusedZipPacker): packer is RefusedZipPacker {
  return 'codes' in packer;
}

async function writeTree(folder: string): Promise<void> {
  for (const [path, content] of Object.entries(FILES)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { mode: 0o644 });
    await utimes(file, TIME, TIME);
  }
  for (const path of ['appinfo', 'l10n', 'js', '']) await utimes(join(folder, path), TIME, TIME);
}

async function versionOf({ name, tool }: ZipPacker): Promise<string> {
  const command = VERSION_COMMANDS[tool];
  if (command !== undefined) {
    return execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trim().replace(/\.$/, '');
  }
  const [library = ''] = name.split('-');
  return library === 'portcullis'
    ? 'portcullis pack'
    : `${library} ${await libraryVersion(library)} on Node ${process.version}`;
}

async function libraryVersion(library: string): Promise<string> {
  const manifest = new URL(`../../../node_modules/${library}/package.json`, import.meta.url);
  return (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version;
}
