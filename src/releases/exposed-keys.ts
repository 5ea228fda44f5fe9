import { isAppId } from '../app/app-id.js';
import { appendAppEvent, hasKeyExposure } from '../database/apps.js';
import { findCertificatesByKey } from '../database/certificates.js';
import type { Queryable, Transaction } from '../database/connect.js';
import { fingerprintsOf } from '../pki/private-key-found.js';
import { findSigners } from '../database/releases.js';
import type { SubmissionRow } from '../database/submissions.js';
import type { Inspection } from '../inspection/inspection.js';
import {
  asKnownCertificate,
  certificatesOf,
  privateKeyFindings,
  replacePrivateKeyFindings,
  type KnownCertificate,
} from '../inspection/private-key-findings.js';

/** A private key in an upload that belongs to a certificate of an app. */
export interface KeyExposure {
  /** The app that the certificate is for, which need not be the one of the upload. */
  readonly appId: string;
  readonly publicKeyFingerprint: string;
  readonly serial: string;
  readonly commonName: string;
  /** False where only a public half was seen, which anybody could have put there; then it is the app of the upload. */
  readonly proven: boolean;
}

/** What the store knows of the private keys in an upload. */
export interface ExposedKeys {
  /** The inspection's findings, with each key's certificates named. */
  readonly findings: Inspection['findings'];
  readonly exposures: readonly KeyExposure[];
}

/** A certificate, and the apps whose owners must know when its key gets out. */
interface StoreCertificate extends KnownCertificate {
  readonly appIds: readonly string[];
}

/**
 * Finds out which certificates the private keys in an upload belong to: that of its own signature, those that the store's
 * authority issued, and those that any release was signed with.
 *
 * Nobody is alarmed about another app's key by anything less than the key: the public halves of all apps are public.
 */
export async function identifyExposedKeys(db: Queryable, appId: string, inspection: Inspection): Promise<ExposedKeys> {
  const { findings, privateKeys } = inspection;
  const fingerprints = new Set(privateKeys.keys.flatMap(fingerprintsOf));
  if (fingerprints.size === 0) return { findings, exposures: [] };
  const certificates = await knownCertificates(db, appId, inspection, [...fingerprints]);
  return {
    findings: replacePrivateKeyFindings(findings, privateKeyFindings(privateKeys, certificates)),
    exposures: exposuresAmong(inspection, certificates).filter((each) => each.proven || each.appId === appId),
  };
}

async function knownCertificates(
  db: Queryable,
  appId: string,
  inspection: Inspection,
  fingerprints: readonly string[],
): Promise<readonly StoreCertificate[]> {
  // An intention counts: the certificate may have got out although nobody wrote down that it was made.
  const issued = await findCertificatesByKey(db, fingerprints);
  const signers = await findSigners(db, fingerprints);
  return mergeCertificates([
    ...issued.map(({ serial, appId: commonName, publicKey: publicKeyFingerprint, revokedAt }) => {
      const role = 'was issued by this store';
      const isRevoked = revokedAt !== null;
      const appIds = [commonName];
      return { serial, commonName, publicKeyFingerprint, isRevoked, voucher: 'this store' as const, role, appIds };
    }),
    ...signerOf(appId, inspection),
    ...signers.map(({ appId: released, ...certificate }) => {
      const role = `signed a release of ${released}`;
      return { ...certificate, isRevoked: false, voucher: 'another' as const, role, appIds: [released] };
    }),
  ]);
}

/**
 * Anybody can make a certificate with any name and serial, and put its key beside it. Only one with a trusted chain speaks
 * for the app that it names, and alarms anybody: what is written in another could get a genuine certificate revoked.
 */
function signerOf(appId: string, { signature, findings }: Inspection): readonly StoreCertificate[] {
  const { signer } = signature;
  if (signer === null) return [];
  const certificate = asKnownCertificate(signer, findings);
  return [{ ...certificate, appIds: certificate.voucher === 'nobody' ? [] : [appId, signer.commonName] }];
}

/** One certificate may be known for several reasons. One that nobody stands for adds nothing where another has its key. */
function mergeCertificates(all: readonly StoreCertificate[]): readonly StoreCertificate[] {
  const merged = new Map<string, StoreCertificate>();
  const vouchedFor = all.filter(({ voucher }) => voucher !== 'nobody');
  const keys = vouchedFor.map(({ publicKeyFingerprint }) => publicKeyFingerprint);
  const others = all.filter((each) => each.voucher === 'nobody' && !keys.includes(each.publicKeyFingerprint));
  for (const certificate of [...vouchedFor, ...others]) {
    // The ledger comes first: what it says of a certificate counts.
    const id = `${certificate.publicKeyFingerprint} ${certificate.serial}`;
    const known = merged.get(id);
    merged.set(id, {
      ...(known ?? certificate),
      role: known === undefined ? certificate.role : `${known.role} and ${certificate.role}`,
      appIds: [...new Set([...(known?.appIds ?? []), ...certificate.appIds])].filter(isAppId),
    });
  }
  return [...merged.values()];
}

function exposuresAmong(
  { privateKeys }: Inspection,
  certificates: readonly StoreCertificate[],
): readonly KeyExposure[] {
  const exposures = new Map<string, KeyExposure>();
  // What is proven is said first, so that it stands where the same key is there twice.
  const keys = [...privateKeys.keys].sort((one, other) => Number(other.proven) - Number(one.proven));
  for (const key of keys) {
    for (const { appIds, publicKeyFingerprint, serial, commonName } of certificatesOf(key, certificates)) {
      for (const appId of appIds) {
        const id = `${appId} ${publicKeyFingerprint}`;
        if (exposures.has(id)) continue;
        exposures.set(id, { appId, publicKeyFingerprint, serial, commonName, proven: key.proven });
      }
    }
  }
  return [...exposures.values()];
}

/**
 * Writes down, for the owners of every app whose key it is and for the operators, that the key got out: once for each
 * account that uploads it, for what an app is told must not be the uploader's to flood. A public half that proves nothing is
 * written down once, and only where nothing was.
 *
 * The apps must be locked.
 *
 * @returns what was written down
 */
export async function recordExposures(
  tx: Transaction,
  exposures: readonly KeyExposure[],
  submission: SubmissionRow,
): Promise<readonly KeyExposure[]> {
  const recorded: KeyExposure[] = [];
  for (const exposure of exposures) {
    const { appId, publicKeyFingerprint: key, serial, commonName, proven } = exposure;
    const { archiveSha256: archive, accountId } = submission;
    if (await hasKeyExposure(tx, { appId, key, archive, accountId, proven })) continue;
    await appendAppEvent(tx, {
      appId,
      kind: 'key-exposed',
      accountId,
      detail: {
        key,
        serial,
        commonName,
        proven: proven ? 'yes' : 'no',
        archive,
        submission: submission.id,
        uploadedFor: submission.appId,
      },
      reason: '',
    });
    recorded.push(exposure);
  }
  return recorded;
}
