import { versionProblem, VERSION_ZIP64, STORED } from './entry-rules.js';
import { isNamed } from './entry-name.js';
import { hasZip64, holdsOneSize, widen, type ExtraFields } from './extra-fields.js';
import { claimsEncryption, meaningfulFields, sameKind, unixKind } from './extra-meaning.js';
import type { StructureFault } from './structure-codes.js';
import { tailFaults, type ZipEntry } from './zip-directory.js';
import { SENTINEL_32, type LocalHeader } from './zip-records.js';

/** General purpose bit 3: sizes and CRC follow the data, in a data descriptor (APPNOTE.TXT 4.4.4). */
const FLAG_DATA_DESCRIPTOR = 0x0008;

/** Whether sizes and CRC of an entry stand behind its data. */
export function isStreamed(entry: ZipEntry): boolean {
  return (entry.flags & FLAG_DATA_DESCRIPTOR) !== 0;
}

/** What a local header says, compared with its central twin. */
export interface LocalTwin {
  /** Whether it has a zip64 field, which decides on the width of the data descriptor. */
  readonly zip64: boolean;
  readonly faults: readonly StructureFault[];
}

/**
 * Compares a local header with its central twin in everything that both tell.
 *
 * @param tail name and extra fields
 */
export function compareTwins(header: LocalHeader, tail: Buffer, entry: ZipEntry): LocalTwin {
  const name = tail.subarray(0, header.nameLength);
  const extra = meaningfulFields(tail.subarray(header.nameLength));
  const faults = [...compareFields(header, name, entry), ...tailFaults(extra, name, tail, entry)];
  if (typeof extra === 'string') return { zip64: false, faults };
  return {
    zip64: hasZip64(extra),
    faults: [...faults, ...compareExtra(extra, entry), ...compareSizes(header, extra, entry)],
  };
}

function compareFields(header: LocalHeader, name: Buffer, entry: ZipEntry): StructureFault[] {
  const faults: StructureFault[] = [];
  if (!isNamed(entry, name)) faults.push(mismatch('name', entry.shownName, name.toString()));
  for (const field of ['method', 'flags'] as const) {
    if (header[field] !== entry[field]) faults.push(mismatch(field, entry[field], header[field]));
  }
  const version = versionProblem(header.versionNeeded);
  if (version !== null && versionProblem(entry.versionNeeded) === null) {
    const actual = header.versionNeeded;
    faults.push({ code: 'ARCHIVE_VERSION_NEEDED', detail: `it ${version}`, expected: VERSION_ZIP64, actual });
  }
  return faults;
}

function compareExtra(extra: ExtraFields, entry: ZipEntry): StructureFault[] {
  const conflict = (what: string): StructureFault => ({
    code: 'ARCHIVE_EXTRA_FIELD_CONFLICT',
    detail: `an extra field here and one in the central directory disagree on its ${what}`,
  });
  return [
    ...(sameKind(unixKind(extra), entry.unixKind) ? [] : [conflict('kind')]),
    ...(claimsEncryption(extra) === entry.claimsEncryption ? [] : [conflict('encryption')]),
  ];
}

function compareSizes(header: LocalHeader, extra: ExtraFields, entry: ZipEntry): StructureFault[] {
  const widened = widen(extra, [
    { value: header.uncompressedSize, sentinel: header.uncompressedSize === SENTINEL_32 },
    { value: header.compressedSize, sentinel: header.compressedSize === SENTINEL_32 },
  ]);
  if (typeof widened === 'string') return [{ code: 'ARCHIVE_ZIP64_MISMATCH', detail: widened }];
  if (holdsOneSize(extra)) {
    // APPNOTE.TXT 4.5.3 wants both in a local header, and Java's ZipInputStream reads no other.
    return [{ code: 'ARCHIVE_ZIP64_MISMATCH', detail: 'its zip64 extra field has one size, not both' }];
  }
  const [uncompressedSize = 0, compressedSize = 0] = widened;
  const local = { crc32: header.crc32, uncompressedSize, compressedSize };
  // In a streamed entry each of these may be 0, "see the descriptor", but not a lie (APPNOTE.TXT 4.4.4).
  const streamed = isStreamed(entry);
  const faults: StructureFault[] = [];
  for (const field of ['crc32', 'uncompressedSize', 'compressedSize'] as const) {
    if (local[field] !== entry[field] && !(streamed && local[field] === 0)) {
      faults.push(mismatch(field, entry[field], local[field]));
    }
  }
  if (streamed && entry.method === STORED && local.compressedSize !== entry.compressedSize) {
    // Nothing but the descriptor marks the end, and the data may hold what looks like one.
    const detail = 'it is stored, and its size stands in its data descriptor only';
    faults.push({
      code: 'ARCHIVE_UNKNOWN_LENGTH',
      detail,
      expected: entry.compressedSize,
      actual: local.compressedSize,
    });
  }
  return faults;
}

const WORDS = {
  name: 'name',
  method: 'method',
  flags: 'flags',
  crc32: 'CRC-32',
  compressedSize: 'compressed size',
  uncompressedSize: 'uncompressed size',
} as const;

/** @param expected by the central directory; `actual` by the local header */
function mismatch(field: keyof typeof WORDS, expected: string | number, actual: string | number): StructureFault {
  return { code: 'ARCHIVE_HEADER_MISMATCH', detail: `they differ in the ${WORDS[field]}`, expected, actual };
}
