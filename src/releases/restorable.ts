import type { AppRow } from '../database/apps.js';
import { findRelease, type ReleaseRow } from '../database/releases.js';
import type { Gate } from '../gate.js';
import { inTurn } from '../moderation/archive-copies.js';
import { RequestError } from '../request-error.js';
import { readStoredState } from '../storefront/read-stored-archive.js';
import { requireNotSuspended } from './ownership.js';

/**
 * Whether a release may be served again, by whoever's word.
 *
 * @throws RequestError `APP_SUSPENDED` while its app is, `SIGNATURE_REQUIRED`, `SIGNER_COMPROMISED`
 */
export function requireRestorable(app: AppRow, release: ReleaseRow): void {
  requireNotSuspended(app);
  requireSignedWhereDue(app, release);
  requireSignerTrusted(release);
}

/**
 * What the storage has no more, or has with other bytes, does not come back: nobody could install it. To be asked before anything
 * is locked, since it reads the archive to its end; a release never has another archive, so that the answer holds. Of a release
 * that isn't there it says nothing.
 *
 * @throws RequestError `VERDICT_UNFIT`; `UNAVAILABLE` where the storage fails; `TOO_MANY_OPEN`
 */
export async function requireStoredWhole(
  { database, archives, log }: Pick<Gate, 'database' | 'archives' | 'log'>,
  accountId: number,
  { appId, version }: { readonly appId: string; readonly version: string },
): Promise<void> {
  const release = await findRelease(database, appId, version);
  if (release === null) return;
  const archive = release.archiveSha256;
  const read = () => readStoredState(archives, release);
  const state = await inTurn(archives, { purpose: 'decision', accountId }, read).catch((error: unknown) => {
    if (error instanceof RequestError) throw error;
    log.warn({ archive, err: error }, 'a stored archive could not be read');
    throw new RequestError('UNAVAILABLE', `The archive ${archive} can't be read now; try again later.`, { archive });
  });
  if (state === 'whole') return;
  const what = state === 'missing' ? 'The storage has the archive no more' : 'The storage has other bytes';
  throw new RequestError(
    'VERDICT_UNFIT',
    `${what} (SHA-256 ${archive}): put it back from a backup, then restore the release.`,
    { archive },
  );
}

/**
 * What could not be published today is not brought back either, or an unsigned release could follow a signed one.
 *
 * @throws RequestError `SIGNATURE_REQUIRED`
 */
function requireSignedWhereDue(app: AppRow, release: ReleaseRow): void {
  if (release.signed || !mustBeSigned(app)) return;
  throw new RequestError('SIGNATURE_REQUIRED', 'This app must be signed, and this release is not: it stays as it is.');
}

/**
 * What a key may have signed in wrong hands comes back by nobody's word.
 *
 * @throws RequestError `SIGNER_COMPROMISED`
 */
function requireSignerTrusted({ signerRevoked, publishedAt }: ReleaseRow): void {
  if (signerRevoked?.reason !== 'keyCompromise') return;
  const { serial, invalidityDate, revokedAt } = signerRevoked;
  if (publishedAt < new Date(invalidityDate ?? revokedAt)) return;
  throw new RequestError(
    'SIGNER_COMPROMISED',
    `The key of its certificate, serial ${serial}, was in wrong hands when it was published: it stays as it is.`,
    { serial },
  );
}

/** Whether the rules that no store can lift ask for a signature: an official app's, and of one that was signed once. */
export function mustBeSigned(app: AppRow): boolean {
  return app.trustLevel === 'official' || app.signedSince !== null;
}
