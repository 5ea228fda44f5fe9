import { readFileSync } from 'node:fs';
import { catalogueAsMarkdown } from '../../../src/report/catalogue-markdown.js';

test('docs/findings.md lists every finding as the catalogue has it', () => {
  // Mend it with: npm run docs
  expect(readFileSync('docs/findings.md', 'utf8')).toBe(catalogueAsMarkdown());
});
