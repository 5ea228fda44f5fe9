import { currentRequest } from '../request-context.js';
import type { Queryable } from './connect.js';

/** What an audit entry may be about. */
export const auditSubjects = [
  'store',
  'account',
  'token',
  'invitation',
  'app',
  'submission',
  'release',
  'review',
  'override',
  'rule',
  'signing-request',
  'certificate',
  'webhook',
] as const;

export type AuditSubjectType = (typeof auditSubjects)[number];

/** Plain data that JSON holds. */
export type AuditFacts = Readonly<Record<string, unknown>>;

/** Something that was decided or changed, for the log. */
export interface NewAuditEntry {
  /** What happened: the noun and what became of it, `release-published`. Append-only, as the codes of findings are. */
  readonly kind: string;
  /** Who did it; null: somebody without an account. */
  readonly accountId: number | null;
  readonly appId: string | null;
  /** What it was done to. A release is named `app@version`. */
  readonly subject: { readonly type: AuditSubjectType; readonly id: string };
  /** Why, in the words of whoever did it; empty where nobody was asked for a reason. */
  readonly reason: string;
  /** What it was before, and is now, as far as it changed. Never a secret, nor a personal datum but account names. */
  readonly before?: AuditFacts;
  readonly after?: AuditFacts;
}

/** Stands for whoever has no account; no account can have this name. */
const PUBLIC_ACTOR = '(public)';

/**
 * Writes down a decision or a change. The entry gets its place in the chain when the transaction commits, and the time of
 * the database, whose clock is one for all replicas; with an undone transaction it is gone.
 */
export async function appendAuditEntry(db: Queryable, entry: NewAuditEntry): Promise<void> {
  const { rows } = await db.query<{ account: string | null; at: Date }>(
    'SELECT (SELECT name FROM accounts WHERE id = $1) AS account, clock_timestamp() AS at',
    [entry.accountId],
  );
  const [context] = rows;
  if (context === undefined) throw new Error('SELECT without FROM returned no row');
  const { account, at } = context;
  if (entry.accountId !== null && account === null) throw new Error('An audit entry of an account that is not there');
  const text = JSON.stringify({
    at: at.toISOString(),
    kind: entry.kind,
    actor: { account: account ?? PUBLIC_ACTOR },
    app: entry.appId,
    subject: entry.subject,
    reason: entry.reason,
    before: entry.before ?? null,
    after: entry.after ?? null,
    request: currentRequest()?.requestId ?? null,
  });
  await db.query('INSERT INTO audit_log (entry) VALUES ($1)', [storable(text)]);
}

/** JSON without what Postgres' `jsonb` can't hold: NUL, and halves of characters, as JSON writes them. */
function storable(json: string): string {
  // A backslash before the `u` may itself be escaped: pairs of them are stepped over.
  return json.replace(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    /^\\u(?:0000|d[89a-f])/.test(escape) ? '\ufffd' : escape,
  );
}

/** An entry as it stands in the log. */
export interface AuditRow {
  readonly position: number;
  /** SHA-256, lower-case hex. */
  readonly previous: string;
  readonly hash: string;
  /** The JSON that was hashed, as it was. */
  readonly entry: string;
}

/** What `entry` of an {@link AuditRow} holds. */
export interface AuditEntry {
  readonly at: string;
  readonly kind: string;
  readonly actor: { readonly account: string };
  readonly app: string | null;
  readonly subject: { readonly type: AuditSubjectType; readonly id: string };
  readonly reason: string;
  readonly before: AuditFacts | null;
  readonly after: AuditFacts | null;
  readonly request: string | null;
}

/** What stands in a row's `entry`. @throws SyntaxError where the log was tampered with */
export function parseAuditEntry({ entry }: Pick<AuditRow, 'entry'>): AuditEntry {
  return JSON.parse(entry) as AuditEntry;
}

const COLUMNS = 'position, previous, hash, entry';

/** Which entries are wanted; null: any. */
export interface AuditFilter {
  readonly appId?: string | null;
  readonly kind?: string | null;
  readonly actor?: string | null;
  readonly subject?: { readonly type: AuditSubjectType; readonly id: string } | null;
  /** ISO 8601, UTC, to the millisecond. */
  readonly since?: string | null;
  readonly until?: string | null;
}

