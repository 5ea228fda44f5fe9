import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';

import { embeddedPostgresError } from './embedded-postgres-error.js';
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

const credentialsFile = 'portcullis-credentials.json';

/** Credentials for a new cluster. */
export function newCredentials(): Credentials {
  const secret = (bytes: number): string => randomBytes(bytes).toString('base64url');
  return {
    clusterName: `portcullis_${randomBytes(6).toString('hex')}`,
    superuserPassword: secret(24),
    password: secret(24),
  };
}

/** Keeps the credentials within the cluster: they come and go with it, and are as well guarded as the data they guard. */
export async function writeCredentials(cluster: Cluster, credentials: Credentials): Promise<void> {
  await writeFile(join(cluster.folder, credentialsFile), JSON.stringify(credentials), { mode: 0o600, flag: 'wx' });
  await giveTo(cluster.user, join(cluster.folder, credentialsFile));
}

/** Reads what {@link writeCredentials} wrote. @throws EmbeddedPostgresError where it can't be read */
export async function readCredentials(cluster: Cluster): Promise<Credentials> {
  const path = join(cluster.folder, credentialsFile);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Credentials;
  } catch (error) {
    throw embeddedPostgresError(`The database's password in ${path} can't be read.`, error);
  }
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
