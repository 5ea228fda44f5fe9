import { readFile } from 'node:fs/promises';
import { hostileArchives, rowName } from '../support/zip-readers/reader-table.js';

test('the table in the threat model has a row for every hostile archive, and for nothing else (npm run docs:readers)', async () => {
  const page = await readFile(new URL('../../docs/threat-model.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('<!-- readers:begin -->'), page.indexOf('<!-- readers:end -->'));
  const rows = [...table.matchAll(/^\| ([^ ]+) \| (.*?) \|/gm)]
    .map(([, name, codes]) => `${name} ${codes}`)
    .filter((row) => !/^(?:archive|---) /.test(row));
  const expected = hostileArchives().map(
    (one) => `${rowName(one)} ${one.codes.map((code) => `\`${code}\``).join(' ')}`,
  );
  expect(rows).toEqual(expected);
});
