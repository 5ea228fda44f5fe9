import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { FileFacts } from '../report/contents.js';
import type { FindingCode } from '../report/catalogue.js';
import type { FindingDetails } from '../report/finding.js';
import type { ContentWatch } from './content-watch.js';
import { crc32 } from './crc-32.js';
import { readEntryData, type EntryData } from './entry-data.js';
import { isReadable } from './entry-rules.js';
import { fileWindow } from './file-window.js';
import type { FindingList } from '../report/finding-list.js';
import { RATIO_FREE_BYTES, type Limits } from './limits.js';
import { agrees, entriesByYauzl } from './second-reader.js';
import type { ZipEntry } from './zip-directory.js';

/** What one pass over the data of all entries found. */
export interface EntryPass {
  /** In the order of the entries; null where the content could not be read to its end. */
  readonly facts: readonly (FileFacts | null)[];
  readonly inflatedBytes: number;
  /** Whether all content was read. */
  readonly complete: boolean;
}

/** What the pass works on. */
export interface PassInput {
  readonly handle: FileHandle;
  readonly archiveBytes: number;
  readonly entries: readonly ZipEntry[];
  readonly dataOffsets: readonly number[];
  readonly limits: Limits;
  readonly pathOf: (entry: ZipEntry) => string;
  /** False, after adding its finding, once the time is up. */
  readonly keepGoing: () => boolean;
  readonly findings: FindingList;
  /** Sees all content pass by. */
  readonly watch?: ContentWatch | undefined;
}

/**
 * Inflates every entry once, from the first to the last, hashing what comes out and counting it against the limits
 * while it flows. yauzl lists the entries alongside: where it reads another directory than we do, the pass ends.
 */
export async function inflateEntries(input: PassInput): Promise<EntryPass> {
  const { handle, archiveBytes, entries, findings } = input;
  const facts = new Array<FileFacts | null>(entries.length).fill(null);
  const meter = inflationMeter(input);
  const window = fileWindow(handle, archiveBytes);
  const passOf = (complete: boolean): EntryPass => ({ facts, inflatedBytes: meter.inflatedBytes, complete });
  let index = 0;
  for await (const theirs of entriesByYauzl(handle, archiveBytes)) {
    const entry = entries[index];
    const dataOffset = input.dataOffsets[index];
    if (typeof theirs === 'string' || entry === undefined || dataOffset === undefined || !agrees(entry, theirs)) {
      findings.add('ARCHIVE_AMBIGUOUS', { detail: `Entry ${index + 1} is another one for yauzl.` });
      return passOf(false);
    }
    if (!input.keepGoing()) return passOf(false);
    if (isReadable(entry)) facts[index] = await readEntry(input, entry, dataOffset, window, meter);
    if (meter.exhausted) return passOf(false);
    index += 1;
  }
  if (index === entries.length) return passOf(!facts.includes(null));
  const detail = 'It has fewer entries for yauzl.';
  findings.add('ARCHIVE_AMBIGUOUS', { detail, expected: entries.length, actual: index });
  return passOf(false);
}

