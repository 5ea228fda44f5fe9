import { requireModerator, type Caller } from '../accounts/caller.js';
import {
  findAuditEntry,
  listAuditEntries,
  parseAuditEntry,
  readAuditExtent,
  readAuditHead,
  readAuditLogAsItIs,
  type AuditEntry,
  type AuditFilter,
  type AuditHead,
  type AuditRow,
} from '../database/audit-log.js';
import type { Queryable } from '../database/connect.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { verifyChain, type ChainVerdict, type ChainWitness } from './verify-audit.js';

/** An entry of the log, and where it stands. */
export interface PlacedEntry extends AuditEntry {
  readonly position: number;
  readonly hash: string;
}

/**
 * The log as moderators read it: the newest entries first, before the position `before`.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` where the caller is no moderator
 */
export async function readAudit(
  { database }: Pick<Gate, 'database'>,
  caller: Caller,
  filter: AuditFilter,
  page: { readonly before: number | null; readonly limit: number },
): Promise<readonly PlacedEntry[]> {
  requireModerator(caller);
  const rows = await listAuditEntries(database, { ...filter, ...page });
  return rows.map((row) => ({ ...parseAuditEntry(row), position: row.position, hash: row.hash }));
}

/** Where the log ends. For everybody: whoever keeps it can tell later whether what came before was changed. */
export async function auditHead({ database }: Pick<Gate, 'database'>): Promise<AuditHead> {
  return readAuditHead(database);
}

/** What anybody may know of the entry that a receipt is for. */
export interface Receipt {
  readonly position: number;
  readonly hash: string;
  readonly at: string;
  /** Null, with the subject, where the entry is none that receipts are given for. */
  readonly kind: string | null;
  readonly subject: AuditEntry['subject'] | null;
}

/**
 * What receipts are given for: decisions, about what has an id that says nothing. The head is public, and so is the hash of
 * whatever was written last; who signed in, what moderators say among themselves, or which app's key was found in the open, is
 * nobody's business.
 */
const RECEIPT_KINDS =
  /^(?:(?:submission|release|override|certificate)-[a-z-]+|review-(?:opened|verdict)|signing-request-(?:approved|declined)|rule-changed|rules-configured)$/;

/**
 * Whether a receipt is one of this store, and what for; never why, nor who decided.
 *
 * @throws RequestError `NOT_FOUND`
 */
export async function checkReceipt({ database }: Pick<Gate, 'database'>, hash: string): Promise<Receipt> {
  const row = await findAuditEntry(database, hash);
  if (row === null) throw new RequestError('NOT_FOUND', 'No entry of the audit log has this hash.');
  const { at, kind, subject } = parseAuditEntry(row);
  const isPublic = RECEIPT_KINDS.test(kind);
  return {
    position: row.position,
    hash: row.hash,
    at,
    kind: isPublic ? kind : null,
    subject: isPublic ? subject : null,
  };
}

/** The whole log as it stands at one moment. */
export interface LogCopy {
  readonly head: AuditHead;
  readonly rows: AsyncIterable<AuditRow>;
}

/**
 * The log for whoever keeps a copy, up to the head of this moment: what comes later is not in it, however long the reading
 * takes.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` where the caller is no moderator
 */
export async function copyAudit({ database }: Pick<Gate, 'database'>, caller: Caller): Promise<LogCopy> {
  requireModerator(caller);
  const head = await readAuditHead(database);
  return { head, rows: rowsUpTo(database, head.position) };
}

/** Verifies the log where it is kept, up to the head of this moment. Changes nothing. */
export async function verifyLog(database: Queryable, witness: ChainWitness = {}): Promise<ChainVerdict> {
  const { head, last, unchained } = await readAuditExtent(database);
  const verdict = await verifyChain(rowsUpTo(database, Math.max(head?.position ?? 0, last)), head, witness);
  if (!verdict.isWhole) return verdict;
  if (head === null) {
    const message = 'The head of the log is gone: whether it ends there, nothing says.';
    return { isWhole: false, fault: 'head-missing', position: last + 1, message };
  }
  if (unchained === 0) return verdict;
  return {
    isWhole: false,
    fault: 'beyond-head',
    position: head.position + 1,
    message: `There are entries (${unchained}) that were never put into the chain.`,
  };
}

const PAGE = 500;

/** Entries never change, and have no gap: what is read page by page is one whole, without a transaction held open for it. */
async function* rowsUpTo(database: Queryable, end: number): AsyncIterable<AuditRow> {
  for (let after = 0; after < end;) {
    const rows = await readAuditLogAsItIs(database, { after, limit: PAGE });
    for (const row of rows) if (row.position <= end) yield row;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}
