import pg from 'pg';
import type { Database } from './connect.js';

/**
 * The numbers of our advisory locks: whatever else uses the same database must not use them, and no two of ours are the same.
 */
export const ADVISORY_LOCK = {
  /** Held while the schema is migrated. */
  migration: 7_283_600,
  /** Held alone by what changes the authority, shared by decisions that depend on it. */
  authority: 7_283_601,
  /** Held while mail about ends is composed. */
  digest: 7_283_602,
  /** Held by the start of a gate that may have to make an authority. */
  firstStart: 7_283_603,
  /** With the key's or the account's hash beside them: held while an application for a certificate is counted. */
  applicationKey: 7_283_604,
  applicationAccount: 7_283_605,
  /** Held while roles change and accounts are suspended. */
  people: 7_283_606,
  /** Held while the weights of rules are compared with what was said of them last, and changed. */
  rules: 7_283_607,
  /** Held by the gate that judges the signers of releases again, and by the one that reads their archives again. */
  standingSigners: 7_283_620,
  standingArchives: 7_283_621,
} as const;

/**
 * Does `work`, however long that takes, while nobody else does on the same database. It may use other connections meanwhile.
 *
 * @throws whatever `work` throws
 */
export async function holdingAdvisoryLock<T>(database: Database, lock: number, work: () => Promise<T>): Promise<T> {
  const client = await connectApart(database);
  try {
    // Somebody else's turn may take longer than any query of ours should.
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [lock]);
    return await work();
  } finally {
    // That ends the lock, too, whatever state the connection is in.
    await client.end().catch(ignore);
  }
}

/** A connection that is none of the pool's: it is kept for long, and a small pool would have none left for the work itself. */
async function connectApart(database: Database): Promise<pg.Client> {
  const { connectionString, ssl } = database.options;
  const client = new pg.Client({
    ...(connectionString !== undefined && { connectionString }),
    ...(ssl !== undefined && { ssl }),
    application_name: 'portcullis lock',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', ignore);
  await client.connect();
  return client;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** A connection that breaks while `work` is elsewhere would else end our whole program. */
const ignore = (): void => {};

/** The same where nobody does it already; where somebody does, null, and nothing was done. @throws whatever `work` throws */
export async function withFreeAdvisoryLock<T>(
  database: Database,
  lock: number,
  work: () => Promise<T>,
): Promise<T | null> {
  const client = await connectApart(database);
  try {
    const { rows } = await client.query<{ isOurs: boolean }>('SELECT pg_try_advisory_lock($1) AS "isOurs"', [lock]);
    const isOurs = rows[0]?.isOurs === true;
    const result = isOurs ? await work() : null;
    // Given back here, and not with the connection: the server may take a moment to see that one is closed.
    if (isOurs) await client.query('SELECT pg_advisory_unlock($1)', [lock]);
    return result;
  } finally {
    await client.end().catch(ignore);
  }
}
