import { findAccount, listAccountsWithEmail, lockAccount, lockPeople, type AccountRow } from '../database/accounts.js';
import { inTransaction } from '../database/connect.js';
import { countPasswordResetsSince } from '../database/invitations.js';
import { isMailAddress } from '../mail-address.js';
import { linkBody, linkSubject, passwordLinksBody } from '../notices/account-texts.js';
import { queueMail } from '../notices/queue-mail.js';
import { isAccountName } from './account-name.js';
import { keepLink, type LinkParts } from './one-time-link.js';
import { ensureSystemAccount, isSystemAccount } from './system-account.js';

const HOUR_MS = 60 * 60 * 1000;

/** So many an hour to one account, whoever asks: each is mail that perhaps nobody wanted. */
const RESETS_AN_HOUR = 3;

/** Links to so many accounts of one address; who has more names the account. */
const MOST_ACCOUNTS = 20;

/**
 * Has links to a new password mailed for the accounts that `nameOrEmail` means; none is fine as well. Addresses are nobody's word
 * but their accounts' own, so those of one address come in one mail: nobody's link is kept out by others who claim to have it.
 */
export async function sendPasswordResets(gate: LinkParts, nameOrEmail: string): Promise<void> {
  if (gate.mail === null) return;
  const meant = await accountsMeant(gate, nameOrEmail);
  const accounts = meant.slice(0, MOST_ACCOUNTS);
  // Each to the address that is kept, letter by letter: what is alike when written small may be two people's.
  for (const email of new Set(accounts.map((account) => account.email))) {
    const ofAddress = accounts.filter((account) => account.email === email);
    const hasMore = meant.length > accounts.length;
    if (email !== null) await sendLinks(gate, { email, names: ofAddress.map(({ name }) => name), hasMore });
  }
}

async function accountsMeant({ database }: LinkParts, nameOrEmail: string): Promise<readonly AccountRow[]> {
  if (isAccountName(nameOrEmail)) {
    const account = await findAccount(database, nameOrEmail);
    return account === null ? [] : [account];
  }
  return isMailAddress(nameOrEmail) ? listAccountsWithEmail(database, nameOrEmail, MOST_ACCOUNTS + 1) : [];
}

/** Accounts that have an address, as far as a mail to it has room for them. */
interface AddressAccounts {
  readonly email: string;
  readonly names: readonly string[];
  readonly hasMore: boolean;
}

async function sendLinks(gate: LinkParts, { email, names, hasMore }: AddressAccounts): Promise<void> {
  await inTransaction(gate.database, async (tx) => {
    const system = await ensureSystemAccount(tx);
    // Whoever changes the address holds it, too: no link goes to an address that was given up.
    await lockPeople(tx);
    const links: (Awaited<ReturnType<typeof keepLink>> & { readonly accountName: string })[] = [];
    for (const name of names) {
      const account = await lockAccount(tx, name);
      if (account?.suspendedAt !== null || account.email !== email || isSystemAccount(name)) continue;
      const since = new Date(gate.now().getTime() - HOUR_MS);
      if ((await countPasswordResetsSince(tx, name, since)) >= RESETS_AN_HOUR) continue;
      const kept = await keepLink(tx, gate, {
        kind: 'password-reset',
        accountName: name,
        accountId: account.id,
        role: null,
        appId: null,
        email,
        invitedById: system.id,
        invitedBy: system.name,
        tokenId: null,
      });
      links.push({ ...kept, accountName: name });
    }
    const [first] = links;
    if (first === undefined) return;
    const { id, expiresAt, createdAt } = first.invitation;
    const { baseUrl } = gate;
    const purpose = { kind: 'password-reset', accountName: first.accountName } as const;
    const isAlone = links.length === 1 && !hasMore;
    await queueMail(tx, gate.mail, {
      topic: `invitation:${id}`,
      recipients: [email],
      subject: linkSubject(purpose),
      body: isAlone
        ? linkBody(purpose, system.name, first.link, expiresAt, baseUrl)
        : passwordLinksBody(links, { hasMore, expiresAt, baseUrl }),
      at: createdAt,
    });
  });
}
