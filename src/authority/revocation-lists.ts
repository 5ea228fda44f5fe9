import { join } from 'node:path';
import type { Authority } from '../pki/issue.js';
import { issueRevocationList } from '../pki/issue-revocation-list.js';
import type { RevocationEntry } from '../pki/issue-revocation-list.js';
import { writePem } from '../pki/pem.js';
import { isRevocationListOf } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { replaceFile } from '../write-file.js';
import { files, readRevocationList, readTier, tiers } from './authority-folder.js';
import type { AuthorityFolder, Tier } from './authority-folder.js';
import { readLedger } from './ledger.js';
import { withLock } from './lock.js';
import { publishRevocationLists } from './trust-folder.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a list counts: developers' ones are renewed daily, a root that is kept off the machine once a year. */
const validityMs: Readonly<Record<Tier, number>> = { root: 365 * DAY_MS, developers: 7 * DAY_MS };

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
 */
export async function renewRevocationLists(authority: AuthorityFolder, at: Date, always = false): Promise<Renewals> {
  const due = async (): Promise<readonly Tier[]> => {
    const isDue = await Promise.all(tiers.map((tier) => isRenewalDue(authority, tier, at)));
    return tiers.filter((_, index) => always || isDue[index] === true);
  };
  const result: Record<Tier, Renewal> = { root: 'current', developers: 'current' };
  if ((await due()).length > 0) {
    await withLock(join(authority.folder, files.lock), async () => {
      // Asked again: whoever held the lock before may have done it.
      for (const tier of await due()) result[tier] = (await signList(authority, tier, at)) ? 'renewed' : 'no-key';
    });
  }
  return { ...result, isPublished: await publishRevocationLists(authority) };
}

async function isRenewalDue(authority: AuthorityFolder, tier: Tier, at: Date): Promise<boolean> {
  const list = await readRevocationList(authority, tier);
  if (list === null || !isRevocationListOf(list, authority.certificates[tier])) return true;
  // Of a list from the future, which a clock set back leaves behind, no verifier would make use.
  const isFresh = Math.abs(at.getTime() - list.thisUpdate.getTime()) < DAY_MS;
  return !isFresh || (await revocations(authority, tier)).some(({ serial }) => !list.revoked.has(serial));
}

/** Only the developers' tier revokes here; an intermediate is revoked by hand, with the root's key and openssl. */
async function revocations({ folder }: AuthorityFolder, tier: Tier): Promise<readonly RevocationEntry[]> {
  if (tier === 'root') return [];
  const revoked = new Map<string, RevocationEntry>();
  for (const entry of await readLedger(join(folder, files.ledger))) {
    if (entry.event !== 'revoked' || revoked.has(entry.serial)) continue;
    const { serial, at, reason } = entry;
    revoked.set(serial, { serial, revokedAt: new Date(at), reason, invalidityDate: null });
  }
  return [...revoked.values()];
}

async function signList(folder: AuthorityFolder, tier: Tier, at: Date): Promise<boolean> {
  const authority = await readTier(folder, tier);
  if (authority === null) return false;
  const previous = await readRevocationList(folder, tier);
  const list = issueTierList({ authority, tier, at, previous, revoked: await revocations(folder, tier) });
  await replaceFile(join(folder.folder, files.revocationList(tier)), writePem(list.der, 'X509 CRL'));
  return true;
}

/** Signs the list of a tier that follows its previous one. */
export function issueTierList(input: {
  readonly authority: Authority;
  readonly tier: Tier;
  readonly at: Date;
  readonly previous: RevocationList | null;
  readonly revoked: readonly RevocationEntry[];
}): RevocationList {
  const { authority, tier, at, previous, revoked } = input;
  const nextUpdate = Math.min(at.getTime() + validityMs[tier], authority.certificate.notAfter.getTime());
  return issueRevocationList({
    authority,
    number: nextNumber(previous, at),
    thisUpdate: at,
    nextUpdate: new Date(nextUpdate),
    revoked,
  });
}

/** Grows also where the previous list was lost: it is counted in seconds, unless lists are signed faster than that. */
function nextNumber(previous: RevocationList | null, at: Date): bigint {
  const seconds = BigInt(Math.floor(at.getTime() / 1000));
  const following = BigInt(previous?.number ?? '0') + 1n;
  return following > seconds ? following : seconds;
}
