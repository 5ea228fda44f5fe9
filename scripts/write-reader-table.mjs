// Writes what other readers make of the hostile archives into docs/threat-model.md. Run by `npm run docs:readers`.
import { readFileSync, writeFileSync } from 'node:fs';
import { readerTable } from '../test/support/zip-readers/reader-table.ts';
import { readers } from '../test/support/zip-readers/readers.ts';

// A table of fewer readers than there were would look as if the others had been asked.
const missing = readers.filter((reader) => !reader.isInstalled()).map(({ name }) => name);
if (missing.length > 0) {
  console.error(`Not written: ${missing.join(', ')} must be installed.`);
  process.exit(1);
}

const page = new URL('../docs/threat-model.md', import.meta.url);
const begin = '<!-- readers:begin -->\n';
const end = '<!-- readers:end -->';
const text = readFileSync(page, 'utf8');
const from = text.indexOf(begin);
const to = text.indexOf(end);
if (from < 0 || to < from) throw new Error(`${page.pathname} has no place for the table`);
writeFileSync(page, `${text.slice(0, from + begin.length)}\n${await readerTable()}\n${text.slice(to)}`);
