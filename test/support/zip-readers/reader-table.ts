import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { printable } from '../../../src/report/printable.js';
import { corpusArchives, type CorpusArchive, type CorpusLine } from '../zip-corpus/table.js';
import type { NamedReading } from './agreement.js';
import { installedReaders, readAll } from './readers.js';
import type { Reading } from './reading.js';
import type { ZipReader } from './zip-reader.js';

const MAX_NAME = 40;
const MAX_NAMES = 4;

/** The hostile archives of the corpus, by name. */
export function hostileArchives(): readonly CorpusArchive[] {
  return corpusArchives()
    .filter(({ file }) => file.startsWith('reject/'))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** The name by which the table calls an archive. */
export function rowName({ file }: CorpusLine): string {
  return basename(file, '.zip');
}

/** What one archive is to the readers: those that agree stand together. */
interface Row {
  readonly name: string;
  readonly codes: readonly string[];
  readonly groups: readonly Group[];
}

interface Group {
  readonly readers: readonly string[];
  readonly reading: Reading;
  /** What it got, in a few words. */
  readonly words: string;
}

/** The table of docs/threat-model.md: what every installed reader makes of the hostile archives, in Markdown. */
export async function readerTable(): Promise<string> {
  const archives = hostileArchives();
  const readers = installedReaders();
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-reader-table-'));
  try {
    const paths: string[] = [];
    for (const [index, { bytes }] of archives.entries()) {
      paths.push(join(folder, `${index}.zip`));
      await writeFile(join(folder, `${index}.zip`), bytes());
    }
    const readings = await readAll(readers, paths);
    const rows = archives.map((archive, index) => rowOf(archive, readings[index] ?? []));
    return markdown(rows, readers);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowOf(archive: CorpusLine, answers: readonly NamedReading[]): Row {
  return { name: rowName(archive), codes: archive.codes.map((one) => `\`${one}\``), groups: groupsOf(answers) };
}

function markdown(rows: readonly Row[], readers: readonly ZipReader[]): string {
  const versions = readers.map((reader) => `${reader.name} ${reader.version()}`.trim()).join(', ');
  return [
    `Made by \`npm run docs:readers\` with ${versions}.`,
    '',
    ...summary(rows),
    '',
    '| archive | the gate says | what readers make of it |',
    '| --- | --- | --- |',
    ...rows.map(({ name, codes, groups }) => `| ${name} | ${codes.join(' ')} | ${verdict(groups)} |`),
    '',
  ].join('\n');
}

function groupsOf(answers: readonly NamedReading[]): readonly Group[] {
  const groups = new Map<string, { readers: string[]; reading: Reading }>();
  for (const { reader, reading } of answers) {
    const key = keyOf(reading);
    const group = groups.get(key) ?? { readers: [], reading };
    groups.set(key, group);
    group.readers.push(reader);
  }
  const all = [...groups.values()];
  return all
    .map(({ readers, reading }) => ({
      readers,
      reading,
      words: wordsOf(reading, differingFiles(all.map((one) => one.reading))),
    }))
    .sort((a, b) => rank(a.reading) - rank(b.reading) || b.readers.length - a.readers.length);
}

/** Readings of one key are the same to somebody who installs the app. How a reader words its refusal is its own affair. */
function keyOf(reading: Reading): string {
  const harm = JSON.stringify([reading.others, reading.escaped]);
  if (reading.kind !== 'read') return reading.kind + harm;
  return (
    harm +
    JSON.stringify([...reading.files].sort()) +
    (reading.files.size === 0 ? JSON.stringify([...reading.folders].sort()) : '')
  );
}

function rank({ kind }: Reading): number {
  return ['read', 'refused', 'stopped'].indexOf(kind);
}

/** Files that have one name and other bytes in another reading. */
function differingFiles(readings: readonly Reading[]): ReadonlySet<string> {
  const first = new Map<string, string>();
  const differing = new Set<string>();
  for (const reading of readings) {
    if (reading.kind !== 'read') continue;
    for (const [name, sha512] of reading.files) {
      if ((first.get(name) ?? sha512) !== sha512) differing.add(name);
      first.set(name, sha512);
    }
  }
  return differing;
}

function wordsOf(reading: Reading, differing: ReadonlySet<string>): string {
  const harm = [...reading.others, ...reading.escaped.map((path) => `**outside:** ${code(path)}`)];
  const words =
    harm.length === 0
      ? ''
      : `, ${listed(harm.map((one) => (one.startsWith('**') ? one : `**${one.split(' ')[0] ?? ''}** ${code(one.slice(one.indexOf(' ') + 1))}`)))}`;
  if (reading.kind === 'refused') return `refused${words}`;
  if (reading.kind === 'stopped') return 'stopped';
  const names = [...reading.files]
    .sort()
    .map(([name, sha512]) => code(name) + (differing.has(name) ? ` (${sha512.slice(0, 6)})` : ''));
  if (names.length > 0) return listed(names) + words;
  return (reading.folders.size > 0 ? 'folders only' : 'nothing') + words;
}

function listed(parts: readonly string[]): string {
  const rest = parts.length - MAX_NAMES;
  return parts.slice(0, MAX_NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Hostile text as code in a cell of a Markdown table: no character of it may end the code, the cell or the row. */
function code(text: string): string {
  const safe = printable(text, MAX_NAME).replace(
    /[`|<>&]/g,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
  return `\`${safe}\``;
}

function verdict(groups: readonly Group[]): string {
  const [only] = groups;
  if (only !== undefined && groups.length === 1)
    return only.reading.kind === 'read' ? `all: ${only.words}` : `all ${only.words}`;
  return groups.map(({ readers, words }) => `${readers.join(', ')}: ${words}`).join(' · ');
}

function summary(rows: readonly Row[]): string[] {
  const count = (test: (row: Row) => boolean): number => rows.filter(test).length;
  const unpacks = ({ groups }: Row): readonly Group[] => groups.filter(({ reading }) => reading.kind === 'read');
  const several = count((row) => unpacks(row).length > 1);
  const some = count((row) => unpacks(row).length === 1 && row.groups.length > 1);
  const all = count((row) => unpacks(row).length === 1 && row.groups.length === 1);
  const none = count((row) => unpacks(row).length === 0);
  const harmed = count(({ groups }) =>
    groups.some(({ reading }) => reading.others.length + reading.escaped.length > 0),
  );
  return [
    `Of ${rows.length} hostile archives, ${several} are unpacked as different things by different readers; ${some} are unpacked by some and refused by`,
    `others; ${all} are unpacked by all alike, and refused by the gate for what they would do; ${none} are unpacked by none. ${harmed} of them leave a link, a file`,
    'with an unsafe mode or a file outside of the folder behind with some reader.',
  ];
}
