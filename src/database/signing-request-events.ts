import { appendAuditEntry } from './audit-log.js';
import type { Queryable, Transaction } from './connect.js';

/** What may happen to a signing request. */
export const signingRequestEventKinds = [
  'requested',
  'questioned',
  'answered',
  'approved',
  'declined',
  'withdrawn',
  'challenged',
  'proven',
  'not-proven',
] as const;

export type SigningRequestEventKind = (typeof signingRequestEventKinds)[number];

/** The longest text of an event, in characters. */
const MAX_EVENT_TEXT = 2_000;

/** Something that happened to a signing request. Append-only. */
export interface SigningRequestEvent {
  readonly requestId: string;
  readonly kind: SigningRequestEventKind;
  readonly accountId: number;
  readonly text: string;
  readonly happenedAt: Date;
}

/** An event as it stands in the record. */
export interface SigningRequestEventRow extends Pick<SigningRequestEvent, 'kind' | 'text' | 'happenedAt'> {
  /** Grows with every event. */
  readonly id: number;
  readonly accountName: string;
}

/** Writes down what happened; of a text that is too long only the beginning. */
export async function appendSigningRequestEvent(tx: Transaction, event: SigningRequestEvent): Promise<void> {
  await tx.query(
    `INSERT INTO signing_request_events (request_id, kind, account_id, text, happened_at)
     VALUES ($1, $2, $3, left($4, ${MAX_EVENT_TEXT}), $5)`,
    [event.requestId, event.kind, event.accountId, event.text, event.happenedAt],
  );
  const { rows } = await tx.query<{ appId: string; state: string; serial: string | null }>(
    'SELECT app_id AS "appId", state, serial FROM signing_requests WHERE id = $1',
    [event.requestId],
  );
  const [request] = rows;
  await appendAuditEntry(tx, {
    kind: `signing-request-${event.kind}`,
    accountId: event.accountId,
    appId: request?.appId ?? null,
    subject: { type: 'signing-request', id: event.requestId },
    reason: event.text.slice(0, MAX_EVENT_TEXT),
    ...(request !== undefined && { after: { state: request.state, serial: request.serial } }),
  });
}

/** More than ever happen to one request: what can happen without end is bounded where it is done. */
const MAX_LISTED = 1_000;

/** What happened to a request, in its order. */
export async function listSigningRequestEvents(
  db: Queryable,
  requestId: string,
): Promise<readonly SigningRequestEventRow[]> {
  const { rows } = await db.query<SigningRequestEventRow>(
    `SELECT signing_request_events.id, kind, text, happened_at AS "happenedAt", accounts.name AS "accountName"
     FROM signing_request_events JOIN accounts ON accounts.id = signing_request_events.account_id
     WHERE request_id = $1 ORDER BY signing_request_events.id LIMIT ${MAX_LISTED}`,
    [requestId],
  );
  return rows;
}

/** How often one of these happened to a request. */
export async function countSigningRequestEvents(
  db: Queryable,
  requestId: string,
  kinds: readonly SigningRequestEventKind[],
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM signing_request_events WHERE request_id = $1 AND kind = ANY($2::text[])',
    [requestId, kinds],
  );
  return rows[0]?.count ?? 0;
}
