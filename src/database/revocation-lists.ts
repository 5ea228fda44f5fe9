import type { Queryable, Transaction } from './connect.js';

/** A revocation list that the authority signed. */
export interface RevocationListRow {
  /** The key that signed it: SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
  readonly issuerKey: string;
  readonly tier: 'root' | 'developers';
  /** The CRL number, in decimal. */
  readonly number: string;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly der: Buffer;
  /** The change up to which the ledger is on the list. */
  readonly ledgerChange: number;
}

/** Adds a list; one with the same number is there already, and then stays, or the numbers would say two things. */
export async function insertRevocationList(tx: Transaction, row: RevocationListRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO revocation_lists (issuer_key, tier, number, this_update, next_update, der, ledger_change)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [row.issuerKey, row.tier, row.number, row.thisUpdate, row.nextUpdate, row.der, row.ledgerChange],
  );
  return rowCount === 1;
}

/** The newest list of one key; null where it never signed one. */
export async function findNewestRevocationList(db: Queryable, issuerKey: string): Promise<RevocationListRow | null> {
  const { rows } = await db.query<RevocationListRow>(
    `SELECT issuer_key AS "issuerKey", tier, number::text AS number, this_update AS "thisUpdate",
       next_update AS "nextUpdate", der, ledger_change AS "ledgerChange"
     FROM revocation_lists WHERE issuer_key = $1 ORDER BY revocation_lists.number DESC LIMIT 1`,
    [issuerKey],
  );
  return rows[0] ?? null;
}

/** The newest list of every key, the root's first. */
export async function listNewestRevocationLists(db: Queryable): Promise<readonly RevocationListRow[]> {
  const { rows } = await db.query<RevocationListRow>(
    `SELECT DISTINCT ON (tier, issuer_key) issuer_key AS "issuerKey", tier, number::text AS number,
       this_update AS "thisUpdate", next_update AS "nextUpdate", der, ledger_change AS "ledgerChange"
     FROM revocation_lists ORDER BY tier DESC, issuer_key, revocation_lists.number DESC`,
  );
  return rows;
}

/** Forgets all but the newest lists of every key: they say nothing that those don't. */
export async function forgetOldRevocationLists(db: Queryable, keep: number): Promise<void> {
  await db.query(
    `DELETE FROM revocation_lists AS old WHERE
       (SELECT count(*) FROM revocation_lists AS newer WHERE newer.issuer_key = old.issuer_key AND newer.number > old.number) >= $1`,
    [keep],
  );
}
