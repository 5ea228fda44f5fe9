import { ensureSystemAccount } from '../accounts/system-account.js';
import type { Account } from '../database/accounts.js';
import { beginAuthorityChange } from '../database/authority-state.js';
import { inTransaction } from '../database/connect.js';
import { listAbandonedIntents } from '../database/ledger.js';
import type { AuthorityParts } from './authority-parts.js';
import { revokeInTransaction } from './revoke-certificate.js';

/** Far longer than any issue takes, a key service's patience included. */
const ABANDONED_AFTER_MS = 10 * 60 * 1000;

/**
 * Revokes a certificate that was intended and then not issued: it may have been signed all the same, by a key service that
 * answered too late say, and may be somewhere. Verdicts don't believe it in any case; this is for those who go by the list.
 */
export async function revokeUnissued(
  parts: AuthorityParts,
  { serial, account, note }: { readonly serial: string; readonly account: Account; readonly note: string },
): Promise<void> {
  await inTransaction(parts.database, async (tx) => {
    const change = await beginAuthorityChange(tx);
    const order = { serial, reason: 'unspecified', invalidityDate: null, note, account } as const;
    await revokeInTransaction(tx, change, parts, order);
  });
}

/** Revokes what was intended and never issued because the gate died in between. */
export async function revokeAbandonedIntents(parts: AuthorityParts): Promise<void> {
  const before = new Date(parts.now().getTime() - ABANDONED_AFTER_MS);
  for (const { serial } of await listAbandonedIntents(parts.database, before)) {
    const account = await ensureSystemAccount(parts.database);
    await revokeUnissued(parts, { serial, account, note: 'It was never handed out: issuing it was broken off.' });
    parts.log.warn({ serial }, 'revoked a certificate that was intended and never issued');
  }
}
