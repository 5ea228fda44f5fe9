import { setTimeout as pause } from 'node:timers/promises';
import { isModerator, NO_TOKEN, requireApp, type Caller } from '../accounts/caller.js';
import { callerOfToken, requireGoodStanding } from '../accounts/tokens.js';
import { listOwners } from '../database/apps.js';
import { findReleaseOfSubmission, type ReleaseRow } from '../database/releases.js';
import {
  findSubmission,
  listSubmissions,
  type SubmissionCursor,
  type SubmissionRow,
  type SubmissionSummary,
} from '../database/submissions.js';
import { findToken } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import {
  readSubmissionBriefs,
  readSubmissionState,
  type SubmissionBrief,
  type SubmissionState,
} from '../moderation/submission-state.js';
import { createStreamRoom } from '../notices/stream-room.js';
import { RequestError } from '../request-error.js';
import { requireAppId } from './ownership.js';

/** A submission, and what became of it. */
export interface ReadSubmission {
  readonly submission: SubmissionRow;
  readonly release: ReleaseRow | null;
  readonly state: SubmissionState;
}

/**
 * A submission, for whoever made it, the app's owners and moderators.
 *
 * @throws RequestError `NOT_FOUND`, also where it is none of the caller's business
 */
export async function readSubmission(gate: Gate, caller: Caller, id: string): Promise<ReadSubmission> {
  const submission = await findSubmission(gate.database, id);
  if (submission === null || !(await mayRead(gate, caller, submission))) {
    throw new RequestError('NOT_FOUND', 'There is no such submission.');
  }
  // One after the other: who reads that it was accepted also gets the release.
  const state = await readSubmissionState(gate, submission);
  return { submission, release: await findReleaseOfSubmission(gate.database, id), state };
}

/** So many wait at once, of all and of one account; the others are answered with what stands. */
const room = createStreamRoom({ total: 100, perAccount: 10 });

/** The log may grow all the time, by what concerns others. */
const BETWEEN_LOOKS_MS = 250;

/**
 * {@link readSubmission}, but where it waits for a moderator not before that changes or the time is over.
 *
 * @param signal ends the waiting: nobody is there any more
 * @throws RequestError `NOT_FOUND`; `UNAUTHENTICATED` or `ACCOUNT_SUSPENDED` where the caller's token counts no more by then
 */
export async function awaitSubmission(
  gate: Gate,
  caller: Caller,
  id: string,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<ReadSubmission> {
  const end = performance.now() + seconds * 1000;
  let since = gate.audit.growth();
  const first = await readSubmission(gate, caller, id);
  const leave = waitsForModerator(first.state) ? enterRoom(caller) : null;
  if (leave === null) return first;
  try {
    let read = first;
    while (waitsForModerator(read.state)) {
      const left = end - performance.now();
      if (left <= 0 || signal.aborted || gate.audit.closing.aborted) break;
      await gate.audit.waitForAudit(since, signal, left);
      await pause(Math.min(BETWEEN_LOOKS_MS, left), undefined, { signal }).catch(() => undefined);
      since = gate.audit.growth();
      read = await readSubmission(gate, await callerNow(gate, caller), id);
    }
    return read;
  } finally {
    leave();
  }
}

/** A place to wait in, to be given back; null where there is none. */
function enterRoom({ accountId }: Caller): (() => void) | null {
  try {
    return room.enter(accountId);
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

/** The caller as their token has it now: it may be revoked, its account suspended or its role lowered, while they wait. */
async function callerNow({ database, now }: Gate, caller: Caller): Promise<Caller> {
  if (caller.tokenId === NO_TOKEN) return caller;
  const token = await findToken(database, caller.tokenId);
  if (token?.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now())) {
    throw new RequestError('UNAUTHENTICATED', 'The token is unknown, expired or revoked.');
  }
  requireGoodStanding(token);
  return callerOfToken(token);
}

function waitsForModerator({ state }: SubmissionState): boolean {
  return state === 'held' || state === 'appealed';
}

async function mayRead(gate: Gate, caller: Caller, submission: SubmissionRow): Promise<boolean> {
  if (isModerator(caller)) return true;
  if (caller.appIds !== null && !caller.appIds.includes(submission.appId)) return false;
  if (submission.accountId === caller.accountId) return true;
  return (await listOwners(gate.database, submission.appId)).some(({ id }) => id === caller.accountId);
}

/** The submissions of an app, the newest first: all of them for its owners and moderators, their own for others. */
export async function readSubmissions(
  gate: Gate,
  caller: Caller,
  appId: string,
  page: { before: SubmissionCursor | null; limit: number },
): Promise<readonly (SubmissionSummary & SubmissionBrief)[]> {
  requireAppId(appId);
  requireApp(caller, appId);
  const owners = await listOwners(gate.database, appId);
  const all = isModerator(caller) || owners.some(({ id }) => id === caller.accountId);
  const rows = await listSubmissions(gate.database, { appId, accountId: all ? null : caller.accountId, ...page });
  const briefs = await readSubmissionBriefs(gate.database, rows);
  return rows.map((row) => ({ ...row, ...(briefs.get(row.id) ?? { state: row.outcome, review: null }) }));
}
