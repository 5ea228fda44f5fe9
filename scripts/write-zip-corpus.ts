// Writes test/fixtures/zips: every archive of the corpus, the table of them and their README. Run by `npm run fixtures`.
// Archives that real tools made are kept as they are, since every run would make others; `npm run fixtures -- --tools`
// makes those anew whose tools are installed.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { defaultLimits } from '../src/archive/limits.js';
import { readArchive } from '../src/archive/read-archive.js';
import { hostileCases, hostileGroups, ordinaryCases, ordinaryGroups } from '../test/support/zip-corpus/cases.js';
import { takeSnapshots } from '../test/support/zip-corpus/snapshots.js';
import {
  corpusFolder,
  isSnapshot,
  lineOf,
  readCorpusLines,
  type CorpusLine,
} from '../test/support/zip-corpus/table.js';
import type { ZipCase } from '../test/support/zip-corpus/zip-case.js';

const FOLDERS = ['accept', 'reject'] as const;
const anew = process.argv.includes('--tools');

const made = await snapshotLines();
const lines = [
  ...ordinaryCases.map((zipCase) => lineOf('accept', zipCase)),
  ...hostileCases.map((zipCase) => lineOf('reject', zipCase)),
  ...made,
].sort((a, b) => (a.file < b.file ? -1 : 1));

await writeCases('accept', ordinaryCases);
await writeCases('reject', hostileCases);
await removeOthers(lines);
await writeFile(`${corpusFolder}cases.json`, `${JSON.stringify(lines, null, 2)}\n`);
await writeFile(`${corpusFolder}README.md`, readme(made));
const files = lines.filter(({ inMemory }) => inMemory !== true).length;
console.log(`${lines.length} archives, ${files} of them as files, ${made.length} of those made by real tools.`);

async function snapshotLines(): Promise<readonly CorpusLine[]> {
  const kept = readCorpusLines().filter(isSnapshot);
  if (kept.length > 0 && !anew) return kept;
  const fresh = await takeSnapshots(codesOf);
  for (const { line, bytes } of fresh) {
    await mkdir(`${corpusFolder}${line.file.split('/', 1)[0] ?? ''}`, { recursive: true });
    await writeFile(corpusFolder + line.file, bytes);
  }
  // By name alone: a tool may have gone from one folder to the other.
  const names = new Set(fresh.map(({ line }) => basename(line.file)));
  return [...fresh.map(({ line }) => line), ...kept.filter(({ file }) => !names.has(basename(file)))];
}

function codesOf(file: string): Promise<readonly string[]> {
  return readArchive(file, { limits: defaultLimits }, ({ findings }) =>
    Promise.resolve([...new Set(findings.map(({ code }) => code))].sort()),
  );
}

async function writeCases(folder: (typeof FOLDERS)[number], cases: readonly ZipCase[]): Promise<void> {
  await mkdir(corpusFolder + folder, { recursive: true });
  for (const zipCase of cases) {
    if (zipCase.inMemory !== true) await writeFile(`${corpusFolder}${folder}/${zipCase.name}.zip`, zipCase.build());
  }
}

/** What was renamed or left the table would otherwise stay for ever. */
async function removeOthers(listed: readonly CorpusLine[]): Promise<void> {
  const known = new Set(listed.filter(({ inMemory }) => inMemory !== true).map(({ file }) => file));
  for (const folder of FOLDERS) {
    for (const name of await readdir(corpusFolder + folder)) {
      if (!known.has(`${folder}/${name}`)) await rm(`${corpusFolder}${folder}/${name}`);
    }
  }
}

function readme(snapshots: readonly CorpusLine[]): string {
  const listOf = (entries: readonly CorpusLine[]): string => entries.map(entryOf).join('\n');
  const sectionsOf = (folder: (typeof FOLDERS)[number]): string[] =>
    (folder === 'accept' ? ordinaryGroups : hostileGroups).map(
      ({ about, cases }) => `### ${about}\n\n${listOf(cases.map((zipCase) => lineOf(folder, zipCase)))}`,
    );
  const snapshotsOf = (folder: string): string => {
    return `### Made by real tools\n\n${listOf(snapshots.filter(({ file }) => file.startsWith(folder)))}`;
  };
  const parts = [
    '# Zips',
    '<!-- Written by `npm run fixtures`. -->',
    `Archives on which the reader of the gate is tested, and the HTTP interface with it: \`accept\` holds what it reads to its end, with
warnings at most, \`reject\` what it refuses. \`cases.json\` has a line on each: the file, what it is, the codes of all
findings, sorted, and the limits where they are not the default ones.

They are built byte by byte in \`test/support/zip-corpus\`; \`npm run fixtures\` writes them, this page and \`cases.json\` anew. Those
whose names begin with \`by-\` were made by the tool that is named, and are kept as they are; \`npm run fixtures -- --tools\`
makes those anew whose tools are installed. Archives marked *(in memory)* are too large to be kept, and are built when
they are tested. Deflate gives other bytes with another zlib, so it is findings that tests compare, not bytes.

To add one: write a \`zipCase\` in the file of its subject under \`test/support/zip-corpus\`, then run \`npm run fixtures\`.`,
    `## accept: ${lines.filter(({ file }) => file.startsWith('accept')).length} archives`,
    ...sectionsOf('accept'),
    snapshotsOf('accept'),
    `## reject: ${lines.filter(({ file }) => file.startsWith('reject')).length} archives`,
    ...sectionsOf('reject'),
    snapshotsOf('reject'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function entryOf({ file, what, codes, limits, inMemory }: CorpusLine): string {
  const name = file.split('/')[1]?.replace(/\.zip$/, '') ?? file;
  const facts = [codes.join(', '), limits === undefined ? '' : `limits ${JSON.stringify(limits)}`].filter(Boolean);
  const tail = facts.length === 0 ? '' : ` (${facts.join('; ')})`;
  return `- \`${name}\`${inMemory === true ? ' *(in memory)*' : ''}: ${what}${tail}`;
}
