// Writes what other readers make of the hostile archives into docs/threat-model.md. Run by `npm run docs:readers`.
import { readFileSync, writeFileSync } from 'node:fs';
import { readerTable } from '../test/support/zip-readers/reader-table.ts';

const page = new URL('../docs/threat-model.md', import.meta.url);
const begin = '<!-- readers:begin -->\n';
const end = '<!-- readers:end -->';
const text = readFileSync(page, 'utf8');
const from = text.indexOf(begin);
const to = text.indexOf(end);
if (from < 0 || to < from) throw new Error(`${page.pathname} has no place for the table`);
writeFileSync(page, `${text.slice(0, from + begin.length)}\n${await readerTable()}\n${text.slice(to)}`);
