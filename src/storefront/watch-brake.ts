import { ensureSystemAccount } from '../accounts/system-account.js';
import { appendAuditEntry, findLastAuditEntry, parseAuditEntry } from '../database/audit-log.js';
import { inTransaction } from '../database/connect.js';
import { standingEffect, type StandingCode } from '../policy/standing.js';
import type { StoreRules } from '../policy/rules.js';
import type { StandingParts } from './keep-standing.js';

/*
 * What keeps the watch from emptying a store: where suddenly much is lost, the storage is out of reach or the trust folder is
 * another one, and nothing is taken away.
 */

/** The kinds of the entries that say that the watch has held itself back. */
export const HELD_BACK = { archives: 'standing-watch-held-back', signers: 'standing-signers-held-back' } as const;

/** Where something is lost, so many others are looked at, too: is it this one, or all of them? */
export const COMPARED = 20;

/** More than these, and more than this share of all that was looked at, are too many. */
const FEW = 2;
const SHARE = 0.2;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether so much would be lost, beside what is fine, that it is likelier that we don't see it. */
export function isTooMany({ lost, fine }: { readonly lost: number; readonly fine: number }): boolean {
  if (fine === 0) return lost > 1;
  return lost > FEW && lost > (lost + fine) * SHARE;
}

/** Whether a release of which this is found is served no more. */
export function isTakenAway(code: StandingCode, rules: StoreRules): boolean {
  const effect = standingEffect(code, rules);
  return effect === 'quarantined' || effect === 'withdrawn';
}

/** Writes down that nothing was done; once a day, and so it is told to the operators. */
export async function noteHeldBack(
  { database, now }: StandingParts,
  held: {
    readonly what: keyof typeof HELD_BACK;
    readonly reason: string;
    readonly releases: number;
    readonly looked: number;
  },
): Promise<void> {
  const { what, reason, releases, looked } = held;
  const { id: accountId } = await ensureSystemAccount(database);
  await inTransaction(database, async (tx) => {
    const last = await findLastAuditEntry(tx, HELD_BACK[what]);
    const since = last === null ? null : parseAuditEntry(last).after?.['noticedAt'];
    if (typeof since === 'string' && Math.abs(now().getTime() - Date.parse(since)) < DAY_MS) return;
    await appendAuditEntry(tx, {
      kind: HELD_BACK[what],
      accountId,
      appId: null,
      subject: { type: 'store', id: what },
      reason,
      after: { releases, looked, noticedAt: now().toISOString() },
    });
  });
}
