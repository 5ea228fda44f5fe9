import { highestVersion, isSameVersion } from '../app/version.js';
import type { PastChange, PublishedRow } from '../database/past-submissions.js';
import type { AppHistory, ReleaseStatus } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';

/** All that became of an app, up to today. */
export interface AppPast {
  /** As it is now. */
  readonly trustLevel: TrustLevel;
  /** In the order in which they were published. */
  readonly releases: readonly PublishedRow[];
  /** In the order in which they happened. */
  readonly changes: readonly PastChange[];
}

/** A submission, as far as its place in the past goes. */
export interface PastMoment {
  readonly submissionId: string;
  readonly version: string | null;
  readonly submittedAt: Date;
}

/**
 * The history by which a submission was to be judged when it came: releases published before it, the trust level and the
 * status of each as they were then.
 */
export function historyThen(past: AppPast, moment: PastMoment): AppHistory {
  const at = moment.submittedAt;
  const own = past.releases.find(({ submissionId }) => submissionId === moment.submissionId);
  const earlier = past.releases.filter((release) => isBefore(release, own, at));
  const statusThen = ({ version, status }: PublishedRow): ReleaseStatus =>
    valueThen(
      past.changes.filter((change) => change.version === version),
      at,
      status,
    ) as ReleaseStatus;
  const signed = earlier.filter(({ signerKey }) => signerKey !== null);
  const [firstSigned, lastSigned] = [signed[0], signed.at(-1)];
  const same = earlier.find(({ version }) => moment.version !== null && isSameVersion(version, moment.version));
  const newest = highestVersion(
    earlier.filter((release) => statusThen(release) === 'published').map(({ version }) => version),
  );
  return {
    trustLevel: valueThen(
      past.changes.filter(({ version }) => version === null),
      at,
      past.trustLevel,
    ) as TrustLevel,
    firstSigned:
      firstSigned === undefined
        ? null
        : { version: firstSigned.version, publishedAt: firstSigned.publishedAt.toISOString() },
    lastSigner:
      lastSigned === undefined ? null : { version: lastSigned.version, signerKey: lastSigned.signerKey ?? '' },
    sameVersion:
      same === undefined
        ? null
        : {
            version: same.version,
            archiveSha256: same.archiveSha256,
            status: statusThen(same),
            publishedAt: same.publishedAt.toISOString(),
          },
    newest: newest === null ? null : { version: newest },
  };
}

/** Of what came in the same millisecond, the order of the releases tells what was first. */
function isBefore(release: PublishedRow, own: PublishedRow | undefined, at: Date): boolean {
  if (release.publishedAt.getTime() !== at.getTime()) return release.publishedAt < at;
  return own === undefined || release.id < own.id;
}

/** What a value was at a time: what the last change before made it, or what the first one after it says that it was. */
function valueThen<T extends string>(
  changes: readonly (Pick<PastChange, 'happenedAt'> & { readonly before: T; readonly after: T })[],
  at: Date,
  now: T,
): T {
  const last = changes.findLast(({ happenedAt }) => happenedAt <= at);
  if (last !== undefined) return last.after;
  return changes[0]?.before ?? now;
}
