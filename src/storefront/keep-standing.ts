import { ensureSystemAccount } from '../accounts/system-account.js';
import { lockApp } from '../database/apps.js';
import { appendAuditEntry } from '../database/audit-log.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { findRelease, type ReleaseRow } from '../database/releases.js';
import {
  clearStandingFinding,
  keepStandingFinding,
  listRecentFindings,
  type StandingFindingRow,
} from '../database/standing-findings.js';
import type { Gate } from '../gate.js';
import { standingEffect, type StandingCode, type StandingEffect, type StandingLooks } from '../policy/standing.js';
import type { StoreRules } from '../policy/rules.js';
import { changeStatusUnderLock } from '../releases/change-app.js';
import { currentRules } from '../releases/store-rules.js';
import { finding } from '../report/finding.js';

/** What keeping looks needs of the gate. */
export type StandingParts = Pick<Gate, 'database' | 'now' | 'rules' | 'log'>;

/** What came of looks: releases as `app@version`. */
export interface StandingOutcome {
  readonly marked: readonly string[];
  readonly quarantined: readonly string[];
  readonly withdrawn: readonly string[];
  readonly cleared: readonly string[];
}

/** So many releases of an app are dealt with under one lock on it. */
const AT_ONCE = 50;
/** What is found again so soon after it was gone is the same finding: gates whose trusts differ see it come and go. */
const SAME_MS = 24 * 60 * 60 * 1000;

/**
 * Writes down what was found about releases of an app, and does with them what the store's rules of this moment say: marks
 * them, puts them under quarantine, or withdraws them; each with its entry in the audit log, by the gate itself. What was found
 * before and is no more is cleared, and leaves the release as it is. What somebody restored is not touched again for the same,
 * nor where it was gone for less than a day.
 */
export async function keepStanding(
  parts: StandingParts,
  releases: { readonly appId: string; readonly versions: readonly string[] },
  looks: StandingLooks,
): Promise<StandingOutcome> {
  const { id: accountId } = await ensureSystemAccount(parts.database);
  const outcomes: StandingOutcome[] = [];
  for (let from = 0; from < releases.versions.length; from += AT_ONCE) {
    const some = { ...releases, versions: releases.versions.slice(from, from + AT_ONCE) };
    outcomes.push(await inTransaction(parts.database, (tx) => keepSome(tx, parts, some, looks, accountId)));
  }
  return joinOutcomes(outcomes);
}

/** All of it together. */
export function joinOutcomes(outcomes: readonly StandingOutcome[]): StandingOutcome {
  return {
    marked: outcomes.flatMap(({ marked }) => marked),
    quarantined: outcomes.flatMap(({ quarantined }) => quarantined),
    withdrawn: outcomes.flatMap(({ withdrawn }) => withdrawn),
    cleared: outcomes.flatMap(({ cleared }) => cleared),
  };
}

async function keepSome(
  tx: Transaction,
  { rules: settings, now }: StandingParts,
  { appId, versions }: { readonly appId: string; readonly versions: readonly string[] },
  looks: StandingLooks,
  accountId: number,
): Promise<StandingOutcome> {
  const app = await lockApp(tx, appId);
  if (app === null) throw new Error('A release without its app');
  const rules = await currentRules(tx, settings);
  const at = now();
  const recent = await listRecentFindings(tx, { appId, versions, since: new Date(at.getTime() - SAME_MS) });
  const outcome = {
    marked: [] as string[],
    quarantined: [] as string[],
    withdrawn: [] as string[],
    cleared: [] as string[],
  };
  const news = new Map<string, News>();
  for (const version of versions) {
    const release = await findRelease(tx, appId, version);
    if (release === null) continue;
    const known = recent.filter((each) => each.version === version);
    const { found, gone, status } = judgeRelease(release, known, looks, rules);
    for (const { code, message, foundAt, actedAs, acts, isNew } of found) {
      await keepStandingFinding(tx, { appId, version, code, message, actedAs, foundAt: foundAt ?? at, seenAt: at });
      const became = acts === null ? null : (status?.to ?? null);
      if (isNew || became !== null) tellOf(news, 'app-releases-marked', code, message, version, became);
    }
    for (const code of gone) {
      await clearStandingFinding(tx, { appId, version, code, at });
      tellOf(news, 'app-releases-cleared', code, '', version, null);
    }
    if (status !== null) {
      const reason = status.because.map(({ message }) => message).join(' ');
      const reasonCode = status.because[0]?.code.toLowerCase().replaceAll('_', '-') ?? null;
      await changeStatusUnderLock(tx, app, release, { status: status.to, reason, reasonCode, accountId, at });
      outcome[status.to].push(`${appId}@${version}`);
    } else if (found.some(({ isNew }) => isNew)) outcome.marked.push(`${appId}@${version}`);
    if (gone.length > 0) outcome.cleared.push(`${appId}@${version}`);
  }
  for (const { kind, code, reason, versions: concerned, became } of news.values()) {
    await appendAuditEntry(tx, {
      kind,
      accountId,
      appId,
      subject: { type: 'app', id: appId },
      reason,
      after: { codes: [code], versions: concerned, became },
    });
  }
  return outcome;
}

