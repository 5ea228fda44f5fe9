import { isModerator, type Caller } from '../accounts/caller.js';
import { ensureSystemAccount } from '../accounts/system-account.js';
import type { Transaction } from '../database/connect.js';
import { appendSigningRequestEvent } from '../database/signing-request-events.js';
import { setSigningRequestState, type SigningRequestRow } from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import { queueRequestNotice } from '../notices/request-notices.js';
import type { Standing } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';
import type { CertificateWish } from './request-certificate.js';
import { isStillEntitled, mayReadRequest } from './signing-request-access.js';

/**
 * What becomes of an open request over the same key when it is asked for again. One that can't be granted any more makes way:
 * it is declined by the gate itself.
 *
 * @returns the request where it is the one that is wished for; null where it made way for a new one
 * @throws RequestError `KEY_REFUSED` where it is somebody else's; `REQUEST_OPEN` where something else was wished for
 */
export async function resumeSameRequest(
  tx: Transaction,
  gate: Gate,
  caller: Caller,
  { same, wish, standing }: { same: SigningRequestRow; wish: CertificateWish; standing: Standing },
): Promise<SigningRequestRow | null> {
  const isTheirs = same.accountId === caller.accountId;
  // A stranger who copied somebody's signing request must not take its place.
  if ((isTheirs || standing !== 'claimant') && !(await isStillEntitled(tx, gate, same))) {
    await giveWay(tx, gate, same);
    return null;
  }
  if (!(await mayReadRequest(tx, caller, same))) {
    // Anybody can copy a signing request that lies about in public, and be first with it.
    throw new RequestError('KEY_REFUSED', 'Somebody else asks for a certificate with this key. Make a new one.');
  }
  if (isSameWish(wish, same)) return same;
  const whose = isTheirs || isModerator(caller) ? '' : ` by ${same.accountName}`;
  throw new RequestError(
    'REQUEST_OPEN',
    `With this key something else is asked for already${whose}: withdraw the signing request ${same.id} first.`,
    { request: same.id },
  );
}

/** Whether a wish is what a request says: a wish that leaves its purpose to the gate is one without anything special. */
function isSameWish(wish: CertificateWish, same: SigningRequestRow): boolean {
  const isSamePurpose =
    wish.purpose === null ? same.purpose === 'new' || same.purpose === 'renewal' : wish.purpose === same.purpose;
  const lost = new Set(wish.lost ?? []);
  return (
    isSamePurpose &&
    lost.size === same.replaces.length &&
    same.replaces.every((serial) => lost.has(serial)) &&
    wish.compromisedSince?.getTime() === same.compromisedSince?.getTime() &&
    wish.declaredUrl === same.declaredUrl &&
    wish.contact === same.contact &&
    wish.note === same.note
  );
}

async function giveWay(tx: Transaction, gate: Gate, request: SigningRequestRow): Promise<void> {
  const { id: accountId } = await ensureSystemAccount(tx);
  const text =
    'It could not be granted any more: whoever made it lost the app, or the token that they used was revoked. ' +
    'With its key a new request was made.';
  const happenedAt = gate.now();
  await setSigningRequestState(tx, request.id, 'declined');
  await appendSigningRequestEvent(tx, { requestId: request.id, kind: 'declined', accountId, text, happenedAt });
  await queueRequestNotice(tx, gate, { request, verdict: 'declined', words: text, at: happenedAt });
}
