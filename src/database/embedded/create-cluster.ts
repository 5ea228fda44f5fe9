import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Binaries } from './binaries.js';
import { provideCredentials, superuser, syncCredentials } from './cluster.js';
import type { Cluster, Credentials } from './cluster.js';
import { EmbeddedPostgresError, embeddedPostgresError } from './embedded-postgres-error.js';
import { codeOfError } from '../../error-words.js';
import { initialiseWithoutAccount } from './initialise-without-account.js';
import { cannotRun } from './postmaster.js';
import type { LaunchOptions } from './postmaster.js';
import { runProgram, workingDirectory } from './run-program.js';
import { giveTo } from './system-user.js';

/** Leftovers of an interrupted initialisation are swept after this long; it takes a second. */
const leftoverAge = 10 * 60_000;

/**
 * Makes a cluster in `cluster.folder` if there is none.
 *
 * It is made in a folder beside it and moved into place when it is complete. So an interrupted start leaves no half a cluster,
 * and of two starts at once one wins and the other uses what the first one made: no lock is needed.
 *
 * @returns whether we made it now; then it is to be synced
 * @throws EmbeddedPostgresError where it can't be made, or was made by another major version of Postgres
 */
export async function provideCluster(cluster: Cluster, binaries: Binaries, options: LaunchOptions): Promise<boolean> {
  const created = !isCluster(cluster.folder) && (await createCluster(cluster, binaries, options));
  const version = Number.parseInt(await readFile(join(cluster.folder, 'PG_VERSION'), 'utf8'), 10);
  if (version === binaries.majorVersion) return created;
  throw new EmbeddedPostgresError(
    `The database in ${cluster.folder} was made by Postgres ${version}, and this is Postgres ${binaries.majorVersion}: move it over with pg_dump and psql.`,
  );
}

/** Whether there is a cluster in `folder`; one that we made is complete. */
function isCluster(folder: string): boolean {
  return existsSync(join(folder, 'PG_VERSION'));
}

async function createCluster(cluster: Cluster, binaries: Binaries, options: LaunchOptions): Promise<boolean> {
  await sweepLeftovers(cluster);
  const unfinished: Cluster = { folder: `${cluster.folder}.new-${randomBytes(6).toString('hex')}`, user: cluster.user };
  try {
    const credentials = await provideCredentials(cluster);
    await mkdir(unfinished.folder, { mode: 0o700 });
    await giveTo(cluster.user, unfinished.folder);
    await initialise(unfinished, credentials, binaries, options);
    await rename(unfinished.folder, cluster.folder);
    return true;
  } catch (error) {
    // Somebody else's initialisation was faster.
    if (isCluster(cluster.folder)) return false;
    if (error instanceof EmbeddedPostgresError) throw error;
    throw embeddedPostgresError(`The database can't be made in ${cluster.folder} (${codeOfError(error)}).`, error);
  } finally {
    await rm(unfinished.folder, { recursive: true, force: true });
  }
}

async function initialise(
  cluster: Cluster,
  credentials: Credentials,
  binaries: Binaries,
  options: LaunchOptions,
): Promise<void> {
  const passwordFile = await openPasswordFile(cluster, credentials.superuserPassword);
  const args = [
    `--pgdata=${workingDirectory}`,
    '--locale=C',
    '--encoding=UTF8',
    `--username=${superuser}`,
    '--auth=scram-sha-256',
    '--pwfile=/dev/stdin',
    '--no-instructions',
    '--no-sync', // see syncCluster
  ];
  try {
    const { status, output } = await runProgram(binaries.initdb, args, {
      cwd: cluster.folder,
      user: cluster.user,
      input: passwordFile.fd,
    }).catch((error: unknown) => {
      throw cannotRun(binaries.initdb, error);
    });
    if (status === 0) return;
    if (!output.includes('could not look up effective user')) {
      throw embeddedPostgresError(`initdb failed in ${cluster.folder}: ${output.trim()}`);
    }
  } finally {
    await passwordFile.close();
  }
  await initialiseWithoutAccount(cluster, credentials, binaries, options);
}

/**
 * An open file with the superuser's password, already without a name: initdb takes the password neither as an argument (which
 * everybody could see) nor from a pipe, and may not be able to enter the folder that the file would be in.
 */
async function openPasswordFile(cluster: Cluster, password: string): Promise<FileHandle> {
  const path = `${cluster.folder}.password`;
  await writeFile(path, `${password}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await giveTo(cluster.user, path);
    return await open(path, 'r');
  } finally {
    await rm(path);
  }
}

/** Removes what starts that were killed half-way have left beside the cluster. */
async function sweepLeftovers(cluster: Cluster): Promise<void> {
  const parent = dirname(cluster.folder);
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (!path.startsWith(`${cluster.folder}.new-`)) continue;
    const status = await stat(path).catch(() => null);
    if (status !== null && Date.now() - status.mtimeMs > leftoverAge) await rm(path, { recursive: true, force: true });
  }
}

/**
 * Waits until a new cluster is safe on disk. Not part of making it, as it can take seconds where the disk is busy (npm has just
 * written thousands of files): it goes on beside the running server. A power cut in the very first seconds may cost a
 * database in which nothing is yet.
 */
export async function syncCluster(cluster: Cluster, binaries: Binaries): Promise<void> {
  const args = ['--sync-only', `--pgdata=${workingDirectory}`];
  await runProgram(binaries.initdb, args, { cwd: cluster.folder, user: cluster.user });
  await syncCredentials(cluster);
}
