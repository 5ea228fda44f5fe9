import { parseCoreVersion } from '../app/core-version.js';
import { readChangelogSection } from '../app/changelog.js';
import { parseInfoXml, type AppInfo } from '../app/info-xml.js';
import type { Contents } from '../report/contents.js';
import { findingList } from '../report/finding-list.js';
import { finding, type Finding } from '../report/finding.js';
import type { ReportedApp, ReportedArchive, ReportedSignature } from '../report/report.js';
import { compareManifest } from '../signature/compare-manifest.js';
import { SIGNATURE_PATH } from '../signature/manifest.js';
import { verifySignature } from '../signature/verify-signature.js';
import { diagnose } from './diagnose.js';
import { noSignature, type Inspection, type InspectionRequest } from './inspection.js';
import { addJunkFiles } from './junk-files.js';
import { addNestedAppFiles } from './nested-app-files.js';
import { asKnownCertificate, privateKeyFindings, type KnownCertificate } from './private-key-findings.js';
import type { PrivateKeys } from './private-keys.js';

/** The files of an app and what was found while they were read. */
export interface Reading {
  readonly contents: Contents;
  readonly complete: boolean;
  readonly findings: readonly Finding[];
  readonly archive: ReportedArchive | null;
  /** The name of the one top-level folder; null where there isn't one, or the source has none to judge. */
  readonly topLevelFolder: string | null;
  readonly privateKeys: PrivateKeys;
}

const INFO_XML = 'appinfo/info.xml';
const VERSION_PHP = 'version.php';

/**
 * Finds out what is true of an app's files: what it says of itself, that it bears one id everywhere, and whether its
 * signature stands. All findings come at once.
 */
export async function inspectContents(reading: Reading, request: InspectionRequest): Promise<Inspection> {
  const described = await (request.profile === 'core' ? describeCore : describeApp)(reading.contents, request);
  // Where nobody said which app it must be, the app itself does: a folder called otherwise is the likelier slip.
  const appId = request.appId ?? described.app?.id ?? reading.topLevelFolder;
  const identity =
    request.profile === 'core' ? [] : compareIds(appId, reading.topLevelFolder, described.app?.id ?? null);
  const signed = await inspectSignature(reading, appId, request);
  const { privateKeys } = reading;
  const findings = [
    ...privateKeyFindings(privateKeys, certificatesOf(signed.signature, signed.findings)),
    ...reading.findings,
    ...(reading.complete ? described.findings : []),
    ...identity,
    ...signed.findings,
    ...findUnwanted(reading, signed.signature, request),
  ];
  return {
    complete: reading.complete,
    app: described.app,
    info: described.info,
    changelog: await readChangelog(reading.contents, described.app),
    archive: reading.archive,
    signature: signed.signature,
    signerChain: signed.chain,
    files: reading.contents.files,
    findings,
    privateKeys,
    inspectedAt: request.at,
    trustId: request.trust.id,
  };
}

/** The certificate in the signature file, whatever is wrong with it: a key that belongs to it must not be here. */
function certificatesOf({ signer }: ReportedSignature, findings: readonly Finding[]): readonly KnownCertificate[] {
  return signer === null ? [] : [asKnownCertificate(signer, findings)];
}

/** What doesn't belong in an app. A core release ships apps, and much else. */
function findUnwanted(
  { archive, topLevelFolder, contents }: Reading,
  { status }: ReportedSignature,
  { profile }: InspectionRequest,
): readonly Finding[] {
  // Where there are several folders, or none, nobody knows what is below the top; that has its finding.
  if (profile === 'core' || (archive !== null && topLevelFolder === null)) return [];
  const findings = findingList();
  // Where the app's own is missing, the other one is no second, and INFO_XML_MISSING says where it is.
  if (contents.files.has(INFO_XML)) addNestedAppFiles(contents.files.keys(), findings);
  addJunkFiles(contents.files, { isSigned: status !== 'absent' }, findings);
  return findings.all;
}

interface Description {
  readonly app: ReportedApp | null;
  readonly info: AppInfo | null;
  readonly findings: readonly Finding[];
}

async function describeApp(contents: Contents, { limits }: InspectionRequest): Promise<Description> {
  const facts = contents.files.get(INFO_XML);
  if (facts === undefined) return { app: null, info: null, findings: missingInfoXml(contents) };
  const bytes = await contents.read(INFO_XML, limits.infoXmlBytes);
  if (bytes === null) {
    const tooLarge = finding('INFO_XML_TOO_LARGE', {
      path: INFO_XML,
      expected: limits.infoXmlBytes,
      actual: facts.bytes,
    });
    return { app: null, info: null, findings: [tooLarge] };
  }
  const { info, findings } = parseInfoXml(bytes);
  return { app: info && { id: info.id, version: info.version, name: info.name }, info, findings };
}

/** An app that was packed a level too high is told so. */
function missingInfoXml({ files }: Contents): readonly Finding[] {
  const elsewhere = [...files.keys()].filter((path) => path.endsWith(`/${INFO_XML}`));
  const [place] = elsewhere;
  if (place === undefined || elsewhere.length > 1) return [finding('INFO_XML_MISSING')];
  const folder = place.slice(0, -INFO_XML.length);
  const detail = `There is one in "${folder}", which should be at the top of the archive itself.`;
  return [
    finding('INFO_XML_MISSING', {
      path: place,
      detail,
      fix: 'Pack the folder of the app, from its parent: portcullis pack DIR',
    }),
  ];
}

