import type { JSX } from 'preact';
import { catalogue } from '../../report/catalogue.js';
import type { Finding, Severity } from '../../report/finding.js';
import { isIntegrityFinding, technicalInformation } from '../../report/integrity-text.js';
import type { Report } from '../../report/report.js';
import { WordBadge } from '../parts/badge.js';
import { Digest } from '../parts/code.js';
import { Card, Facts } from '../parts/sections.js';
import { shown } from '../parts/words.js';
import { sizeOf } from './moderation-words.js';

/** Findings of one code, the first of them speaking for all. */
interface Group {
  readonly first: Finding;
  readonly findings: readonly Finding[];
  /** With those beyond the ones that a report lists. */
  readonly count: number;
}

const order: readonly Severity[] = ['error', 'hold', 'warning', 'notice'];

function groupsOf({ findings, omittedFindings }: Report, severities: readonly Severity[]): readonly Group[] {
  const byCode = new Map<string, Finding[]>();
  for (const severity of severities) {
    for (const found of findings.filter((each) => each.severity === severity)) {
      byCode.set(found.code, [...(byCode.get(found.code) ?? []), found]);
    }
  }
  return [...byCode.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [{ first, findings: group, count: group.length + (omittedFindings[first.code] ?? 0) }];
  });
}

/** What keeps it from being published, the worst first, each with its likely cause. */
export function Deciding({
  report,
  reviewId,
  isAcceptable,
}: {
  readonly report: Report;
  readonly reviewId: string;
  /** False where something else keeps it from being accepted. */
  readonly isAcceptable: boolean;
}): JSX.Element {
  const groups = groupsOf(report, ['error', 'hold']);
  if (groups.length === 0) {
    return <p>By this look nothing in the archive is in the way{isAcceptable ? ': the gate would accept it.' : '.'}</p>;
  }
  return <Groups groups={groups} reviewId={reviewId} />;
}

/** What else was said, and what the archive and its signature are. */
export function RestOfReport({
  report,
  reviewId,
}: {
  readonly report: Report;
  readonly reviewId: string;
}): JSX.Element {
  const { app, archive, signature, inspectedAt, gate } = report;
  const { signer } = signature;
  const others = groupsOf(
    report,
    order.filter((severity) => severity === 'warning' || severity === 'notice'),
  );
  const integrity = report.findings.filter(isIntegrityFinding);
  return (
    <Card title="The rest of the report" id="report">
      {others.length === 0 ? (
        <p class="quiet">No warnings, and no notices.</p>
      ) : (
        <Groups groups={others} reviewId={reviewId} />
      )}
      <Facts
        facts={[
          ['App', app === null ? null : `${shown(app.id)} ${shown(app.version)} (${shown(app.name)})`],
          [
            'Signature',
            [signature.status, signature.format === null ? null : `format ${signature.format}`, signature.algorithm]
              .filter((each) => each !== null)
              .join(', '),
          ],
          ['Signer', signer && `CN=${shown(signer.commonName)}, serial ${signer.serial}`],
          ['Issued by', signer && shown(signer.issuer)],
          ['Certificate', signer && <Digest value={signer.fingerprint} />],
          ['Key', signer && <Digest value={signer.publicKeyFingerprint} />],
          ['Valid', signer && `${signer.notBefore.slice(0, 10)} to ${signer.notAfter.slice(0, 10)}`],
          [
            'Archive',
            archive && `${archive.files} files, ${sizeOf(archive.inflatedBytes)} in ${sizeOf(archive.bytes)}`,
          ],
          ['SHA-256', archive && <Digest value={archive.sha256} length={16} />],
          ['Inspected', `${inspectedAt.slice(0, 16).replace('T', ' ')} UTC by gate ${gate.version}`],
        ]}
      />
      {integrity.length > 0 && (
        <details>
          <summary>As ownCloud’s integrity page shows it</summary>
          <pre class="text" tabIndex={0}>
            {technicalInformation(shown(app?.id ?? 'app'), integrity, report.omittedFindings)}
          </pre>
        </details>
      )}
    </Card>
  );
}

function Groups({ groups, reviewId }: { readonly groups: readonly Group[]; readonly reviewId: string }): JSX.Element {
  return (
    <ul class="findings">
      {groups.map((group) => (
        <li key={group.first.code}>
          <FindingGroup group={group} reviewId={reviewId} />
        </li>
      ))}
    </ul>
  );
}

/** So many are open at once; the others are unfolded. */
const MAX_OPEN = 5;

function FindingGroup({ group, reviewId }: { readonly group: Group; readonly reviewId: string }): JSX.Element {
  const { first, findings, count } = group;
  const causes = [...new Set(findings.map(({ cause }) => cause).filter((cause) => cause !== undefined))];
  const fixes = [...new Set(findings.map(({ fix }) => fix).filter((fix) => fix !== undefined))];
  const placed = findings.filter(({ path, expected, actual }) => (path ?? expected ?? actual) !== undefined);
  const sentences = new Set(findings.map(({ message }) => message));
  const places = (some: readonly Finding[]): JSX.Element => (
    <ul class="places">
      {some.map((found, index) => (
        <li key={index}>
          <Place found={found} reviewId={reviewId} withMessage={sentences.size > 1} />
        </li>
      ))}
    </ul>
  );
  return (
    <>
      <p class="cluster">
        <WordBadge word={first.severity} />
        <a href={`console/findings/${first.code}`}>
          <code>{first.code}</code>
        </a>
        {count > 1 && <span class="quiet">{`${count} times`}</span>}
      </p>
      {causes.map((cause) => (
        <p key={cause}>
          <strong>Likely cause:</strong> {shown(cause)}
        </p>
      ))}
      <p>{sentences.size > 1 ? catalogue[first.code].message.replace(/\{(expected|actual)\}/g, '…') : first.message}</p>
      {placed.length > 0 && places(placed.slice(0, MAX_OPEN))}
      {placed.length > MAX_OPEN && (
        <details>
          <summary>{`${placed.length - MAX_OPEN} more`}</summary>
          {places(placed.slice(MAX_OPEN))}
        </details>
      )}
      {count > findings.length && <p class="quiet small">{`The report leaves out ${count - findings.length} more.`}</p>}
      {fixes.map((fix) => (
        <p key={fix} class="small">
          <span class="quiet">To mend it:</span> {fix}
        </p>
      ))}
    </>
  );
}

function Place({
  found: { path, expected, actual, message },
  reviewId,
  withMessage,
}: {
  readonly found: Finding;
  readonly reviewId: string;
  readonly withMessage: boolean;
}): JSX.Element {
  return (
    <>
      {path !== undefined && (
        <a href={`console/reviews/${reviewId}/files?path=${encodeURIComponent(path)}`}>
          <code>{path}</code>
        </a>
      )}
      {withMessage && <span class="small"> {message}</span>}
      {(expected ?? actual) !== undefined && (
        <span class="small quiet expected">
          {expected !== undefined && (
            <span>
              expected <code>{expected}</code>
            </span>
          )}
          {actual !== undefined && (
            <span>
              found <code>{actual}</code>
            </span>
          )}
        </span>
      )}
    </>
  );
}
