import { readAuditHead, readAuditLog, type AuditHead } from '../database/audit-log.js';
import type { Queryable, Transaction } from '../database/connect.js';
import { RequestError } from '../request-error.js';

/**
 * How far somebody has read the changes of the catalogue, and by which history. Where a database is set back to a backup, the places
 * after it are given out again, for other changes: the last entry of the audit log that stood then tells the two apart.
 */
export interface ChangeCursor {
  readonly position: number;
  /** Null at the beginning, which all histories share. */
  readonly history: { readonly position: number; readonly hash: string } | null;
}

const FORM = /^(\d{1,15})\.(\d{1,15})\.([0-9a-f]{16})$/;
const BEGINNING: ChangeCursor = { position: 0, history: null };

/** @throws RequestError `INVALID_REQUEST` for what no page ever had as its `next` */
export function parseChangeCursor(text: string): ChangeCursor {
  if (text === '' || text === '0') return BEGINNING;
  const [, position, logged, hash] = FORM.exec(text) ?? [];
  if (position === undefined || logged === undefined || hash === undefined) {
    throw new RequestError('INVALID_REQUEST', 'The "after" of this request is the "next" of no page.');
  }
  return { position: Number(position), history: { position: Number(logged), hash } };
}

/** A cursor for whoever has read up to `position`, at the moment that `head` was the end of the audit log. */
export function writeChangeCursor(position: number, head: AuditHead): string {
  return `${position}.${head.position}.${shortened(head.hash)}`;
}

/**
 * Makes sure that a cursor is one of this database's history, and returns the end of the audit log.
 *
 * @param tx a transaction that sees one moment
 * @param last the place of the last change
 * @throws RequestError `CURSOR_GONE`
 */
export async function requireOwnHistory(
  tx: Transaction,
  { position, history }: ChangeCursor,
  last: number,
): Promise<AuditHead> {
  const head = await readAuditHead(tx);
  if (position > last || !(await isLogged(tx, head, history))) {
    throw new RequestError(
      'CURSOR_GONE',
      'The store does not know this place any more: its database was set back. Read everything anew, from the beginning.',
    );
  }
  return head;
}

async function isLogged(db: Queryable, head: AuditHead, history: ChangeCursor['history']): Promise<boolean> {
  if (history === null || history.position === 0) return true;
  if (history.position > head.position) return false;
  const [entry] = await readAuditLog(db, { after: history.position - 1, limit: 1 });
  return entry?.position === history.position && shortened(entry.hash) === history.hash;
}

function shortened(hash: string): string {
  return hash.slice(0, 16);
}
