import type { ArchiveReading } from '../../../src/archive/read-archive.js';
import { restoredFromCodePage } from './code-pages.js';
import { composesNames, garblesDosNames, isForgivenRefusal } from './quirks.js';
import type { Reading } from './reading.js';

/** One way in which a reader got something else out of an archive than the gate. */
export interface Disagreement {
  readonly reader: string;
  readonly what: string;
}

/** One reader's answer on one archive. */
export interface NamedReading {
  readonly reader: string;
  readonly reading: Reading;
}

/** What is known of an archive that explains another name for the same bytes. */
export interface NameFacts {
  /**
   * It has ARCHIVE_NAME_NOT_MARKED_UTF8: then, and only then, a name may also be what its bytes mean in a code page of
   * MS-DOS.
   */
  readonly unmarkedNames?: boolean;
  /** See hasDosNames in quirks.ts. */
  readonly dosNames?: boolean;
}

/** What the gate hashed, under the names that stand in the archive: with the top-level folder, which `contents` leaves out. */
export function gateFiles({ topLevelFolder, contents }: ArchiveReading): ReadonlyMap<string, string> {
  const prefix = topLevelFolder === null ? '' : `${topLevelFolder}/`;
  return new Map([...contents.files].map(([path, { sha512 }]) => [prefix + path, sha512]));
}

/**
 * Where readers got other names, other bytes, links, or anything beside what the gate hashed; empty where all agree. Folders must be
 * the same for all readers, with those that files imply. Known quirks aside (quirks.ts).
 */
export function agreement(
  files: ReadonlyMap<string, string>,
  readings: readonly NamedReading[],
  facts: NameFacts = {},
): readonly Disagreement[] {
  const found: Disagreement[] = [];
  let folders: { readonly reader: string; readonly names: ReadonlySet<string> } | null = null;
  for (const { reader, reading } of readings) {
    const add = (what: string): void => void found.push({ reader, what });
    if (reading.kind === 'refused' && isForgivenRefusal(reader, reading.why)) continue;
    if (reading.kind !== 'read') {
      add(`${reading.kind}: ${reading.why}`);
      continue;
    }
    if (reading.warned !== null) add(`warns: ${reading.warned}`);
    for (const other of reading.others) add(other);
    for (const path of reading.escaped) add(`escaped: ${path}`);
    if (facts.dosNames === true && garblesDosNames(reader)) {
      for (const what of differencesButForNames(files, reading.files)) add(what);
      continue;
    }
    const nameOf = restoringNames(files, reader, facts);
    const theirs = new Map([...reading.files].map(([name, sha512]) => [nameOf(name), sha512]));
    if (theirs.size !== reading.files.size) add('two of its names are one');
    for (const what of differences(files, theirs)) add(what);
    const names = new Set([...reading.folders].map(nameOf));
    folders ??= { reader, names };
    for (const name of names) if (!folders.names.has(name)) add(`has the folder ${name}, unlike ${folders.reader}`);
    for (const name of folders.names) if (!names.has(name)) add(`lacks the folder ${name}, unlike ${folders.reader}`);
  }
  return found;
}

function* differences(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): Generator<string> {
  for (const [path, sha512] of ours) {
    const got = theirs.get(path);
    if (got === undefined) yield `lacks ${path}`;
    else if (got !== sha512) yield `other bytes in ${path}`;
  }
  for (const path of theirs.keys()) if (!ours.has(path)) yield `has ${path}`;
}

/** As {@link differences}, with names beyond ASCII left out of account: their files must be there, under whatever name. */
function* differencesButForNames(
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
): Generator<string> {
  const plain = (files: ReadonlyMap<string, string>): Map<string, string> =>
    new Map([...files].filter(([path]) => isAscii(path)));
  const known = plain(ours);
  yield* differences(known, new Map([...theirs].filter(([path]) => known.has(path))));
  const others = (files: ReadonlyMap<string, string>): string =>
    [...files]
      .filter(([path]) => !known.has(path))
      .map(([, sha512]) => sha512)
      .sort()
      .join();
  if (others(ours) !== others(theirs)) yield 'other files under the names beyond ASCII';
}

function isAscii(text: string): boolean {
  return !/\P{ASCII}/u.test(text);
}

/** Gives a name of a file or folder of the reader's back as it stands in the archive, where a quirk explains it. */
function restoringNames(
  files: ReadonlyMap<string, string>,
  reader: string,
  { unmarkedNames = false }: NameFacts,
): (name: string) => string {
  const composed = new Map<string, string>();
  const known = new Set<string>();
  for (const path of files.keys()) {
    for (let at = path.length; at >= 0; at = path.lastIndexOf('/', at - 1)) {
      const name = path.slice(0, at);
      known.add(name);
      composed.set(name.normalize('NFC'), name);
      if (at === 0) break;
    }
  }
  return (name) => {
    if (known.has(name)) return name;
    const original = composesNames(reader) ? composed.get(name) : undefined;
    if (original !== undefined) return original;
    return (unmarkedNames ? restoredFromCodePage(name, (restored) => known.has(restored)) : null) ?? name;
  };
}
