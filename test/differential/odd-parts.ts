import { deflateRawSync } from 'node:zlib';
import { rawZip, type RawEntry, type RawZip } from '../support/raw-zip.js';

/** What the files of odd archives hold, plain and deflated. */
export const text = 'the same words, the same words, the same words\n';
export const deflated = deflateRawSync(text);

const info: RawEntry = { name: 'app/appinfo/info.xml', data: '<info/>' };
const last = file('app/z.txt');

/** A deflated file with {@link text} in it, and what is odd about it. */
export function file(name: string | Buffer, more: Partial<RawEntry> = {}): RawEntry {
  return { name, data: text, ...more };
}

/** An archive with these entries in the middle, so that a reader that loses its place doesn't find its way again. */
export function amid(...entries: RawEntry[]): Buffer {
  return rawZip({ entries: [info, ...entries, last] });
}

/** Two ordinary files, and something odd around them. */
export function around(rest: Omit<RawZip, 'entries'>): Buffer {
  return rawZip({ entries: [info, last], ...rest });
}
