import type { JSX } from 'preact';
import { catalogue, type FindingCode } from '../../report/catalogue.js';
import type { Finding, Severity } from '../../report/finding.js';
import { isIntegrityFinding, technicalInformation } from '../../report/integrity-text.js';
import type { Report } from '../../report/report.js';
import { WordBadge } from '../parts/badge.js';
import { Code, Digest } from '../parts/code.js';
import { Card, Empty } from '../parts/sections.js';
import { printable } from '../../report/printable.js';
import { shown } from '../parts/words.js';
import { signAndPack } from './developer-words.js';

/** Findings of one code. */
interface Group {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly findings: readonly Finding[];
  /** With those beyond the ones that a report lists. */
  readonly count: number;
}

const severities: readonly Severity[] = ['error', 'hold', 'warning', 'notice'];

/** Whether it keeps an upload from being published. */
function isDeciding({ severity }: Pick<Finding, 'severity'>): boolean {
  return severity === 'error' || severity === 'hold';
}

/** The worst first, and each code once. */
function groupsOf({ findings, omittedFindings }: Report): readonly Group[] {
  const groups = new Map<string, Finding[]>();
  for (const severity of severities) {
    for (const each of findings.filter((one) => one.severity === severity)) {
      const key = `${severity} ${each.code}`;
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { code, severity } = first;
    return [{ code, severity, findings: group, count: group.length + (omittedFindings[code] ?? 0) }];
  });
}

/** What an upload without a signature is refused with. */
const unsignedCodes: readonly FindingCode[] = [
  'MISSING_SIGNATURE',
  'OFFICIAL_APP_UNSIGNED',
  'SIGNATURE_DROPPED',
  'SIGNING_REQUIRED',
];

/** The likely causes of what keeps an upload from being published, and what mends each: before any list of codes. */
export function LikelyCauses({
  report,
  appId,
}: {
  readonly report: Report;
  readonly appId: string;
}): JSX.Element | null {
  const deciding = report.findings.filter(isDeciding);
  const causes = new Map<string, Finding>();
  for (const each of deciding) if (each.cause !== undefined && !causes.has(each.cause)) causes.set(each.cause, each);
  const mustSign =
    report.outcome === 'refused' &&
    (report.signature.status === 'absent'
      ? deciding.some(({ code }) => unsignedCodes.includes(code))
      : deciding.some(({ fix }) => fix !== undefined && /\bsign/i.test(fix)));
  if (causes.size === 0 && !mustSign) return null;
  return (
    <Card title={causes.size > 1 ? 'Likely causes' : causes.size === 1 ? 'Likely cause' : 'How to go on'}>
      {causes.size > 0 && (
        <ul class="plain-list">
          {[...causes].map(([cause, { fix }]) => (
            <li key={cause} class="stack">
              <p>
                <strong>{shownText(cause)}</strong>
              </p>
              {fix !== undefined && <Fix text={fix} />}
            </li>
          ))}
        </ul>
      )}
      {mustSign && (
        <div class="stack">
          <p class="small quiet">Sign, pack, and ask beforehand what the gate would say:</p>
          <Code text={signAndPack(appId)} />
        </div>
      )}
    </Card>
  );
}

/** Everything that was found, by code. */
export function FindingsOf({ report }: { readonly report: Report }): JSX.Element {
  const groups = groupsOf(report);
  const deciding = groups.filter(isDeciding);
  const others = groups.filter((group) => !isDeciding(group));
  if (groups.length === 0) {
    return (
      <Card title="Findings">
        <Empty title="Nothing was found">Not even something to mention.</Empty>
      </Card>
    );
  }
  return (
    <>
      {deciding.length > 0 && (
        <Card title={report.outcome === 'refused' ? 'What is wrong' : 'What a moderator looks at'}>
          <Groups groups={deciding} />
        </Card>
      )}
      {others.length > 0 && (
        <Card title="Also noticed" lead="None of this keeps it from being published.">
          <Groups groups={others} />
        </Card>
      )}
    </>
  );
}

/** The text of ownCloud's own integrity page, for bug reports. */
export function TechnicalInformation({ report }: { readonly report: Report }): JSX.Element | null {
  const integrity = report.findings.filter(isIntegrityFinding);
  if (integrity.length === 0) return null;
  const text = technicalInformation(shown(report.app?.id ?? 'app'), integrity, report.omittedFindings);
  return (
    <Card title="Technical information" lead="As ownCloud’s integrity page shows it, to be pasted into a bug report.">
      <details>
        <summary>Show and copy it</summary>
        <Code text={text} />
      </details>
    </Card>
  );
}

