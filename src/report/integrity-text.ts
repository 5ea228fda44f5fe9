import type { FindingCode } from './catalogue.js';
import type { Finding } from './finding.js';
import { printable } from './printable.js';
import type { Report } from './report.js';

/** What ownCloud's integrity check finds, in the order in which its page lists it. */
const integrityCodes = ['INVALID_HASH', 'FILE_MISSING', 'EXTRA_FILE'] as const satisfies readonly FindingCode[];

const MAX_TEXT = 1_024;

/** Whether a finding is about a file that differs from what was signed. */
export function isIntegrityFinding({ code }: Finding): boolean {
  return integrityCodes.some((each) => each === code);
}

/**
 * Integrity findings in the layout of ownCloud's admin page (`settings/integrity/failed`), tabs and all: people paste it
 * into bug reports, and programs read it. The raw part is PHP's `print_r` of app → code → path → hashes.
 *
 * @param name of the app, printable
 */
export function technicalInformation(
  name: string,
  findings: readonly Finding[],
  omitted: Report['omittedFindings'],
): string {
  const found = integrityCodes
    .map((code) => ({ code, files: findings.filter((each) => each.code === code) }))
    .filter(({ files }) => files.length > 0);
  const results = found.flatMap(({ code, files }) => [
    `\t- ${code}`,
    ...files.map(({ path }) => `\t\t- ${safe(path)}`),
    ...(omitted[code] === undefined ? [] : [`\t\t- (and ${omitted[code]} more)`]),
  ]);
  const raw = found.map(
    ({ code, files }) => [code, files.map((each) => [safe(each.path), hashes(each)] as const)] as const,
  );
  return [
    ...heading('Technical information', '='),
    'The following list covers which files have failed the integrity check. What each',
    'of them means, and what mends it, is said above.',
    '',
    ...heading('Results', '='),
    `- ${name}`,
    ...results,
    '',
    ...heading('Raw output', '='),
    printR([[name, raw]]).trimEnd(),
  ].join('\n');
}

type PhpValue = string | readonly (readonly [string, PhpValue])[];

function hashes({ expected, actual }: Finding): PhpValue {
  return [
    ['expected', safe(expected)],
    ['current', safe(actual)],
  ];
}

/** As PHP's print_r writes an array: a nested one is indented by eight more, and followed by an empty line. */
function printR(value: PhpValue, indent = ''): string {
  if (typeof value === 'string') return `${value}\n`;
  const members = value.map(([key, member]) => `${indent}    [${key}] => ${printR(member, `${indent}        `)}`);
  return `Array\n${indent}(\n${members.join('')}${indent})\n\n`;
}

function heading(title: string, line: string): readonly string[] {
  return [title, line.repeat(title.length)];
}

function safe(text: string | undefined): string {
  return printable(text ?? '', MAX_TEXT);
}
