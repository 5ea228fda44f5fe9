import type { Account } from '../database/accounts.js';
import { appendAppEvent, lockApp } from '../database/apps.js';
import { beginAuthorityChange } from '../database/authority-state.js';
import { findCertificate, setCertificateRevoked } from '../database/certificates.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { setReleaseStatus, type SignedReleaseRow } from '../database/releases.js';
import type { AuthorityParts } from './authority-parts.js';
import {
  effectOf,
  planRevocation,
  type RevocationEffect,
  type RevocationOrder,
  type RevocationPlan,
} from './plan-revocation.js';
import { renewStoreLists } from './store-lists.js';

/** Whether the list that tells others is signed already; otherwise whoever has the key does it within a minute. */
export type ListState = 'signed' | 'pending';

/**
 * What a revocation would do. Changes nothing.
 *
 * @throws RequestError `NOT_FOUND` where there is no such certificate in the ledger
 */
export async function previewRevocation(
  { database, now, quarantineOnRevocation }: Pick<AuthorityParts, 'database' | 'now' | 'quarantineOnRevocation'>,
  order: Omit<RevocationOrder, 'account' | 'note'>,
): Promise<RevocationEffect> {
  const plans = await planRevocation(database, order, now(), quarantineOnRevocation);
  return effectOf(plans);
}

/**
 * Revokes a certificate, quarantines what was signed with it since its key was in wrong hands, and signs the list anew. It is
 * in force with the commit, for every decision on every replica; the list only tells others. Where the key was compromised,
 * every certificate over it is revoked. A revocation is final: revoking again changes nothing, but what became known since
 * can make it worse, a compromise or an earlier one.
 *
 * @param require whether it may still be done, asked under the lock; throws where it may not
 * @throws RequestError `NOT_FOUND` where there is no such certificate in the ledger
 */
export async function revokeCertificate(
  parts: AuthorityParts,
  order: RevocationOrder,
  require: (tx: Transaction) => Promise<void> = async () => {},
): Promise<RevocationEffect & { readonly list: ListState }> {
  const { database, now, quarantineOnRevocation } = parts;
  // What changes nothing must not hold everybody up, however often it is ordered.
  const plans = await planRevocation(database, order, now(), quarantineOnRevocation);
  const effect = plans.every(({ isNew }) => !isNew)
    ? await inTransaction(database, async (tx) => {
        await require(tx);
        return effectOf(plans);
      })
    : await inTransaction(database, async (tx) => {
        const change = await beginAuthorityChange(tx);
        await require(tx);
        return revokeInTransaction(tx, change, parts, order);
      });
  return { ...effect, list: await renewStoreLists(parts) };
}

/**
 * The same inside a transaction that has begun an authority change; the list is left to the caller.
 *
 * @throws RequestError `NOT_FOUND`
 */
export async function revokeInTransaction(
  tx: Transaction,
  change: number,
  { now, quarantineOnRevocation }: Pick<AuthorityParts, 'now' | 'quarantineOnRevocation'>,
  order: RevocationOrder,
): Promise<RevocationEffect> {
  const at = now();
  // Read once to know which apps are to be locked; releases are published under the authority's lock, which we hold.
  await lockApps(tx, await planRevocation(tx, order, at, quarantineOnRevocation));
  const plans = await planRevocation(tx, order, at, quarantineOnRevocation);
  for (const plan of plans) if (plan.isNew) await carryOut(tx, change, plan, order, at);
  const after = await Promise.all(
    plans.map(async (plan) => ({
      ...plan,
      certificate: (await findCertificate(tx, plan.certificate.serial)) ?? plan.certificate,
    })),
  );
  return effectOf(after);
}

async function carryOut(
  tx: Transaction,
  change: number,
  { certificate, revocation, quarantined }: RevocationPlan,
  { account, note }: RevocationOrder,
  at: Date,
): Promise<void> {
  const { serial, appId } = certificate;
  await setCertificateRevoked(tx, change, { serial, ...revocation, accountId: account.id, note });
  await appendAppEvent(tx, {
    appId,
    kind: 'certificate-revoked',
    accountId: account.id,
    detail: {
      serial,
      reason: revocation.reason,
      ...(revocation.invalidityDate !== null && { invalidityDate: revocation.invalidityDate.toISOString() }),
    },
    reason: note,
  });
  for (const release of quarantined) await quarantine(tx, release, { serial, revocation, account, at });
}

/** Locks the apps of the certificates and of what they signed, in the order that uploads lock them. */
async function lockApps(tx: Transaction, plans: readonly RevocationPlan[]): Promise<void> {
  const releases = plans.flatMap(({ quarantined, kept }) => [...quarantined, ...kept]);
  const appIds = new Set([...plans.map(({ certificate }) => certificate.appId), ...releases.map(({ appId }) => appId)]);
  for (const appId of [...appIds].sort()) await lockApp(tx, appId);
}

async function quarantine(
  tx: Transaction,
  { appId, version, status }: SignedReleaseRow,
  {
    serial,
    revocation,
    account,
    at,
  }: Pick<RevocationPlan, 'revocation'> & { serial: string; account: Account; at: Date },
): Promise<void> {
  const reason =
    revocation.reason === 'keyCompromise'
      ? `The key of its certificate, serial ${serial}, was compromised.`
      : `Its certificate, serial ${serial}, was revoked (${revocation.reason}).`;
  const reasonCode = revocation.reason === 'keyCompromise' ? 'key-compromised' : 'certificate-revoked';
  await setReleaseStatus(tx, { appId, version, status: 'quarantined', reason, reasonCode, at });
  await appendAppEvent(tx, {
    appId,
    kind: 'release-status',
    accountId: account.id,
    detail: { version, before: status, after: 'quarantined', serial, reasonCode },
    reason,
  });
}
