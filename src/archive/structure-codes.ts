import type { catalogue, FindingCode } from '../report/catalogue.js';

/** The codes that refuse an archive for what it is as an archive, as far as they are still reported. */
export type ArchiveErrorCode = {
  [Code in FindingCode]: Code extends `ARCHIVE_${string}`
    ? (typeof catalogue)[Code] extends { severity: 'warning' } | { retired: string }
      ? never
      : Code
    : never;
}[FindingCode];

/**
 * What each of them means for the data: whether reading on is of use ('read on'), would tell nothing that can be relied
 * on, since two readers could find two different archives here ('ambiguous'), or would cost what the store won't pay
 * ('too much'). The type asks for every code, so that none can be forgotten.
 */
export const consequences = {
  ARCHIVE_NOT_ZIP: 'ambiguous',
  ARCHIVE_MALFORMED: 'ambiguous',
  ARCHIVE_TRUNCATED: 'ambiguous',
  ARCHIVE_TRAILING_BYTES: 'ambiguous',
  ARCHIVE_STRAY_BYTES: 'ambiguous',
  ARCHIVE_UNLISTED_ENTRY: 'ambiguous',
  ARCHIVE_HIDDEN_RECORD: 'ambiguous',
  ARCHIVE_OVERLAP: 'ambiguous',
  ARCHIVE_MULTI_DISK: 'ambiguous',
  ARCHIVE_DIRECTORY_MISMATCH: 'ambiguous',
  ARCHIVE_ZIP64_MISMATCH: 'ambiguous',
  ARCHIVE_HEADER_MISMATCH: 'ambiguous',
  ARCHIVE_DESCRIPTOR_MISMATCH: 'ambiguous',
  ARCHIVE_UNKNOWN_LENGTH: 'ambiguous',
  ARCHIVE_EXTRA_FIELD_MALFORMED: 'ambiguous',
  ARCHIVE_EXTRA_FIELD_CONFLICT: 'ambiguous',
  ARCHIVE_COMMENT_ENCODING: 'ambiguous',
  ARCHIVE_VERSION_NEEDED: 'ambiguous',
  ARCHIVE_RESERVED_FLAGS: 'ambiguous',
  ARCHIVE_KIND_CONFLICT: 'ambiguous',
  ARCHIVE_FOLDER_WITH_DATA: 'ambiguous',
  ARCHIVE_POLYGLOT: 'ambiguous',
  ARCHIVE_AMBIGUOUS: 'ambiguous',

  ARCHIVE_TOO_LARGE: 'too much',
  ARCHIVE_TOO_MANY_ENTRIES: 'too much',
  ARCHIVE_NAMES_TOO_LONG: 'too much',
  ARCHIVE_INFLATES_TOO_LARGE: 'too much',
  ARCHIVE_FILE_TOO_LARGE: 'too much',
  ARCHIVE_RATIO_TOO_HIGH: 'too much',
  ARCHIVE_TIMEOUT: 'too much',

  ARCHIVE_EMPTY: 'read on',
  ARCHIVE_NO_TOP_LEVEL_FOLDER: 'read on',
  ARCHIVE_ENCRYPTED: 'read on',
  ARCHIVE_METHOD_UNSUPPORTED: 'read on',
  ARCHIVE_DATA_CORRUPT: 'read on',
  ARCHIVE_DATA_AFTER_STREAM: 'read on',
  ARCHIVE_CRC_MISMATCH: 'read on',
  ARCHIVE_SIZE_MISMATCH: 'read on',
  ARCHIVE_SYMLINK: 'read on',
  ARCHIVE_SPECIAL_FILE: 'read on',
  ARCHIVE_UNSAFE_MODE: 'read on',
  ARCHIVE_NAME_EMPTY: 'read on',
  ARCHIVE_NAME_ABSOLUTE: 'read on',
  ARCHIVE_NAME_TRAVERSAL: 'read on',
  ARCHIVE_NAME_BACKSLASH: 'read on',
  ARCHIVE_NAME_UNPRINTABLE: 'read on',
  ARCHIVE_NAME_COLON: 'read on',
  ARCHIVE_NAME_RESERVED: 'read on',
  ARCHIVE_NAME_TRAILING_DOT: 'read on',
  ARCHIVE_NAME_ENCODING: 'read on',
  ARCHIVE_DUPLICATE_NAME: 'read on',
  ARCHIVE_NAME_CONFLICT: 'read on',
  ARCHIVE_PATH_TOO_LONG: 'read on',
  ARCHIVE_PATH_TOO_DEEP: 'read on',
} as const satisfies Readonly<Record<ArchiveErrorCode, 'ambiguous' | 'too much' | 'read on'>>;

/** The codes of archives that two readers could read differently. */
export type StructureCode = {
  [Code in ArchiveErrorCode]: (typeof consequences)[Code] extends 'ambiguous' ? Code : never;
}[ArchiveErrorCode];

/** The codes after which no data is inflated. */
export const endsReading: readonly ArchiveErrorCode[] = (Object.keys(consequences) as ArchiveErrorCode[]).filter(
  (code) => consequences[code] !== 'read on',
);

/** One thing about the structure that leaves room for two readings. */
export interface StructureFault {
  readonly code: StructureCode;
  /** Where and what, as a part of a sentence: "at byte 17: …". */
  readonly detail: string;
  readonly path?: string | undefined;
  readonly expected?: string | number | undefined;
  readonly actual?: string | number | undefined;
}
