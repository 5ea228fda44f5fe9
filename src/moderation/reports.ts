import { randomUUID } from 'node:crypto';
import { addressWindow, countAttempt } from '../accounts/attempts.js';
import { lockApp } from '../database/apps.js';
import { inTransaction } from '../database/connect.js';
import { findRelease, listReleases } from '../database/releases.js';
import { countOpenReports } from '../database/review-queue.js';
import { appendReviewEvent, insertReview, type ReportCategory } from '../database/reviews.js';
import type { Gate } from '../gate.js';
import { isMailAddress } from '../mail-address.js';
import { requireAppId } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';

/** What somebody without an account tells the store about an app. */
export interface TroubleReport {
  readonly appId: string;
  /** Null: of no release in particular. */
  readonly version: string | null;
  readonly category: ReportCategory;
  readonly text: string;
  /** A mail address under which they can be asked; for moderators only. */
  readonly contact: string | null;
  /** Where the report comes from on the network. It is counted by, and not kept. */
  readonly address: string;
}

export const REPORT_TEXT = { min: 10, max: 4_000 } as const;

const HOUR_MS = 60 * 60 * 1000;
const REPORTS_AN_HOUR = 10;
const MAX_OPEN_REPORTS_OF_APP = 50;

/**
 * Takes a report from the public: moderators find it in the queue.
 *
 * @returns the id of the review
 * @throws RequestError `INVALID_REQUEST`, `APP_ID_INVALID`, `NOT_FOUND` where there is no such app or release,
 *   `TOO_MANY_ATTEMPTS` from this address, `TOO_MANY_OPEN` about this app
 */
export async function reportTrouble(
  gate: Pick<Gate, 'database' | 'now' | 'secrets'>,
  report: TroubleReport,
): Promise<string> {
  const { appId, version, category, contact } = report;
  requireAppId(appId);
  const text = requireText(report.text);
  if (contact !== null && !isMailAddress(contact)) {
    throw new RequestError('INVALID_REQUEST', 'The contact is not a mail address.');
  }
  const window = gate.secrets.fingerprint(addressWindow(report.address), 'address of a report');
  const at = gate.now();
  await countAttempt(gate.database, { subject: `report:${window}`, windowMs: HOUR_MS, limit: REPORTS_AN_HOUR }, at);
  return inTransaction(gate.database, async (tx) => {
    // Under the app's lock, so that many at once are not more than there may be.
    const app = await lockApp(tx, appId);
    const [latest] = app === null ? [] : await listReleases(tx, { appId, after: null, limit: 1 });
    if (latest === undefined) throw new RequestError('NOT_FOUND', 'There is no such app in this store.');
    if (version !== null && (await findRelease(tx, appId, version)) === null) {
      throw new RequestError('NOT_FOUND', 'There is no such release in this store.');
    }
    if ((await countOpenReports(tx, appId)) >= MAX_OPEN_REPORTS_OF_APP) {
      throw new RequestError('TOO_MANY_OPEN', 'Many reports about this app wait already; moderators are told of it.');
    }
    const id = randomUUID();
    const opened = { openedById: null, openedAt: at };
    await insertReview(tx, { id, kind: 'report', appId, submissionId: null, version, category, contact, ...opened });
    await appendReviewEvent(tx, {
      reviewId: id,
      kind: 'opened',
      accountId: null,
      // Who is reported is not to read the words of whoever does.
      isInternal: true,
      text,
      detail: { category },
      happenedAt: at,
    });
    return id;
  });
}

/** @throws RequestError `INVALID_REQUEST` */
function requireText(written: string): string {
  const text = written.trim();
  if (text.length >= REPORT_TEXT.min && text.length <= REPORT_TEXT.max) return text;
  throw new RequestError('INVALID_REQUEST', `A report has ${REPORT_TEXT.min} to ${REPORT_TEXT.max} characters.`);
}