/** A core release describes itself in version.php; it has no appinfo/info.xml. */
async function describeCore(contents: Contents, { limits }: InspectionRequest): Promise<Description> {
  const bytes = await contents.read(VERSION_PHP, limits.infoXmlBytes);
  const version = bytes === null ? null : parseCoreVersion(bytes);
  if (version === null) {
    return { app: null, info: null, findings: [finding('CORE_VERSION_MISSING', { path: VERSION_PHP })] };
  }
  return { app: { id: 'core', version, name: 'ownCloud' }, info: null, findings: [] };
}

const CHANGELOG = 'CHANGELOG.md';
const MAX_CHANGELOG_BYTES = 1024 * 1024;

/** What the app tells of its version. One without, too long or not to be read is nothing to complain of. */
async function readChangelog({ files, read }: Contents, app: ReportedApp | null): Promise<string | null> {
  if (app === null) return null;
  const others = [...files.keys()].filter((path) => path.toLowerCase() === CHANGELOG.toLowerCase()).sort();
  const path = files.has(CHANGELOG) ? CHANGELOG : others[0];
  const bytes = path === undefined ? null : await read(path, MAX_CHANGELOG_BYTES);
  return bytes === null ? null : readChangelogSection(bytes, app.version);
}

/** The URL, the top-level folder and `<id>` must agree; the certificate's common name is compared with the signature. */
function compareIds(appId: string | null, topLevelFolder: string | null, declared: string | null): readonly Finding[] {
  if (appId === null) return [];
  const findings: Finding[] = [];
  if (topLevelFolder !== null && topLevelFolder !== appId) {
    findings.push(
      finding('APP_ID_MISMATCH', {
        detail: `The top-level folder is called "${topLevelFolder}", and the app "${appId}".`,
        path: `${topLevelFolder}/`,
        expected: appId,
        actual: topLevelFolder,
        // portcullis pack names the folder after <id>: where that differs, too, packing again mends nothing.
        fix:
          declared === null || declared === appId
            ? `Pack a folder called "${appId}": portcullis pack DIR takes any folder and names it so in the archive. The signature stays valid.`
            : `Once <id> is "${appId}", portcullis pack DIR names the folder so.`,
      }),
    );
  }
  if (declared !== null && declared !== appId) {
    findings.push(
      finding('APP_ID_MISMATCH', {
        detail: '<id> differs.',
        path: INFO_XML,
        expected: appId,
        actual: declared,
        fix: `If the archive is right, name the app as it does. Otherwise set <id> to "${appId}" in appinfo/info.xml, sign again and pack.`,
      }),
    );
  }
  return findings;
}

interface SignatureInspection {
  readonly signature: ReportedSignature;
  readonly chain: readonly Buffer[];
  readonly findings: readonly Finding[];
}

async function inspectSignature(
  reading: Reading,
  appId: string | null,
  request: InspectionRequest,
): Promise<SignatureInspection> {
  const { contents } = reading;
  const path = SIGNATURE_PATH[request.profile];
  const facts = contents.files.get(path);
  if (facts === undefined) return withoutSignature(contents, path);
  const bytes = await contents.read(path, request.limits.signatureFileBytes);
  if (bytes === null) {
    const tooLarge = finding('SIGNATURE_FILE_TOO_LARGE', {
      path,
      expected: request.limits.signatureFileBytes,
      actual: facts.bytes,
    });
    return { signature: { ...noSignature, status: 'invalid' }, chain: [], findings: [tooLarge] };
  }

  const scope = request.profile === 'core' ? 'core' : appId;
  const { trust, at, limits } = request;
  const verdict = verifySignature({ bytes, scope, trust, at, maxFiles: limits.entries });
  // Of an archive that was cut short nobody knows which files it has.
  const differences =
    verdict.manifest === null || !reading.complete
      ? []
      : await compareManifest({ manifest: verdict.manifest, contents, profile: request.profile });
  const found = [...verdict.findings, ...differences];
  const findings = await diagnose({
    findings: found,
    contents,
    verdict,
    signatureBytes: bytes,
    profile: request.profile,
  });
  const stands =
    reading.complete && verdict.signature.status === 'valid' && !found.some(({ severity }) => severity === 'error');
  const certificates = verdict.parsed.chain?.path.slice(0, -1) ?? [];
  const chain = stands ? certificates.map(({ der }) => der) : [];
  return { signature: { ...verdict.signature, status: stands ? 'valid' : 'invalid' }, chain, findings };
}

/** A name that some servers take for the signature file, and others don't, is not "unsigned": it is a fault. */
function withoutSignature({ files }: Contents, path: string): SignatureInspection {
  const misspelled = [...files.keys()].find((name) => `${name.toLowerCase()}/`.startsWith(`${path}/`));
  if (misspelled === undefined) return { signature: noSignature, chain: [], findings: [] };
  const detail = `It must be a file named ${path}, in just this spelling.`;
  const malformed = finding('SIGNATURE_FILE_MALFORMED', {
    path: misspelled,
    detail,
    expected: path,
    actual: misspelled,
  });
  return { signature: { ...noSignature, status: 'invalid' }, chain: [], findings: [malformed] };
}
