import type { Caller } from '../accounts/caller.js';
import { findApp } from '../database/apps.js';
import type { Gate } from '../gate.js';
import type { Report } from '../report/report.js';
import { inspectUpload } from './inspect-upload.js';
import { judgeUpload, refuseToGuess } from './judge-upload.js';
import { requireUploader } from './ownership.js';
import type { Upload } from './submit-release.js';

/**
 * What the gate would say of an upload now, the rules on its history included. Decides nothing and keeps nothing; the
 * temporary file stays the caller's to remove.
 *
 * @throws RequestError where the caller may not upload the app, or the question can't be answered now
 */
export async function validateUpload(gate: Gate, caller: Caller, upload: Upload): Promise<Report> {
  await requireUploader(gate.database, gate, caller, upload.appId);
  const inspection = await inspectUpload(gate, upload);
  const app = await findApp(gate.database, upload.appId);
  const { report } = await judgeUpload(gate.database, gate, app, upload, inspection);
  refuseToGuess(report);
  return report;
}
