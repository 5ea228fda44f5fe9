import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import { ADVISORY_LOCK } from './advisory-locks.js';
import { requireSupportedServer } from './connect.js';
import type { Database, Queryable } from './connect.js';

/** The database's schema and the migrations don't fit together, or one of them failed. The message says which and why. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** One numbered file of SQL. */
interface Migration {
  readonly number: number;
  /** The file's name, as in `0001-initial.sql`. */
  readonly name: string;
  readonly sql: string;
  /** Of the SQL with its line ends as LF: a checkout on Windows must not count as a change. */
  readonly sha256: string;
}

type AppliedMigration = Pick<Migration, 'number' | 'name' | 'sha256'>;

const fileName = /^(\d{4})-[a-z0-9-]+\.sql$/;

const createLedger = `CREATE TABLE IF NOT EXISTS schema_migrations (
  number     integer PRIMARY KEY,
  name       text NOT NULL,
  sha256     text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;

/**
 * Brings the schema up to date: runs the migrations of `folder` that the database hasn't had, in order, each in a transaction of
 * its own. Gates that start at once take turns, and the later finds nothing left to do.
 *
 * @param folder holds `NNNN-name.sql` files and no other SQL
 * @returns the names of the files that were applied now
 * @throws MigrationError if a migration fails (it is undone; those before it stay), if one that was applied has been altered
 *   or is missing, or if the database is newer than `folder`
 * @throws DatabaseError if the server is too old
 */
export async function migrate(database: Database, folder: string | URL): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const client = await database.connect();
  try {
    await requireSupportedServer(client);
    // Waiting for another gate's migrations, or changing a large table, may take longer than any query of ours should.
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK.migration]);
    await client.query(createLedger);
    const pending = pendingAmong(migrations, await appliedMigrations(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    // Closed rather than given back: that ends the lock and the setting whatever state the connection is in.
    client.release(true);
  }
}

/**
 * The names of the migrations of `folder` that the database hasn't had. Changes nothing.
 *
 * @throws MigrationError as {@link migrate} does
 */
export async function pendingMigrations(database: Queryable, folder: string | URL): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const ledger = await database.query<{ exists: boolean }>(
    `SELECT to_regclass('schema_migrations') IS NOT NULL AS exists`,
  );
  const applied = ledger.rows[0]?.exists === true ? await appliedMigrations(database) : [];
  return pendingAmong(migrations, applied).map(({ name }) => name);
}

async function readMigrations(folder: string | URL): Promise<readonly Migration[]> {
  const path = typeof folder === 'string' ? folder : fileURLToPath(folder);
  const names = (await readdir(path)).filter((name) => name.endsWith('.sql')).sort();
  const migrations = await Promise.all(names.map((name) => readMigration(path, name)));
  for (const [index, { number, name }] of migrations.entries()) {
    const previous = migrations[index - 1];
    if (previous?.number === number) throw new MigrationError(`${previous.name} and ${name} have the same number.`);
  }
  return migrations;
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const [, number] = fileName.exec(name) ?? [];
  if (number === undefined) throw new MigrationError(`${name} is not named as a migration is: NNNN-name.sql.`);
  const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
  return { number: Number(number), name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

async function appliedMigrations(database: Queryable): Promise<readonly AppliedMigration[]> {
  const { rows } = await database.query<AppliedMigration>(
    'SELECT number, name, sha256 FROM schema_migrations ORDER BY number',
  );
  return rows;
}

/** What is still to be applied, after making sure that what was applied is a beginning of what there is. */
function pendingAmong(migrations: readonly Migration[], applied: readonly AppliedMigration[]): readonly Migration[] {
  const last = applied.at(-1);
  const newest = migrations.at(-1);
  if (last !== undefined && last.number > (newest?.number ?? 0)) {
    throw new MigrationError(
      `The database is newer than this version of the gate: it has had ${last.name}, and the newest here is ${newest?.name ?? 'none'}. Run the newer version.`,
    );
  }
  for (const { number, name, sha256 } of applied) {
    const migration = migrations.find((candidate) => candidate.number === number);
    if (migration === undefined) throw new MigrationError(`${name} was applied to the database and is missing here.`);
    if (migration.sha256 !== sha256) {
      throw new MigrationError(
        `${migration.name} was altered after it was applied. Restore it, and put the change in a new file.`,
      );
    }
  }
  const pending = migrations.filter(({ number }) => !applied.some((done) => done.number === number));
  const late = pending.find(({ number }) => last !== undefined && number < last.number);
  if (late !== undefined && last !== undefined) {
    throw new MigrationError(
      `${late.name} comes before ${last.name}, which the database has had already: give it a higher number.`,
    );
  }
  return pending;
}

async function apply(client: Queryable, { number, name, sql, sha256 }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    const before = await transactionId(client);
    await client.query(sql);
    if ((await transactionId(client)) !== before) throw new Error('it ends the transaction it runs in');
    await client.query('INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)', [
      number,
      name,
      sha256,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw new MigrationError(
      `${name}${lineOf(error, sql)} failed: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function transactionId(client: Queryable): Promise<unknown> {
  const { rows } = await client.query<{ id: unknown }>('SELECT pg_current_xact_id()::text AS id');
  return rows[0]?.id;
}

/** Where in the file the database found fault, as far as it says. */
function lineOf(error: unknown, sql: string): string {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return '';
  return `, line ${sql.slice(0, Number(error.position)).split('\n').length},`;
}
