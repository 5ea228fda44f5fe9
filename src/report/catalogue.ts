import type { Severity } from './finding.js';

/** What is known of a finding code, whatever the upload. */
export interface CatalogueEntry {
  readonly severity: Severity;
  /** The first sentence of every message with this code; `{expected}` and `{actual}` stand for those values. */
  readonly message: string;
  /** How this comes about, innocently or not: one or two sentences for the documentation. */
  readonly about: string;
  /** The remedy that always helps, in the imperative; a finding may carry a more precise one. */
  readonly fix?: string;
  /** True where the store may set the weight (off, shadow, hold, refuse). The rules of the mission never are. */
  readonly configurable?: true;
}

const SIGN_AGAIN =
  'Sign the final tree again as the last step before packing: portcullis sign --path DIR --key FILE --cert FILE';
const PACK_AGAIN = 'Pack the app again with an ordinary tool: portcullis pack DIR';

/**
 * Every finding code there is. Append-only: a code that was once reported keeps its meaning for ever, since reports
 * are stored and other programs read them. `docs/findings.md` is generated from here.
 */
export const catalogue = {
  // ── The archive as a whole ────────────────────────────────────────────────────────────────────────────────
  ARCHIVE_NOT_ZIP: {
    severity: 'error',
    message: 'The file is not a zip archive.',
    about: 'The bytes do not begin as a zip does. A tar.gz, an HTML error page saved as .zip, or an empty file.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_EMPTY: {
    severity: 'error',
    message: 'The archive holds no files.',
    about: 'The zip is well-formed but has nothing in it, or only folders.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_MALFORMED: {
    severity: 'error',
    message: 'The archive is damaged or not well-formed.',
    about:
      'A record of the zip is truncated, out of place or contradicts another. An upload cut short does this, and so does a crafted archive.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_AMBIGUOUS: {
    severity: 'error',
    message: 'Two readers could read this archive differently.',
    about:
      'A local header differs from the central directory, or there are bytes that belong to no entry. What the gate checks must be what a server installs.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_TOO_LARGE: {
    severity: 'error',
    message: 'The archive is larger than the store accepts.',
    about: 'See GET /api/v1/limits for the sizes this store accepts.',
    fix: 'Leave build products, tests and development dependencies out of the archive.',
  },
  ARCHIVE_TOO_MANY_ENTRIES: {
    severity: 'error',
    message: 'The archive has more entries than the store accepts.',
    about: 'Usually node_modules or a vendor folder packed along.',
    fix: 'Leave build products, tests and development dependencies out of the archive.',
  },
  ARCHIVE_INFLATES_TOO_LARGE: {
    severity: 'error',
    message: 'The archive unpacks to more than the store accepts.',
    about: 'Counted on the bytes that really come out, not on what the archive declares.',
  },
  ARCHIVE_FILE_TOO_LARGE: {
    severity: 'error',
    message: 'A file in the archive is larger than the store accepts.',
    about: 'Counted on the bytes that really come out, not on what the archive declares.',
  },
  ARCHIVE_RATIO_TOO_HIGH: {
    severity: 'error',
    message: 'A file in the archive is compressed beyond what ordinary content reaches.',
    about:
      'The mark of a decompression bomb. Only counted for what unpacks past 16 MiB, since real text compresses well.',
  },
  ARCHIVE_TIMEOUT: {
    severity: 'error',
    message: 'Reading the archive took longer than the store allows.',
    about:
      'The archive is built to cost time, or the store is overloaded; in the second case the same upload passes later.',
    fix: 'Try again; if it stays, make the archive smaller.',
  },
  ARCHIVE_NO_TOP_LEVEL_FOLDER: {
    severity: 'error',
    message: 'The archive must hold exactly one top-level folder, named as the app id.',
    about:
      'Files lie at the top of the archive, or there are several folders. Often the content of the folder was packed rather than the folder, or __MACOSX came along.',
    fix: 'Pack the folder itself, from its parent: portcullis pack DIR',
  },
  // ── Entries ───────────────────────────────────────────────────────────────────────────────────────────────
  ARCHIVE_ENCRYPTED: {
    severity: 'error',
    message: 'An entry is encrypted.',
    about: 'What the gate cannot read, it cannot check.',
    fix: 'Pack the app without a password.',
  },
  ARCHIVE_METHOD_UNSUPPORTED: {
    severity: 'error',
    message: 'An entry uses a compression method other than stored and deflate.',
    about: 'Not every server can unpack bzip2, LZMA, zstd and the like.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_DATA_CORRUPT: {
    severity: 'error',
    message: "An entry's data cannot be unpacked.",
    about: 'The deflate stream is damaged, or ends before or after the entry does.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_CRC_MISMATCH: {
    severity: 'error',
    message: "An entry's content does not match its CRC-32.",
    about: 'The archive was damaged or altered after it was made.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_SIZE_MISMATCH: {
    severity: 'error',
    message: "An entry's size is not the size it declares.",
    about: 'The archive was damaged or altered after it was made.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_SYMLINK: {
    severity: 'error',
    message: 'An entry is a symbolic link.',
    about: 'A link can point outside the app, and its target is not covered by the signature.',
    fix: 'Replace the link by a copy of what it points to.',
  },
  ARCHIVE_SPECIAL_FILE: {
    severity: 'error',
    message: 'An entry is neither a regular file nor a folder.',
    about: 'Devices, sockets and named pipes have no place in an app.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_UNSAFE_NAME: {
    severity: 'error',
    message: 'An entry has a name that is not safe to unpack.',
    about:
      'Absolute, with "..", a backslash, a drive letter, control or bidirectional characters, a trailing dot or space, or a name that Windows reserves.',
    fix: 'Rename the file.',
  },
  ARCHIVE_NAME_ENCODING: {
    severity: 'error',
    message: "An entry's name is not valid UTF-8.",
    about: 'Readers guess the code page of such a name, each its own way.',
    fix: 'Rename the file, or pack with a tool that writes UTF-8 names: portcullis pack DIR',
  },
  ARCHIVE_DUPLICATE_NAME: {
    severity: 'error',
    message: 'Two entries have the same name.',
    about:
      'Equal as they stand, or when case or Unicode normalisation are ignored, as some file systems do. One would overwrite the other.',
    fix: 'Keep one of the two.',
  },
  ARCHIVE_NAME_CONFLICT: {
    severity: 'error',
    message: 'A name is used both as a file and as a folder.',
    about: 'No file system can hold both; which one wins depends on the reader.',
    fix: PACK_AGAIN,
  },
  ARCHIVE_PATH_TOO_LONG: {
    severity: 'error',
    message: 'A path is longer than the store accepts.',
    about: 'Counted in bytes of UTF-8.',
    fix: 'Shorten the path.',
  },
  ARCHIVE_PATH_TOO_DEEP: {
    severity: 'error',
    message: 'A path has more levels than the store accepts.',
    about: 'Ordinary apps have fewer than ten.',
    fix: 'Move the file up.',
  },
  VCS_DATA: {
    severity: 'error',
    message: 'The archive holds version control data.',
    about: 'A .git, .svn or .hg folder carries the whole history, often with secrets in it.',
    fix: 'Pack without it: git archive --format=zip --prefix=APPID/ HEAD, or portcullis pack DIR',
  },
  ARCHIVE_UNSAFE_MODE: {
    severity: 'error',
    message: 'An entry carries the setuid, setgid or sticky bit.',
    about: 'Unpacked by root, such a bit gives rights away. A folder on a shared drive often has it by accident.',
    fix: 'Clear it and pack again: chmod -R u-s,g-s,-t DIR',
  },
  ARCHIVE_NAME_NOT_MARKED_UTF8: {
    severity: 'warning',
    message: "An entry's name is UTF-8 without saying so.",
    about:
      'Info-ZIP on Linux writes such names. Readers that go by the letter of the format take them for code page 437 and unpack other names.',
    fix: 'Pack with a tool that marks UTF-8 names: portcullis pack DIR',
  },
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
    message: 'The revocation list is past its next update.',
    about:
      'The list still counts, but its authority should have published a newer one. A store that wants nothing to do with stale lists can refuse.',
    configurable: true,
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
} as const satisfies Record<string, CatalogueEntry>;

export type FindingCode = keyof typeof catalogue;

/** The codes whose weight a store may set. */
export type ConfigurableCode = {
  [Code in FindingCode]: (typeof catalogue)[Code] extends { configurable: true } ? Code : never;
}[FindingCode];
