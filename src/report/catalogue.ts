import { archiveFindings } from './archive-findings.js';
import type { ArchiveError, ArchiveWarning, CatalogueEntry } from './catalogue-entry.js';
import { contentsFindings } from './contents-findings.js';
import { standingFindings } from './standing-findings.js';

const SIGN_AGAIN =
  'Sign the final tree again as the last step before packing: portcullis sign --path DIR --key FILE --cert FILE';

/**
 * Every finding code there is. Append-only: a code that was once reported keeps its meaning for ever, since reports
 * are stored and other programs read them. `docs/findings.md` is generated from here.
 */
export const catalogue = {
  ...archiveFindings,
  ...contentsFindings,
  // ── appinfo/info.xml ──────────────────────────────────────────────────────────────────────────────────────
  INFO_XML_MISSING: {
    severity: 'error',
    message: 'appinfo/info.xml was not found.',
    about: 'Every app describes itself there.',
    fix: 'Add appinfo/info.xml below the top-level folder.',
  },
  INFO_XML_TOO_LARGE: {
    severity: 'error',
    message: 'appinfo/info.xml is larger than the store accepts.',
    about: 'See GET /api/v1/limits.',
  },
  INFO_XML_MALFORMED: {
    severity: 'error',
    message: 'appinfo/info.xml is not well-formed XML.',
    about: 'The message says the line and the column.',
    fix: 'Check it with: xmllint --noout appinfo/info.xml',
  },
  INFO_XML_ENCODING: {
    severity: 'error',
    message: 'appinfo/info.xml is not UTF-8.',
    about: 'The store reads UTF-8 only.',
    fix: 'Save the file as UTF-8.',
  },
  INFO_XML_DOCTYPE: {
    severity: 'error',
    message: 'appinfo/info.xml holds a document type declaration.',
    about: 'A DTD can define entities, the way of XML bombs and of reading other files. The store reads none.',
    fix: 'Remove the <!DOCTYPE …> declaration.',
  },
  INFO_XML_WRONG_ROOT: {
    severity: 'error',
    message: 'appinfo/info.xml must have <info> as its root element.',
    about: 'Another document was saved under this name.',
  },
  INFO_XML_ELEMENT_MISSING: {
    severity: 'error',
    message: 'appinfo/info.xml lacks a required element.',
    about: 'Without id, name and version there is no release.',
    fix: 'Add the element to appinfo/info.xml and sign again.',
  },
  INFO_XML_ELEMENT_INVALID: {
    severity: 'error',
    message: 'appinfo/info.xml holds an element with an invalid value.',
    about: 'The message names the element and what is accepted.',
    fix: 'Correct the element in appinfo/info.xml and sign again.',
  },
  INFO_XML_ELEMENT_REPEATED: {
    severity: 'error',
    message: 'appinfo/info.xml holds an element more often than once.',
    about: 'Which one counts would depend on the reader.',
    fix: 'Keep one of them.',
  },
  INFO_XML_INCOMPLETE: {
    severity: 'warning',
    message: 'appinfo/info.xml lacks an element that the store shows.',
    about: 'Summary, description, licence, author, category and the platform range are what people choose an app by.',
    configurable: true,
    liftable: true,
  },
  // ── Signature ─────────────────────────────────────────────────────────────────────────────────────────────
  MISSING_SIGNATURE: {
    severity: 'error',
    message: 'Signature data not found.',
    about: 'There is no appinfo/signature.json, and one was required.',
    fix: 'Sign the app: portcullis sign --path DIR --key FILE --cert FILE',
  },
  SIGNATURE_FILE_MALFORMED: {
    severity: 'error',
    message: 'The signature file is not what a signature file must be.',
    about:
      'It is not JSON, has duplicate or missing members, or members of the wrong type. A placeholder copied from the documentation does this.',
    fix: SIGN_AGAIN,
  },
  SIGNATURE_FILE_TOO_LARGE: {
    severity: 'error',
    message: 'The signature file is larger than the store accepts.',
    about: 'See GET /api/v1/limits.',
  },
  BAD_CHAIN: {
    severity: 'error',
    message: 'Certificate is not valid.',
    about:
      'No path leads from the certificate to an authority this store trusts, or a certificate on it does not meet its profile or has expired.',
    fix: 'Get a certificate from this store and sign again.',
  },
  CN_MISMATCH: {
    severity: 'error',
    message: 'Certificate is not valid for required scope. (Requested: {expected}, current: CN={actual})',
    about: 'The certificate was issued for another app.',
    fix: 'Sign with the certificate that was issued for this app.',
  },
  BAD_SIGNATURE: {
    severity: 'error',
    message: 'Signature could not get verified.',
    about: 'The signature was not made by this certificate over these hashes.',
    fix: SIGN_AGAIN,
  },
  BAD_ALGORITHM: {
    severity: 'error',
    message: 'The signature algorithm is not accepted.',
    about: 'The authority that issued the certificate does not allow this format or algorithm, or no longer does.',
    fix: 'Sign again in format 2 with a current certificate.',
  },
  REVOKED: {
    severity: 'error',
    message: 'Certificate has been revoked.',
    about: 'The authority took the certificate back; it signs nothing new.',
    fix: 'Request a new certificate and sign again.',
  },
  CRL_UNAVAILABLE: {
    severity: 'error',
    message: 'No usable revocation list for the certificate.',
    about: 'Whether the certificate was revoked cannot be told now. The fault is the store’s, not the upload’s.',
    fix: 'Try again later.',
  },
  CRL_STALE: {
    severity: 'warning',
    message: 'The revocation list is out of date.',
    about:
      'The list still counts, but its authority should have published a newer one by now, or the store should have fetched it: the message says since when. A store that wants nothing to do with stale lists can refuse.',
    configurable: true,
  },
  CERTIFICATE_EXPIRES_SOON: {
    severity: 'notice',
    message: 'A certificate by which the signature was accepted ends soon.',
    about:
      'The certificate of the app, or one of the authority that issued it; the message says which, and when it ends. This release stands for good: a signature is judged when it is uploaded. A release that is uploaded after the end is refused.',
    innocently: 'Certificates of apps are issued for two years at most, and nobody has asked for the next one yet.',
    fix: 'Request a new certificate before the old one ends, and sign the next release with it: portcullis csr --key FILE --app-id ID',
  },
  CRL_EXPIRES_SOON: {
    severity: 'notice',
    message: 'A revocation list of the authority is to be renewed soon, and has not been.',
    about:
      'Authorities renew their lists well before the last one ends. This one is in its last third, or past its end, and there is no newer one here. Lists of other authorities are fetched from the addresses in CRL_URLS, or put into the trust folder; those of the store itself are signed daily by a gate that has the key.',
    innocently:
      'The address of the list is not in CRL_URLS, or can not be reached; or the key that signs it is not at hand.',
    fix: 'Nothing for the developers of the app to do: the operators of the store see to it.',
  },
  LEGACY_ACCEPTED_WARN: {
    severity: 'warning',
    message: 'Accepted under the grace period of a legacy authority.',
    about: 'The certificate has expired; its authority is accepted until the date the message names.',
    fix: 'Request a current certificate and sign in format 2.',
  },
  INVALID_HASH: {
    severity: 'error',
    message: 'A file differs from what was signed.',
    about: 'It was changed after signing: a build step, a line-ending conversion by Git, or tampering.',
    fix: SIGN_AGAIN,
  },
  FILE_MISSING: {
    severity: 'error',
    message: 'A signed file is not in the archive.',
    about: 'It was removed after signing, or the tree that was signed is not the one that was packed.',
    fix: SIGN_AGAIN,
  },
  EXTRA_FILE: {
    severity: 'error',
    message: 'A file in the archive was not signed.',
    about: 'It was added after signing.',
    fix: SIGN_AGAIN,
  },
  UNSIGNED_LEFTOVER: {
    severity: 'error',
    message: 'A file that signing leaves out rides along in the archive.',
    about:
      'ownCloud servers ignore .DS_Store, Thumbs.db, .directory, .webapp and the like when they check an app, so nobody ever notices what such a file holds.',
    fix: 'Remove the file and pack again; the signature stays valid.',
  },
  // ── The store's rules ─────────────────────────────────────────────────────────────────────────────────────
  APP_ID_MISMATCH: {
    severity: 'error',
    message: 'The app id is not the same everywhere.',
    about:
      'The URL, the top-level folder, <id> in appinfo/info.xml and the common name of the certificate must all be the same.',
    fix: 'Use one app id everywhere.',
  },
  OFFICIAL_APP_UNSIGNED: {
    severity: 'error',
    message: 'An official app must be signed.',
    about: 'Apps at the trust level "official" are what people trust blindly. No setting lifts this.',
    fix: 'Sign the app: portcullis sign --path DIR --key FILE --cert FILE',
  },
  SIGNATURE_DROPPED: {
    severity: 'error',
    message: 'This app was signed before; every later release must be signed.',
    about: 'Whoever could take over an account could otherwise publish an unsigned update. No setting lifts this.',
    fix: 'Sign the app: portcullis sign --path DIR --key FILE --cert FILE',
  },
  SIGNING_REQUIRED: {
    severity: 'error',
    message: 'This store accepts signed apps only.',
    about: 'A setting of the store.',
    fix: 'Sign the app: portcullis sign --path DIR --key FILE --cert FILE',
  },
  SIGNER_CHANGED: {
    severity: 'warning',
    message: 'The app is signed with another key than its last signed release.',
    about: 'A renewed or replaced key does this, and so does a second one. It is said so that nobody overlooks it.',
    configurable: true,
    liftable: true,
  },
  VERSION_EXISTS: {
    severity: 'error',
    message: 'This version is already published with other content.',
    about: 'A version is published once.',
    fix: 'Raise the version in appinfo/info.xml and sign again.',
  },
  VERSION_WITHDRAWN: {
    severity: 'error',
    message: 'This version was withdrawn and is never used again.',
    about: 'Servers may still hold the withdrawn content under this version.',
    fix: 'Raise the version in appinfo/info.xml and sign again.',
  },
  VERSION_NOT_NEWER: {
    severity: 'warning',
    message: 'The version is not newer than the newest published one.',
    about: 'Fine for a fix of an older line; a slip otherwise.',
    configurable: true,
    liftable: true,
  },
  APPROVAL_REQUIRED: {
    severity: 'hold',
    message: 'Every release of this app waits for the approval of a second person.',
    about:
      'A setting of the store for apps at the trust level official. A moderator who did not upload it approves the release.',
    configurable: true,
    offByDefault: true,
    liftable: true,
  },
  CORE_NOT_COVERED: {
    severity: 'warning',
    message: 'The signature of a core release does not cover this.',
    about:
      'ownCloud leaves data, themes, config, apps, assets, lost+found, core/js/mimetypelist.js and what stands below the marker line of .htaccess out of what it signs. Releases do ship apps and a sample of the configuration; whatever lies there may have been added after signing.',
    fix: 'Compare it with what was built, and leave out of the archive what a release need not bring.',
    configurable: true,
  },
  CORE_VERSION_MISSING: {
    severity: 'error',
    message: 'version.php does not tell the version of the core release.',
    about: 'A core release names its version in version.php, as $OC_VersionString.',
  },
  ...standingFindings,
} as const satisfies Record<string, CatalogueEntry> & Record<`ARCHIVE_${string}`, ArchiveError | ArchiveWarning>;

export type FindingCode = keyof typeof catalogue;

/** The codes whose weight a store may set. */
export type ConfigurableCode = {
  [Code in FindingCode]: (typeof catalogue)[Code] extends { configurable: true } ? Code : never;
}[FindingCode];
