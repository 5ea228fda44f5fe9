import { setTimeout as sleep } from 'node:timers/promises';
import { NO_TOKEN, type Caller } from '../accounts/caller.js';
import { callerOfToken, requireGoodStanding } from '../accounts/tokens.js';
import { parseAuditEntry, type AuditRow } from '../database/audit-log.js';
import { readSubmissionLog } from '../database/submission-log.js';
import { findToken } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { readSubmissionState } from '../moderation/submission-state.js';
import { readSubmission } from '../releases/read-submissions.js';
import { RequestError } from '../request-error.js';

/** Something for whoever follows a submission. */
export type SubmissionEvent =
  /** How the submission stands now. */
  | { readonly event: 'state'; readonly id: null; readonly data: object }
  /** An entry of the audit log; the id is its position, from which it can be gone on. */
  | { readonly event: string; readonly id: number; readonly data: object }
  /** Nothing, so that the connection is not taken for dead. */
  | { readonly event: null };

export interface FollowOptions {
  /** The position of the last entry that is known already; 0: none. */
  readonly after: number;
  /** Says that nobody follows any more. */
  readonly signal: AbortSignal;
  /** How often at least something is said. */
  readonly keepAliveMs?: number;
}

const KEEP_ALIVE_MS = 15_000;
const BATCH = 100;
/** The log may grow a hundred times a second, and two hundred may follow. */
const BREATH_MS = 100;

/** What is said of a submission in public: between its developers and the store. */
const PUBLIC_KINDS =
  /^(?:submission-(?:accepted|held|refused)|review-(?:opened|question|answer|verdict)|release-[a-z]+)$/;

/**
 * How a submission stands, then every public entry of the audit log about it from `after` on, in their order, each followed by
 * how it stands then; until nobody follows any more, the program ends, or the caller may not read it any longer, which is asked
 * again at every event and several times a minute.
 *
 * @throws RequestError `NOT_FOUND`, also where it is none of the caller's business; `TOO_MANY_OPEN`, `UNAVAILABLE`: at the
 *   first event, before anything is said
 */
export async function* followSubmission(
  gate: Gate,
  caller: Caller,
  id: string,
  { after, signal, keepAliveMs = KEEP_ALIVE_MS }: FollowOptions,
): AsyncGenerator<SubmissionEvent, void, undefined> {
  const { submission } = await readSubmission(gate, caller, id);
  const leave = gate.streamRoom.enter(caller.accountId);
  // Whoever goes without a word asks for no further event, and nothing below would run again.
  signal.addEventListener('abort', leave, { once: true });
  const isOver = (): boolean => signal.aborted || gate.audit.closing.aborted;
  const stateNow = async (): Promise<SubmissionEvent> => {
    return { event: 'state', id: null, data: { ...(await readSubmissionState(gate, submission)), submission: id } };
  };
  try {
    let position = after;
    let heardAt = performance.now();
    yield await stateNow();
    while (!isOver()) {
      // Taken before the log is read: what is appended in between wakes at once.
      const growth = gate.audit.growth();
      const rows = await readSubmissionLog(gate.database, { submissionId: id, after: position, limit: BATCH });
      let said = 0;
      for (const row of rows) {
        position = row.position;
        const event = publicEvent(row);
        if (event === null) continue;
        if (isOver() || !(await mayStillRead(gate, caller, id))) return;
        yield event;
        said += 1;
      }
      if (said > 0) {
        yield await stateNow();
        heardAt = performance.now();
      }
      if (rows.length === BATCH) continue;
      const rest = heardAt + keepAliveMs - performance.now();
      if (rest <= 0) {
        if (!(await mayStillRead(gate, caller, id))) return;
        yield { event: null };
        heardAt = performance.now();
        continue;
      }
      await gate.audit.waitForAudit(growth, signal, rest);
      if (!isOver()) await sleep(BREATH_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

/** An entry as the developers may read it: what was said, never by whom in the store. */
function publicEvent(row: AuditRow): SubmissionEvent | null {
  const { kind, at, reason, after } = parseAuditEntry(row);
  if (!PUBLIC_KINDS.test(kind) || after?.['internal'] === true) return null;
  const facts = Object.fromEntries(
    ['outcome', 'codes', 'verdict', 'reasonCode', 'review', 'status'].flatMap((name) =>
      after?.[name] === undefined ? [] : [[name, after[name]]],
    ),
  );
  const isDevelopers = kind.startsWith('submission-') || kind === 'review-answer' || kind === 'review-opened';
  return {
    event: kind,
    id: row.position,
    data: {
      position: row.position,
      at,
      kind,
      from: isDevelopers ? 'developer' : 'store',
      text: reason,
      ...facts,
      receipt: row.hash,
    },
  };
}

/** Asks again, as at the beginning: the token may be revoked, the account suspended, the app have other owners. */
async function mayStillRead(gate: Gate, caller: Caller, id: string): Promise<boolean> {
  try {
    let current = caller;
    if (caller.tokenId !== NO_TOKEN) {
      const token = await findToken(gate.database, caller.tokenId);
      if (token?.revokedAt !== null) return false;
      if (token.expiresAt !== null && token.expiresAt <= gate.now()) return false;
      requireGoodStanding(token);
      current = callerOfToken(token);
    }
    await readSubmission(gate, current, id);
    return true;
  } catch (error) {
    if (error instanceof RequestError) return false;
    throw error;
  }
}
