import { catalogue } from './catalogue.js';
import type { CatalogueEntry } from './catalogue-entry.js';

const INTRODUCTION = `# Findings

<!-- Written by \`npm run docs\` from src/report/catalogue.ts; a test sees that it is current. -->

What the gate can find wrong with an upload. A finding is \`{code, severity, message, path?, expected?, actual?, fix?, cause?}\`:
\`code\` is for programs and never changes its meaning, \`message\` is for people and begins with the sentence below, \`cause\` is
the likely cause where the gate could tell, and \`fix\` is what mends it.

The worst finding decides. An \`error\` refuses the upload, a \`hold\` waits for a moderator, a \`warning\` or a \`notice\` only
informs. All findings of an upload come at once; at most 100 of one code are listed, and the rest is counted in
\`omittedFindings\`. The weight of a *configurable* finding is the store's to set (\`RULES\` in \`.env.example\`, or at run time);
a *liftable* one a moderator may lift for one upload.
`;

/** `docs/findings.md`, from the catalogue. */
export function catalogueAsMarkdown(): string {
  const entries = Object.entries(catalogue).map(([code, entry]) => asMarkdown(code, entry));
  return `${INTRODUCTION}\n${entries.join('\n')}`;
}

function asMarkdown(code: string, entry: CatalogueEntry): string {
  const message = entry.message.replace(/\{(expected|actual)\}/g, '*$1*');
  const weight = [
    entry.severity,
    ...(entry.configurable === true ? ['configurable'] : []),
    ...(entry.offByDefault === true ? ['off by default'] : []),
    ...(entry.liftable === true ? ['liftable'] : []),
  ].join(', ');
  const paragraphs = [
    `## ${code}`,
    `*${weight}*`,
    `> ${escaped(message)}`,
    escaped(entry.about),
    ...labelled('Retired', entry.retired),
    ...labelled('How it comes about innocently', entry.innocently),
    ...labelled('Mend it', entry.fix),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function labelled(label: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`**${label}:** ${escaped(text)}`];
}

/** As text of a document: nothing in it is a tag, and the underscores of names are underscores. */
function escaped(text: string): string {
  return text.replaceAll('<', '\\<').replaceAll('__', '\\_\\_');
}
