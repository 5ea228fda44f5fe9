import type { Gate } from '../gate.js';
import { inspectArchive } from '../inspection/inspect-archive.js';
import type { Inspection } from '../inspection/inspection.js';
import type { Upload } from './submit-release.js';

/** The reserved id under which releases of the ownCloud server itself are uploaded. */
export const CORE_APP_ID = 'core';

/** Inspects an upload by the trust and the limits of the running gate. */
export async function inspectUpload(gate: Pick<Gate, 'trust' | 'limits' | 'now'>, upload: Upload): Promise<Inspection> {
  return inspectArchive(upload.file, {
    appId: upload.appId,
    profile: upload.appId === CORE_APP_ID ? 'core' : 'app',
    sha256: upload.sha256,
    trust: await gate.trust.current(),
    limits: gate.limits,
    at: gate.now(),
  });
}
