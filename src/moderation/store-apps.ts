import { requireModerator, type Caller } from '../accounts/caller.js';
import type { Account } from '../database/accounts.js';
import { findApp, listAppEvents, listOwners, type AppEventRow, type AppRow } from '../database/apps.js';
import { listAllApps, type AppFilter, type ListedAppRow } from '../database/app-list.js';
import { listCertificates, type CertificateSummary } from '../database/certificates.js';
import { listReleases, type ReleaseSummary } from '../database/releases.js';
import { reviewKinds } from '../database/reviews.js';
import { listStandingFindings, type StandingFindingRow } from '../database/standing-findings.js';
import type { SubmissionSummary } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import { readSubmissions } from '../releases/read-submissions.js';
import { RequestError } from '../request-error.js';
import { readQueue, type QueueItem } from './queue.js';
import type { SubmissionBrief } from './submission-state.js';

/**
 * The apps of the store by id, also those without a release, for moderators.
 *
 * @param query.after the `next` of the page before; null for the first
 * @throws RequestError `SCOPE_INSUFFICIENT`
 */
export async function listStoreApps(
  { database }: Pick<Gate, 'database'>,
  caller: Caller,
  query: AppFilter & { readonly after: string | null; readonly limit: number },
): Promise<{ readonly apps: readonly ListedAppRow[]; readonly next: string | null }> {
  requireModerator(caller);
  // One more than asked tells whether there is a next page.
  const found = await listAllApps(database, { ...query, after: query.after ?? '', limit: query.limit + 1 });
  const apps = found.slice(0, query.limit);
  return { apps, next: found.length > query.limit ? (apps.at(-1)?.id ?? null) : null };
}

/** An app with everything that moderators decide about. */
export interface StoreApp {
  readonly app: AppRow;
  readonly owners: readonly Account[];
  /** The one published last first. */
  readonly releases: readonly ReleaseSummary[];
  /** The newest first. */
  readonly submissions: readonly (SubmissionSummary & SubmissionBrief)[];
  /** What happened to it, the newest first. */
  readonly events: readonly AppEventRow[];
  /** The newest first. */
  readonly certificates: readonly CertificateSummary[];
  /** What the standing watch says of the releases that are shown. */
  readonly marks: readonly StandingFindingRow[];
  /** Its open reviews, the oldest first. */
  readonly waiting: readonly QueueItem[];
}

/** How much of what may be long is shown; what is older stands in the audit log. */
const SHOWN = { releases: 100, submissions: 30, events: 50, certificates: 50, waiting: 50 };

/**
 * One app, for moderators.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `APP_ID_INVALID` or `NOT_FOUND`
 */
export async function readStoreApp(gate: Gate, caller: Caller, appId: string): Promise<StoreApp> {
  requireModerator(caller);
  const { database } = gate;
  const app = await findApp(database, appId);
  if (app === null) throw new RequestError('NOT_FOUND', 'There is no such app in this store.');
  const { reviews } = await readQueue(gate, caller, {
    kinds: reviewKinds,
    states: [],
    appId,
    q: null,
    claimed: null,
    after: null,
    limit: SHOWN.waiting,
  });
  const releases = await listReleases(database, { appId, after: null, limit: SHOWN.releases });
  return {
    app,
    owners: await listOwners(database, appId),
    releases,
    marks: await listStandingFindings(
      database,
      releases.map(({ version }) => ({ app: appId, version })),
    ),
    submissions: await readSubmissions(gate, caller, appId, { before: null, limit: SHOWN.submissions }),
    events: await listAppEvents(database, { appId, before: null, limit: SHOWN.events }),
    certificates: await listCertificates(database, { appId, after: null, limit: SHOWN.certificates }),
    waiting: reviews,
  };
}
