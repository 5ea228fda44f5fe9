import type pg from 'pg';

import { superuserSession } from './cluster.js';
import type { Cluster, Credentials } from './cluster.js';
import { embeddedPostgresError } from './embedded-postgres-error.js';
import { stopPostmaster } from './postmaster.js';
import type { Postmaster } from './postmaster.js';

/** One program's stake in a running server: a session that holds a lock, so that it ends with the program, however that ends. */
export interface Share {
  readonly postmaster: Postmaster;
  readonly session: pg.Client;
  /** Resolves when the session has ended, at our wish or not. */
  readonly lost: Promise<void>;
}

/** The account and the database that the gate uses. */
export const gateUser = 'portcullis';

/** The advisory lock on the maintenance database that all shares hold together; who can have it alone is the last. Any number does. */
const shareLock = 7_283_611;

/** The advisory lock under which the gate's database is made. */
const creationLock = 7_283_612;

/**
 * Takes a share in the server, making the gate's account and database if they aren't there. Null where the server is just being
 * started or stopped: then the caller looks again.
 *
 * @throws EmbeddedPostgresError where the server doesn't let us in
 */
export async function takeShare(postmaster: Postmaster, credentials: Credentials): Promise<Share | null> {
  const session = superuserSession(postmaster.port, credentials, 'postgres');
  const lost = new Promise<void>((resolve) => {
    session.once('end', () => {
      resolve();
    });
  });
  // Without a listener, the server's end would be ours. What it means is seen to where `lost` is awaited.
  session.on('error', () => {});
  try {
    await session.connect();
    await session.query('SELECT pg_advisory_lock_shared($1)', [shareLock]);
    await provideGateDatabase(session, credentials);
    return { postmaster, session, lost };
  } catch (error) {
    await session.end().catch(() => {});
    if (isPassing(error)) return null;
    throw embeddedPostgresError(
      `The database server at port ${postmaster.port} can't be used: ${String(error)}.`,
      error,
    );
  }
}

/**
 * Gives the share back and, if it was the last, stops the server. Whoever wants to join in that moment waits for the lock, loses
 * the connection, and starts the server anew: nobody's server is stopped under their feet.
 */
export async function giveShareBack(share: Share, cluster: Cluster, credentials: Credentials): Promise<void> {
  const { session, postmaster } = share;
  try {
    await session.query('SELECT pg_advisory_unlock_shared($1)', [shareLock]);
    const { rows } = await session.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [shareLock]);
    if (rows[0]?.last === true) await stopPostmaster(postmaster, cluster, credentials);
  } catch (error) {
    if (!isPassing(error)) throw error;
  } finally {
    await session.end().catch(() => {});
  }
}

/** Whether an error of a connection may be gone at the next attempt: it broke, or the server is starting, stopping or full. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Class 08: connection exceptions. 57P01 to 57P03: shutdown, crash, not yet up. 53300: too many connections.
  // pg's own errors, of connections that ended, have no code.
  const code = 'code' in error ? String(error.code) : '';
  return /^(|ECONN\w+|EPIPE|08\w{3}|57P0[123]|53300)$/.test(code);
}

/** Makes the gate's account, which has no rights beyond its own databases, and its database. */
async function provideGateDatabase(session: pg.Client, credentials: Credentials): Promise<void> {
  if (await has(session, 'pg_database WHERE datname = $1')) return;
  await session.query('SELECT pg_advisory_lock($1)', [creationLock]);
  try {
    if (!(await has(session, 'pg_roles WHERE rolname = $1'))) {
      const password = session.escapeLiteral(credentials.password);
      await session.query(`CREATE ROLE ${gateUser} LOGIN CREATEDB PASSWORD ${password}`);
    }
    if (!(await has(session, 'pg_database WHERE datname = $1'))) {
      await session.query(`CREATE DATABASE ${gateUser} OWNER ${gateUser}`);
    }
  } finally {
    await session.query('SELECT pg_advisory_unlock($1)', [creationLock]);
  }
}

async function has(session: pg.Client, relation: string): Promise<boolean> {
  const { rowCount } = await session.query(`SELECT FROM ${relation}`, [gateUser]);
  return rowCount !== 0;
}
