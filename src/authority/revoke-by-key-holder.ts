import { ensureSystemAccount } from '../accounts/system-account.js';
import { findCertificate, findCertificatesByKey, type CertificateRow } from '../database/certificates.js';
import { parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { CmsError, isSignedDataOf, parseSignedData } from '../pki/cms.js';
import type { SignedData } from '../pki/cms.js';
import type { SignerInfo } from '../pki/cms-signer-info.js';
import { RequestError } from '../request-error.js';
import type { AuthorityParts } from './authority-parts.js';
import type { RevocationEffect } from './plan-revocation.js';
import { revokeCertificate } from './revoke-certificate.js';
import { requireStoreAuthority } from './store-authority.js';

/** openssl ends lines with CR LF where it is not told `-binary`. */
const CONTENT = /^revoke(?:\r?\n)?$/;

/** What a message revoked. */
export type RevokedByKey = Pick<RevocationEffect, 'certificate' | 'alsoRevoked'>;

/**
 * Revokes a certificate for whoever shows that they hold its key: by a CMS SignedData over the word `revoke`. No
 * account is needed: if it isn't the owner who signs this, it is a thief, and then it is high time. An expired
 * certificate can be revoked too, and one that is revoked already is no fault.
 *
 * Nothing that the message brings is believed: its signature is verified with the key that the ledger has for the
 * serial.
 *
 * Every certificate over that key is revoked with it: the key is no better in them.
 *
 * @param cms PEM
 * @returns the certificate as it is now, and the others that were revoked with it
 * @throws RequestError `CMS_INVALID` where the message proves nothing, saying why; `NO_AUTHORITY`
 */
export async function revokeByKeyHolder(parts: AuthorityParts, cms: string): Promise<RevokedByKey> {
  await requireStoreAuthority(parts.database);
  const message = readMessage(cms);
  const signer = onlySigner(message);
  const row = await findCertificate(parts.database, serialOf(signer, message));
  if (row === null) throw notOurs();
  const certificate = certificateInLedger(row, message);
  requireSameCertificate(signer, message, certificate);
  if (!isSignedDataOf(signer, message, certificate)) {
    throw invalid(
      `The signature was not made with the key of the certificate ${row.serial}, or is not over the word "revoke".`,
    );
  }
  // A message can be sent again by whoever saw it: what stands already must not cost the ledger's lock each time.
  const sameKey = await findCertificatesByKey(parts.database, [row.publicKey]);
  if (sameKey.every(({ revocationReason }) => revocationReason === 'keyCompromise')) {
    return { certificate: row, alsoRevoked: [] };
  }
  const { certificate: revoked, alsoRevoked } = await revokeCertificate(parts, {
    serial: row.serial,
    ...(row.fingerprint !== null && { fingerprint: row.fingerprint }),
    reason: 'keyCompromise',
    invalidityDate: null,
    note: 'Revoked by a message that was signed with its own key.',
    account: await ensureSystemAccount(parts.database),
  });
  return { certificate: revoked, alsoRevoked };
}

function readMessage(cms: string): SignedData {
  let message: SignedData;
  try {
    message = parseSignedData(cms);
  } catch (error) {
    if (error instanceof CmsError) throw invalid(error.message);
    throw error;
  }
  if (!CONTENT.test(message.content.toString('latin1'))) {
    throw invalid('What is signed must be the word "revoke" and nothing else.');
  }
  return message;
}

function onlySigner({ signers: [signer, ...others] }: SignedData): SignerInfo {
  if (signer === undefined || others.length > 0) {
    throw invalid('The message must have one signer; send one for each certificate.');
  }
  if (signer.fault !== null) throw invalid(`The signature can not count: ${signer.fault}.`);
  return signer;
}

/** The serial that the signer goes by. One that is named by its key alone (`-keyid`) must be in the message. */
function serialOf({ identifier }: SignerInfo, { certificates }: SignedData): string {
  if ('serial' in identifier) return identifier.serial;
  const named = certificates.find(({ subjectKeyId }) => subjectKeyId === identifier.subjectKeyId);
  if (named !== undefined) return named.serial;
  throw invalid('The message names its certificate by the key alone, and does not bring it: sign without -nocerts.');
}

/**
 * The certificate under whose key the message must verify: the ledger's own. Where the ledger has only digests of it,
 * because it was issued before the store kept certificates, the message must bring the one that they are of.
 */
function certificateInLedger(row: CertificateRow, { certificates }: SignedData): Certificate {
  if (row.der !== null) return parseCertificate(row.der);
  const brought = certificates.find(
    ({ serial, fingerprint, publicKeyFingerprint }) =>
      serial === row.serial &&
      publicKeyFingerprint === row.publicKey &&
      (row.fingerprint === null || fingerprint === row.fingerprint),
  );
  if (brought !== undefined) return brought;
  throw invalid(
    `The store does not keep the certificate ${row.serial} itself: sign without -nocerts, so that the message brings it.`,
  );
}

/**
 * Serials are unique with one issuer only: another authority's certificate may have the same, and is not ours to
 * revoke.
 */
function requireSameCertificate({ identifier }: SignerInfo, message: SignedData, ours: Certificate): void {
  if ('issuerId' in identifier && identifier.issuerId !== ours.issuerId) throw notOurs();
  const { issuerId, serial, fingerprint } = ours;
  const other = message.certificates.some(
    (each) => each.issuerId === issuerId && each.serial === serial && each.fingerprint !== fingerprint,
  );
  if (other) throw notOurs();
}

function notOurs(): RequestError {
  return invalid(
    "The signer's certificate is none of this store's: there is none of its issuer and serial in the ledger.",
  );
}

function invalid(words: string): RequestError {
  return new RequestError('CMS_INVALID', words);
}
