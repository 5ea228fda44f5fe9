import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';

/** A pool of connections. Whoever opened it ends it. */
export type Database = pg.Pool;

/** Anything that runs a query: the pool, one connection, or a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

declare const insideTransaction: unique symbol;

/**
 * A {@link Queryable} inside a transaction, as only {@link inTransaction} gives it. Functions that are wrong outside of one
 * (they lock a row, or write in several steps) ask for it by this type.
 */
export interface Transaction extends Queryable {
  readonly [insideTransaction]: true;
}

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

export interface DatabaseOptions {
  /** How many connections at most. */
  readonly maxConnections?: number;
  /** What the server shows the connections as. */
  readonly applicationName?: string;
  /** After this many milliseconds the server cancels a statement, so that none holds a lock for ever. */
  readonly statementTimeoutMs?: number;
}

/** The oldest Postgres we run on; tests run on the newest that the embedded one brings. */
const oldestServer = 13;

/** The numbers of two types in every Postgres' catalog. */
const { INT8, DATE } = pg.types.builtins;

const connectTimeoutMs = 5_000;
const idleInTransactionTimeoutMs = 60_000;

/** SQLSTATEs after which the same transaction may well succeed: serialization_failure, deadlock_detected. */
const worthRetrying = new Set(['40001', '40P01']);
const maxAttempts = 5;

/** The database can't be used: it is too old, say. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

/**
 * Opens a pool on the database of `connectionString`. Connects on first use; a connection that breaks while idle is
 * replaced, never thrown. `bigint` columns arrive as numbers, and `date` columns as they are written, `YYYY-MM-DD`.
 *
 * @param connectionString `postgres://user:password@host:port/database`
 */
export function openDatabase(connectionString: string, options: DatabaseOptions = {}): Database {
  const { maxConnections = 10, applicationName = 'portcullis', statementTimeoutMs = 30_000 } = options;
  const pool = new pg.Pool({
    connectionString,
    max: maxConnections,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    types: { getTypeParser },
  });
  // Without a listener, the loss of an idle connection (the server restarts) would end our whole program.
  pool.on('error', () => {});
  return pool;
}

type TypeNumber = Parameters<typeof pg.types.getTypeParser>[0];

/** pg's parsers of values, but for the two whose result is a trap. */
function getTypeParser(oid: TypeNumber, format: 'text' | 'binary' = 'text'): (value: string) => unknown {
  if (format === 'text' && oid === INT8) return parseBigint;
  // pg would make a Date of local midnight, which is another day elsewhere.
  if (format === 'text' && oid === DATE) return String;
  return pg.types.getTypeParser(oid, format) as (value: string) => unknown;
}

/** pg gives `bigint` as text, since JavaScript can't hold all of it; all of ours are identities, sizes and counts. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the number ${text} from the database is too large`);
  return value;
}

/** Encodings that hold every text we have: SQL_ASCII takes any bytes, and we send it UTF-8. */
const encodings = new Set(['UTF8', 'SQL_ASCII']);

/** Refuses a server that is older than we run on, or whose database can't hold every text. @throws DatabaseError saying which */
export async function requireSupportedServer(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ number: string; version: string; encoding: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version,
       current_setting('server_encoding') AS encoding`,
  );
  const [server] = rows;
  if (server === undefined) throw new DatabaseError('The database does not tell its version.');
  if (Number(server.number) < oldestServer * 10_000) {
    throw new DatabaseError(`The database is Postgres ${server.version}; Postgres ${oldestServer} or newer is needed.`);
  }
  if (!encodings.has(server.encoding)) {
    throw new DatabaseError(`The database has the encoding ${server.encoding}; make one with ENCODING 'UTF8'.`);
  }
}

/**
 * Does `work` in one transaction: what it did is committed when it resolves, and undone when it rejects. Where the database
 * gave up because of another transaction (serialization failure, deadlock), `work` runs again from the start, up to five
 * times: it must not do anything outside of the database that it may not do twice.
 *
 * @param options.isolation the isolation level; 'read committed' unless told
 * @throws whatever `work` or the database throws
 */
export async function inTransaction<T>(
  database: Database,
  work: (tx: Transaction) => Promise<T>,
  options: { readonly isolation?: Isolation } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptTransaction(database, work, options.isolation ?? 'read committed');
    } catch (error) {
      if (attempt === maxAttempts || !(error instanceof pg.DatabaseError) || !worthRetrying.has(error.code ?? ''))
        throw error;
      await pause(10 * 2 ** attempt);
    }
  }
}

async function attemptTransaction<T>(
  database: Database,
  work: (tx: Transaction) => Promise<T>,
  isolation: Isolation,
): Promise<T> {
  const client = await database.connect();
  // A connection that breaks while `work` is elsewhere says so by event; the next query then fails, which is how `work` hears of it.
  const ignore = (): void => {};
  client.on('error', ignore);
  let broken = true;
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    try {
      const result = await work(client as unknown as Transaction);
      await commit(client);
      broken = false;
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => {
          broken = false;
        },
        () => {},
      );
      throw error;
    }
  } finally {
    client.removeListener('error', ignore);
    // A connection in an unknown state is closed, never handed to the next.
    client.release(broken);
  }
}

/**
 * `COMMIT` of a transaction in which a statement failed undoes it and reports success; where `work` caught that error and went
 * on, its writes would be lost without a word.
 */
async function commit(client: Queryable): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new DatabaseError('The transaction was rolled back: a statement in it had failed.');
}