function Groups({ groups }: { readonly groups: readonly Group[] }): JSX.Element {
  return (
    <ul class="findings">
      {groups.map((group) => (
        <li key={`${group.severity} ${group.code}`} id={`finding-${group.code}`}>
          <FindingGroup group={group} />
        </li>
      ))}
    </ul>
  );
}

/** So many are open at once; the others are unfolded. */
const MAX_OPEN = 5;

function FindingGroup({ group: { code, severity, findings, count } }: { readonly group: Group }): JSX.Element {
  const sentences = [...new Set(findings.map(({ message }) => message))];
  const causes = unique(findings.map(({ cause }) => cause));
  // What a likely cause says of it stands at the top of the page.
  const isExplained = (found: Finding): boolean => found.cause !== undefined && isDeciding(found);
  const fixes = unique(findings.filter((each) => !isExplained(each)).map(({ fix }) => fix));
  const placed = findings.filter(({ path, expected, actual }) => (path ?? expected ?? actual) !== undefined);
  const [sentence = ''] = sentences;
  const places = (some: readonly Finding[]): JSX.Element => (
    <ul class="places">
      {some.map((each, index) => (
        <li key={index}>
          <Place found={each} withMessage={sentences.length > 1} />
        </li>
      ))}
    </ul>
  );
  return (
    <>
      <p class="cluster">
        <WordBadge word={severity} />
        <a href={`console/findings/${code}`}>
          <code>{code}</code>
        </a>
        {count > 1 && <span class="quiet">{`${count} times`}</span>}
      </p>
      <p>
        {sentences.length > 1 ? catalogue[code].message.replace(/\{(?:expected|actual)\}/g, '…') : shownText(sentence)}
      </p>
      {causes.map((cause) => (
        <p key={cause} class="small">
          <span class="quiet">Likely cause:</span> {shownText(cause)}
        </p>
      ))}
      {placed.length > 0 && places(placed.slice(0, MAX_OPEN))}
      {placed.length > MAX_OPEN && (
        <details>
          <summary>{`${placed.length - MAX_OPEN} more`}</summary>
          {places(placed.slice(MAX_OPEN))}
        </details>
      )}
      {count > findings.length && <p class="quiet small">{`The report leaves out ${count - findings.length} more.`}</p>}
      {fixes.map((fix) => (
        <Fix key={fix} text={fix} />
      ))}
    </>
  );
}

function Place({ found, withMessage }: { readonly found: Finding; readonly withMessage: boolean }): JSX.Element {
  const { path, message } = found;
  // Of a file that was not signed nothing was expected.
  const values = [['expected', found.expected] as const, ['found', found.actual] as const].flatMap(([name, text]) =>
    text === undefined || text === '' ? [] : [{ name, text }],
  );
  return (
    <>
      {path !== undefined && <code>{shownText(path)}</code>}
      {withMessage && <span class="small block">{shownText(message)}</span>}
      {values.length > 0 && (
        <span class="small quiet expected">
          {values.map(({ name, text }) => (
            <span key={name}>
              {name} <Value text={text} />
            </span>
          ))}
        </span>
      )}
    </>
  );
}

/** What was expected or found; of a digest the beginning, which tells two apart. */
function Value({ text }: { readonly text: string }): JSX.Element {
  return /^[0-9a-f]{64,128}$/.test(text) ? <Digest value={text} length={20} /> : <code>{shownText(text)}</code>;
}

/** A sentence that ends in a command of ours, as fixes do: `Sign again: portcullis sign --path DIR …`. */
const COMMAND = /^([^:]{1,200}:) ((?:portcullis|iconv|sed|xmllint) [^…]{1,300})$/;

/** What mends it; a command at its end stands by itself, to be copied. */
function Fix({ text }: { readonly text: string }): JSX.Element {
  const [, sentence, command] = COMMAND.exec(text) ?? [];
  if (sentence === undefined || command === undefined) {
    return (
      <p>
        <span class="quiet">To mend it:</span> {shownText(text)}
      </p>
    );
  }
  return (
    <div class="stack tight">
      <p>
        <span class="quiet">To mend it:</span> {shownText(sentence)}
      </p>
      <Code text={shownText(command)} wrap />
    </div>
  );
}

/** Texts of reports are printable already, and as long as they are; here once more, whatever is in the database. */
function shownText(text: string): string {
  return printable(text, 1_024);
}

function unique(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== undefined))];
}
