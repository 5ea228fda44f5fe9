import { findApp } from '../database/apps.js';
import {
  countSubmissionsIn,
  listAppsSubmitted,
  listPastChanges,
  listPastSubmissions,
  listPublished,
  type PastSubmission,
  type Span,
} from '../database/past-submissions.js';
import type { Gate } from '../gate.js';
import { inspectUpload } from '../releases/inspect-upload.js';
import { findByHistory, historyCodes } from '../policy/rules.js';
import { isStandingCode } from '../policy/standing.js';
import { catalogue, type FindingCode } from '../report/catalogue.js';
import type { CatalogueEntry } from '../report/catalogue-entry.js';
import type { Finding } from '../report/finding.js';
import type { Outcome } from '../report/report.js';
import { RequestError } from '../request-error.js';
import { historyThen, type AppPast } from './history-then.js';
import { withStoredArchive } from './stored-archive.js';

/**
 * What a replay goes by: the app's history as it was when each submission came; the stored archive, inspected again by the
 * checks of today; or, where the trust and the lists of then can't be had again, what the report of then says.
 */
export type ReplayBasis = 'history' | 'archive' | 'report';

/** A submission that the rule would have refused. */
export interface ReplayHit {
  readonly submissionId: string;
  readonly appId: string;
  readonly version: string | null;
  readonly outcome: Outcome;
  readonly submittedAt: Date;
  /** What the rule finds, in words. */
  readonly message: string;
}

/** What a rule would have done, had it refused. */
export interface Replay extends Span {
  readonly code: FindingCode;
  readonly basis: ReplayBasis;
  /** How many submissions there are in that time. */
  readonly submissions: number;
  /** Of these it would have refused: */
  readonly wouldRefuse: {
    readonly accepted: number;
    readonly held: number;
    /** What was refused anyhow, for other reasons. */
    readonly refusedOtherwise: number;
    /** What was refused for this one. */
    readonly refusedForIt: number;
  };
  /** Of these nobody can tell: their archives are not kept any more. */
  readonly missingArchives: number;
  /** The apps whose accepted or held submissions it would have refused, those with the most first. */
  readonly apps: readonly { readonly appId: string; readonly accepted: number; readonly held: number }[];
  /** The first of what was accepted or held. */
  readonly examples: readonly ReplayHit[];
}

/** What a replay needs of the gate. */
export type ReplayParts = Pick<
  Gate,
  'database' | 'now' | 'archives' | 'temporaryFolder' | 'trust' | 'limits' | 'log' | 'rules'
>;

/** Whose findings depend on trust and lists, which were other ones then. */
const BY_TRUST: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'BAD_CHAIN',
  'CN_MISMATCH',
  'BAD_SIGNATURE',
  'BAD_ALGORITHM',
  'REVOKED',
  'CRL_UNAVAILABLE',
  'CRL_STALE',
  'CRL_EXPIRES_SOON',
  'CERTIFICATE_EXPIRES_SOON',
  'LEGACY_ACCEPTED_WARN',
]);

const PAGE = 50;
const MAX_EXAMPLES = 20;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Which submissions of the last days a rule would have refused. Changes nothing. Needs no more memory for a million of them
 * than for a page, and the history of one app.
 *
 * @param onProgress told now and then how many are done
 * @throws RequestError `NOT_FOUND` where there is no such rule, `RULE_FIXED` for one that no submission is judged by
 */
