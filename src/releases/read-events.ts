import type { Caller } from '../accounts/caller.js';
import { listAppEvents, type AppEventRow } from '../database/apps.js';
import { requireReader } from './ownership.js';
import type { Records } from './change-app.js';

/**
 * What happened to an app, the newest first, for its owners and operators: who claimed it, what was changed, and whether
 * its key got out.
 *
 * @throws RequestError `NOT_OWNER` or `SCOPE_INSUFFICIENT`
 */
export async function readAppEvents(
  records: Records,
  caller: Caller,
  appId: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly AppEventRow[]> {
  await requireReader(records.database, caller, appId);
  return listAppEvents(records.database, { appId, ...page });
}
