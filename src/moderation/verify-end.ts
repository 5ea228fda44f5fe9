import { requireModerator, type Caller } from '../accounts/caller.js';
import { readAuditHead, readAuditLogAsItIs, type AuditHead, type AuditRow } from '../database/audit-log.js';
import type { Queryable } from '../database/connect.js';
import type { Gate } from '../gate.js';
import { verifyChain, type ChainVerdict } from './verify-audit.js';

/** What came of verifying the end of the log. */
export interface VerifiedEnd {
  readonly verdict: ChainVerdict;
  readonly head: AuditHead;
  /** The position of the first entry that was looked at; those before it were taken on trust. */
  readonly from: number;
  readonly entries: number;
}

/** So many entries are read in a second or two; the whole log is for `portcullis audit verify`. */
const MAX_ENTRIES = 10_000;
const PAGE = 500;

/**
 * Verifies the last entries of the log, up to the head of this moment: each is what was written, and follows the one before
 * it. What is older is not looked at.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` where the caller is no moderator
 */
export async function verifyEnd({ database }: Pick<Gate, 'database'>, caller: Caller): Promise<VerifiedEnd> {
  requireModerator(caller);
  const head = await readAuditHead(database);
  const start = Math.max(0, head.position - MAX_ENTRIES);
  const before = start === 0 ? undefined : await entryAt(database, start);
  // Where that entry is gone, the gap is found from the beginning on.
  const from = before === undefined ? 0 : start;
  let entries = 0;
  async function* rows(): AsyncIterable<AuditRow> {
    for await (const row of rowsBetween(database, from, head.position)) {
      entries += 1;
      yield row;
    }
  }
  const verdict = await verifyChain(rows(), head, {}, before && { position: before.position, hash: before.hash });
  return { verdict, head, from: from + 1, entries };
}

async function entryAt(db: Queryable, position: number): Promise<AuditRow | undefined> {
  const [row] = await readAuditLogAsItIs(db, { after: position - 1, limit: 1 });
  return row?.position === position ? row : undefined;
}

async function* rowsBetween(db: Queryable, start: number, end: number): AsyncIterable<AuditRow> {
  for (let after = start; after < end;) {
    const rows = await readAuditLogAsItIs(db, { after, limit: PAGE });
    for (const row of rows) if (row.position <= end) yield row;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}
