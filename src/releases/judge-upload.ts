import { historyOfApp, type AppRow } from '../database/apps.js';
import type { Queryable } from '../database/connect.js';
import {
  asPastRelease,
  findLastSigner,
  findRelease,
  listPublishedVersions,
  type ReleaseRow,
} from '../database/releases.js';
import { highestVersion } from '../app/version.js';
import type { Gate } from '../gate.js';
import type { Inspection } from '../inspection/inspection.js';
import { decide } from '../policy/decide.js';
import { noHistory, type AppHistory, type UploadFacts } from '../policy/facts.js';
import { listFindings, type Report } from '../report/report.js';

/** An upload as the store judges it now. */
export interface Judgement {
  readonly report: Report;
  /** The release that already has the upload's version. */
  readonly sameVersion: ReleaseRow | null;
}

/**
 * Judges an inspected upload by the app's history as the database has it at this moment. Only under the app's lock
 * is the answer good for publishing.
 */
export async function judgeUpload(
  db: Queryable,
  gate: Gate,
  app: AppRow | null,
  upload: { readonly appId: string; readonly sha256: string },
  inspection: Inspection,
): Promise<Judgement> {
  const version = inspection.app?.version ?? null;
  const sameVersion = version === null ? null : await findRelease(db, upload.appId, version);
  const history = app === null ? noHistory : await readHistory(db, app, sameVersion);
  const facts: UploadFacts = {
    appId: upload.appId,
    version,
    archiveSha256: upload.sha256,
    signature: inspection.signature.status,
    signerKey: inspection.signature.signer?.publicKeyFingerprint ?? null,
  };
  const { outcome, findings } = decide(inspection, facts, history, gate.rules);
  const report: Report = {
    schema: 1,
    app: inspection.app,
    archive: inspection.archive,
    signature: inspection.signature,
    ...listFindings(findings),
    outcome,
    inspectedAt: inspection.inspectedAt.toISOString(),
    gate: { version: gate.version, trust: inspection.trustId },
  };
  return { report, sameVersion };
}

async function readHistory(db: Queryable, app: AppRow, sameVersion: ReleaseRow | null): Promise<AppHistory> {
  const newest = highestVersion(await listPublishedVersions(db, app.id));
  return {
    ...historyOfApp(app),
    lastSigner: await findLastSigner(db, app.id),
    sameVersion: sameVersion && asPastRelease(sameVersion),
    newest: newest === null ? null : { version: newest },
  };
}
