import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Binaries } from './binaries.js';
import { superuser, superuserSession } from './cluster.js';
import type { Cluster, Credentials } from './cluster.js';
import { embeddedPostgresError } from './embedded-postgres-error.js';
import { findPostmaster, launchPostmaster, stopPostmaster } from './postmaster.js';
import type { LaunchOptions } from './postmaster.js';
import { runProgram, workingDirectory } from './run-program.js';
import { giveTo } from './system-user.js';

/** The folders of an empty cluster, parents first. */
const folders =
  `base base/1 global pg_commit_ts pg_dynshmem pg_logical pg_logical/mappings pg_logical/snapshots pg_multixact
  pg_multixact/members pg_multixact/offsets pg_notify pg_replslot pg_serial pg_snapshots pg_stat pg_stat_tmp pg_subtrans
  pg_tblspc pg_twophase pg_wal pg_wal/archive_status pg_wal/summaries pg_xact`.split(/\s+/);

const walSegmentBytes = 16 * 1024 * 1024;

/**
 * Does what initdb does, where initdb can't: it insists on a name for the account it runs under, and so does Postgres'
 * single-user mode, which it fills the new cluster by. Where containers run under a number that /etc/passwd doesn't know (as OpenShift's
 * do), neither starts; bootstrap mode and the ordinary server have no such wish. So the catalogs are bootstrapped as initdb
 * would, and the rest of initdb's own SQL is sent to an ordinary server.
 *
 * The differences that remain: no collations but those of C and Unicode, no comments on functions, and the system's views can be dropped by
 * the superuser, who is nobody's account.
 *
 * @param cluster its folder is empty
 * @throws EmbeddedPostgresError where Postgres refuses
 */
export async function initialiseWithoutAccount(
  cluster: Cluster,
  credentials: Credentials,
  binaries: Binaries,
  options: LaunchOptions,
): Promise<void> {
  await layOut(cluster, binaries);
  await bootstrap(cluster, credentials, binaries);
  // Nothing is worth waiting for the disk yet: a new cluster is synced as a whole.
  const complaint = await launchPostmaster(cluster, credentials, binaries, { ...options, durable: false });
  const postmaster = await findPostmaster(cluster, credentials);
  if (postmaster === null) throw embeddedPostgresError(`The new database doesn't start. ${complaint}`);
  try {
    await fill(postmaster.port, credentials, binaries);
  } finally {
    await stopPostmaster(postmaster, cluster, credentials);
  }
}

async function layOut({ folder, user }: Cluster, binaries: Binaries): Promise<void> {
  for (const name of folders) {
    await mkdir(join(folder, name), { mode: 0o700 });
    await giveTo(user, join(folder, name));
  }
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder, name), text, { mode: 0o600, flag: 'wx' });
    await giveTo(user, join(folder, name));
  };
  await write('PG_VERSION', `${binaries.majorVersion}\n`);
  await write('base/1/PG_VERSION', `${binaries.majorVersion}\n`);
  const sharedMemory = existsSync('/dev/shm') ? 'posix' : 'mmap';
  await write(
    'postgresql.conf',
    `dynamic_shared_memory_type = ${sharedMemory}\ndefault_text_search_config = 'pg_catalog.english'\n`,
  );
  await write('postgresql.auto.conf', '');
  await write('pg_hba.conf', 'host all all 127.0.0.1/32 scram-sha-256\n');
  await write('pg_ident.conf', '');
}

/** Makes the system catalogs, from the script that comes with Postgres for it. */
async function bootstrap(cluster: Cluster, credentials: Credentials, binaries: Binaries): Promise<void> {
  const script = fillIn(await readFile(join(binaries.share, 'postgres.bki'), 'utf8'), credentials.superuserPassword);
  const path = `${cluster.folder}.script`;
  await writeFile(path, script, { mode: 0o600, flag: 'wx' });
  const file = await open(path, 'r');
  try {
    const args = [
      '--boot',
      '-F',
      '-k',
      '-X',
      String(walSegmentBytes),
      '-c',
      'log_checkpoints=off',
      '-D',
      workingDirectory,
    ];
    const result = await runProgram(binaries.postgres, args, {
      cwd: cluster.folder,
      user: cluster.user,
      input: file.fd,
    });
    if (result.status === 0) return;
    throw embeddedPostgresError(`Postgres can't make its catalogs in ${cluster.folder}: ${result.output.trim()}`);
  } finally {
    await file.close();
    await rm(path);
  }
}

