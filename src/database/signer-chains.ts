import type { Queryable } from './connect.js';

/** The certificates that releases were verified with, by that of the signer. */
export interface SignerChainRow {
  /** SHA-256 of the signer's certificate, lower-case hex. */
  readonly fingerprint: string;
  /** In DER, the signer's first and without the root; empty where nobody has written them down yet. */
  readonly certificates: readonly Buffer[];
}

/** Writes down a signer's certificates, where that was not done yet. */
export async function keepSignerChain(db: Queryable, { fingerprint, certificates }: SignerChainRow): Promise<void> {
  await db.query(
    `INSERT INTO signer_chains (fingerprint, certificates) VALUES ($1, $2)
     ON CONFLICT (fingerprint) DO UPDATE SET certificates = excluded.certificates WHERE cardinality(signer_chains.certificates) = 0`,
    [fingerprint, certificates],
  );
}

const COLUMNS = 'fingerprint, certificates';

/**
 * Signers whose time has come, and those who were judged by another trust than `trust`, but for the hour after that: gates whose
 * trusts differ would else judge them in turns, every minute.
 *
 * @param due.isReading whether those are wanted, too, whose certificates nobody has written down yet
 */
export async function listDueSigners(
  db: Queryable,
  due: { readonly trust: string; readonly at: Date; readonly isReading: boolean; readonly limit: number },
): Promise<readonly SignerChainRow[]> {
  const some = 'SELECT fingerprint FROM signer_chains WHERE ($4 OR cardinality(certificates) > 0)';
  const isSettled = `judged_at NOT BETWEEN $2::timestamptz - interval '1 hour' AND $2`;
  const { rows } = await db.query<SignerChainRow>(
    `SELECT ${COLUMNS} FROM signer_chains WHERE fingerprint IN (
       (${some} AND judged_by < $1 AND ${isSettled} LIMIT $3) UNION
       (${some} AND judged_by > $1 AND ${isSettled} LIMIT $3) UNION
       (${some} AND due_at <= $2 ORDER BY due_at LIMIT $3) UNION
       -- A clock that was wrong, and is set back, must not keep us from looking for years.
       (${some} AND due_at > $2::timestamptz + interval '2 days' LIMIT $3))
     ORDER BY fingerprint LIMIT $3`,
    [due.trust, due.at, due.limit, due.isReading],
  );
  return rows;
}

/** All signers in one order, after `after`. */
export async function listSigners(
  db: Queryable,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly SignerChainRow[]> {
  const { rows } = await db.query<SignerChainRow>(
    `SELECT ${COLUMNS} FROM signer_chains WHERE fingerprint > $1 ORDER BY fingerprint LIMIT $2`,
    [page.after, page.limit],
  );
  return rows;
}

/** Writes down by what trust a signer was judged and when, and when again at the latest. */
export async function noteSignerJudged(
  db: Queryable,
  judged: { readonly fingerprint: string; readonly trust: string; readonly at: Date; readonly dueAt: Date },
): Promise<void> {
  await db.query('UPDATE signer_chains SET judged_by = $2, judged_at = $3, due_at = $4 WHERE fingerprint = $1', [
    judged.fingerprint,
    judged.trust,
    judged.at,
    judged.dueAt,
  ]);
}

/** The certificate with this fingerprint in the store's own ledger; null where it has none. */
export async function findLeafDer(db: Queryable, fingerprint: string): Promise<Buffer | null> {
  const { rows } = await db.query<{ der: Buffer | null }>('SELECT der FROM certificates WHERE fingerprint = $1', [
    fingerprint,
  ]);
  return rows[0]?.der ?? null;
}
