import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isSignedBy, parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { findRevocationListUrl } from '../pki/distribution-point.js';
import type { Authority } from '../pki/issue.js';
import { writePem } from '../pki/pem.js';
import { isRevocationListOf } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { replaceFile } from '../write-file.js';
import {
  AuthorityError,
  files,
  hasAuthority,
  readDescription,
  readIfThere,
  readRevocationList,
  revocationListUrl,
} from './authority-folder.js';
import type { LedgerPlace } from './authority-folder.js';
import { appendToLedger, readLedger } from './ledger.js';
import { withLock } from './lock.js';
import { issueTierList, revocations } from './revocation-lists.js';
import { publishRevocationLists } from './trust-folder.js';

/**
 * The folder of a root: its certificate and key, the developers' certificate, and a ledger. It may be an authority's
 * whole folder, or what was carried to a machine that is kept off the network. What the root does is written into the
 * folder's own ledger, also where a store has taken over that of the developers' certificates.
 */
export interface RootFolder {
  readonly folder: string;
  readonly root: Certificate;
  /** The developers' certificate that is in use. */
  readonly developers: Certificate;
  /** Where the root's revocation list is fetched, as the developers' certificate says, or else `authority.json`. */
  readonly rootListUrl: string | null;
  /** Where the developers' ledger is, and the trust folder, as `authority.json` says, if it is there. */
  readonly ledger: LedgerPlace | null;
  readonly trustFolder: string | null;
}

/** The reasons of RFC 5280 §5.3.1 that make sense for an intermediate. */
export const intermediateReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
] as const;

export type IntermediateReason = (typeof intermediateReasons)[number];

/**
 * Opens the folder of a root. `authority.json` need not be in it, nor `developers.key`.
 *
 * @throws AuthorityError where a certificate is missing, or the one is not issued by the other; CertificateError where
 *   one is damaged
 */
export async function openRootFolder(folder: string): Promise<RootFolder> {
  const [root, developers] = await Promise.all(['root.crt', 'developers.crt'].map((name) => readNamed(folder, name)));
  if (root === undefined || developers === undefined) throw new AuthorityError(`There is no root in ${folder}.`);
  if (!isSignedBy(developers, root)) {
    throw new AuthorityError(`${files.certificate('developers')} in ${folder} is not issued by root.crt beside it.`);
  }
  const description = (await hasAuthority(folder)) ? await readDescription(folder) : null;
  const baseUrl = description?.baseUrl ?? null;
  return {
    folder,
    root,
    developers,
    rootListUrl: findRevocationListUrl(developers) ?? (baseUrl === null ? null : revocationListUrl(baseUrl, 'root')),
    ledger: description?.ledger ?? null,
    trustFolder: description === null ? null : resolve(folder, description.trust),
  };
}

/** The file names of developers' certificates: the one in use, and those that were kept beside it. */
const DEVELOPERS_FILE = /^developers(-\d+)?\.crt$/;

/** Every developers' certificate of this root that lies in the folder: the one in use, and earlier ones. */
export async function readIntermediates({ folder, root }: RootFolder): Promise<readonly Certificate[]> {
  const names = (await readdir(folder)).filter((name) => DEVELOPERS_FILE.test(name)).sort();
  const certificates = await Promise.all(names.map((name) => readNamed(folder, name)));
  return certificates.filter((certificate) => isSignedBy(certificate, root));
}

/**
 * Signs the root's revocation list anew, for a year, after revoking an intermediate if one is named. Into the ledger
 * first, then onto the list, then into the trust folder if that is here and trusts this root.
 *
 * @param revoke the intermediate's serial, as in Certificate.serial
 * @returns the list, and when the intermediate was revoked, which for one that was revoked before is then
 * @throws AuthorityError where this root never issued such an intermediate, or its last list is not its own
 */
export async function signRootList(
  folder: RootFolder,
  authority: Authority,
  at: Date,
  revoke: { readonly serial: string; readonly reason: IntermediateReason } | null,
): Promise<{ readonly list: RevocationList; readonly revokedAt: Date | null }> {
  const ledger = join(folder.folder, files.ledger);
  const signed = await withLock(join(folder.folder, files.lock), async () => {
    const previous = await readRootList(folder);
    if (revoke !== null) await revokeIntermediate(revoke.serial, revoke.reason, previous);
    const revoked = await revocations(folder, 'root', previous);
    const list = await issueTierList({ authority, tier: 'root', at, previous, revoked });
    await replaceFile(join(folder.folder, files.revocationList('root')), writePem(list.der, 'X509 CRL'));
    return { list, revokedAt: revoke === null ? null : (list.revoked.get(revoke.serial)?.revokedAt ?? at) };
  });
  const { trustFolder } = folder;
  if (trustFolder !== null) await publishRevocationLists({ folder: folder.folder, trustFolder });
  return signed;

  async function revokeIntermediate(
    serial: string,
    reason: IntermediateReason,
    previous: RevocationList | null,
  ): Promise<void> {
    const events = (await readLedger(ledger)).filter((entry) => entry.serial === serial);
    const isInFolder = (await readIntermediates(folder)).some((each) => each.serial === serial);
    // An intention counts: the certificate may have got out although nobody wrote down that it was made.
    const isKnown = isInFolder || events.some(({ event }) => event === 'intermediate-intended');
    if (!isKnown) throw new AuthorityError(`This root issued no intermediate with the serial ${serial}.`);
    if (previous?.revoked.has(serial) === true || events.some(({ event }) => event === 'intermediate-revoked')) return;
    await appendToLedger(ledger, { event: 'intermediate-revoked', at: at.toISOString(), serial, reason });
  }
}

/**
 * The list that the root signed last; null where it is not in the folder.
 *
 * @throws AuthorityError for one that is not this root's: what it revokes would be lost without a word
 */
export async function readRootList(folder: RootFolder): Promise<RevocationList | null> {
  const previous = await readRevocationList(folder, 'root');
  if (previous !== null && !isRevocationListOf(previous, folder.root)) {
    throw new AuthorityError(
      `${files.revocationList('root')} in ${folder.folder} is not a list of this root; remove it.`,
    );
  }
  return previous;
}

async function readNamed(folder: string, name: string): Promise<Certificate> {
  const bytes = await readIfThere(join(folder, name));
  if (bytes === null) throw new AuthorityError(`There is no ${name} in ${folder}.`);
  return parseCertificate(bytes);
}
