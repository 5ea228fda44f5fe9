import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled } from '../installed.js';
import { run, type RefusedZipPacker, type ZipPacker } from './zip-packer.js';

/** @param args what the tool is called with, in the folder that holds the top-level one */
function command(name: string, tool: string, args: (topLevel: string, out: string) => readonly string[]): ZipPacker {
  return {
    name,
    tool,
    isInstalled: () => isInstalled(tool),
    pack: (folder, topLevel, out) => run(tool, args(topLevel, out), { cwd: folder }),
  };
}

/** @param script for `sh`; `$1` is the top-level folder, `$2` the archive */
function shell(name: string, tool: string, script: string): ZipPacker {
  return {
    name,
    tool,
    isInstalled: () => isInstalled(tool),
    pack: (folder, topLevel, out) => run('sh', ['-euc', script, 'sh', topLevel, out], { cwd: folder }),
  };
}

const zip = (name: string, ...options: readonly string[]): ZipPacker =>
  command(name, 'zip', (topLevel, out) => ['-q', ...options, out, topLevel]);

const infoZip: readonly ZipPacker[] = [
  zip('zip', '-r'),
  zip('zip-no-folder-entries', '-rD'),
  zip('zip-no-extra-fields', '-rX'),
  zip('zip-stored', '-r0'),
  zip('zip-best', '-r9'),
  zip('zip-zip64', '-r', '-fz'),
  zip('zip-utf8-names', '-r', '-UN=UTF8'),
  shell('zip-comment', 'zip', 'echo "made by hand" | zip -qrz "$2" "$1"'),
  shell('zip-to-pipe', 'zip', 'zip -qr - "$1" | cat > "$2"'),
  shell('zip-no-folder-entries-to-pipe', 'zip', 'zip -qrD - "$1" | cat > "$2"'),
  shell('zip-names-on-stdin', 'zip', 'find "$1" -type f | sort | zip -q "$2" -@'),
  shell('zip-one-by-one', 'zip', 'find "$1" -type f | sort | while read -r f; do zip -q "$2" "$f"; done'),
  shell(
    'zip-one-deleted',
    'zip',
    'zip -qr "$2" "$1"; f=$(find "$1" -type f -empty | head -n 1); zip -qd "$2" "$f"; zip -q "$2" "$f"',
  ),
  shell('zip-updated', 'zip', 'zip -qr0 "$2" "$1"; zip -qr9 "$2" "$1"'),
];

const sevenZip = (name: string, ...options: readonly string[]): ZipPacker =>
  command(name, '7z', (topLevel, out) => ['a', '-bd', '-tzip', ...options, out, topLevel]);

const bsdtar = (name: string, ...options: readonly string[]): ZipPacker =>
  command(name, 'bsdtar', (topLevel, out) => [...options, '-cf', out, topLevel]);

const jar = (name: string, options: string): ZipPacker =>
  command(name, 'jar', (topLevel, out) => [options, out, topLevel]);

/** `git archive` of a repository that lies elsewhere, so that the folder stays as it is. */
function gitArchive(name: string, what: 'commit' | 'tree', ...options: readonly string[]): ZipPacker {
  return {
    name,
    tool: 'git',
    isInstalled: () => isInstalled('git'),
    async pack(folder, topLevel, out) {
      const repository = await mkdtemp(join(tmpdir(), 'portcullis-git-'));
      try {
        await writeFile(join(repository, 'config'), '');
        const env = {
          GIT_DIR: join(repository, '.git'),
          GIT_WORK_TREE: join(folder, topLevel),
          GIT_CONFIG_GLOBAL: join(repository, 'config'),
          GIT_CONFIG_NOSYSTEM: '1',
        };
        const git = (...args: readonly string[]): Promise<void> =>
          run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd: folder, env });
        await git('init', '-q');
        await git('add', '-Af', '.');
        await git('commit', '-qm', 'Release');
        await git('tag', '-am', 'Release', 'v1');
        const revision = what === 'commit' ? 'v1' : 'v1^{tree}';
        await git('archive', '--format=zip', ...options, `--prefix=${topLevel}/`, '-o', out, revision);
      } finally {
        await rm(repository, { recursive: true, force: true });
      }
    },
  };
}

/** The programs of the command line. */
export const commandPackers: readonly ZipPacker[] = [
  ...infoZip,
  sevenZip('7z'),
  sevenZip('7z-stored', '-mm=Copy'),
  sevenZip('7z-best', '-mx=9'),
  sevenZip('7z-times', '-mtc=on', '-mta=on'),
  sevenZip('7z-utf8-names', '-mcu=on'),
  bsdtar('bsdtar', '-a'),
  bsdtar('bsdtar-format-zip', '--format', 'zip'),
  bsdtar('bsdtar-stored', '--format', 'zip', '--options', 'zip:compression=store'),
  bsdtar('bsdtar-experimental', '--format', 'zip', '--options', 'zip:experimental'),
  jar('jar', 'cMf'),
  jar('jar-stored', 'cM0f'),
  gitArchive('git-archive', 'commit'),
  gitArchive('git-archive-stored', 'commit', '-0'),
  gitArchive('git-archive-of-a-tree', 'tree'),
];

/** To a pipe bsdtar fills the last block with zeros, as tar does: they follow the end record. */
export const refusedCommandPackers: readonly RefusedZipPacker[] = [
  {
    ...shell('bsdtar-to-pipe', 'bsdtar', 'bsdtar --format zip -cf - "$1" | cat > "$2"'),
    codes: ['ARCHIVE_TRAILING_BYTES'],
  },
];
