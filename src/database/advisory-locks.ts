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
} as const;

/**
 * Does `work`, however long that takes, while nobody else does on the same database. It may use other connections meanwhile.
 *
 * @throws whatever `work` throws
 */
export async function holdingAdvisoryLock<T>(database: Database, lock: number, work: () => Promise<T>): Promise<T> {
  const client = await database.connect();
  try {
    // Somebody else's turn may take longer than any query of ours should.
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [lock]);
    return await work();
  } finally {
    // Closed rather than given back: that ends the lock and the setting whatever state the connection is in.
    client.release(true);
  }
}
