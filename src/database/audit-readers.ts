import type { Queryable, Transaction } from './connect.js';

/**
 * How far a reader of the audit log is: the position of the last entry it is done with, 0 at first. Nobody else reads under
 * this name until the transaction ends.
 */
export async function lockAuditReader(tx: Transaction, name: string): Promise<number> {
  await tx.query('INSERT INTO audit_readers (name, position) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING', [name]);
  const { rows } = await tx.query<{ position: number }>(
    'SELECT position FROM audit_readers WHERE name = $1 FOR UPDATE',
    [name],
  );
  const [reader] = rows;
  if (reader === undefined) throw new Error('A reader that was just ensured is not there');
  return reader.position;
}

/** Writes down that a reader is done with every entry up to `position`, as soon as what it made of them is committed. */
export async function setAuditReader(tx: Transaction, name: string, position: number): Promise<void> {
  await tx.query('UPDATE audit_readers SET position = $2 WHERE name = $1', [name, position]);
}

/** How many entries a reader has before it. */
export async function readAuditLag(db: Queryable, name: string): Promise<number> {
  const { rows } = await db.query<{ lag: number }>(
    `SELECT audit_head.position - coalesce((SELECT position FROM audit_readers WHERE name = $1), 0) AS lag FROM audit_head`,
    [name],
  );
  return rows[0]?.lag ?? 0;
}
