import { spawnSync } from 'node:child_process';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBounded } from './bounded-run.js';
import { javaOptions } from './command-readers.js';
import { versionIn, words } from './installed.js';
import { foldersAbove, nameText, nothingUnpacked, readingLimits } from './reading.js';
import type { Reading, ReadingLimits, Unpacked } from './reading.js';
import { createSandbox, removeTree, unpackedIn, type Place, type Sandbox } from './sandbox.js';
import type { ZipReader } from './zip-reader.js';

/** A program of ours in another language, that unpacks or lists many archives in one go. */
interface Batch {
  readonly name: string;
  readonly needs: string;
  readonly goesBy: ZipReader['goesBy'];
  /** The program's file, beside this one. */
  readonly driver: string;
  readonly about: () => string | null;
  /** `driver` is where it lies in the sandbox, `list` the archives to read. */
  readonly command: (driver: string, list: string, limits: ReadingLimits) => readonly string[];
  /** Turns the driver's source into what `command` runs. */
  readonly build?: (source: string, sandbox: Sandbox) => string;
}

/** One line of a driver. What a language can't print safely comes in base64. */
interface Answer {
  readonly number: number;
  readonly refused?: string | null;
  readonly refused64?: string | null;
  /** What a reader in memory found: names in base64 and digests. Absent where it wrote to the disk. */
  readonly entries?: readonly (readonly [string, string])[];
  /** The same with both in base64. */
  readonly entries64?: readonly (readonly [string, string])[];
}

/** Where this runs as root, the first Python that nobody may use: one in root's home isn't. */
const python = (): string => (words(['python3', '-m', 'zipfile', '-h']) === null ? '/usr/bin/python3' : 'python3');

const zipArchiveVersion =
  "if (!class_exists('ZipArchive')) exit(1); echo PHP_VERSION, ' libzip ', ZipArchive::LIBZIP_VERSION;";

const java =
  (mode: string): Batch['command'] =>
  (driver, list, limits) => ['java', ...javaOptions, driver, mode, list, String(limits.bytes)];

const batches: readonly Batch[] = [
  {
    name: 'Python',
    needs: 'python3',
    goesBy: 'directory',
    driver: 'reader.py',
    about: () => words([python(), '--version']),
    command: (driver, list) => [python(), '-I', driver, list],
  },
  {
    name: 'PHP',
    needs: 'php with zip',
    goesBy: 'directory',
    driver: 'reader.php',
    about: () => words(['php', '-r', zipArchiveVersion]),
    command: (driver, list) => ['php', '-d', 'display_errors=stderr', driver, list],
  },
  {
    name: 'Java ZipFile',
    needs: 'java',
    goesBy: 'directory',
    driver: 'Reader.java',
    about: () => words(['java', '-XX:-UsePerfData', '--version']),
    command: java('file'),
  },
  {
    name: 'Java ZipInputStream',
    needs: 'java',
    goesBy: 'stream',
    driver: 'Reader.java',
    about: () => words(['java', '-XX:-UsePerfData', '--version']),
    command: java('stream'),
  },
  {
    name: 'Go',
    needs: 'go',
    goesBy: 'directory',
    driver: 'reader.go',
    about: goVersion,
    command: (driver, list, limits) => [driver, list, String(limits.bytes)],
    build: buildGo,
  },
];

/** Languages' own libraries, many archives a run. */
export const batchReaders: readonly ZipReader[] = batches.map((batch) => ({
  name: batch.name,
  needs: batch.needs,
  goesBy: batch.goesBy,
  isInstalled: () => batch.about() !== null,
  version: () => versionIn(batch.about()),
  readAll: (zips, limits = readingLimits) => readBatch(batch, zips, limits),
}));

/** The one program that is run as ourselves. */
const GO = 'go';

function goVersion(): string | null {
  const run = spawnSync(GO, ['version'], { encoding: 'utf8', timeout: 60_000 });
  return run.status === 0 ? run.stdout : null;
}

/** It is our own program, so it is built as ourselves, with the cache that a home has and nobody hasn't. */
function buildGo(source: string, { folder }: Sandbox): string {
  const binary = join(folder, 'reader');
  const env = { ...process.env, GO111MODULE: 'off', GOPROXY: 'off', GOFLAGS: '', CGO_ENABLED: '0' };
  const run = spawnSync(GO, ['build', '-o', binary, source], {
    encoding: 'utf8',
    cwd: folder,
    env,
    timeout: 120_000,
  });
  if (run.status !== 0) throw new Error(`${source} does not build: ${run.stderr}`);
  return binary;
}

