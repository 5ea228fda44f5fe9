import { NO_TOKEN, outranks } from '../accounts/caller.js';
import { listOwners, type AppRow } from '../database/apps.js';
import type { Transaction } from '../database/connect.js';
import type { SubmissionRow } from '../database/submissions.js';
import { lockToken } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import type { Standing } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';

/** Whoever uploaded something, as they stand to its app now. */
export interface StillEntitled {
  readonly standing: Standing;
  readonly uploader: { readonly id: number; readonly name: string };
}

/**
 * How whoever made a submission stands to its app now. Their right to upload is asked again when it is published, days later
 * perhaps: an app changes hands, an id gets reserved, an account suspended. A token that expired since spoke for its account
 * when it was used; one that was revoked was perhaps somebody else's hand. The app must be locked.
 *
 * @throws RequestError `APP_SUSPENDED`, `APPLICANT_TOKEN_REVOKED`, `NOT_OWNER`, `APP_ID_RESERVED`, or `VERDICT_UNFIT` where the
 *   account is suspended
 */
export async function requireStillEntitled(
  tx: Transaction,
  { reservedAppIds }: Pick<Gate, 'reservedAppIds'>,
  app: AppRow,
  { tokenId, accountId }: SubmissionRow,
): Promise<StillEntitled> {
  if (app.suspendedAt !== null) {
    throw new RequestError('APP_SUSPENDED', `The app "${app.id}" is suspended: nothing of it is published.`);
  }
  const owners = await listOwners(tx, app.id);
  const token = tokenId === NO_TOKEN ? null : await lockToken(tx, tokenId);
  if (token === null) throw new Error('A submission without its token');
  const uploader = { id: accountId, name: token.accountName };
  if (token.accountSuspension !== null) {
    throw new RequestError('VERDICT_UNFIT', `The account "${uploader.name}", which uploaded this, is suspended.`);
  }
  if (token.revokedAt !== null) {
    throw new RequestError(
      'APPLICANT_TOKEN_REVOKED',
      'The token that this was uploaded with has been revoked since. Refuse it; the developer uploads it again.',
    );
  }
  if (owners.some(({ id }) => id === accountId)) return { standing: 'owner', uploader };
  const isReserved = reservedAppIds.has(app.id);
  if (owners.length === 0 && !isReserved) return { standing: 'claimant', uploader };
  if (token.scopes.includes('operate') && !outranks('administrator', token.accountRole)) {
    return { standing: 'operator', uploader };
  }
  if (owners.length > 0) {
    throw new RequestError(
      'NOT_OWNER',
      `The app "${app.id}" does not belong to "${uploader.name}", who uploaded this.`,
    );
  }
  throw new RequestError('APP_ID_RESERVED', `The app id "${app.id}" is reserved by this store.`);
}