interface Found {
  readonly code: StandingCode;
  readonly message: string;
  /** Since when it is known; null where it is new. */
  readonly foundAt: Date | null;
  readonly actedAs: StandingFindingRow['actedAs'];
  /** What becomes of the release for it now; null where it stays as it is. */
  readonly acts: StandingFindingRow['actedAs'];
  readonly isNew: boolean;
}

interface ReleaseJudgement {
  readonly found: readonly Found[];
  readonly gone: readonly StandingCode[];
  /** What becomes of the release, and what for; null where it stays as it is. */
  readonly status: { readonly to: 'quarantined' | 'withdrawn'; readonly because: readonly Found[] } | null;
}

function judgeRelease(
  release: ReleaseRow,
  known: readonly StandingFindingRow[],
  looks: StandingLooks,
  rules: StoreRules,
): ReleaseJudgement {
  const found: Found[] = [];
  const gone: StandingCode[] = [];
  for (const [code, look] of looks) {
    const before = known.find((each) => each.code === code);
    const effect = standingEffect(code, rules);
    if (effect === 'ignore' || look.state === 'fine') {
      if (before?.clearedAt === null) gone.push(code);
      continue;
    }
    // What is not published is not looked at, but for how it is with what was found.
    if (look.state === 'untold' || (before === undefined && release.status !== 'published')) continue;
    const { message } = finding(code, { detail: look.detail });
    const actedBefore = before?.actedAs ?? null;
    const acts = actsNow(release, code, effect, actedBefore);
    const foundAt = before?.foundAt ?? null;
    found.push({ code, message, foundAt, actedAs: acts ?? actedBefore, acts, isNew: before === undefined });
  }
  const because = found.filter(({ acts }) => acts !== null);
  if (because.length === 0) return { found, gone, status: null };
  const to = because.some(({ acts }) => acts === 'withdrawn') ? 'withdrawn' : 'quarantined';
  return { found, gone, status: { to, because } };
}

function actsNow(
  release: ReleaseRow,
  code: StandingCode,
  effect: StandingEffect,
  actedAs: StandingFindingRow['actedAs'],
): Found['actedAs'] {
  if (effect === 'ignore' || effect === 'mark' || release.status !== 'published' || actedAs !== null) return null;
  return code === 'SIGNER_REVOKED' && isRestoredSince(release) ? null : effect;
}

/** Whether somebody published it again who could read in the ledger that its certificate was revoked. */
function isRestoredSince({ signerRevoked, statusChangedAt }: ReleaseRow): boolean {
  return signerRevoked !== null && statusChangedAt !== null && statusChangedAt > new Date(signerRevoked.revokedAt);
}

/** Something that is said of several releases of an app in one entry, so that its owners get one mail. */
interface News {
  readonly kind: 'app-releases-marked' | 'app-releases-cleared';
  readonly code: StandingCode;
  readonly reason: string;
  readonly versions: string[];
  /** What became of the releases for it; null where they stay as they are. */
  readonly became: StandingFindingRow['actedAs'];
}

function tellOf(
  news: Map<string, News>,
  kind: News['kind'],
  code: StandingCode,
  reason: string,
  version: string,
  became: News['became'],
): void {
  const key = `${kind} ${code} ${became}`;
  const one = news.get(key) ?? { kind, code, reason, versions: [], became };
  one.versions.push(version);
  news.set(key, one);
}
