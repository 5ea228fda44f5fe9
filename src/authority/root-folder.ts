import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isSignedBy, parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { findRevocationListUrl } from '../pki/distribution-point.js';
import type { Authority } from '../pki/issue.js';
import { writePem } from '../pki/pem.js';
import type { RevocationEntry } from '../pki/issue-revocation-list.js';
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
import type { LedgerEvent } from './ledger.js';
import { withLock } from './lock.js';
import { issueTierList } from './revocation-lists.js';
import { isCompromise, isWorse, mergeRevocations } from './revocation-reasons.js';
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

/** What is needed to read what a root has said. */
export type RootPlace = Pick<RootFolder, 'folder' | 'root'>;

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
export async function readIntermediates({ folder, root }: RootPlace): Promise<readonly Certificate[]> {
  const names = (await readdir(folder)).filter((name) => DEVELOPERS_FILE.test(name)).sort();
  const certificates = await Promise.all(names.map((name) => readNamed(folder, name)));
  return certificates.filter((certificate) => isSignedBy(certificate, root));
}

/** A certificate of the developers' tier, and the key that it is over. */
export interface IntermediateKey {
  readonly serial: string;
  readonly publicKeyFingerprint: string;
}

/** Every intermediate that the folder knows, by its file or by its ledger: whichever exists, or may exist. */
export async function readIntermediateKeys(place: RootPlace): Promise<readonly IntermediateKey[]> {
  const events = await readLedger(join(place.folder, files.ledger));
  // An intention counts: the certificate may have got out although nobody wrote down that it was made.
  const intended = events.filter((entry) => entry.event === 'intermediate-intended');
  return [...(await readIntermediates(place)), ...intended];
}

/**
 * Which intermediates the root has revoked, by all that lies in its folder: the ledger and the list together. The list may
 * have been signed on another machine, with another copy of the ledger.
 *
 * @throws AuthorityError where the list is not this root's
 */
export async function readIntermediateRevocations(place: RootPlace): Promise<readonly RevocationEntry[]> {
  return revocationsOf(await readRootList(place), await readLedger(join(place.folder, files.ledger)));
}

function revocationsOf(list: RevocationList | null, events: readonly LedgerEvent[]): readonly RevocationEntry[] {
  const revoked = events.filter((entry) => entry.event === 'intermediate-revoked');
  return mergeRevocations(list?.revoked ?? [], revoked);
}

/** An intermediate that is to be revoked. */
export interface IntermediateRevocation {
  readonly serial: string;
  readonly reason: IntermediateReason;
  /** Where its file was given, which proves whose it is also where the folder knows nothing of it. */
  readonly certificate?: Certificate | null;
}

/** What became of the root's list. */
export interface SignedRootList {
  readonly list: RevocationList;
  /** When the intermediate was revoked, which for one that was revoked before is then; null where none was named. */
  readonly revokedAt: Date | null;
  /** The serials of the other certificates over its key, which were revoked with it. */
  readonly alsoRevoked: readonly string[];
}

/**
 * Signs the root's revocation list anew, for a year, after revoking an intermediate if one is named. Into the ledger
 * first, then onto the list, then into the trust folder if that is here and trusts this root.
 *
 * A key that is compromised is so in every certificate over it: all that the folder knows are revoked together. One that was
 * revoked before for something less is from then on revoked as compromised.
 *
 * @param revoke the intermediate's serial, as in Certificate.serial
 * @throws AuthorityError where this root never issued such an intermediate, or its last list is not its own
 */
export async function signRootList(
  folder: RootFolder,
  authority: Authority,
  at: Date,
  revoke: IntermediateRevocation | null,
): Promise<SignedRootList> {
  const ledger = join(folder.folder, files.ledger);
  const signed = await withLock(join(folder.folder, files.lock), async () => {
    const previous = await readRootList(folder);
    const alsoRevoked = revoke === null ? [] : await writeRevocation(folder, ledger, previous, at, revoke);
    const revoked = revocationsOf(previous, await readLedger(ledger));
    const list = await issueTierList({ authority, tier: 'root', at, previous, revoked });
    await replaceFile(join(folder.folder, files.revocationList('root')), writePem(list.der, 'X509 CRL'));
    return {
      list,
      revokedAt: revoke === null ? null : (list.revoked.get(revoke.serial)?.revokedAt ?? at),
      alsoRevoked,
    };
  });
  const { trustFolder } = folder;
  if (trustFolder !== null) await publishRevocationLists({ folder: folder.folder, trustFolder }, ['root']);
  return signed;
}

/** Writes what is new of it into the ledger, and says which other certificates it took along. */
async function writeRevocation(
  folder: RootFolder,
  ledger: string,
  previous: RevocationList | null,
  at: Date,
  { serial, reason, certificate }: IntermediateRevocation,
): Promise<readonly string[]> {
  const known = await readIntermediateKeys(folder);
  const named: IntermediateKey | undefined =
    known.find((each) => each.serial === serial) ??
    (certificate?.serial === serial && isSignedBy(certificate, folder.root) ? certificate : undefined);
  if (named === undefined) throw new AuthorityError(`This root issued no intermediate with the serial ${serial}.`);
  const ofKey = known.filter(({ publicKeyFingerprint }) => publicKeyFingerprint === named.publicKeyFingerprint);
  const serials = isCompromise(reason) ? [...new Set([serial, ...ofKey.map((each) => each.serial)])] : [serial];
  const before = new Map(revocationsOf(previous, await readLedger(ledger)).map((each) => [each.serial, each]));
  const changed = serials.filter((each) => {
    const revoked = before.get(each);
    return revoked === undefined || isWorse(reason, revoked.reason);
  });
  for (const each of changed) {
    await appendToLedger(ledger, { event: 'intermediate-revoked', at: at.toISOString(), serial: each, reason });
  }
  return changed.filter((each) => each !== serial);
}

/**
 * The list that the root signed last; null where it is not in the folder.
 *
 * @throws AuthorityError for one that is not this root's: what it revokes would be lost without a word
 */
export async function readRootList(folder: RootPlace): Promise<RevocationList | null> {
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
