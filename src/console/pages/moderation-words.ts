import type { AppEventRow } from '../../database/apps.js';
import type { ReviewKind, ReviewRow, ReviewState, ReviewVerdict } from '../../database/reviews.js';

/** What reviews are called in the console. */
export const kindNames: Readonly<Record<ReviewKind, { readonly one: string; readonly many: string }>> = {
  held: { one: 'Held upload', many: 'Held' },
  appeal: { one: 'Appeal', many: 'Appeals' },
  'signing-request': { one: 'Signing request', many: 'Signing requests' },
  quarantine: { one: 'Quarantined release', many: 'Quarantine' },
  report: { one: 'Report', many: 'Reports' },
};

/** For whom a review waits. */
export const stateNames: Readonly<Record<ReviewState, string>> = {
  waiting: 'waits for a moderator',
  questioned: 'waits for the developer',
  proposed: 'waits for a second moderator',
  closed: 'decided',
};

/** What a review is about, for headings and links. */
export function titleOf({ appId, version }: Pick<ReviewRow, 'appId' | 'version'>): string {
  return version === null ? appId : `${appId} ${version}`;
}

/** How a moderator gives a verdict: the button, its key, and what comes of it. */
export interface VerdictWords {
  readonly title: string;
  readonly button: string;
  readonly key: string;
  readonly look: 'primary' | 'danger' | 'plain';
  readonly effect: string;
}

export const verdictWords: Readonly<Partial<Record<ReviewVerdict, VerdictWords>>> = {
  accepted: {
    title: 'Accept',
    button: 'Accept and publish',
    key: 'a',
    look: 'primary',
    effect: 'The gate looks at it again, and where nothing but what you lift is in the way it is published.',
  },
  refused: {
    title: 'Refuse',
    button: 'Refuse it',
    key: 'r',
    look: 'danger',
    effect: 'The developer reads your reason, and may appeal; somebody else decides on that.',
  },
  granted: {
    title: 'Grant the appeal',
    button: 'Grant it and publish',
    key: 'a',
    look: 'primary',
    effect: 'The gate looks at it again, and where nothing but what you lift is in the way it is published.',
  },
  denied: {
    title: 'Deny the appeal',
    button: 'Deny it',
    key: 'r',
    look: 'danger',
    effect: 'The refusal stands, for good. The developer reads your reason.',
  },
  approved: {
    title: 'Approve',
    button: 'Approve and issue',
    key: 'a',
    look: 'primary',
    effect: 'The certificate is issued, and what it replaces is revoked. A free app id becomes the applicant’s.',
  },
  declined: {
    title: 'Decline',
    button: 'Decline it',
    key: 'r',
    look: 'danger',
    effect: 'Final for this request; another one can be made. The applicant reads your reason.',
  },
  restored: {
    title: 'Restore',
    button: 'Restore the release',
    key: 'a',
    look: 'primary',
    effect: 'It is served and offered again.',
  },
  withdrawn: {
    title: 'Withdraw',
    button: 'Withdraw the release',
    key: 'r',
    look: 'danger',
    effect: 'It is served no more, and its version is never used again.',
  },
  quarantined: {
    title: 'Quarantine',
    button: 'Put it under quarantine',
    key: 'u',
    look: 'danger',
    effect: 'It is served no more until a moderator restores it; that is a review of its own.',
  },
  dismissed: {
    title: 'Dismiss',
    button: 'Dismiss the report',
    key: 'a',
    look: 'primary',
    effect: 'Nothing changes for the release.',
  },
};

/** What happened to an app, for its timeline. */
export function appEventTitle({ kind, detail }: Pick<AppEventRow, 'kind' | 'detail'>): string {
  const of = (name: string): string => detail[name] ?? '';
  switch (kind) {
    case 'claimed':
      return 'The app id was claimed';
    case 'owner-added':
      return `${of('owner')} became an owner`;
    case 'owner-removed':
      return `${of('owner')} is no owner any more`;
    case 'transferred':
      return 'The app was transferred';
    case 'trust-level':
      return `Trust level: ${of('before')} → ${of('after')}`;
    case 'release-status':
      return `${of('version')}: ${of('before')} → ${of('after')}`;
    case 'key-exposed':
      return 'A private key of this app was found in an upload';
    case 'suspended':
      return 'The app was suspended';
    case 'reinstated':
      return 'The suspension ended';
    case 'certificate-requested':
      return 'A certificate was asked for';
    case 'certificate-issued':
      return `Certificate ${of('serial')} was issued`;
    case 'certificate-revoked':
      return `Certificate ${of('serial')} was revoked`;
  }
}

/** The colour of an event. */
export function appEventTone({
  kind,
  detail,
}: Pick<AppEventRow, 'kind' | 'detail'>): 'good' | 'bad' | 'info' | 'warning' {
  if (kind === 'release-status') return detail['after'] === 'published' ? 'good' : 'bad';
  if (kind === 'key-exposed' || kind === 'suspended' || kind === 'certificate-revoked') return 'bad';
  if (kind === 'reinstated' || kind === 'certificate-issued') return 'good';
  return 'info';
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB'];

/** A size for people. */
export function sizeOf(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTES.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTES[unit] ?? ''}`;
}

/** A span of time for people, by its two largest units. */
export function durationOf(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return 'under a minute';
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [days > 0 && `${days} d`, hours > 0 && `${hours} h`, rest > 0 && `${rest} min`].filter(Boolean);
  return parts.slice(0, 2).join(' ');
}
