import { randomUUID } from 'node:crypto';
import { isModerator, requireApp, requireScope, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { lockAccount } from '../database/accounts.js';
import { listOwners, lockApp } from '../database/apps.js';
import { inTransaction, type Queryable, type Transaction } from '../database/connect.js';
import {
  appendReviewEvent,
  countOpenAppeals,
  insertReview,
  listReviewsOfSubmission,
  lockReview,
  setReviewState,
} from '../database/reviews.js';
import { findSubmission, type SubmissionRow } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { whyNotAppealable } from './submission-state.js';
import { requireText } from './texts.js';

/** What these use-cases need of a gate. */
type Records = Pick<Gate, 'database' | 'now'>;

/** So few words explain nothing. */
const LEAST_APPEAL = 10;

/** So many appeals of one account wait at once: others wait, too. */
const MAX_OPEN_APPEALS = 20;

/**
 * Appeals the refusal of a submission, by the gate or by a moderator: another moderator than that one looks at it. One appeal a
 * refusal.
 *
 * @returns the id of the appeal's review
 * @throws RequestError `NOT_FOUND`, `NOT_OWNER` where it is somebody else's, `SCOPE_INSUFFICIENT`, `INVALID_REQUEST`;
 *   `NOT_APPEALABLE`, `TOO_MANY_OPEN`
 */
export async function appealRefusal(
  gate: Records,
  caller: Caller,
  { submissionId, text }: { readonly submissionId: string; readonly text: string },
): Promise<string> {
  const words = requireText(text, 'An appeal', { min: LEAST_APPEAL });
  const submission = await requireOwnSubmission(gate.database, caller, submissionId);
  return inTransaction(gate.database, async (tx) => {
    await requireStillOwn(tx, gate, caller, submission);
    const at = gate.now();
    const reviews = await listReviewsOfSubmission(tx, submission.id);
    const obstacle = await whyNotAppealable(tx, submission, reviews, at);
    if (obstacle !== null) throw new RequestError('NOT_APPEALABLE', obstacle);
    if ((await countOpenAppeals(tx, caller.accountId)) >= MAX_OPEN_APPEALS) {
      throw new RequestError('TOO_MANY_OPEN', `${MAX_OPEN_APPEALS} of your appeals wait already.`);
    }
    const id = randomUUID();
    const { appId, version } = submission;
    const unknown = { category: null, contact: null };
    const opened = { openedById: caller.accountId, openedAt: at };
    await insertReview(tx, { id, kind: 'appeal', appId, submissionId, version, ...unknown, ...opened });
    await say(tx, caller, id, { kind: 'opened', text: words, happenedAt: at });
    return id;
  });
}

/**
 * Answers what a moderator asked about a submission, which waits for a moderator again. One answer a question.
 *
 * @returns the id of the review
 * @throws RequestError `INVALID_REQUEST` where nothing was asked; `NOT_FOUND`, `NOT_OWNER`, `SCOPE_INSUFFICIENT`
 */
export async function answerQuestion(
  gate: Records,
  caller: Caller,
  { submissionId, text }: { readonly submissionId: string; readonly text: string },
): Promise<string> {
  const words = requireText(text, 'An answer');
  const submission = await requireOwnSubmission(gate.database, caller, submissionId);
  return inTransaction(gate.database, async (tx) => {
    await lockApp(tx, submission.appId);
    const asked = (await listReviewsOfSubmission(tx, submissionId)).find(({ state }) => state === 'questioned');
    const review = asked === undefined ? null : await lockReview(tx, asked.id);
    await requireStillOwn(tx, gate, caller, submission);
    if (review?.state !== 'questioned') {
      throw new RequestError('INVALID_REQUEST', 'Nothing was asked about this submission.');
    }
    await setReviewState(tx, review.id, { state: 'waiting' });
    await say(tx, caller, review.id, { kind: 'answer', text: words, happenedAt: gate.now() });
    return review.id;
  });
}

async function say(
  tx: Transaction,
  { accountId }: Caller,
  reviewId: string,
  event: { readonly kind: 'opened' | 'answer'; readonly text: string; readonly happenedAt: Date },
): Promise<void> {
  await appendReviewEvent(tx, { ...event, reviewId, accountId, isInternal: false, detail: {} });
}

/**
 * A submission that is the caller's own, or of an app of theirs, to act on.
 *
 * @throws RequestError `NOT_FOUND`, also where it is none of the caller's business; `NOT_OWNER`, `SCOPE_INSUFFICIENT`
 */
async function requireOwnSubmission(db: Queryable, caller: Caller, id: string): Promise<SubmissionRow> {
  const submission = await findSubmission(db, id);
  const isOwn = submission !== null && (await isPartyTo(db, caller, submission));
  if (submission === null || (!isOwn && !isModerator(caller))) {
    throw new RequestError('NOT_FOUND', 'There is no such submission.');
  }
  if (!isOwn) throw new RequestError('NOT_OWNER', 'This submission is somebody else’s to act on.');
  if (!caller.scopes.includes('manage')) requireScope(caller, 'upload');
  requireApp(caller, submission.appId);
  return submission;
}

/** Whether somebody uploaded a submission, or owns its app. */
export async function isPartyTo(
  db: Queryable,
  { accountId }: Pick<Caller, 'accountId'>,
  submission: Pick<SubmissionRow, 'accountId' | 'appId'>,
): Promise<boolean> {
  if (submission.accountId === accountId) return true;
  return (await listOwners(db, submission.appId)).some(({ id }) => id === accountId);
}

/** The same under the app's lock, and with the account's: of two appeals at once, the second sees the first. */
async function requireStillOwn(
  tx: Transaction,
  { now }: Records,
  caller: Caller,
  submission: SubmissionRow,
): Promise<void> {
  await lockApp(tx, submission.appId);
  await lockAccount(tx, caller.accountName);
  await requireLiveToken(tx, caller, now());
  if (await isPartyTo(tx, caller, submission)) return;
  throw new RequestError('NOT_OWNER', 'This submission is somebody else’s to act on.');
}
