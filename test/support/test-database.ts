import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { openDatabase } from '../../src/database/connect.js';
import type { Database } from '../../src/database/connect.js';

/** A database of a test's own, with the gate's schema and no rows. */
export interface TestDatabase {
  readonly database: Database;
  readonly connectionString: string;
  /** Closes the pool and removes the database. */
  drop(): Promise<void>;
}

/** Clones the migrated template of this run (see global-setup.mjs). Takes some 30 ms; call `drop` when done, in `afterAll` say. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = new URL(required('PORTCULLIS_TEST_SERVER'));
  const name = `portcullis_test_${randomBytes(6).toString('hex')}`;
  await execute(server.href, `CREATE DATABASE ${name} TEMPLATE ${required('PORTCULLIS_TEST_TEMPLATE')}`);
  const own = new URL(server);
  own.pathname = `/${name}`;
  const database = openDatabase(own.href, { applicationName: name });
  return {
    database,
    connectionString: own.href,
    drop: async () => {
      await database.end();
      await dropDatabase(server.href, name);
    },
  };
}

/** An autovacuum worker may be on it for a moment, which only a superuser may end. */
async function dropDatabase(server: string, name: string, attempts = 20): Promise<void> {
  try {
    // FORCE: a test that failed may have left a connection of its own.
    await execute(server, `DROP DATABASE ${name} WITH (FORCE)`);
  } catch (error) {
    if (attempts === 1 || !(error instanceof Error) || !error.message.includes('permission denied to terminate'))
      throw error;
    await setTimeout(250);
    await dropDatabase(server, name, attempts - 1);
  }
}

async function execute(connectionString: string, sql: string): Promise<void> {
  const pool = openDatabase(connectionString, { maxConnections: 1 });
  await pool.query(sql).finally(() => pool.end());
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error('No test server: it is not started where only test/unit is run (test/support/global-setup.mjs).');
  return value;
}