async function readBatch(batch: Batch, zips: readonly string[], limits: ReadingLimits): Promise<Reading[]> {
  if (zips.length === 0) return [];
  const sandbox = await createSandbox();
  try {
    const source = join(sandbox.folder, batch.driver);
    await copyFile(fileURLToPath(new URL(batch.driver, import.meta.url)), source);
    await chmod(source, 0o644);
    const driver = batch.build?.(source, sandbox) ?? source;
    const readings = new Array<Reading>(zips.length);
    // Where a driver crashes or is stopped, that was the archive's doing; the others get another run.
    for (let from = 0; from < zips.length;) from = await readFrom(from, batch, driver, sandbox, zips, limits, readings);
    return readings;
  } finally {
    await sandbox.remove();
  }
}

/** @returns the number of the first archive that still has no reading */
async function readFrom(
  from: number,
  batch: Batch,
  driver: string,
  sandbox: Sandbox,
  zips: readonly string[],
  limits: ReadingLimits,
  readings: Reading[],
): Promise<number> {
  const places: Place[] = [];
  const list = join(sandbox.folder, 'list');
  for (let index = from; index < zips.length; index += 1) places.push(await sandbox.place(index, zips[index] ?? ''));
  await writeFile(list, places.map(({ zip, target }, at) => `${from + at}\t${zip}\t${target}\n`).join(''));
  let next = from;
  const placeOf = (index: number): Place | undefined => places[index - from];
  const settled: Promise<void>[] = [];
  const run = await runBounded(batch.command(driver, list, limits), {
    folder: placeOf(from)?.target ?? sandbox.folder,
    limits,
    watched: () => placeOf(next)?.outer ?? sandbox.folder,
    onLine: (line) => {
      const answer = JSON.parse(line) as Answer;
      const place = placeOf(answer.number);
      next = answer.number + 1;
      if (place !== undefined) settled.push(settle(answer, place, readings));
    },
  });
  await Promise.all(settled);
  if (next < zips.length) {
    readings[next] = { kind: 'stopped', why: run.stopped ?? `exit ${run.exit}: ${run.words}`, ...nothingUnpacked };
    next += 1;
  }
  for (const { outer } of places.slice(next - 1 - from)) await removeTree(outer);
  return next;
}

async function settle(answer: Answer, place: Place, readings: Reading[]): Promise<void> {
  const inMemory = answer.entries ?? answer.entries64?.map(([name, hash]) => [name, plain(hash)] as const);
  const unpacked = inMemory === undefined ? await unpackedIn(place) : listed(inMemory);
  const refused = answer.refused64 == null ? (answer.refused ?? null) : plain(answer.refused64);
  if (refused?.includes('it writes too much') === true)
    readings[answer.number] = { kind: 'stopped', why: 'it writes too much', ...nothingUnpacked };
  else if (refused !== null) readings[answer.number] = { kind: 'refused', why: refused, ...unpacked };
  else readings[answer.number] = { kind: 'read', warned: null, ...unpacked };
  await removeTree(place.outer);
}

/** What a reader that only lists would have unpacked. Two entries of one name are told apart, where a disk would keep one. */
function listed(entries: readonly (readonly [string, string])[]): Unpacked {
  return unpackedFrom(entries.map(([name, sha512]) => [nameText(Buffer.from(name, 'base64')), sha512]));
}

/** Names and digests in the order of the archive, as if they had been unpacked. */
export function unpackedFrom(entries: readonly (readonly [string, string])[]): Unpacked {
  const files = new Map<string, string>();
  const folders = new Set<string>();
  for (const [name, sha512] of entries) {
    if (name.endsWith('/')) folders.add(name.slice(0, -1));
    else {
      let free = name;
      while (files.has(free)) free = `${free} (again)`;
      files.set(free, sha512);
    }
  }
  for (const folder of foldersAbove([...files.keys(), ...folders])) folders.add(folder);
  return { files, folders, others: [], escaped: [] };
}

function plain(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
