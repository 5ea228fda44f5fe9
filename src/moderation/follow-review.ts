import { setTimeout as sleep } from 'node:timers/promises';
import { isModerator, requireModerator, type Caller } from '../accounts/caller.js';
import { callerOfToken } from '../accounts/tokens.js';
import { listAuditEntries } from '../database/audit-log.js';
import type { Queryable } from '../database/connect.js';
import { findToken } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { requireReview } from './decidable.js';

/** That something changed, and how far the log is; or nothing, so that the connection is not taken for dead. */
export type ReviewChange =
  { readonly event: 'change'; readonly id: number; readonly data: object } | { readonly event: null };

const KEEP_ALIVE_MS = 15_000;
/** The log may grow a hundred times a second. */
const BREATH_MS = 200;

/**
 * Says whenever something is decided, said or changed about the app of a review, so that whoever looks at it looks again; what
 * it was is not told. Ends when nobody follows any more, the program ends, or the caller is no moderator any longer.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `TOO_MANY_OPEN`, `UNAVAILABLE`: before anything is said
 */
export async function* followReview(
  gate: Gate,
  caller: Caller,
  id: string,
  { signal, keepAliveMs = KEEP_ALIVE_MS }: { readonly signal: AbortSignal; readonly keepAliveMs?: number },
): AsyncGenerator<ReviewChange, void, undefined> {
  requireModerator(caller);
  const { appId } = await requireReview(gate.database, id);
  const leave = gate.streamRoom.enter(caller.accountId);
  // Whoever goes without a word asks for no further event, and nothing below would run again.
  signal.addEventListener('abort', leave, { once: true });
  try {
    let growth = gate.audit.growth();
    let position = await lastPosition(gate.database, appId);
    yield { event: null };
    while (!signal.aborted && !gate.audit.closing.aborted) {
      await gate.audit.waitForAudit(growth, signal, keepAliveMs);
      await sleep(BREATH_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted || !(await isStillModerator(gate, caller))) return;
      // Taken before the log is read: what is appended in between wakes at once.
      growth = gate.audit.growth();
      const now = await lastPosition(gate.database, appId);
      yield now === position ? { event: null } : { event: 'change', id: now, data: {} };
      position = now;
    }
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

async function lastPosition(db: Queryable, appId: string): Promise<number> {
  const [last] = await listAuditEntries(db, { appId, before: null, limit: 1 });
  return last?.position ?? 0;
}

async function isStillModerator({ database, now }: Gate, { tokenId }: Caller): Promise<boolean> {
  const token = await findToken(database, tokenId);
  if (token?.revokedAt !== null || token.accountSuspension !== null) return false;
  return (token.expiresAt === null || token.expiresAt > now()) && isModerator(callerOfToken(token));
}
