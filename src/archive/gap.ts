import type { FileWindow } from './file-window.js';
import type { StructureFault } from './structure-codes.js';
import {
  DATA_DESCRIPTOR_SIGNATURE,
  findRecord,
  LOCAL_HEADER_BYTES,
  LOCAL_HEADER_SIGNATURE,
  parseLocalHeader,
} from './zip-records.js';

/** So much of a gap is searched for records. The archive is refused in any case; this decides only what is said of it. */
const SEARCHED_BYTES = 64 * 1024;
/** So much of the name of an entry that nothing lists is shown. */
const SHOWN_NAME_BYTES = 256;

/**
 * What lies in bytes of the file that belong to no entry and no record: an entry that the directory leaves out, a data
 * descriptor that no flag announces, another record, or just bytes.
 *
 * @param start the first of them; `end` the first byte behind them
 * @param where what follows "N bytes", as in "before the central directory"
 */
export async function faultOfGap(file: FileWindow, start: number, end: number, where: string): Promise<StructureFault> {
  const bytes = Math.min(end, file.bytes) - start;
  const gap = await file.read(start, Math.min(bytes, SEARCHED_BYTES));
  const place = `${bytes} bytes at byte ${start}, ${where}`;
  const figures = { expected: '0 bytes', actual: `${bytes} bytes` };

  const unlisted = nameOfEntry(gap);
  if (unlisted !== null) {
    const detail = `At byte ${start}, ${where}: it is called "${unlisted}".`;
    return { code: 'ARCHIVE_UNLISTED_ENTRY', detail, path: unlisted };
  }
  const record = findRecord(gap);
  if (record?.at === 0 && gap.readUInt32LE(0) === DATA_DESCRIPTOR_SIGNATURE) {
    return { code: 'ARCHIVE_DESCRIPTOR_MISMATCH', detail: `No flag announces the one of ${place}.`, ...figures };
  }
  if (record !== null) {
    const detail = `A ${record.name} at byte ${start + record.at}, in ${place}.`;
    return { code: 'ARCHIVE_HIDDEN_RECORD', detail, ...figures };
  }
  return { code: 'ARCHIVE_STRAY_BYTES', detail: `${place}.`, ...figures };
}

/** The name in the local header that `gap` begins with; null where it begins with none. */
function nameOfEntry(gap: Buffer): string | null {
  if (gap.length < LOCAL_HEADER_BYTES || gap.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE) return null;
  const { nameLength } = parseLocalHeader(gap);
  const shown = Math.min(nameLength, SHOWN_NAME_BYTES);
  return gap.subarray(LOCAL_HEADER_BYTES, LOCAL_HEADER_BYTES + shown).toString('utf8');
}
