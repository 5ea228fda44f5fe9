import { catalogue } from '../../../src/report/catalogue.js';
import type { CatalogueEntry } from '../../../src/report/catalogue-entry.js';
import { catalogueAsMarkdown } from '../../../src/report/catalogue-markdown.js';
import { findingList } from '../../../src/report/finding-list.js';

const entries = Object.entries(catalogue) as [string, CatalogueEntry][];
const refusingArchives = entries.filter(
  ([code, { severity, retired }]) =>
    (code.startsWith('ARCHIVE_') || code === 'VCS_DATA') && severity === 'error' && retired === undefined,
);

test.each(refusingArchives)('%s says how it comes about innocently and how to mend it', (_, { innocently, fix }) => {
  expect(innocently).toMatch(/^[^\n]{20,}\.$/);
  expect(fix).toMatch(/^[A-Z][^\n]{10,}$/);
});

test('the documentation shows both, and why a code is not reported any more', () => {
  const markdown = catalogueAsMarkdown();
  expect(markdown.split('**How it comes about innocently:**')).toHaveLength(
    entries.filter(([, { innocently }]) => innocently !== undefined).length + 1,
  );
  expect(markdown).toContain('**Retired:**');
  for (const [code] of entries) expect(markdown).toContain(`## ${code}\n`);
});

test('no two codes begin with the same sentence', () => {
  const sentences = entries.map(([, { message }]) => message);
  expect(sentences.filter((sentence, index) => sentences.indexOf(sentence) !== index)).toEqual([]);
});

describe('a list of findings', () => {
  test('keeps the details of a thousand ordinary ones of a code', () => {
    const list = findingList();
    for (let index = 0; index < 1_500; index += 1) list.add('EXTRA_FILE', { path: `folder/file-${index}` });
    expect(list.all.filter(({ path }) => path !== undefined)).toHaveLength(1_000);
    expect(list.all).toHaveLength(1_500);
  });

  test('holds a few megabytes at most, however many codes and however long the texts', () => {
    const list = findingList();
    const path = '\u0001'.repeat(1_024);
    const codes = refusingArchives.map(([code]) => code as keyof typeof catalogue);
    for (const code of codes) for (let index = 0; index < 1_000; index += 1) list.add(code, { path, actual: path });
    expect(list.all).toHaveLength(1_000 * codes.length);
    const length = [...new Set(list.all)].reduce((sum, finding) => sum + JSON.stringify(finding).length, 0);
    expect(length).toBeLessThan(12_000_000);
    for (const code of codes) expect(list.all.find((finding) => finding.code === code)?.path).toBeDefined();
  });
});
