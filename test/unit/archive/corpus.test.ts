import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { catalogue, type FindingCode } from '../../../src/report/catalogue.js';
import type { CatalogueEntry } from '../../../src/report/catalogue-entry.js';
import { hostileCases, hostileGroups, ordinaryCases, ordinaryGroups } from '../../support/zip-corpus/cases.js';
import { corpusFolder, isSnapshot, lineOf, readCorpusLines } from '../../support/zip-corpus/table.js';
import { outlineOf, outlineOfFile, type Outline } from './read-bytes.js';

/** What one can tell of a reading whatever the machine's zlib makes of the data. */
function essenceOf({ codes, reading }: Outline): unknown {
  const { files } = reading.contents;
  return { codes, complete: reading.complete, files: [...files.keys()], entries: reading.archive.entries };
}

describe.each(hostileGroups)('refused, $about:', ({ cases }) => {
  test.each(cases.map((zipCase) => [zipCase.name, zipCase] as const))('%s', async (_, zipCase) => {
    const outline = await outlineOf(zipCase.build(), zipCase.limits);
    expect(outline.codes).toEqual(zipCase.codes);
    expect(outline.reading.findings.some(({ severity }) => severity === 'error')).toBe(true);
  });
});

describe.each(ordinaryGroups)('accepted, $about:', ({ cases }) => {
  test.each(cases.map((zipCase) => [zipCase.name, zipCase] as const))('%s', async (_, zipCase) => {
    const outline = await outlineOf(zipCase.build(), zipCase.limits);
    expect(outline.codes).toEqual(zipCase.codes);
    expect(outline.reading.findings.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(outline.reading.complete).toBe(true);
  });
});

describe('what real tools made:', () => {
  const snapshots = readCorpusLines().filter(isSnapshot);
  test.each(snapshots.map((line) => [line.file, line] as const))('%s', async (file, line) => {
    const { codes, reading } = await outlineOfFile(corpusFolder + file);
    expect(codes).toEqual(line.codes);
    expect(reading.findings.some(({ severity }) => severity === 'error')).toBe(file.startsWith('reject/'));
    expect(reading.complete).toBe(file.startsWith('accept/'));
  });
});

describe('the folder', () => {
  const built = [
    ...hostileCases.map((zipCase) => ({ ...zipCase, line: lineOf('reject', zipCase) })),
    ...ordinaryCases.map((zipCase) => ({ ...zipCase, line: lineOf('accept', zipCase) })),
  ];
  const kept = readCorpusLines().filter(({ inMemory }) => inMemory !== true);

  test('has every archive of the table, and no other: else run "npm run fixtures"', () => {
    const onDisk = ['accept', 'reject'].flatMap((folder) =>
      readdirSync(corpusFolder + folder).map((name) => `${folder}/${name}`),
    );
    expect(onDisk.sort()).toEqual(kept.map(({ file }) => file).sort());
    const lines = built.map(({ line }) => line).sort((a, b) => (a.file < b.file ? -1 : 1));
    expect(readCorpusLines().filter((line) => !isSnapshot(line))).toEqual(lines);
  });

  test('holds files that read as those that are built now', async () => {
    for (const { line, build, limits } of built) {
      if (line.inMemory === true || !existsSync(corpusFolder + line.file)) continue;
      const [file, fresh] = [await outlineOfFile(corpusFolder + line.file, limits), await outlineOf(build(), limits)];
      expect({ file: line.file, ...(essenceOf(file) as object) }).toEqual({
        file: line.file,
        ...(essenceOf(fresh) as object),
      });
    }
  });

  test('has a README that names every archive', () => {
    const readme = readFileSync(`${corpusFolder}README.md`, 'utf8');
    for (const { file, what } of readCorpusLines()) {
      const [, name = ''] = file.replace(/\.zip$/, '').split('/');
      expect(readme).toContain(`- \`${name}\``);
      expect(readme).toContain(what);
    }
  });

  test('has at least 160 hostile and 45 ordinary archives, 20 of them by real tools, in 2 MB', () => {
    const count = (wanted: (file: string) => boolean): number =>
      readCorpusLines().filter(({ file }) => wanted(file)).length;
    expect(count((file) => file.startsWith('reject/'))).toBeGreaterThanOrEqual(160);
    expect(count((file) => file.startsWith('accept/'))).toBeGreaterThanOrEqual(45);
    expect(count((file) => file.startsWith('accept/by-'))).toBeGreaterThanOrEqual(20);
    const bytes = kept.reduce((sum, { file }) => sum + statSync(corpusFolder + file).size, 0);
    expect(bytes).toBeLessThanOrEqual(2_000_000);
  });

  test('has each name once', () => {
    const names = built.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

/** Codes that no archive can show, with the reason. */
const UNREACHABLE: Partial<Record<FindingCode, string>> = {
  ARCHIVE_AMBIGUOUS: 'A fault in one of the two readers; every difference that is known has a code of its own.',
};

test('every code that refuses an archive is shown by one', () => {
  const entries = Object.entries(catalogue) as [FindingCode, CatalogueEntry][];
  const refusing = entries
    .filter(([code]) => code.startsWith('ARCHIVE_') || code === 'VCS_DATA')
    .filter(([code, entry]) => entry.severity === 'error' && entry.retired === undefined && !(code in UNREACHABLE));
  const shown = new Set(hostileCases.flatMap(({ codes }) => codes));
  expect(refusing.map(([code]) => code).filter((code) => !shown.has(code))).toEqual([]);
});
