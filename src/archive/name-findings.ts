import { setImmediate } from 'node:timers/promises';
import type { FindingList } from '../report/finding-list.js';
import { asCodePage437 } from './code-page-437.js';
import { hasLongPart, MAX_PART_BYTES, nameFaults, vcsRoot } from './entry-names.js';
import type { Limits } from './limits.js';
import { nameTree, type NameTree } from './name-tree.js';
import { isShortName } from './short-names.js';
import { asUnzipReadsDos, READ_AS_I } from './unzip-dos-names.js';

/** A name to judge and how findings show it. */
export interface JudgedName {
  /** Path with `/`, a folder's ending with one; null where it isn't UTF-8. */
  readonly name: string | null;
  /** Relative to the app's folder where it lies inside. */
  readonly path: string;
  /** Its length in UTF-8, where `name` is only its beginning. */
  readonly bytes?: number;
  /** Whether some readers take it for code page 437. */
  readonly unmarked?: boolean;
  /** Whether Info-ZIP's unzip converts it as a name from MS-DOS. */
  readonly dosLike?: boolean;
}

/** All entries that are allowed by three readings, and half as many folders as there are entries. */
const READINGS_FACTOR = 3.5;

/** Names that are judged between two breaths of the event loop, and two looks at the clock. */
const NAMES_A_TURN = 500;

/** What {@link addNameFindings} goes by. */
export interface NameJudging {
  readonly limits: Limits;
  /** False once the time is up. */
  readonly keepGoing: () => boolean;
  readonly findings: FindingList;
}

/**
 * Judges all names of an archive or a folder: each by itself, and all together as one tree. Adds a finding for each
 * fault; one for each version control folder, not for each file in it. Stops where `keepGoing` says so, which then has
 * added its own.
 */
export async function addNameFindings(names: Iterable<JudgedName>, judging: NameJudging): Promise<void> {
  const { limits, keepGoing, findings } = judging;
  const tree = nameTree();
  const repositories = new Set<string>();
  const otherwise: PlacedName[] = [];
  const withTilde: PlacedName[] = [];
  const judge = (judged: JudgedName): boolean => {
    if (!isUtf8Named(judged)) {
      findings.add('ARCHIVE_NAME_ENCODING', { path: judged.path });
      return true;
    }
    const { name, path } = judged;
    const faults = nameFaults(name, limits, judged.bytes);
    for (const { code, details } of faults) findings.add(code, { ...details, path });

    const repository = vcsRoot(path);
    if (repository !== null && !repositories.has(repository)) {
      repositories.add(repository);
      findings.add('VCS_DATA', { path: repository });
    }
    // A refused name has no place in the tree, and a path of 30,000 parts none in memory.
    if (faults.length > 0) return true;
    const clash = tree.add(name);
    if (clash !== null) findings.add(clash.code, { path, detail: clash.detail });
    if (tree.size > 2 * limits.entries) {
      // Folders without an entry of their own are made all the same when the archive is unpacked.
      const detail = 'Counted with the folders that its paths imply.';
      findings.add('ARCHIVE_TOO_MANY_ENTRIES', { detail, expected: 2 * limits.entries });
      return false;
    }
    if (judged.unmarked === true || judged.dosLike === true) otherwise.push(judged);
    if (name.includes('~')) withTilde.push(judged);
    return true;
  };
  if (!(await inTurns(names, keepGoing, judge))) return;
  if (!(await inTurns(withTilde, keepGoing, (placed) => addShortNames(placed, tree, findings)))) return;
  await inTurns(otherwise, keepGoing, (placed) => addOtherReadings(placed, tree, judging));
}

/** @returns false where the time was up, or `visit` said that there is no going on */
async function inTurns<T>(items: Iterable<T>, keepGoing: () => boolean, visit: (item: T) => boolean): Promise<boolean> {
  let visited = 0;
  for (const item of items) {
    if (visited % NAMES_A_TURN === 0) {
      if (!keepGoing()) return false;
      await setImmediate();
    }
    visited += 1;
    if (!visit(item)) return false;
  }
  return true;
}

/** One that is UTF-8, and so may be in the tree. */
interface PlacedName extends JudgedName {
  readonly name: string;
}

function isUtf8Named(judged: JudgedName): judged is PlacedName {
  return judged.name !== null;
}

function addShortNames({ name, path }: PlacedName, tree: NameTree, findings: FindingList): true {
  const part = name.split('/').some(isShortName) ? tree.shortNameIn(name) : null;
  if (part !== null) {
    const detail = `"${part}" is what Windows may call a longer name beside it for short.`;
    findings.add('ARCHIVE_NAME_RESERVED', { path, detail });
  }
  return true;
}

/**
 * Names that only some readers see, put beside all others: which entries a reader takes for that depends on the flag, the
 * host system and the reader, so any mixture may come about.
 *
 * @returns false where the tree has grown too large
 */
function addOtherReadings(placed: PlacedName, tree: NameTree, { limits, findings }: NameJudging): boolean {
  const { name, path } = placed;
  if (placed.unmarked === true) {
    // Nothing but letters, symbols and lines of a frame comes out of the upper half of that page: no such name is unsafe by
    // itself, but for its length.
    const reading = asCodePage437(name);
    if (hasLongPart(reading)) {
      const detail = 'Read as code page 437, one part of it alone is longer than file systems take.';
      findings.add('ARCHIVE_PATH_TOO_LONG', { path, detail, expected: MAX_PART_BYTES });
    } else addReading(reading, 'Read as code page 437', placed, tree, findings);
  }
  if (placed.dosLike === true) {
    if (path.includes(READ_AS_I)) {
      const detail = `Info-ZIP's unzip, told that it comes from MS-DOS, takes U+0558 for "i".`;
      findings.add('ARCHIVE_NAME_RESERVED', { path, detail });
    }
    addReading(asUnzipReadsDos(name), "Converted from MS-DOS by Info-ZIP's unzip", placed, tree, findings);
  }
  if (tree.size <= READINGS_FACTOR * limits.entries) return true;
  const detail = 'Counted with the folders that its paths imply, and as all readers together read its names.';
  findings.add('ARCHIVE_TOO_MANY_ENTRIES', { detail, expected: READINGS_FACTOR * limits.entries });
  return false;
}

function addReading(
  reading: string,
  how: string,
  { name, path }: PlacedName,
  tree: NameTree,
  findings: FindingList,
): void {
  const clash = tree.add(name, reading);
  if (clash !== null) findings.add(clash.code, { path, detail: `${how}: ${clash.detail}` });
}
