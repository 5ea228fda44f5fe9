import type { Caller } from '../accounts/caller.js';
import { listInvitations } from '../accounts/invitations.js';
import type { Account } from '../database/accounts.js';
import { withoutModerators } from '../accounts/unnamed-moderators.js';
import { findApp, listAppEvents, listOwners, type AppEventRow, type AppRow } from '../database/apps.js';
import { listAppsOfOwner, type OwnedAppRow } from '../database/app-list.js';
import type { InvitationRow } from '../database/invitations.js';
import { listReleases, type ReleaseSummary } from '../database/releases.js';
import { listSubmissionsOfAccount, type SubmissionSummary } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import { readSubmissionBriefs, type SubmissionBrief } from '../moderation/submission-state.js';
import { RequestError } from '../request-error.js';
import { requireOwner } from './ownership.js';
import { readSubmissions } from './read-submissions.js';
import { readRequirements, type Requirements } from './requirements.js';

/** A submission in a list, and how it stands. */
export type ListedSubmission = SubmissionSummary & SubmissionBrief;

const SHOWN = { apps: 500, uploads: 20, releases: 100, submissions: 30, events: 50 };

/** The caller's apps by id, and what they uploaded last, also for apps that are not theirs (yet). */
export async function readOwnApps(
  { database }: Pick<Gate, 'database'>,
  { accountId, appIds }: Caller,
): Promise<{ readonly apps: readonly OwnedAppRow[]; readonly uploads: readonly ListedSubmission[] }> {
  const isWithin = (appId: string): boolean => appIds === null || appIds.includes(appId);
  const apps = await listAppsOfOwner(database, accountId, SHOWN.apps);
  const uploads = await listSubmissionsOfAccount(database, accountId, SHOWN.uploads);
  const briefs = await readSubmissionBriefs(database, uploads);
  return {
    apps: apps.filter(({ id }) => isWithin(id)),
    uploads: uploads
      .filter(({ appId }) => isWithin(appId))
      .map((row) => ({ ...row, ...(briefs.get(row.id) ?? { state: row.outcome, review: null }) })),
  };
}

/** Whether the caller is one of the owners of an app. */
export async function ownsApp(
  { database }: Pick<Gate, 'database'>,
  { accountId }: Caller,
  appId: string,
): Promise<boolean> {
  return (await listOwners(database, appId)).some(({ id }) => id === accountId);
}

/** An app with everything that its owners have to do with. */
export interface OwnApp {
  readonly app: AppRow;
  /** What the next upload needs. */
  readonly requirements: Requirements;
  readonly owners: readonly Account[];
  /** To a part in it, or to all of it; those that can still be accepted. */
  readonly invitations: readonly InvitationRow[];
  /** The one published last first. */
  readonly releases: readonly ReleaseSummary[];
  /** The newest first. */
  readonly submissions: readonly ListedSubmission[];
  /** What happened to it, the newest first. */
  readonly events: readonly AppEventRow[];
}

/**
 * One app, for its owners and administrators.
 *
 * @throws RequestError `APP_ID_INVALID`, `NOT_OWNER`, `SCOPE_INSUFFICIENT`; `NOT_FOUND` for administrators where there is none
 */
export async function readOwnApp(gate: Gate, caller: Caller, appId: string): Promise<OwnApp> {
  const { database } = gate;
  await requireOwner(database, caller, appId);
  const app = await findApp(database, appId);
  if (app === null) throw new RequestError('NOT_FOUND', 'There is no such app in this store.');
  const at = gate.now();
  const invitations = await listInvitations(gate, caller);
  return {
    app,
    requirements: await readRequirements(gate, appId),
    owners: await listOwners(database, appId),
    invitations: invitations.filter((row) => row.appId === appId && row.closedAt === null && row.expiresAt > at),
    releases: await listReleases(database, { appId, after: null, limit: SHOWN.releases }),
    submissions: await readSubmissions(gate, caller, appId, { before: null, limit: SHOWN.submissions }),
    events: await withoutModerators(
      database,
      caller,
      appId,
      await listAppEvents(database, { appId, before: null, limit: SHOWN.events }),
    ),
  };
}