/** The bootstrap script with its blanks filled in: the machine's sizes, the locale, and the superuser's name and password. */
function fillIn(script: string, password: string): string {
  const wide = ['x64', 'arm64', 'ppc64'].includes(process.arch);
  const blanks: Readonly<Record<string, string>> = {
    NAMEDATALEN: '64',
    SIZEOF_POINTER: wide ? '8' : '4',
    ALIGNOF_POINTER: wide ? 'd' : 'i',
    FLOAT8PASSBYVAL: wide ? 't' : 'f',
    POSTGRES: superuser,
    ENCODING: '6', // UTF8's number among Postgres' encodings
    LOCALE_PROVIDER: 'c', // that of the C library
    LC_COLLATE: 'C',
    LC_CTYPE: 'C',
    DATLOCALE: '_null_',
    ICU_RULES: '_null_',
  };
  return script
    .replace(/(?<=^insert \( 10 POSTGRES .*)_null_(?= _null_ \)$)/m, `'${scramVerifier(password)}'`)
    .replace(/\b[A-Z][A-Z0-9_]+\b/g, (word) => blanks[word] ?? word);
}

/**
 * What Postgres stores of a password (RFC 5803, with the fields in Postgres' own order). With it in the catalogs from the start, there is no moment in
 * which the server would let anybody in.
 */
function scramVerifier(password: string): string {
  const iterations = 4096;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  const serverKey = key('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** Catalogs whose objects carry access rights, and the column that has them. */
const rightsColumns: readonly (readonly [catalog: string, column: string])[] = [
  ['pg_class', 'relacl'],
  ['pg_proc', 'proacl'],
  ['pg_type', 'typacl'],
  ['pg_language', 'lanacl'],
  ['pg_namespace', 'nspacl'],
];

/** Completes the first database, `template1`, and copies it. */
async function fill(port: number, credentials: Credentials, binaries: Binaries): Promise<void> {
  const settings = '-c allow_system_table_mods=on -c search_path=pg_catalog';
  const session = superuserSession(port, credentials, 'template1', settings);
  await session.connect();
  try {
    const runFile = async (name: string): Promise<void> => {
      await session.query(await readFile(join(binaries.share, name), 'utf8'));
      await session.query('SET search_path = pg_catalog');
    };
    await session.query('REVOKE ALL ON pg_authid FROM PUBLIC');
    for (const name of ['system_constraints', 'system_functions', 'system_views', 'snowball_create'])
      await runFile(`${name}.sql`);
    // What no script has given rights of its own is everybody's to read.
    await session.query(`UPDATE pg_class SET relacl = acldefault('r', relowner) || '=r/${superuser}'::aclitem
      WHERE relacl IS NULL AND relkind IN ('r', 'v')`);
    await session.query('REVOKE ALL ON pg_largeobject FROM PUBLIC');
    await session.query('GRANT USAGE ON SCHEMA pg_catalog, public TO PUBLIC');
    // pg_dump leaves out the rights that an object was born with, which it learns from here.
    for (const [catalog, column] of rightsColumns) {
      await session.query(`INSERT INTO pg_init_privs (objoid, classoid, objsubid, initprivs, privtype)
        SELECT oid, '${catalog}'::regclass, 0, ${column}, 'i' FROM ${catalog} WHERE ${column} IS NOT NULL`);
    }
    await runFile('information_schema.sql');
    await session.query('CREATE EXTENSION plpgsql');
    await session.query('REVOKE CREATE, TEMPORARY ON DATABASE template1 FROM PUBLIC');
    await session.query('CREATE DATABASE template0 IS_TEMPLATE true ALLOW_CONNECTIONS false STRATEGY file_copy');
    await session.query('REVOKE CREATE, TEMPORARY ON DATABASE template0 FROM PUBLIC');
    await session.query('CREATE DATABASE postgres STRATEGY file_copy');
  } finally {
    await session.end();
  }
}
