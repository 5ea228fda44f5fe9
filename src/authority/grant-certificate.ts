import type { Caller } from '../accounts/caller.js';
import type { Account } from '../database/accounts.js';
import { addOwner, appendAppEvent } from '../database/apps.js';
import { findCertificatesByKey, type CertificateRow } from '../database/certificates.js';
import type { Transaction } from '../database/connect.js';
import { closeReviewOfRequest } from '../database/reviews.js';
import { appendSigningRequestEvent } from '../database/signing-request-events.js';
import { setSigningRequestState, type SigningRequestRow } from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import { queueRequestNotice } from '../notices/request-notices.js';
import { interchangeableKeys } from '../pki/interchangeable-keys.js';
import type { Standing } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';
import { issueAppCertificate, type CertificateChain } from './issue-certificate.js';
import { requireGoodRequest } from './judge-signing-request.js';
import { requireUsableKey } from './key-reuse.js';
import { listLost } from './lost-certificates.js';
import { revokeInTransaction } from './revoke-certificate.js';
import { lockOpenRequest, requireStillEntitled } from './signing-request-access.js';
import { renewStoreLists } from './store-lists.js';

/** Longer than any signature takes, a key service's included. */
const ISSUE_TIMEOUT_MS = 60_000;

/** That a request is granted, by whom and why. */
export interface Grant {
  readonly requestId: string;
  /** Whose token it is granted with, which must count until it is done. */
  readonly caller: Caller;
  /** Who is written down for it. */
  readonly account: Account;
  readonly reason: string;
  /** Whether it still may be, asked under the locks both before the key is used and after; throws where it may not. */
  readonly require?: (tx: Transaction, request: SigningRequestRow, standing: Standing) => Promise<void>;
}

/**
 * Issues the certificate that a request asks for. Everything that speaks for it is asked again under the locks of the
 * authority, the app and the request, once before the key is used and once before the certificate counts. What the request
 * gives up is revoked in the transaction that records the certificate, so that there is no moment with both or neither.
 *
 * A failure leaves the request open, and what was intended in the ledger.
 *
 * @throws RequestError `REQUEST_DECIDED`, also where it is being granted by somebody else at this moment; `NOT_OWNER` or
 *   `APP_ID_RESERVED` where the applicant may not have it any more, `APPLICANT_TOKEN_REVOKED` where the token that asked for
 *   it was revoked; `CSR_INVALID`, `KEY_REFUSED`, `NO_AUTHORITY`, `ISSUER_UNAVAILABLE`, `UNAUTHENTICATED`
 */
export async function grantCertificate(
  gate: Gate,
  request: SigningRequestRow,
  grant: Grant,
): Promise<CertificateChain> {
  const { appId, contact } = request;
  // Judged anew: what passed when it was made need not pass by the rules of today.
  const { publicKey, keyFingerprint } = await requireGoodRequest(request.csr, appId);
  if (keyFingerprint !== request.publicKey) throw new Error('A signing request is kept under another key than its own');
  const { account, requestId } = grant;
  const publicKeys = interchangeableKeys(publicKey);
  const issued = await issueAppCertificate(
    gate,
    { appId, publicKey, days: null, requestId, contact, account },
    {
      onIntent: async (tx, serial) => {
        const { current } = await requireGrantable(tx, gate, grant, publicKeys);
        await requireNoneUnderWay(tx, gate, current, serial);
      },
      onIssued: async (tx, change, certificate) => {
        const { current, standing, lost } = await requireGrantable(tx, gate, grant, publicKeys);
        await recordGrant(tx, gate, current, grant, certificate);
        if (standing === 'claimant') await claimForApplicant(tx, current, grant);
        await revokeLost(tx, change, gate, { ...current, replaces: lost }, grant, certificate);
      },
    },
  );
  // What is revoked is so with the commit; a list that can't be signed now is signed by whoever can.
  if (request.purpose === 'lost') await renewStoreLists(gate);
  return issued;
}

async function requireGrantable(
  tx: Transaction,
  gate: Gate,
  { caller, requestId, require }: Grant,
  publicKeys: readonly string[],
): Promise<{
  readonly current: SigningRequestRow;
  readonly standing: Standing;
  /** Serials of what is revoked with it. */
  readonly lost: readonly string[];
}> {
  const current = await lockOpenRequest(tx, gate, caller, requestId);
  const standing = await requireStillEntitled(tx, gate, current);
  await require?.(tx, current, standing);
  const lost = await listLost(tx, current, gate.now());
  await requireUsableKey(tx, { ...current, publicKeys, replaces: lost });
  return { current, standing, lost };
}

/**
 * Of two who grant a request at once, the second comes here while the key is at work for the first. An intent that is neither
 * issued nor given up belongs to somebody who still works on it, or who crashed; after a while it is the latter.
 *
 * @throws RequestError `REQUEST_DECIDED`
 */
async function requireNoneUnderWay(
  tx: Transaction,
  { now }: Gate,
  { id, publicKey }: SigningRequestRow,
  ownSerial: string,
): Promise<void> {
  const isUnderWay = (row: CertificateRow): boolean =>
    row.requestId === id &&
    row.serial !== ownSerial &&
    row.issuedAt === null &&
    row.revokedAt === null &&
    now().getTime() - row.intendedAt.getTime() < ISSUE_TIMEOUT_MS;
  if (!(await findCertificatesByKey(tx, [publicKey])).some(isUnderWay)) return;
  throw new RequestError(
    'REQUEST_DECIDED',
    'The certificate of this signing request is being issued at this moment; look at it again in a minute.',
    { state: 'pending' },
  );
}

async function recordGrant(
  tx: Transaction,
  gate: Gate,
  request: SigningRequestRow,
  { account, reason }: Grant,
  { serial }: CertificateRow,
): Promise<void> {
  const { id } = request;
  const happenedAt = gate.now();
  await closeReviewOfRequest(tx, id, { verdict: 'approved', reason, accountId: account.id, at: happenedAt });
  await setSigningRequestState(tx, id, 'approved', serial);
  const event = { requestId: id, kind: 'approved', accountId: account.id, text: reason, happenedAt } as const;
  await appendSigningRequestEvent(tx, event);
  await queueRequestNotice(tx, gate, { request, verdict: 'approved', words: reason, at: happenedAt });
}

/** A free id is the applicant's from the first certificate on, as it would be from the first upload. */
async function claimForApplicant(
  tx: Transaction,
  { appId, accountId, accountName, id }: SigningRequestRow,
  { account }: Grant,
): Promise<void> {
  await addOwner(tx, appId, accountId);
  await appendAppEvent(tx, {
    appId,
    kind: 'claimed',
    accountId: account.id,
    detail: { owner: accountName, request: id },
    reason: 'first certificate',
  });
}

async function revokeLost(
  tx: Transaction,
  change: number,
  gate: Gate,
  { id, replaces, compromisedSince }: SigningRequestRow,
  { account }: Grant,
  { serial: successor }: CertificateRow,
): Promise<void> {
  for (const serial of replaces) {
    await revokeInTransaction(tx, change, gate, {
      serial,
      reason: compromisedSince === null ? 'superseded' : 'keyCompromise',
      invalidityDate: compromisedSince,
      note: `Reported as lost, and replaced by ${successor} (signing request ${id}).`,
      account,
    });
  }
}