/** Entries, the newest first, before the position `before`. */
export async function listAuditEntries(
  db: Queryable,
  { appId, kind, actor, subject, since, until, before, limit }: AuditFilter & { before: number | null; limit: number },
): Promise<readonly AuditRow[]> {
  const { rows } = await db.query<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_log
     WHERE position < coalesce($1::bigint, 9223372036854775807)
       AND ($2::text IS NULL OR app_id = $2) AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR actor = $4)
       AND ($5::text IS NULL OR (subject_type = $5 AND subject_id = $6))
       AND ($7::text IS NULL OR at >= $7) AND ($8::text IS NULL OR at < $8)
     ORDER BY position DESC LIMIT $9`,
    [before, appId, kind, actor, subject?.type, subject?.id, since, until, limit],
  );
  return rows;
}

/** Entries after the position `after`, in their order: for whoever reads all of the log. */
export async function readAuditLog(
  db: Queryable,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly AuditRow[]> {
  const { rows } = await db.query<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_log WHERE position > $1 ORDER BY position LIMIT $2`,
    [after, limit],
  );
  return rows;
}

/**
 * The same for whoever verifies it, and must be able to read what somebody did to it: a position that is beyond any number of
 * ours comes as one that isn't safe.
 */
export async function readAuditLogAsItIs(
  db: Queryable,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly AuditRow[]> {
  const { rows } = await db.query<AuditRow>(
    `SELECT position::float8 AS position, previous, hash, entry FROM audit_log WHERE position > $1 ORDER BY audit_log.position LIMIT $2`,
    [after, limit],
  );
  return rows;
}

/** The end of the chain: what the next entry will follow. */
export interface AuditHead {
  /** 0 for an empty log. */
  readonly position: number;
  readonly hash: string;
}

export async function readAuditHead(db: Queryable): Promise<AuditHead> {
  const { rows } = await db.query<AuditHead>('SELECT position, hash FROM audit_head');
  const [head] = rows;
  if (head === undefined) throw new Error('The audit log has no head');
  return head;
}

/** How far the log reaches, seen at one moment: of a log that nobody tampered with, to its head. */
export interface AuditExtent {
  /** Null where somebody took it away. */
  readonly head: AuditHead | null;
  /** The position of the last entry; 0 where there is none. */
  readonly last: number;
  /** How many entries were never put into the chain. */
  readonly unchained: number;
}

export async function readAuditExtent(db: Queryable): Promise<AuditExtent> {
  // One statement, and so one moment.
  const { rows } = await db.query<{ position: number | null; hash: string | null; last: number; unchained: number }>(
    `SELECT audit_head.position::float8 AS position, audit_head.hash, last, unchained
     FROM (SELECT coalesce(max(position), 0)::float8 AS last, count(*) FILTER (WHERE position IS NULL) AS unchained FROM audit_log) AS log
       LEFT JOIN audit_head ON true`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('SELECT of totals returned no row');
  const { position, hash, last, unchained } = row;
  return { head: position === null || hash === null ? null : { position, hash }, last, unchained };
}

/** The entry with that hash; null where there is none. */
export async function findAuditEntry(db: Queryable, hash: string): Promise<AuditRow | null> {
  const { rows } = await db.query<AuditRow>(`SELECT ${COLUMNS} FROM audit_log WHERE hash = $1`, [hash]);
  return rows[0] ?? null;
}

/** The newest entry of a kind; null where there is none. */
export async function findLastAuditEntry(db: Queryable, kind: string): Promise<AuditRow | null> {
  const { rows } = await db.query<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_log WHERE kind = $1 AND position IS NOT NULL ORDER BY position DESC LIMIT 1`,
    [kind],
  );
  return rows[0] ?? null;
}

/** The hash of the newest entry of these kinds about a subject: the receipt of that decision; null where there is none. */
export async function findReceipt(
  db: Queryable,
  subject: { readonly type: AuditSubjectType; readonly id: string },
  kinds: readonly string[] | null = null,
): Promise<string | null> {
  const { rows } = await db.query<{ hash: string }>(
    `SELECT hash FROM audit_log WHERE subject_type = $1 AND subject_id = $2 AND ($3::text[] IS NULL OR kind = ANY ($3))
     ORDER BY position DESC LIMIT 1`,
    [subject.type, subject.id, kinds],
  );
  return rows[0]?.hash ?? null;
}
