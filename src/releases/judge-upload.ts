import { expiryFindings } from '../authority/expiry-findings.js';
import { historyOfApp, type AppRow } from '../database/apps.js';
import type { Queryable } from '../database/connect.js';
import { asPastRelease, findLastSigner, findRelease, listVersions, type ReleaseRow } from '../database/releases.js';
import { highestVersion, isSameVersion } from '../app/version.js';
import type { Gate } from '../gate.js';
import type { Inspection } from '../inspection/inspection.js';
import { decide } from '../policy/decide.js';
import { noHistory, type AppHistory, type UploadFacts } from '../policy/facts.js';
import type { Finding } from '../report/finding.js';
import { listFindings, type Report } from '../report/report.js';
import { identifyExposedKeys, type KeyExposure } from './exposed-keys.js';
import type { FindingCode } from '../report/catalogue.js';
import { RequestError } from '../request-error.js';
import { currentRules } from './store-rules.js';

/** An upload as the store judges it now. */
export interface Judgement {
  readonly report: Report;
  /** The release that already has the upload's version. */
  readonly sameVersion: ReleaseRow | null;
  /** The keys in it that belong to certificates, for whoever keeps the record. */
  readonly exposures: readonly KeyExposure[];
}

/**
 * Judges an inspected upload by the app's history as the database has it at this moment. Only under the app's lock
 * is the answer good for publishing.
 *
 * @param lifted the codes that a moderator lifts for this upload
 */
export async function judgeUpload(
  db: Queryable,
  gate: Gate,
  app: AppRow | null,
  upload: { readonly appId: string; readonly sha256: string },
  inspection: Inspection,
  lifted: ReadonlySet<FindingCode> = new Set(),
): Promise<Judgement> {
  const version = inspection.app?.version ?? null;
  const versions = await listVersions(db, upload.appId);
  const sameVersion = await findSameVersion(db, upload.appId, version, versions);
  const history = app === null ? noHistory : await readHistory(db, app, versions, sameVersion);
  const facts: UploadFacts = {
    appId: upload.appId,
    version,
    archiveSha256: upload.sha256,
    signature: inspection.signature.status,
    signerKey: inspection.signature.signer?.publicKeyFingerprint ?? null,
  };
  const { findings: found, exposures } = await identifyExposedKeys(db, upload.appId, inspection);
  const inspected = { complete: inspection.complete, findings: found };
  const { outcome, findings } = decide(inspected, facts, history, await currentRules(db, gate.rules), lifted);
  const report: Report = {
    schema: 1,
    app: inspection.app,
    archive: inspection.archive,
    signature: inspection.signature,
    ...listFindings([...findings, ...(outcome === 'refused' ? [] : await nearEnds(db, gate, inspection))]),
    outcome,
    inspectedAt: inspection.inspectedAt.toISOString(),
    gate: { version: gate.version, trust: inspection.trustId },
  };
  return { report, sameVersion, exposures };
}

/** What ends soon of that by which a signature was found good; said of uploads that aren't refused. */
async function nearEnds(db: Queryable, gate: Gate, { signature }: Inspection): Promise<readonly Finding[]> {
  if (signature.status !== 'valid') return [];
  const trust = await gate.trust.current(db);
  return expiryFindings({ signature, trust, at: gate.now(), noticeDays: gate.expiryNoticeDays });
}

type Versions = Awaited<ReturnType<typeof listVersions>>;

/** The release with this version, also where it is spelled otherwise: to a server, 1.0-rc1 and 1.0.RC.1 are the same. */
async function findSameVersion(
  db: Queryable,
  appId: string,
  version: string | null,
  versions: Versions,
): Promise<ReleaseRow | null> {
  if (version === null) return null;
  const same = versions.find((past) => isSameVersion(past.version, version));
  return same === undefined ? null : findRelease(db, appId, same.version);
}

async function readHistory(
  db: Queryable,
  app: AppRow,
  versions: Versions,
  sameVersion: ReleaseRow | null,
): Promise<AppHistory> {
  const newest = highestVersion(versions.filter(({ status }) => status === 'published').map(({ version }) => version));
  return {
    ...historyOfApp(app),
    lastSigner: await findLastSigner(db, app.id),
    sameVersion: sameVersion && asPastRelease(sameVersion),
    newest: newest === null ? null : { version: newest },
  };
}

/**
 * An upload whose only fault is that nobody can tell now whether its certificate was revoked is neither accepted nor
 * refused: the fault is the store's.
 *
 * @throws RequestError `CRL_UNAVAILABLE`
 */
export function refuseToGuess(report: Report): void {
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 && errors.every(({ code }) => code === 'CRL_UNAVAILABLE')) {
    throw new RequestError('CRL_UNAVAILABLE', 'The store has no usable revocation list now; try again later.', {
      report,
    });
  }
}
