import { isModerator, requireApp, type Caller } from '../accounts/caller.js';
import { listOwners } from '../database/apps.js';
import { findReleaseOfSubmission, type ReleaseRow } from '../database/releases.js';
import {
  findSubmission,
  listSubmissions,
  type SubmissionCursor,
  type SubmissionRow,
  type SubmissionSummary,
} from '../database/submissions.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { requireAppId } from './ownership.js';

/**
 * A submission, for whoever made it, the app's owners and moderators.
 *
 * @throws RequestError `NOT_FOUND`, also where it is none of the caller's business
 */
export async function readSubmission(
  gate: Gate,
  caller: Caller,
  id: string,
): Promise<{ submission: SubmissionRow; release: ReleaseRow | null }> {
  const submission = await findSubmission(gate.database, id);
  if (submission === null || !(await mayRead(gate, caller, submission))) {
    throw new RequestError('NOT_FOUND', 'There is no such submission.');
  }
  return { submission, release: await findReleaseOfSubmission(gate.database, id) };
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
): Promise<readonly SubmissionSummary[]> {
  requireAppId(appId);
  requireApp(caller, appId);
  const owners = await listOwners(gate.database, appId);
  const all = isModerator(caller) || owners.some(({ id }) => id === caller.accountId);
  return listSubmissions(gate.database, { appId, accountId: all ? null : caller.accountId, ...page });
}