export async function replayRule(
  gate: ReplayParts,
  wish: { readonly code: string; readonly days: number },
  onProgress: (done: number, of: number) => void = () => {},
): Promise<Replay> {
  const { code } = wish;
  if (!isReported(code)) throw new RequestError('NOT_FOUND', `There is no rule "${code}".`);
  if (isStandingCode(code)) {
    throw new RequestError(
      'RULE_FIXED',
      `${code} is found about releases that are published, never about a submission.`,
    );
  }
  const basis: ReplayBasis = historyCodes.has(code) ? 'history' : BY_TRUST.has(code) ? 'report' : 'archive';
  const until = gate.now();
  const span = { since: new Date(until.getTime() - wish.days * DAY_MS), until };
  const submissions = await countSubmissionsIn(gate.database, span);
  const wouldRefuse = { accepted: 0, held: 0, refusedOtherwise: 0, refusedForIt: 0 };
  const apps = new Map<string, { appId: string; accepted: number; held: number }>();
  const examples: ReplayHit[] = [];
  let [done, missingArchives] = [0, 0];
  onProgress(0, submissions);
  for (const appId of await listAppsSubmitted(gate.database, span)) {
    const past = basis === 'history' ? await readPast(gate, appId) : null;
    for await (const submission of submissionsOf(gate, appId, span)) {
      const found = await judgeAgain(gate, code, submission, past);
      done += 1;
      if (done % PAGE === 0) onProgress(done, submissions);
      if (found === 'missing') missingArchives += 1;
      if (found === null || found === 'missing') continue;
      const { outcome, id: submissionId, version, submittedAt } = submission;
      if (outcome === 'refused') {
        wouldRefuse[isRefusedFor(submission, code) ? 'refusedForIt' : 'refusedOtherwise'] += 1;
        continue;
      }
      wouldRefuse[outcome] += 1;
      const app = apps.get(appId) ?? { appId, accepted: 0, held: 0 };
      app[outcome] += 1;
      apps.set(appId, app);
      if (examples.length < MAX_EXAMPLES) {
        examples.push({ submissionId, appId, version, outcome, submittedAt, message: found.message });
      }
    }
  }
  onProgress(done, submissions);
  const byCount = [...apps.values()].sort((one, other) => other.accepted + other.held - one.accepted - one.held);
  return { ...span, code, basis, submissions, wouldRefuse, missingArchives, apps: byCount, examples };
}

function isReported(code: string): code is FindingCode {
  return Object.hasOwn(catalogue, code) && (catalogue[code as FindingCode] as CatalogueEntry).retired === undefined;
}

/** What the rule finds; null: nothing. */
async function judgeAgain(
  gate: ReplayParts,
  code: FindingCode,
  submission: PastSubmission,
  past: AppPast | null,
): Promise<Pick<Finding, 'message'> | null | 'missing'> {
  const { report, appId, version, archiveSha256, archiveBytes } = submission;
  if (past !== null) return findInHistory(code, submission, past);
  if (BY_TRUST.has(code)) return findIn(report.findings, code);
  try {
    const inspection = await withStoredArchive(
      gate,
      { purpose: 'reading', accountId: null },
      archiveSha256,
      (file) => inspectUpload(gate, { appId, file, sha256: archiveSha256, bytes: archiveBytes }),
      archiveBytes,
    );
    return findIn(inspection.findings, code);
  } catch (error) {
    if (error instanceof RequestError && error.code === 'UNAVAILABLE') {
      gate.log.warn({ appId, version, archive: archiveSha256 }, 'an archive is not kept any more');
      return 'missing';
    }
    throw error;
  }
}

function findInHistory(code: FindingCode, submission: PastSubmission, past: AppPast): Finding | null {
  const { id: submissionId, appId, version, archiveSha256, submittedAt, report } = submission;
  // Of an archive that was not read to its end nothing is known that a rule could judge; its report names no app.
  if (report.app === null) return null;
  const { status: signature, signer } = report.signature;
  const upload = { appId, version, archiveSha256, signature, signerKey: signer?.publicKeyFingerprint ?? null };
  return findByHistory(code, upload, historyThen(past, { submissionId, version, submittedAt }));
}

function findIn(findings: readonly Finding[], code: FindingCode): Finding | null {
  return findings.find((found) => found.code === code) ?? null;
}

function isRefusedFor({ report }: PastSubmission, code: FindingCode): boolean {
  return report.findings.some((found) => found.code === code && found.severity === 'error');
}

async function readPast({ database }: ReplayParts, appId: string): Promise<AppPast> {
  const app = await findApp(database, appId);
  if (app === null) throw new Error('A submission without its app');
  return {
    trustLevel: app.trustLevel,
    releases: await listPublished(database, appId),
    changes: await listPastChanges(database, appId),
  };
}

async function* submissionsOf({ database }: ReplayParts, appId: string, span: Span): AsyncIterable<PastSubmission> {
  for (let after: PastSubmission | null = null; ;) {
    const page: readonly PastSubmission[] = await listPastSubmissions(database, { ...span, appId, after, limit: PAGE });
    yield* page;
    after = page.at(-1) ?? null;
    if (after === null || page.length < PAGE) return;
  }
}
