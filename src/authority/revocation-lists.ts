import { join } from 'node:path';
import type { Authority } from '../pki/issue.js';
import { issueRevocationList } from '../pki/issue-revocation-list.js';
import type { RevocationEntry } from '../pki/issue-revocation-list.js';
import { writePem } from '../pki/pem.js';
import { isRevocationListOf } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { wordsOfError } from '../error-words.js';
import { replaceFile } from '../write-file.js';
import { AuthorityError, files, readRevocationList, readTier, tiers } from './authority-folder.js';
import type { AuthorityFolder, Tier } from './authority-folder.js';
import { storeLedgerError, withFileLedger } from './file-ledger.js';
import type { AuthorityKeys } from './issuing-key.js';
import { readLedger } from './ledger.js';
import { LIST_RENEWAL_MS, listValidityMs, nextListNumber } from './list-terms.js';
import { isWorse, mergeRevocations } from './revocation-reasons.js';
import { publishRevocationLists } from './trust-folder.js';

/** What became of a tier's list: signed anew, still good, or due and its key is not there. */
type Renewal = 'renewed' | 'current' | 'no-key';

export interface Renewals extends Readonly<Record<Tier, Renewal>> {
  /** Whether the newest lists are in the trust folder; they are not in one that does not trust this authority. */
  readonly isPublished: boolean;
}

/**
 * Signs the lists of an authority anew where they are due, and sees that those in its trust folder are the newest, if
 * that folder trusts it.
 * A list is due a day after it was signed, and at once when a revocation of the ledger is not on it.
 *
 * @param always signs them whether they are due or not
 * @throws AuthorityError where a list could not be signed, after the others were; or where the ledger is a store's
 */
export async function renewRevocationLists(
  authority: AuthorityFolder,
  keys: AuthorityKeys,
  at: Date,
  always = false,
): Promise<Renewals> {
  if (authority.ledger === 'store') throw storeLedgerError(authority.folder);
  const due = async (): Promise<readonly Tier[]> => {
    const isDue = await Promise.all(tiers.map((tier) => isRenewalDue(authority, tier, at)));
    return tiers.filter((_, index) => always || isDue[index] === true);
  };
  const result: Record<Tier, Renewal> = { root: 'current', developers: 'current' };
  const failures: string[] = [];
  if ((await due()).length > 0) {
    await withFileLedger(authority, async () => {
      // Asked again: whoever held the lock before may have done it.
      for (const tier of await due()) result[tier] = await renew(tier);
    });
  }
  const isPublished = await publishRevocationLists(authority);
  if (failures.length > 0) throw new AuthorityError(failures.join(' '));
  return { ...result, isPublished };

  /** Each tier by itself: a root's key that can't be opened must not keep a revoked certificate off the developers' list. */
  async function renew(tier: Tier): Promise<Renewal> {
    try {
      return (await signList(authority, keys, tier, at)) ? 'renewed' : 'no-key';
    } catch (error) {
      failures.push(`${files.revocationList(tier)} could not be signed: ${wordsOfError(error)}.`);
      return 'no-key';
    }
  }
}

async function isRenewalDue(authority: AuthorityFolder, tier: Tier, at: Date): Promise<boolean> {
  const list = await readRevocationList(authority, tier);
  if (list === null || !isRevocationListOf(list, authority.certificates[tier])) return true;
  // Of a list from the future, which a clock set back leaves behind, no verifier would make use.
  const isFresh = Math.abs(at.getTime() - list.thisUpdate.getTime()) < LIST_RENEWAL_MS;
  return !isFresh || (await revocations(authority, tier, list)).some((entry) => !isOnList(entry, list));
}

function isOnList({ serial, reason }: RevocationEntry, { revoked }: RevocationList): boolean {
  const listed = revoked.get(serial);
  return listed !== undefined && !isWorse(reason, listed.reason);
}

/**
 * What is to be on the list of a tier: what the ledger says. The root's previous list counts too, since the root's key
 * may have signed it on another machine, with another copy of the ledger. Of several reasons the worst counts.
 */
async function revocations(
  { folder }: Pick<AuthorityFolder, 'folder'>,
  tier: Tier,
  previous: RevocationList | null,
): Promise<readonly RevocationEntry[]> {
  const events = await readLedger(join(folder, files.ledger));
  return tier === 'root'
    ? mergeRevocations(
        previous?.revoked ?? [],
        events.filter((entry) => entry.event === 'intermediate-revoked'),
      )
    : mergeRevocations(
        [],
        events.filter((entry) => entry.event === 'revoked'),
      );
}

async function signList(folder: AuthorityFolder, keys: AuthorityKeys, tier: Tier, at: Date): Promise<boolean> {
  const authority = await readTier(folder, tier, keys);
  if (authority === null) return false;
  const found = await readRevocationList(folder, tier);
  const previous = found !== null && isRevocationListOf(found, folder.certificates[tier]) ? found : null;
  const revoked = await revocations(folder, tier, previous);
  const list = await issueTierList({ authority, tier, at, previous, revoked });
  await replaceFile(join(folder.folder, files.revocationList(tier)), writePem(list.der, 'X509 CRL'));
  return true;
}

/** Signs the list of a tier that follows its previous one. */
export async function issueTierList(input: {
  readonly authority: Authority;
  readonly tier: Tier;
  readonly at: Date;
  readonly previous: RevocationList | null;
  readonly revoked: readonly RevocationEntry[];
}): Promise<RevocationList> {
  const { authority, tier, at, previous, revoked } = input;
  const nextUpdate = Math.min(at.getTime() + listValidityMs[tier], authority.certificate.notAfter.getTime());
  return issueRevocationList({
    authority,
    number: nextListNumber(previous?.number ?? null, at),
    thisUpdate: at,
    nextUpdate: new Date(nextUpdate),
    revoked,
  });
}
