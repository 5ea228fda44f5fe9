import type { AppRow } from '../database/apps.js';
import type { ReleaseRow } from '../database/releases.js';
import { RequestError } from '../request-error.js';
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
