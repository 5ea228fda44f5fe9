// Writes the documents that are made from the code. Run by `npm run docs`, after a build.
import { writeFileSync } from 'node:fs';
import { catalogueAsMarkdown } from '../dist/report/catalogue-markdown.js';

writeFileSync(new URL('../docs/findings.md', import.meta.url), catalogueAsMarkdown());