async function readEntry(
  { handle, pathOf, findings, watch }: PassInput,
  entry: ZipEntry,
  dataOffset: number,
  window: ReturnType<typeof fileWindow>,
  meter: InflationMeter,
): Promise<FileFacts | null> {
  const path = pathOf(entry);
  const hash = createHash('sha512');
  const watcher = watch?.file(path, entry.uncompressedSize);
  let crc = 0;
  let bytes = 0;
  const end = await readEntryData(handle, window, entryData(entry, dataOffset), (chunk) => {
    bytes += chunk.length;
    if (!meter.count(chunk.length, bytes, entry.compressedSize)) return false;
    crc = crc32(chunk, crc);
    hash.update(chunk);
    watcher?.take(chunk);
    return true;
  });
  watcher?.end();

  const refuse = (code: FindingCode, details: FindingDetails): null => {
    findings.add(code, { path, ...details });
    return null;
  };
  switch (end.kind) {
    case 'stopped':
      return addExcess(meter.excess, path, findings);
    case 'corrupt':
      return refuse('ARCHIVE_DATA_CORRUPT', { detail: `In words of zlib: ${end.reason}.` });
    case 'data after stream': {
      const detail = `The deflate stream ends at byte ${dataOffset + end.consumed}.`;
      return refuse('ARCHIVE_DATA_AFTER_STREAM', { detail, expected: entry.compressedSize, actual: end.consumed });
    }
    case 'too long':
      return refuse('ARCHIVE_SIZE_MISMATCH', { expected: entry.uncompressedSize, actual: 'more' });
    case 'whole':
      if (bytes !== entry.uncompressedSize) {
        return refuse('ARCHIVE_SIZE_MISMATCH', { expected: entry.uncompressedSize, actual: bytes });
      }
      if (crc !== entry.crc32)
        findings.add('ARCHIVE_CRC_MISMATCH', { path, expected: hex32(entry.crc32), actual: hex32(crc) });
      return { bytes, sha512: hash.digest('hex') };
  }
}

/** What {@link readEntryData} needs to know of an entry. */
export function entryData(entry: ZipEntry, dataOffset: number): EntryData {
  const { method, compressedSize, uncompressedSize } = entry;
  return { method, dataOffset, compressedSize, uncompressedSize };
}

type LimitCode = 'ARCHIVE_FILE_TOO_LARGE' | 'ARCHIVE_INFLATES_TOO_LARGE' | 'ARCHIVE_RATIO_TOO_HIGH' | 'ARCHIVE_TIMEOUT';

interface Excess {
  readonly code: LimitCode;
  readonly expected?: number | string;
}

function addExcess(excess: Excess | null, path: string, findings: FindingList): null {
  // The deadline added its own finding when it passed.
  if (excess !== null && excess.code !== 'ARCHIVE_TIMEOUT')
    findings.add(excess.code, { path, expected: excess.expected });
  return null;
}

/** Counts what comes out of all entries together. */
interface InflationMeter {
  readonly inflatedBytes: number;
  /** Why it said stop, where it did. */
  readonly excess: Excess | null;
  /** True once going on with another entry would be no use or no good. */
  readonly exhausted: boolean;
  /**
   * @param fresh bytes of this chunk
   * @param ofFile bytes of this entry so far, this chunk included
   * @returns false to stop
   */
  count(fresh: number, ofFile: number, compressedSize: number): boolean;
}

function inflationMeter({ limits, archiveBytes, keepGoing }: PassInput): InflationMeter {
  let inflatedBytes = 0;
  let excess: Excess | null = null;
  return {
    get inflatedBytes() {
      return inflatedBytes;
    },
    get excess() {
      return excess;
    },
    get exhausted() {
      return excess !== null && excess.code !== 'ARCHIVE_FILE_TOO_LARGE';
    },
    count(fresh, ofFile, compressedSize) {
      inflatedBytes += fresh;
      excess = excessOf(ofFile, compressedSize);
      return excess === null;
    },
  };

  function excessOf(ofFile: number, compressedSize: number): Excess | null {
    if (inflatedBytes > limits.inflatedBytes) {
      return { code: 'ARCHIVE_INFLATES_TOO_LARGE', expected: limits.inflatedBytes };
    }
    const tooDense = exceedsRatio(ofFile, compressedSize, limits) || exceedsRatio(inflatedBytes, archiveBytes, limits);
    if (tooDense) return { code: 'ARCHIVE_RATIO_TOO_HIGH', expected: `at most ${limits.ratio} to 1` };
    if (!keepGoing()) return { code: 'ARCHIVE_TIMEOUT' };
    return ofFile > limits.fileBytes ? { code: 'ARCHIVE_FILE_TOO_LARGE', expected: limits.fileBytes } : null;
  }
}

/** Whether so much out of so little is a bomb rather than text. */
export function exceedsRatio(inflated: number, compressed: number, limits: Limits): boolean {
  return inflated > RATIO_FREE_BYTES && inflated > limits.ratio * compressed;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
