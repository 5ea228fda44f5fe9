import { requireModerator, type Caller } from '../accounts/caller.js';
import { lockApp } from '../database/apps.js';
import { inTransaction } from '../database/connect.js';
import { closeReviewOfRequest } from '../database/reviews.js';
import { appendSigningRequestEvent, type SigningRequestEventKind } from '../database/signing-request-events.js';
import { setSigningRequestState, type SigningRequestRow } from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import { queueRequestNotice } from '../notices/request-notices.js';
import { requireNotOwnCase } from '../releases/own-case.js';
import { RequestError } from '../request-error.js';
import { grantCertificate } from './grant-certificate.js';
import type { CertificateChain } from './issue-certificate.js';
import { lockOpenRequest, lockOwnRequest, requireOpen, requireReadableRequest } from './signing-request-access.js';

/** A request that was granted, and the certificate that came of it. */
export interface ApprovedRequest {
  readonly request: SigningRequestRow;
  readonly issued: CertificateChain;
}

/**
 * A moderator grants a request: the certificate is issued, what it replaces is revoked, and where the app id was free the
 * applicant owns it.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `OWN_CASE` where a moderator asked for it or owns the app, or why it
 *   can't be granted, see {@link grantCertificate}
 */
export async function approveSigningRequest(
  gate: Gate,
  caller: Caller,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<ApprovedRequest> {
  requireModerator(caller);
  const request = await requireReadableRequest(gate.database, caller, id);
  requireOpen(request);
  const account = { id: caller.accountId, name: caller.accountName };
  const issued = await grantCertificate(gate, request, {
    ...{ requestId: id, caller, account, reason },
    require: async (tx, { appId, accountId }) => requireNotOwnCase(tx, caller, { appId, theirs: accountId }),
  });
  return { request: await requireReadableRequest(gate.database, caller, id), issued };
}

/** A moderator refuses a request, for good. @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `OWN_CASE` or `REQUEST_DECIDED` */
export async function declineSigningRequest(
  gate: Gate,
  caller: Caller,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<SigningRequestRow> {
  requireModerator(caller);
  return changeState(gate, caller, id, { state: 'declined', kind: 'declined', text: reason }, lockOthersRequest);
}

/**
 * A moderator asks the applicant something. It may be granted or declined without an answer, too.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `OWN_CASE` or `REQUEST_DECIDED`
 */
export async function questionSigningRequest(
  gate: Gate,
  caller: Caller,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<SigningRequestRow> {
  requireModerator(caller);
  return changeState(gate, caller, id, { state: 'questioned', kind: 'questioned', text: reason }, lockOthersRequest);
}

/**
 * The applicant answers what was asked, and the request waits for a moderator again.
 *
 * @throws RequestError `INVALID_REQUEST` where nothing was asked; `NOT_FOUND`, `NOT_OWNER`, `SCOPE_INSUFFICIENT` or
 *   `REQUEST_DECIDED`
 */
export async function answerSigningRequest(
  gate: Gate,
  caller: Caller,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<SigningRequestRow> {
  return changeState(gate, caller, id, { state: 'pending', kind: 'answered', text }, async (tx, ...rest) => {
    const request = await lockOwnRequest(tx, ...rest);
    // One answer a question: what an applicant writes down without end, others would have to read.
    if (request.state === 'questioned') return request;
    throw new RequestError('INVALID_REQUEST', 'Nothing was asked about this signing request.');
  });
}

/** The applicant takes the request back. @throws RequestError as for an answer */
export async function withdrawSigningRequest(gate: Gate, caller: Caller, id: string): Promise<SigningRequestRow> {
  return changeState(gate, caller, id, { state: 'withdrawn', kind: 'withdrawn', text: '' }, lockOwnRequest);
}

/**
 * Locks an open request for a moderator, and its app first: nobody becomes an owner in between.
 *
 * @throws RequestError `NOT_FOUND`, `OWN_CASE`, `UNAUTHENTICATED` or `REQUEST_DECIDED`
 */
const lockOthersRequest: typeof lockOwnRequest = async (tx, gate, caller, id) => {
  const { appId, accountId } = await requireReadableRequest(tx, caller, id);
  await lockApp(tx, appId);
  const request = await lockOpenRequest(tx, gate, caller, id);
  await requireNotOwnCase(tx, caller, { appId, theirs: accountId });
  return request;
};

/** What becomes of a request, and what is written down with it. */
interface StateChange {
  readonly state: 'pending' | 'questioned' | 'declined' | 'withdrawn';
  readonly kind: SigningRequestEventKind;
  readonly text: string;
}

/** Changes a request's state under its lock; `lock` says whether the caller may. */
async function changeState(
  gate: Gate,
  caller: Caller,
  id: string,
  { state, kind, text }: StateChange,
  lock: typeof lockOwnRequest,
): Promise<SigningRequestRow> {
  return inTransaction(gate.database, async (tx) => {
    const request = await lock(tx, gate, caller, id);
    const happenedAt = gate.now();
    if (state === 'declined') {
      const { accountId } = caller;
      await closeReviewOfRequest(tx, id, { verdict: 'declined', reason: text, accountId, at: happenedAt });
    }
    await setSigningRequestState(tx, id, state);
    await appendSigningRequestEvent(tx, { requestId: id, kind, accountId: caller.accountId, text, happenedAt });
    if (state === 'questioned' || state === 'declined') {
      await queueRequestNotice(tx, gate, { request, verdict: state, words: text, at: happenedAt });
    }
    return { ...request, state };
  });
}
