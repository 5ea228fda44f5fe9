import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import { openDatabase } from '../../src/database/connect.js';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';

/** What of jest's configuration we look at. */
interface TestRun {
  readonly rootDir: string;
  readonly testPathPatterns: { readonly patterns: readonly string[] };
}

/** A server for the tests, and how to be rid of it. */
interface TestServer {
  readonly connectionString: string;
  stop(): Promise<void>;
}

const dataPrefix = 'portcullis-test-run-';

let tearDown: (() => Promise<void>) | undefined;

/**
 * Starts one Postgres for the whole run (or uses that of TEST_DATABASE_URL), with a migrated database that the tests' own are
 * cloned from. Left out where only unit tests run, which need none.
 */
export async function startTestServer({ rootDir, testPathPatterns: { patterns } }: TestRun): Promise<void> {
  if (patterns.length > 0 && patterns.every((pattern) => pattern.includes('test/unit'))) return;
  const outside = process.env['TEST_DATABASE_URL'];
  const server = outside === undefined ? await startServer() : { connectionString: outside, stop: async () => {} };
  const template = `portcullis_template_${randomBytes(6).toString('hex')}`;
  tearDown = async () => {
    await execute(server.connectionString, `DROP DATABASE IF EXISTS ${template}`);
    await server.stop();
  };
  await execute(server.connectionString, `CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8'`);
  const database = openDatabase(databaseAt(server.connectionString, template));
  try {
    await migrate(database, join(rootDir, 'migrations'));
  } catch (error) {
    await stopTestServer();
    throw error;
  } finally {
    await database.end();
  }
  // The tests run in other programs, which inherit this one's environment.
  process.env['PORTCULLIS_TEST_SERVER'] = server.connectionString;
  process.env['PORTCULLIS_TEST_TEMPLATE'] = template;
}

/** Stops what {@link startTestServer} started, if it started anything. */
export async function stopTestServer(): Promise<void> {
  await tearDown?.();
  tearDown = undefined;
}

async function startServer(): Promise<TestServer> {
  await stopOrphans();
  const dataDir = await mkdtemp(join(tmpdir(), `${dataPrefix}${process.pid}-`));
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false });
  return {
    connectionString: postgres.connectionString,
    stop: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Stops the servers of test runs that were killed: the number in the folder's name is the run's process id. */
async function stopOrphans(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const run = name.startsWith(dataPrefix) ? Number.parseInt(name.slice(dataPrefix.length), 10) : NaN;
    if (Number.isNaN(run) || isAlive(run)) continue;
    const dataDir = join(tmpdir(), name);
    // Whatever is wrong with what somebody left behind is no reason not to test.
    await startEmbeddedPostgres({ dataDir, durable: false })
      .then((postgres) => postgres.stop())
      .catch(() => {});
    await rm(dataDir, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function execute(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function databaseAt(connectionString: string, database: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${database}`;
  return url.href;
}
