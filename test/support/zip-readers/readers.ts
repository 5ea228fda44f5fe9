/**
 * Independent readers of zip archives, for the claim that whatever the gate accepts is the same archive to all of them.
 *
 *   const readings = await readAll(installedReaders(), zips);   // readings[i]: what each reader made of zips[i]
 *   agreement(gateFiles(reading), readings[i] ?? [], { unmarkedNames });   // [] where all agree with the gate
 *
 * Every reader works in a temporary folder without privileges and within limits (sandbox.ts, bounded-run.ts): hostile
 * archives are welcome. Readers in other languages take a whole batch in one process; `unzip`, `7z`, `bsdtar` and `jar`
 * are started once for every archive, `jar` takes a third of a second for that. What `jar` reads is
 * what `Java ZipInputStream` reads, so that long runs may leave it out: `installedReaders().filter(({ name }) => name !== 'jar')`.
 */
import type { NamedReading } from './agreement.js';
import { batchReaders } from './batch-readers.js';
import { commandReaders } from './command-readers.js';
import { readingLimits } from './reading.js';
import { yauzlReader } from './yauzl-reader.js';
import type { ZipReader } from './zip-reader.js';

export const readers: readonly ZipReader[] = [yauzlReader, ...commandReaders, ...batchReaders];

/** Those that are there on this machine; yauzl always is. */
export function installedReaders(): readonly ZipReader[] {
  return readers.filter((reader) => reader.isInstalled());
}

/** What every one of `chosen` makes of every archive: one list of answers an archive, in the order of `zips`. */
export async function readAll(
  chosen: readonly ZipReader[],
  zips: readonly string[],
  limits = readingLimits,
): Promise<readonly (readonly NamedReading[])[]> {
  const byReader = new Map<string, Awaited<ReturnType<ZipReader['readAll']>>>();
  const waiting = [...chosen];
  const work = async (): Promise<void> => {
    for (let reader = waiting.shift(); reader !== undefined; reader = waiting.shift())
      byReader.set(reader.name, await reader.readAll(zips, limits));
  };
  await Promise.all([work(), work()]);
  return zips.map((zip, index) =>
    chosen.map(({ name }) => {
      const reading = byReader.get(name)?.[index];
      if (reading === undefined) throw new Error(`${name} has no answer on ${zip}`);
      return { reader: name, reading };
    }),
  );
}
