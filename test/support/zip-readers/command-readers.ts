import { runBounded, type Run } from './bounded-run.js';
import { versionIn, words } from './installed.js';
import { nothingUnpacked, readingLimits, type Reading, type ReadingLimits } from './reading.js';
import { createSandbox, unpackedIn, type Place } from './sandbox.js';
import type { ZipReader } from './zip-reader.js';

/** How one program is asked to unpack. */
interface Command {
  readonly name: string;
  readonly goesBy: ZipReader['goesBy'];
  readonly about: readonly [string, ...string[]];
  readonly command: (place: Place) => readonly string[];
  /** Through a pipe rather than by name. */
  readonly piped?: boolean;
  /** Exit codes with which it complains but has unpacked. */
  readonly warnings: readonly number[];
}

const commands: readonly Command[] = [
  {
    name: 'unzip',
    goesBy: 'directory',
    about: ['unzip', '-v'],
    command: ({ zip, target }) => ['unzip', '-o', '-qq', zip, '-d', target],
    warnings: [1],
  },
  {
    name: '7-Zip',
    goesBy: 'directory',
    about: ['7z', 'i'],
    command: ({ zip, target }) => ['7z', 'x', '-y', '-bd', '-bb0', '-p-', `-o${target}`, zip],
    warnings: [1],
  },
  {
    name: 'bsdtar',
    goesBy: 'directory',
    about: ['bsdtar', '--version'],
    command: ({ zip, target }) => ['bsdtar', '-x', '-f', zip, '-C', target],
    warnings: [],
  },
  {
    name: 'bsdtar (stream)',
    goesBy: 'stream',
    about: ['bsdtar', '--version'],
    command: ({ target }) => ['bsdtar', '-x', '-f', '-', '-C', target],
    piped: true,
    warnings: [],
  },
  {
    name: 'jar',
    goesBy: 'stream',
    about: ['jar', '--version'],
    command: ({ zip }) => ['jar', ...javaOptions.map((option) => `-J${option}`), '-x', '-f', zip],
    warnings: [],
  },
];

/** Names as UTF-8, no files of its own in /tmp, and no more of the machine than this needs. */
export const javaOptions: readonly string[] = [
  '-Dfile.encoding=UTF-8',
  '-Dsun.jnu.encoding=UTF-8',
  '-XX:-UsePerfData',
  '-XX:TieredStopAtLevel=1',
  '-Xmx256m',
];

/** Programs that are run once for every archive. */
export const commandReaders: readonly ZipReader[] = commands.map((command) => ({
  name: command.name,
  needs: command.about[0],
  goesBy: command.goesBy,
  isInstalled: () => words(command.about) !== null,
  version: () => versionIn(words(command.about)),
  readAll: (zips, limits = readingLimits) => unpackEach(command, zips, limits),
}));

async function unpackEach(command: Command, zips: readonly string[], limits: ReadingLimits): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (const zip of zips) {
    const sandbox = await createSandbox();
    try {
      readings.push(await unpack(command, await sandbox.place(0, zip), limits));
    } finally {
      await sandbox.remove();
    }
  }
  return readings;
}

async function unpack(command: Command, place: Place, limits: ReadingLimits): Promise<Reading> {
  const run = await runBounded(command.command(place), {
    // jar unpacks where it stands.
    folder: place.target,
    limits,
    watched: () => place.outer,
    ...(command.piped === true && { input: place.zip }),
  });
  if (run.stopped !== null) return { kind: 'stopped', why: run.stopped, ...nothingUnpacked };
  const unpacked = await unpackedIn(place);
  if (run.exit === 0) return { kind: 'read', warned: null, ...unpacked };
  if (run.exit !== null && command.warnings.includes(run.exit))
    return { kind: 'read', warned: lastWords(run), ...unpacked };
  return { kind: 'refused', why: `exit ${run.exit ?? 'by a signal'}: ${lastWords(run)}`, ...unpacked };
}

function lastWords(run: Run): string {
  return run.words.trim().split('\n').slice(-6).join(' / ');
}
