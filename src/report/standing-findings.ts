import type { CatalogueEntry } from './catalogue-entry.js';

/**
 * What the standing watch finds about releases that are published already, at any time after. No upload has them; the mode of a
 * store says what becomes of the release: `shadow` marks it, `hold` puts it under quarantine, `refuse` withdraws it.
 */
export const standingFindings = {
  SIGNER_REVOKED: {
    severity: 'warning',
    message: 'The certificate that this release is signed with has been revoked since.',
    about:
      'Found by the standing watch, about releases. Not every revocation says that the key was in wrong hands: one that was replaced is revoked too. What was published since a key was compromised goes under quarantine by the revocation itself.',
    fix: 'Publish a new version, signed with a current certificate.',
    configurable: true,
  },
  SIGNER_CHAIN_REVOKED: {
    severity: 'hold',
    message: 'An authority above the certificate of this release has been revoked.',
    about:
      'Found by the standing watch, about releases. A root says so of an intermediate in its own list; nothing tells any more what that authority signed, and on whose word.',
    fix: 'Publish a new version, signed with a certificate of an authority that the store trusts.',
    configurable: true,
  },
  SIGNER_ROOT_ENDED: {
    severity: 'warning',
    message: 'The root above the certificate of this release is past the date until which it is accepted.',
    about:
      'Found by the standing watch, about releases. A legacy root is accepted until a date; what was published before stands, and is marked.',
    fix: 'Publish a new version, signed in format 2 with a current certificate.',
    configurable: true,
  },
  SIGNER_NOT_TRUSTED: {
    severity: 'warning',
    message: 'The certificate of this release leads to no authority that the store trusts today.',
    about:
      'Found by the standing watch, about releases. Its root was taken out of the trust folder, say. That a certificate has expired since is no such case: a signature is judged when it is uploaded.',
    fix: 'Publish a new version, signed with a certificate of an authority that the store trusts.',
    configurable: true,
  },
  STORED_ARCHIVE_MISSING: {
    severity: 'hold',
    message: 'The storage has the archive of this release no more.',
    about:
      'Found by the standing watch, about releases. Where many would be missing at once, the storage is thought to be out of reach: nothing is put under quarantine, and the operators are told.',
    fix: 'Nothing for the developers of the app to do: the operators of the store bring it back, from a backup say.',
    configurable: true,
  },
  STORED_ARCHIVE_CHANGED: {
    severity: 'hold',
    message: 'What the storage has for this release are other bytes than those that were accepted.',
    about:
      'Found by the standing watch, about releases: the archive was read to its end, and its SHA-256 is another one. A damaged disk does this, and so does somebody who could write to the storage.',
    fix: 'Nothing for the developers of the app to do: the operators of the store bring it back, from a backup say.',
    configurable: true,
  },
} as const satisfies Record<string, CatalogueEntry>;
