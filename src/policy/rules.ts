import { compareVersions, parseVersion } from '../app/version.js';
import { catalogue, type ConfigurableCode, type FindingCode } from '../report/catalogue.js';
import type { CatalogueEntry } from '../report/catalogue-entry.js';
import { finding, type Finding } from '../report/finding.js';
import type { AppHistory, UploadFacts } from './facts.js';

/** The weight a store gives a configurable finding; `shadow` reports it as a warning, and it never decides. */
export type RuleMode = 'off' | 'shadow' | 'hold' | 'refuse';

export const ruleModes: readonly RuleMode[] = ['off', 'shadow', 'hold', 'refuse'];

/** What the store's operator decides about the rules. The rules of the mission are not among it. */
export interface StoreRules {
  /** Refuse every unsigned app, whatever its trust level and history. */
  readonly requireSignature: boolean;
  /** Codes not named here keep the weight of the catalogue; those that are off by default stay off. */
  readonly modes: Readonly<Partial<Record<ConfigurableCode, RuleMode>>>;
}

export const defaultRules: StoreRules = { requireSignature: false, modes: {} };

/** The codes whose weight a store may set, for the settings and the documentation. */
export const configurableCodes = (Object.keys(catalogue) as FindingCode[]).filter(
  (code): code is ConfigurableCode => (catalogue[code] as CatalogueEntry).configurable === true,
);

/** Whether a code is one whose weight a store may set. */
export function isConfigurable(code: string): code is ConfigurableCode {
  return (configurableCodes as readonly string[]).includes(code);
}

/** One rule of the store: what it finds wrong with an upload in the light of the app's history, if anything. */
type Rule = (upload: UploadFacts, history: AppHistory, store: StoreRules) => Finding | null;

/** An app at trust level `official` must be signed. Cannot be switched off. */
const officialMeansSigned: Rule = (upload, history) =>
  upload.signature === 'absent' && history.trustLevel === 'official' ? finding('OFFICIAL_APP_UNSIGNED') : null;

/** An app of which any release was ever published signed must stay signed. Cannot be switched off. */
const signedOnceMeansSignedAlways: Rule = (upload, history) =>
  upload.signature === 'absent' && history.firstSigned !== null
    ? finding('SIGNATURE_DROPPED', {
        detail: `Version ${history.firstSigned.version}, published ${history.firstSigned.publishedAt}, was signed.`,
      })
    : null;

const storeRequiresSignature: Rule = (upload, _history, store) =>
  upload.signature === 'absent' && store.requireSignature ? finding('SIGNING_REQUIRED') : null;

/** A version is published once, and a version that was taken back is never used again, not even for the same bytes. */
const versionIsPublishedOnce: Rule = (upload, { sameVersion }) => {
  if (sameVersion === null) return null;
  if (sameVersion.status === 'withdrawn') {
    return finding('VERSION_WITHDRAWN', { actual: sameVersion.version });
  }
  if (sameVersion.archiveSha256 === upload.archiveSha256) return null;
  return finding('VERSION_EXISTS', {
    detail: `Version ${sameVersion.version} was published ${sameVersion.publishedAt}.`,
    expected: sameVersion.archiveSha256,
    actual: upload.archiveSha256,
  });
};

const signerChanges: Rule = (upload, { lastSigner }) =>
  upload.signature === 'valid' && lastSigner !== null && upload.signerKey !== lastSigner.signerKey
    ? finding('SIGNER_CHANGED', {
        detail: `Version ${lastSigner.version} was signed with another key.`,
        expected: lastSigner.signerKey,
        actual: upload.signerKey ?? 'none',
      })
    : null;

const versionGrows: Rule = (upload, { newest, sameVersion }) => {
  if (newest === null || sameVersion !== null || upload.version === null) return null;
  const uploaded = parseVersion(upload.version);
  const published = parseVersion(newest.version);
  if (uploaded === null || published === null || compareVersions(uploaded, published) > 0) return null;
  return finding('VERSION_NOT_NEWER', { expected: `newer than ${newest.version}`, actual: upload.version });
};

const officialNeedsApproval: Rule = (_upload, { trustLevel }) =>
  trustLevel === 'official' ? finding('APPROVAL_REQUIRED') : null;

/** The rules that look at the history, each with the codes that it may find. */
const rulesByCode: readonly (readonly [Rule, ...FindingCode[]])[] = [
  [officialMeansSigned, 'OFFICIAL_APP_UNSIGNED'],
  [signedOnceMeansSignedAlways, 'SIGNATURE_DROPPED'],
  [storeRequiresSignature, 'SIGNING_REQUIRED'],
  [versionIsPublishedOnce, 'VERSION_WITHDRAWN', 'VERSION_EXISTS'],
  [signerChanges, 'SIGNER_CHANGED'],
  [versionGrows, 'VERSION_NOT_NEWER'],
  [officialNeedsApproval, 'APPROVAL_REQUIRED'],
];

/** Every rule that looks at the history, in the order in which its finding is listed. */
export const rules: readonly Rule[] = rulesByCode.map(([rule]) => rule);

/** The codes of findings that the history alone decides about. */
export const historyCodes: ReadonlySet<FindingCode> = new Set(rulesByCode.flatMap(([, ...codes]) => codes));

/** What the rule of `code` finds, whether or not a store has it switched on. */
export function findByHistory(code: FindingCode, upload: UploadFacts, history: AppHistory): Finding | null {
  const everyRule: StoreRules = { requireSignature: true, modes: {} };
  const found = rulesByCode.find(([, ...codes]) => codes.includes(code))?.[0](upload, history, everyRule) ?? null;
  return found?.code === code ? found : null;
}
