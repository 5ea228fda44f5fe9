import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import pg from 'pg';

import { embeddedPostgresError } from './embedded-postgres-error.js';
import { codeOfError } from '../../error-words.js';
import { giveTo } from './system-user.js';
import type { SystemUser } from './system-user.js';

/** A folder that Postgres keeps its data in, and the account that it belongs to (null: our own). */
export interface Cluster {
  readonly folder: string;
  readonly user: SystemUser | null;
}

/** What it takes to log in to a cluster, and to tell its server from other programs. */
export interface Credentials {
  /** Stands on the command line of the cluster's server. */
  readonly clusterName: string;
  readonly superuserPassword: string;
  /** The password of the account that the gate itself uses. */
  readonly password: string;
}

/** The cluster's own administrator; the gate uses the unprivileged `portcullis`. */
export const superuser = 'postgres';

/**
 * Beside the cluster's folder, not in it: that belongs to the account Postgres runs as, and whatever else runs as that account
 * reads its files through `/proc/PID/cwd`, though it may not enter the data folder.
 */
function credentialsFile(cluster: Cluster): string {
  return `${cluster.folder}-credentials.json`;
}

/** Where earlier gates kept the credentials. */
function earlierCredentialsFile(cluster: Cluster): string {
  return join(cluster.folder, 'portcullis-credentials.json');
}

/**
 * The credentials that a new cluster is to be made with. Of two programs that make one at once both get the same: whichever
 * cluster comes to stay, these fit it.
 */
export async function provideCredentials(cluster: Cluster): Promise<Credentials> {
  if ((await read(credentialsFile(cluster))) === null) await keep(cluster, newCredentials());
  return readCredentials(cluster);
}

/** Reads the credentials of an existing cluster. @throws EmbeddedPostgresError where they can't be read */
export async function readCredentials(cluster: Cluster): Promise<Credentials> {
  const path = credentialsFile(cluster);
  try {
    await moveEarlierCredentials(cluster);
    const credentials = await read(path);
    if (credentials !== null) return credentials;
  } catch (error) {
    throw embeddedPostgresError(`The database's password in ${path} can't be read.`, error);
  }
  throw embeddedPostgresError(`The database's password is missing: ${path} belongs to the database beside it.`);
}

/** Waits until the credentials are safe on disk. */
export async function syncCredentials(cluster: Cluster): Promise<void> {
  const file = await open(credentialsFile(cluster), 'r+');
  await file.sync().finally(() => file.close());
  // The file's own name, and the cluster's, are in the folder above. Windows can't open folders, and needs no such thing.
  const folder = await open(dirname(cluster.folder), 'r').catch(() => null);
  await folder?.sync();
  await folder?.close();
}

/** Credentials for a new cluster. */
function newCredentials(): Credentials {
  const secret = (bytes: number): string => randomBytes(bytes).toString('base64url');
  return {
    clusterName: `portcullis_${randomBytes(6).toString('hex')}`,
    superuserPassword: secret(24),
    password: secret(24),
  };
}

/**
 * Takes over what an earlier gate left in the cluster. Credentials that are in the right place stay: others in the cluster's folder
 * may be anybody's of its account, or belong to a cluster that was put there from a backup, and aren't touched.
 */
async function moveEarlierCredentials(cluster: Cluster): Promise<void> {
  const path = earlierCredentialsFile(cluster);
  const earlier = await read(path);
  if (earlier === null) return;
  await keep(cluster, earlier);
  await syncCredentials(cluster);
  const kept = await read(credentialsFile(cluster));
  if (JSON.stringify(kept) === JSON.stringify(earlier)) await rm(path, { force: true });
}

/** Writes the credentials unless there are some, all of them at once. They belong to whoever the data folder belongs to. */
async function keep(cluster: Cluster, credentials: Credentials): Promise<void> {
  // By a name that is swept with other leftovers.
  const draft = `${cluster.folder}.new-credentials-${randomBytes(6).toString('hex')}`;
  await writeFile(draft, JSON.stringify(credentials), { mode: 0o600, flag: 'wx' });
  try {
    if (process.geteuid?.() === 0) await giveTo(await stat(dirname(cluster.folder)), draft);
    await link(draft, credentialsFile(cluster));
  } catch (error) {
    if (codeOfError(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
}

/** @returns null where there is no such file @throws where it is a link, or holds anything but credentials as we make them */
async function read(path: string): Promise<Credentials | null> {
  // Not through a link, and not waiting for the other end of a pipe: the folder may be somebody else's, and we root.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: unknown) => {
    if (codeOfError(error) === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return null;
  const text = await file.readFile('utf8').finally(() => file.close());
  const found = JSON.parse(text) as Record<keyof Credentials, unknown>;
  const { clusterName, superuserPassword, password } = found;
  // An empty name would be on every program's command line, and have us take any program for the server, and stop it.
  if (matches(clusterName, /^portcullis_[0-9a-f]{12}$/) && isSecret(superuserPassword) && isSecret(password)) {
    return { clusterName, superuserPassword, password };
  }
  throw new Error(`${path} doesn't hold credentials`);
}

function isSecret(value: unknown): value is string {
  return matches(value, /^[\w-]{32}$/);
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/**
 * A session of the superuser, not yet connected.
 *
 * @param settings of the session, as `-c name=value`; given even where they change nothing, for without any pg takes those of our
 *   own environment (`PGOPTIONS`)
 */
export function superuserSession(
  port: number,
  credentials: Credentials,
  database: string,
  settings = '-c statement_timeout=0',
): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port,
    user: superuser,
    password: credentials.superuserPassword,
    database,
    options: settings,
    application_name: 'portcullis embedded',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    ssl: false,
  });
}
