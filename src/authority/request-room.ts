import { isOperator, type Caller } from '../accounts/caller.js';
import type { Queryable } from '../database/connect.js';
import { countSigningRequests } from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import type { Standing } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';

/** How many requests may wait at a time: people read them. */
const MAX_OPEN_OF_ACCOUNT = 20;
/** For one app, of one of its owners. */
const MAX_OPEN_OF_OWNER = 10;
/** For an app id that nobody owns: of one account, so that it keeps nobody else from asking, and of all together. */
const MAX_OPEN_OF_CLAIMANT = 3;
const MAX_OPEN_OF_CLAIMANTS = 10;
/** How many an account may make in a day, whatever becomes of them: what is withdrawn stays in the record as well. */
const MAX_OF_ACCOUNT_A_DAY = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Whether there is room for another request. What strangers wait for never stands in the way of an app's owners, and nothing
 * in that of operators.
 *
 * @throws RequestError `TOO_MANY_OPEN`
 */
export async function requireRoom(
  db: Queryable,
  { now }: Pick<Gate, 'now'>,
  caller: Caller,
  { appId, standing }: { readonly appId: string; readonly standing: Standing },
): Promise<void> {
  if (isOperator(caller)) return;
  const since = new Date(now().getTime() - DAY_MS);
  const count = await countSigningRequests(db, { accountId: caller.accountId, appId, since });
  const isOwner = standing === 'owner';
  if (count.openOfBoth >= (isOwner ? MAX_OPEN_OF_OWNER : MAX_OPEN_OF_CLAIMANT)) {
    throw tooMany(`Of your account ${count.openOfBoth} signing requests wait for this app.`);
  }
  if (!isOwner && count.openOfApp >= MAX_OPEN_OF_CLAIMANTS) {
    throw tooMany(`For this app id ${count.openOfApp} signing requests wait.`);
  }
  if (count.openOfAccount >= MAX_OPEN_OF_ACCOUNT) {
    throw tooMany(`Of your account ${count.openOfAccount} signing requests wait.`);
  }
  if (count.recentOfAccount >= MAX_OF_ACCOUNT_A_DAY) {
    throw tooMany(`Your account made ${count.recentOfAccount} signing requests in a day.`);
  }
}

function tooMany(message: string): RequestError {
  return new RequestError('TOO_MANY_OPEN', `${message} Withdraw some, or wait.`);
}
