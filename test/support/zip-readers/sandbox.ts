import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, copyFile, lstat, mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { foldersAbove, nameText, type ReadingLimits, type Unpacked } from './reading.js';

/** nobody, where this runs as root: a hostile archive must not write where a test may. */
export const credentials: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Folders above the target, so that a name with a dozen `../` still ends within the sandbox. */
const STOREYS = 9;
/** SHA-512 of no bytes. */
const NOTHING = createHash('sha512').digest('hex');
/** What Linux takes as a path; some programs go deeper step by step. */
const PATH_MAX = 4_096;
const run = promisify(execFile);
const STOREY = 'storey';

/** A folder of its own for every archive, deep in a temporary one. */
export interface Sandbox {
  /** The temporary folder; what lies directly in it is readable, not writable, for the reader. */
  readonly folder: string;
  /** The copy of archive `index`, and the empty folder to unpack it into. */
  place(index: number, zip: string): Promise<Place>;
  remove(): Promise<void>;
}

export interface Place {
  readonly zip: string;
  readonly target: string;
  /** The outermost folder of this archive. */
  readonly outer: string;
}

export async function createSandbox(): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-readers-'));
  await chmod(folder, 0o755);
  return {
    folder,
    async place(index, zip) {
      const copy = join(folder, `${index}.zip`);
      await copyFile(zip, copy);
      await chmod(copy, 0o644);
      const outer = join(folder, String(index));
      let target = outer;
      for (let storey = 0; storey < STOREYS; storey += 1) {
        await mkdir(target);
        if (credentials.uid !== undefined && credentials.gid !== undefined)
          await chown(target, credentials.uid, credentials.gid);
        target = join(target, STOREY);
      }
      await mkdir(target);
      if (credentials.uid !== undefined && credentials.gid !== undefined)
        await chown(target, credentials.uid, credentials.gid);
      return { zip: copy, target, outer };
    },
    remove: () => removeTree(folder),
  };
}

/** Removes `folder` also where folders in it may not be entered, or lie deeper than a path can say. */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await run('chmod', ['-R', 'u+rwx', folder]).catch(() => undefined);
    await run('rm', ['-rf', folder]);
  }
}

/** What lies in `place` after a reader was at work, never following a link. */
export async function unpackedIn(place: Place): Promise<Unpacked> {
  const files = new Map<string, string>();
  const folders = new Set<string>();
  const others: string[] = [];
  await chmod(place.target, 0o700);
  const pending: { path: Buffer; name: string }[] = [{ path: Buffer.from(place.target), name: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const part of await readdir(next.path, { encoding: 'buffer' })) {
      const path = joined(next.path, part);
      const name = next.name === '' ? nameText(part) : `${next.name}/${nameText(part)}`;
      if (path.length >= PATH_MAX) {
        others.push(`beyond-any-path ${name}`);
        continue;
      }
      const stats = await lstat(path);
      if ((stats.mode & 0o7000) !== 0 && !stats.isSymbolicLink())
        others.push(`mode-${(stats.mode & 0o7777).toString(8)} ${name}`);
      if (stats.isDirectory()) {
        // A folder of mode 000 would keep its secret from anybody but root.
        if ((stats.mode & 0o700) !== 0o700) await chmod(path, 0o700);
        folders.add(name);
        pending.push({ path, name });
      } else if (stats.isFile()) {
        if ((stats.mode & 0o400) === 0) await chmod(path, 0o600);
        files.set(name, stats.size === 0 ? NOTHING : await sha512Of(path));
      } else others.push(`${stats.isSymbolicLink() ? 'symlink' : 'special-file'} ${name}`);
    }
  }
  for (const folder of foldersAbove(files.keys())) folders.add(folder);
  return { files, folders, others: others.sort(), escaped: await escapedFrom(place) };
}

async function sha512Of(path: Buffer): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const hash = createHash('sha512');
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

async function escapedFrom({ outer, target }: Place): Promise<readonly string[]> {
  const escaped: string[] = [];
  for (let folder = outer; folder !== target; folder = join(folder, STOREY)) {
    const names = await readdir(folder, { encoding: 'buffer' });
    escaped.push(...names.map(nameText).filter((name) => name !== STOREY));
  }
  return escaped.sort();
}

/** Whether what lies below `folder` is more than `limits` allow; a quick look, while a reader is at work. */
export async function isBeyond(folder: string, limits: ReadingLimits): Promise<boolean> {
  let bytes = 0;
  let files = 0;
  const pending: Buffer[] = [Buffer.from(folder)];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const names = await readdir(next, { encoding: 'buffer' }).catch((): Buffer[] => []);
    for (const name of names) {
      const path = joined(next, name);
      const stats = await lstat(path).catch(() => null);
      if (stats === null) continue;
      files += 1;
      bytes += stats.blocks * 512;
      if (files > limits.files || bytes > limits.bytes) return true;
      if (stats.isDirectory()) pending.push(path);
    }
  }
  return false;
}

function joined(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}
