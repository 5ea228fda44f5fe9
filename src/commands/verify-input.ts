import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SNIFF_BYTES, sniffArchive } from '../archive/sniff-archive.js';
import { diagnose } from '../inspection/diagnose.js';
import { inspectArchive, inspectFolder } from '../inspection/inspect-archive.js';
import { noSignature } from '../inspection/inspection.js';
import type { Inspection, InspectionRequest } from '../inspection/inspection.js';
import { noPrivateKeys } from '../inspection/private-keys.js';
import { decide } from '../policy/decide.js';
import { noHistory } from '../policy/facts.js';
import { defaultRules } from '../policy/rules.js';
import { finding } from '../report/finding.js';
import { listFindings } from '../report/report.js';
import type { Report } from '../report/report.js';
import { verifySignature } from '../signature/verify-signature.js';
import { version } from '../version.js';

/** What lies at a path, recognised by what it is rather than by its name. */
export interface Input {
  readonly kind: 'folder' | 'archive' | 'signature';
  readonly path: string;
}

/** What the inputs must be. */
export type Expectations = Pick<InspectionRequest, 'appId' | 'profile' | 'at'> & { readonly mustBeSigned: boolean };

/**
 * Finds out what lies at a path. A file that is neither a zip nor JSON passes for an archive, whose report says what it
 * looks like; unless it is called `….json`.
 *
 * @throws what the file system throws
 */
export async function readInput(path: string, workingFolder: string): Promise<Input> {
  const place = resolve(workingFolder, path);
  const stats = await stat(place);
  if (stats.isDirectory()) return { kind: 'folder', path: place };
  // A pipe would have to be read twice, and a device may never end.
  if (!stats.isFile()) throw new Error('it is neither a file nor a folder');
  const start = await readStart(place, SNIFF_BYTES);
  const isJson = /^(\uFEFF)?\s*[{[]/.test(start.toString('utf8')) || /\.json$/i.test(place);
  return { kind: !sniffArchive(start).zip && isJson ? 'signature' : 'archive', path: place };
}

/**
 * Inspects an input and writes the report. There is no history here, and so no rule that looks at one.
 *
 * @throws what the file system throws, and whatever breaks: then there is no verdict
 */
export async function inspectInput(
  input: Input,
  request: InspectionRequest & { readonly mustBeSigned: boolean },
): Promise<Report> {
  const inspection = await inspect(input, request);
  const { app, archive, signature, inspectedAt, trustId } = inspection;
  const missing = request.mustBeSigned && signature.status === 'absent' ? [finding('MISSING_SIGNATURE')] : [];
  const upload = {
    appId: request.appId ?? app?.id ?? '',
    version: app?.version ?? null,
    archiveSha256: archive?.sha256 ?? '',
    signature: signature.status,
    signerKey: signature.signer?.publicKeyFingerprint ?? null,
  };
  const inspected = { complete: inspection.complete, findings: [...inspection.findings, ...missing] };
  const { outcome, findings } = decide(inspected, upload, noHistory, defaultRules);
  return {
    schema: 1,
    app,
    archive,
    signature,
    ...listFindings(findings),
    outcome,
    inspectedAt: inspectedAt.toISOString(),
    gate: { version, trust: trustId },
  };
}

async function inspect(input: Input, request: InspectionRequest): Promise<Inspection> {
  switch (input.kind) {
    case 'folder':
      return inspectFolder(input.path, request);
    case 'archive':
      return inspectArchive(input.path, request);
    case 'signature':
      return inspectSignatureFile(input.path, request);
  }
}

/** Everything about a signature but whether the files are those that were signed. */
async function inspectSignatureFile(file: string, request: InspectionRequest): Promise<Inspection> {
  const { appId, profile, trust, limits, at } = request;
  const nothing = {
    app: null,
    info: null,
    changelog: null,
    archive: null,
    files: new Map(),
    privateKeys: noPrivateKeys,
    signerChain: [],
  };
  const common = { ...nothing, complete: true, inspectedAt: at };
  const most = limits.signatureFileBytes;
  const bytes = await readStart(file, most + 1);
  if (bytes.length > most) {
    const findings = [finding('SIGNATURE_FILE_TOO_LARGE', { expected: most })];
    return { ...common, signature: { ...noSignature, status: 'invalid' }, findings, trustId: trust.id };
  }
  const verdict = verifySignature({ bytes, scope: appId, trust, at, maxFiles: limits.entries });
  const findings = await diagnose({
    findings: verdict.findings,
    contents: null,
    verdict,
    signatureBytes: bytes,
    profile,
  });
  return { ...common, signature: verdict.signature, findings, trustId: trust.id };
}

/** The first bytes of a file, all of it where it is shorter. */
async function readStart(file: string, most: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(most, size));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await handle.close();
  }
}
