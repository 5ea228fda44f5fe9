import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mapOf } from '../property/zip-fields.js';
import { agreement, type NamedReading } from '../support/zip-readers/agreement.js';
import { installedReaders, readAll } from '../support/zip-readers/readers.js';
import type { ExpectedReading } from './claims.js';

/** A batch is read to its end by every reader before the next begins. */
const BATCH = 100;

/** What readers of other houses were asked, and what they said. */
export interface ReadersAnswer {
  readonly readers: readonly string[];
  readonly archives: number;
  readonly disagreements: readonly { readonly number: number; readonly claim: string }[];
}

/**
 * Has the archives that a run kept (`N.zip`, and what every reader must get out of it in `N.json`) unpacked by all
 * readers that are installed, and compares. `jar` is left out: it takes a third of a second each, and reads what Java's
 * ZipInputStream reads.
 */
export async function askReaders(folder: string): Promise<ReadersAnswer> {
  await mkdir(folder, { recursive: true });
  const readers = installedReaders().filter(({ name }) => name !== 'jar');
  const numbers = (await readdir(folder))
    .filter((name) => name.endsWith('.zip'))
    .map((name) => Number.parseInt(name))
    .sort((a, b) => a - b);
  const disagreements: { number: number; claim: string }[] = [];
  for (let at = 0; at < numbers.length; at += BATCH) {
    const batch = numbers.slice(at, at + BATCH);
    const files = batch.map((number) => join(folder, `${number}.zip`));
    const readings = await readAll(readers, files);
    for (const [index, number] of batch.entries()) {
      const expected = JSON.parse(await readFile(join(folder, `${number}.json`), 'utf8')) as ExpectedReading;
      const zip = await readFile(files[index] ?? '');
      for (const claim of disagreementsOn(zip, expected, readings[index] ?? [])) disagreements.push({ number, claim });
    }
  }
  return { readers: readers.map(({ name }) => name), archives: numbers.length, disagreements };
}

/** What readers get out of an archive otherwise than expected, each as a sentence; known quirks of theirs aside. */
export function disagreementsOn(
  zip: Buffer,
  { files, unmarkedNames }: ExpectedReading,
  readings: readonly NamedReading[],
): readonly string[] {
  const names = Object.keys(files);
  const quirky = quirksFor(zip, names);
  const trusted = readings.filter(({ reader }) => !quirky.has(reader));
  return agreement(new Map(Object.entries(files)), trusted, { unmarkedNames }).map(
    ({ reader, what }) => `${reader}: ${what}`,
  );
}

/** The readers that are known to get an honest archive of this kind wrong. */
function quirksFor(zip: Buffer, names: readonly string[]): ReadonlySet<string> {
  const { fields } = mapOf(zip);
  const numbers = (field: string): readonly number[] =>
    fields
      .filter(({ record, name }) => record === 'central' && name === field)
      .map(({ offset }) => zip.readUInt16LE(offset));
  const methods = numbers('method');
  const quirky = new Set<string>();
  // libarchive writes names in Unicode's composed form. Two that differ in form only the gate refuses.
  if (names.some((name) => name !== name.normalize('NFC'))) quirky.add('bsdtar').add('bsdtar (stream)');
  // Java before 21 takes a descriptor's sizes to be four bytes wide unless the entry is larger than that (JDK-8303866).
  if (fields.some(({ record, width }) => record === 'descriptor' && width === 8)) quirky.add('Java ZipInputStream');
  // A stored entry with its length in front and a descriptor behind, as `zip -0` writes into a pipe.
  if (numbers('flags').some((flags, index) => (flags & 8) !== 0 && methods[index] === 0)) {
    quirky.add('Java ZipInputStream').add('bsdtar (stream)');
  }
  // Debian's unzip takes the names that MS-DOS (0) or OS/2 (6) made for a code page, also where the flag says UTF-8.
  const hosts = numbers('versionMadeBy').map((madeBy) => madeBy >>> 8);
  if (names.some((name) => /\P{ASCII}/u.test(name)) && hosts.some((host) => host === 0 || host === 6)) {
    quirky.add('unzip');
  }
  return quirky;
}
