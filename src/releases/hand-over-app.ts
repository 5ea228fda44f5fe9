import type { Account } from '../database/accounts.js';
import { addOwner, appendAppEvent, listOwners, removeOwner } from '../database/apps.js';
import type { Transaction } from '../database/connect.js';

/** Somebody who accepted a part in an app, or all of it. */
interface Taker {
  readonly appId: string;
  readonly account: Account;
  /** Who offered it. */
  readonly invitedBy: string;
}

/** Makes whoever accepted an owner beside the others, under the app's lock. One who is an owner already stays one. */
export async function joinOwners(tx: Transaction, { appId, account, invitedBy }: Taker): Promise<void> {
  if (!(await addOwner(tx, appId, account.id))) return;
  const detail = { owner: account.name, invitedBy };
  await appendAppEvent(tx, { appId, kind: 'owner-added', accountId: account.id, detail, reason: '' });
}

/** Makes whoever accepted the only owner, under the app's lock. */
export async function takeOverApp(tx: Transaction, { appId, account, invitedBy }: Taker): Promise<void> {
  const others = (await listOwners(tx, appId)).filter(({ id }) => id !== account.id);
  const isNew = await addOwner(tx, appId, account.id);
  if (!isNew && others.length === 0) return;
  for (const { id } of others) await removeOwner(tx, appId, id);
  const detail = { owner: account.name, invitedBy, formerOwners: others.map(({ name }) => name).join(', ') };
  await appendAppEvent(tx, { appId, kind: 'transferred', accountId: account.id, detail, reason: '' });
}
