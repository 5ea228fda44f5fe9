import type { KeyObject } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '../pki/certificate.js';
import type { Authority, IssueContext } from '../pki/issue.js';
import { keyFingerprint } from '../pki/keys.js';
import { writePem } from '../pki/pem.js';
import { createFile, replaceFile } from '../write-file.js';
import { AuthorityError, files } from './authority-folder.js';
import { issueIntermediate } from './issue-intermediate.js';
import { isOfLeaf, readLedger } from './ledger.js';
import { withLock } from './lock.js';
import { leavesKeyUsable } from './revocation-reasons.js';
import { openRootFolder, readIntermediateKeys, readIntermediateRevocations, readIntermediates } from './root-folder.js';
import type { RootFolder } from './root-folder.js';
import { publishDevelopersCertificate } from './trust-folder.js';

/** A developers' certificate that was issued, and where it lies. */
export interface RenewedIntermediate {
  readonly certificate: Certificate;
  /** Its file in the root's folder. */
  readonly file: string;
  /** Where the certificate that it took the place of lies now; null where it took nobody's. */
  readonly kept: string | null;
}

/**
 * Issues a new developers' certificate with the root's key. Over the same key as now it has the same name, so it stands
 * for everything that was ever issued below it; another key has the name with the next number, for an authority is told
 * by its name, and each has revocation lists of its own.
 *
 * A folder that issues by itself goes on with the key that it has, whose certificates it could not revoke otherwise:
 * there a certificate over another key lies beside `developers.crt`, for a gate that has a store to take it over.
 *
 * @param input.publicKey null for the key of the certificate in use
 * @throws AuthorityError for a key that was revoked, unless for a reason that says nothing against it; IssueError where the certificate does not fit its
 *   profile
 */
export async function renewIntermediate(
  folder: RootFolder,
  root: Authority,
  input: { readonly publicKey: KeyObject | null } & IssueContext,
): Promise<RenewedIntermediate> {
  const { now, randomBytes } = input;
  const publicKey = input.publicKey ?? folder.developers.publicKey;
  const ledger = join(folder.folder, files.ledger);
  const renewed = await withLock(join(folder.folder, files.lock), async () => {
    const before = await readIntermediates(folder);
    await refuseLostKey(folder, keyFingerprint(publicKey));
    const certificate = await issueIntermediate({
      ledger,
      root,
      commonName: await nameFor(keyFingerprint(publicKey), before),
      publicKey,
      revocationListUrl: folder.rootListUrl,
      now,
      randomBytes,
    });
    // Read again under the lock: somebody may have renewed it since.
    return keepIntermediate(await openRootFolder(folder.folder), certificate);
  });
  if (renewed.kept !== null) await publishDevelopersCertificate(folder);
  return renewed;

  /** A key keeps the name that it was first certified under, whichever certificate of it is in the folder. */
  async function nameFor(fingerprint: string, before: readonly Certificate[]): Promise<string> {
    const certified = before.find((each) => each.publicKeyFingerprint === fingerprint);
    const events = (await readLedger(ledger)).filter((entry) => entry.event === 'intermediate-intended');
    const intended = events.find((each) => each.publicKeyFingerprint === fingerprint);
    const known = certified?.commonNames[0] ?? intended?.commonName;
    if (known !== undefined) return known;
    const names = [...before.map(({ commonNames }) => commonNames[0]), ...events.map(({ commonName }) => commonName)];
    return nextName(names.filter((name) => name !== undefined));
  }
}

/**
 * Another certificate over the key would undo the revocation. One that was replaced by another says nothing of its key.
 */
async function refuseLostKey(folder: RootFolder, fingerprint: string): Promise<void> {
  const ofKey = (await readIntermediateKeys(folder)).filter((each) => each.publicKeyFingerprint === fingerprint);
  const serials = new Set(ofKey.map(({ serial }) => serial));
  const revoked = await readIntermediateRevocations(folder);
  const against = revoked.find(({ serial, reason }) => serials.has(serial) && !leavesKeyUsable(reason));
  if (against === undefined) return;
  throw new AuthorityError(
    `The key was revoked (${against.serial}, ${against.reason ?? 'unspecified'}): make another one, with --new-key or --csr.`,
  );
}

/** `Example Developers`, `Example Developers 2`, `Example Developers 3`: one that nobody had. */
function nextName(names: readonly string[]): string {
  const parts = names.map((name) => /^(.*?)(?: (\d{1,6}))?$/su.exec(name));
  const stem = parts[0]?.[1];
  if (stem === undefined) throw new AuthorityError('The developers’ certificate has no name.');
  const numbers = parts.filter((part) => part?.[1] === stem).map((part) => Number(part?.[2] ?? 1));
  return `${stem} ${Math.max(...numbers) + 1}`;
}

/**
 * Puts a certificate that the root issued into its folder: as `developers.crt`, or beside it where that is over another key
 * which is here. The caller holds the folder's lock.
 */
export async function keepIntermediate(folder: RootFolder, certificate: Certificate): Promise<RenewedIntermediate> {
  const inUse = files.certificate('developers');
  const pem = writePem(certificate.der, 'CERTIFICATE');
  const isSameKey = certificate.publicKeyFingerprint === folder.developers.publicKeyFingerprint;
  if (!isSameKey && (await issuesByItself(folder))) {
    return { certificate, file: await keepBeside(folder, pem), kept: null };
  }
  const kept = await keepBeside(folder, writePem(folder.developers.der, 'CERTIFICATE'));
  await replaceFile(join(folder.folder, inUse), pem);
  return { certificate, file: inUse, kept };
}

/** Writes a certificate as the next `developers-N.crt`, and gives that name. */
async function keepBeside({ folder }: RootFolder, pem: string): Promise<string> {
  const numbers = (await readdir(folder)).map((name) => Number(/^developers-(\d{1,6})\.crt$/.exec(name)?.[1] ?? 0));
  const name = `developers-${Math.max(0, ...numbers) + 1}.crt`;
  await createFile(join(folder, name), pem);
  return name;
}

async function issuesByItself({ folder, ledger }: RootFolder): Promise<boolean> {
  if (await isThere(join(folder, files.key('developers')))) return true;
  return ledger === 'file' && (await readLedger(join(folder, files.ledger))).some(isOfLeaf);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
