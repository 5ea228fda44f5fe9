import type { MailSettings } from '../config.js';
import type { Transaction } from '../database/connect.js';
import { verdictBody, verdictSubject } from './notice-texts.js';
import type { RequestVerdict } from './notice-texts.js';
import { queueMail } from './queue-mail.js';

/** What became of a signing request. */
export interface RequestDecision {
  readonly request: { readonly id: string; readonly appId: string; readonly contact: string | null };
  readonly verdict: RequestVerdict;
  /** The moderator's words. */
  readonly words: string;
  readonly at: Date;
}

/**
 * Tells the contact of a signing request what was decided, or asked, by mail that goes out once the transaction of the
 * decision has committed. Nothing is queued where the store sends no mail or the request has no contact.
 */
export async function queueRequestNotice(
  tx: Transaction,
  { mail, baseUrl }: { readonly mail: MailSettings | null; readonly baseUrl: string },
  { request, verdict, words, at }: RequestDecision,
): Promise<boolean> {
  if (request.contact === null) return false;
  return queueMail(tx, mail, {
    // A question can be asked more than once.
    topic: `request:${request.id}:${verdict}${verdict === 'questioned' ? `:${at.toISOString()}` : ''}`,
    recipients: [request.contact],
    subject: verdictSubject(request.appId, verdict),
    body: verdictBody(request, verdict, words, baseUrl),
    at,
  });
}
