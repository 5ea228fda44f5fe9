import type { Caller } from '../accounts/caller.js';
import { withoutModerators } from '../accounts/unnamed-moderators.js';
import { findApp, listAppEvents, type AppEventRow } from '../database/apps.js';
import { RequestError } from '../request-error.js';
import { requireReader } from './ownership.js';
import type { Records } from './change-app.js';

/**
 * What happened to an app, the newest first, for its owners and operators: who claimed it, what was changed, and whether
 * its key got out.
 *
 * @throws RequestError `NOT_OWNER`, `SCOPE_INSUFFICIENT`, or `NOT_FOUND` for operators where there is no such app
 */
export async function readAppEvents(
  records: Records,
  caller: Caller,
  appId: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly AppEventRow[]> {
  await requireReader(records.database, caller, appId);
  if ((await findApp(records.database, appId)) === null) {
    throw new RequestError('NOT_FOUND', `There is no app "${appId}" in this store.`);
  }
  return withoutModerators(records.database, caller, appId, await listAppEvents(records.database, { appId, ...page }));
}
