import { createColors } from 'picocolors';
import type { Finding, Severity } from './finding.js';
import { isIntegrityFinding, technicalInformation } from './integrity-text.js';
import { printable } from './printable.js';
import type { Outcome, Report } from './report.js';

export interface TextOptions {
  /** Whether the reader's terminal shows colours. */
  readonly colour: boolean;
  /** What was inspected, as its caller named it. */
  readonly input?: string;
  /** Set where only a signature file was inspected, which nobody could compare with the files. */
  readonly filesUnchecked?: boolean;
}

type Colours = ReturnType<typeof createColors>;

const MAX_PATHS = 10;
const MAX_TEXT = 1_024;
/** Longer hashes are shortened to their two ends; the raw output has them whole. */
const MAX_VALUE = 72;

/**
 * A report for people at a terminal: the verdict, what was inspected, who signed it, and the findings, the worst first,
 * each with its likely cause and what mends it. Ends with a newline.
 *
 * Whatever the report holds, from an archive or from a store, nothing in it can move the cursor or draw over the verdict.
 */
export function reportAsText(report: Report, { colour, input, filesUnchecked = false }: TextOptions): string {
  const colours = createColors(colour);
  const lines = [
    verdictLine(report.outcome, input, colours),
    '',
    ...subjectLines(report, filesUnchecked),
    ...severities.flatMap(({ severity, titles }) => findingLines(report, severity, titles, colours)),
    ...integrityLines(report),
  ];
  return `${lines.join('\n')}\n`;
}

function verdictLine(outcome: Outcome, input: string | undefined, colours: Colours): string {
  const words: Readonly<Record<Outcome, string>> = {
    accepted: colours.bold(colours.green('ACCEPTED')),
    held: colours.bold(colours.yellow('HELD')),
    refused: colours.bold(colours.red('REFUSED')),
  };
  const waits = outcome === 'held' ? ' (a moderator decides)' : '';
  return `${words[outcome]}${waits}${input === undefined ? '' : `  ${safe(input)}`}`;
}

function subjectLines({ app, archive, signature }: Report, filesUnchecked: boolean): readonly string[] {
  const rows: (readonly [string, string])[] = [];
  if (app !== null) rows.push(['App', `${app.id} ${app.version} (${app.name})`]);
  rows.push(['Signature', describeSignature(signature)]);
  const { signer } = signature;
  if (signer !== null) {
    rows.push(['Signer', `CN=${signer.commonName}, serial ${signer.serial}`]);
    rows.push(['', `issued by ${signer.issuer}, valid ${day(signer.notBefore)} to ${day(signer.notAfter)}`]);
  }
  if (archive !== null) {
    const { files, inflatedBytes, bytes, sha256 } = archive;
    rows.push(['Archive', `${files} ${files === 1 ? 'file' : 'files'}, ${size(inflatedBytes)} in ${size(bytes)}`]);
    rows.push(['', `SHA-256 ${sha256}`]);
  }
  if (filesUnchecked) rows.push(['Files', "not checked: a signature file alone doesn't tell"]);
  return rows.map(([title, text]) => `  ${title.padEnd(9)}  ${safe(text)}`);
}

function describeSignature({ status, format, algorithm }: Report['signature']): string {
  if (status === 'absent') return 'none';
  return [status, ...(format === null ? [] : [`format ${format}`]), ...(algorithm === null ? [] : [algorithm])].join(
    ', ',
  );
}

const severities: readonly { severity: Severity; titles: readonly [string, string] }[] = [
  { severity: 'error', titles: ['error', 'errors'] },
  { severity: 'hold', titles: ['for a moderator', 'for a moderator'] },
  { severity: 'warning', titles: ['warning', 'warnings'] },
  { severity: 'notice', titles: ['notice', 'notices'] },
];

function findingLines(
  report: Report,
  severity: Severity,
  [one, many]: readonly [string, string],
  colours: Colours,
): readonly string[] {
  const findings = report.findings.filter((each) => each.severity === severity);
  if (findings.length === 0) return [];
  const codes = new Set(findings.map(({ code }) => code));
  const omitted = [...codes].reduce((sum, code) => sum + (report.omittedFindings[code] ?? 0), 0);
  const count = findings.length + omitted;
  return [
    '',
    `${count} ${count === 1 ? one : many}`,
    ...groups(findings).flatMap((group) => groupLines(group, report, colours)),
  ];
}

/** Findings that say the same of several files, the first of them speaking for all. */
interface Group {
  readonly first: Finding;
  readonly findings: readonly Finding[];
  readonly isLastOfItsCode: boolean;
}

function groups(findings: readonly Finding[]): readonly Group[] {
  const bySentence = new Map<string, Finding[]>();
  for (const each of findings) {
    const key = JSON.stringify([each.code, each.message, each.cause, each.fix]);
    bySentence.set(key, [...(bySentence.get(key) ?? []), each]);
  }
  const all = [...bySentence.values()];
  return all.flatMap((group, index) => {
    const [first] = group;
    if (first === undefined) return [];
    const isLastOfItsCode = !all.slice(index + 1).some((later) => later[0]?.code === first.code);
    return [{ first, findings: group, isLastOfItsCode }];
  });
}

function groupLines({ first, findings, isLastOfItsCode }: Group, report: Report, colours: Colours): readonly string[] {
  const paint = { error: colours.red, hold: colours.yellow, warning: colours.yellow, notice: colours.cyan }[
    first.severity
  ];
  const omitted = isLastOfItsCode ? (report.omittedFindings[first.code] ?? 0) : 0;
  const more = Math.max(0, findings.length - MAX_PATHS) + omitted;
  return [
    '',
    `  ${paint(safe(first.code))}  ${safe(first.message)}`,
    ...findings.slice(0, MAX_PATHS).flatMap((each) => placeLines(each, colours)),
    ...(more > 0 ? [`      and ${more} more`] : []),
    ...(first.cause === undefined ? [] : [`    Likely cause: ${safe(first.cause)}`]),
    ...(first.fix === undefined ? [] : [`    To mend it:   ${safe(first.fix)}`]),
  ];
}

function placeLines({ path, expected, actual, message }: Finding, colours: Colours): readonly string[] {
  // What the sentence says already needn't be said twice; a 0 is not said by a 609.
  const isNews = (value: string | undefined): value is string => value !== undefined && !isSaid(value, message);
  return [
    ...(path === undefined ? [] : [`      ${colours.bold(safe(path))}`]),
    ...(isNews(expected) ? [`        ${colours.dim(`expected ${shorten(expected)}`)}`] : []),
    ...(isNews(actual) ? [`        ${colours.dim(`found    ${shorten(actual)}`)}`] : []),
  ];
}

/** Whether `value` stands in `message` as a word of its own. */
function isSaid(value: string, message: string): boolean {
  const literally = value.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literally}(?![\\p{L}\\p{N}_])`, 'u').test(message);
}

function integrityLines(report: Report): readonly string[] {
  const findings = report.findings.filter(isIntegrityFinding);
  if (findings.length === 0) return [];
  const name = report.app?.id ?? report.signature.signer?.commonName ?? 'app';
  return ['', technicalInformation(safe(name), findings, report.omittedFindings)];
}

function shorten(value: string): string {
  const text = safe(value);
  return text.length > MAX_VALUE ? `${text.slice(0, 20)}…${text.slice(-8)}` : text;
}

function safe(text: string): string {
  return printable(text, MAX_TEXT);
}

function day(time: string): string {
  return time.slice(0, 10);
}

function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? ''}`;
}
