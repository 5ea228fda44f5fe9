import type { JSX } from 'preact';
import type { AppEventRow } from '../../database/apps.js';
import type { ReviewKind } from '../../database/reviews.js';
import type { ReviewDetail } from '../../moderation/read-review.js';
import type { Report } from '../../report/report.js';
import { WordBadge } from '../parts/badge.js';
import { Callout } from '../parts/callout.js';
import { Card, Facts } from '../parts/sections.js';
import { Time } from '../parts/time.js';
import { Words } from '../parts/words.js';
import { Deciding } from './review-report.js';

/** Releases that wait for a verdict were accepted once: what the gate said then is not why they wait now. */
const reportTitles: Readonly<Record<ReviewKind, string>> = {
  held: 'Why it waits',
  appeal: 'Why it was refused',
  'signing-request': 'Why it waits',
  quarantine: 'What the gate said of it then',
  report: 'What the gate said of it then',
};

/** What the gate found in the archive, and when it looked. */
export function WhatTheGateSaid({
  detail,
  report,
}: {
  readonly detail: ReviewDetail;
  readonly report: Report;
}): JSX.Element {
  const { id, kind } = detail.review;
  const obstacle = obstacleOf(detail);
  return (
    <Card title={reportTitles[kind]} lead={<Looks detail={detail} />}>
      {obstacle !== null && (
        <Callout kind="warning" title="It can’t be accepted">
          {obstacle}
        </Callout>
      )}
      <Deciding report={report} reviewId={id} isAcceptable={obstacle === null} />
    </Card>
  );
}

/** What keeps an upload from being accepted whatever the gate finds in it; null where nothing does, or nothing is asked. */
function obstacleOf({ review: { kind, state }, app, uploader }: ReviewDetail): string | null {
  if (state === 'closed' || (kind !== 'held' && kind !== 'appeal')) return null;
  if (app.suspendedAt !== null) return 'The app is suspended: nothing of it is published.';
  if (uploader === null) return null;
  if (uploader.accountSuspension !== null) {
    return `The account ${uploader.accountName}, which uploaded it, is suspended.`;
  }
  if (uploader.revokedAt === null) return null;
  const what = uploader.kind === 'session' ? 'The session it was uploaded in' : 'The token it was uploaded with';
  return `${what} has been revoked since. The developer uploads it again.`;
}

/** When the gate looked, and what it said each time. */
function Looks({ detail: { submission, reinspections } }: { readonly detail: ReviewDetail }): JSX.Element | null {
  if (submission === null) return null;
  const [last] = reinspections;
  return (
    <>
      The gate {submission.outcome} it <Time at={submission.submittedAt} />.
      {last !== undefined && (
        <>
          {' '}
          {last.accountName} ran it again <Time at={last.inspectedAt} />: <WordBadge word={last.outcome} />. What stands
          here is of that look
          {reinspections.length > 1 && `, the newest of ${reinspections.length}`}.
        </>
      )}
    </>
  );
}

/** Why the release is under quarantine; of a review that is closed, why it was. */
export function Quarantined({ detail }: { readonly detail: ReviewDetail }): JSX.Element | null {
  const { review, release } = detail;
  if (review.state === 'closed') return <QuarantinedThen detail={detail} />;
  if (release === null) return null;
  const { statusReason, statusReasonCode, statusChangedAt, signerRevoked } = release;
  return (
    <Card title="Why it is under quarantine">
      <Words text={statusReason ?? 'No reason was given.'} />
      <Facts
        facts={[
          ['Since', statusChangedAt && <Time at={statusChangedAt} />],
          ['Reason code', statusReasonCode],
          [
            'Certificate',
            signerRevoked && (
              <>
                <CertificateLink serial={signerRevoked.serial} /> revoked: {signerRevoked.reason}
              </>
            ),
          ],
        ]}
      />
    </Card>
  );
}

function QuarantinedThen({ detail }: { readonly detail: ReviewDetail }): JSX.Element {
  const { openedAt, closedAt } = detail.review;
  const opening = openingOf(detail);
  const serial = opening?.detail['serial'];
  return (
    <Card title="Why it was under quarantine">
      <Words text={opening?.reason || 'Its reason stands in the audit log of the app.'} />
      <Facts
        facts={[
          ['From', <Time at={openedAt} />],
          ['To', closedAt && <Time at={closedAt} />],
          ['Reason code', opening?.detail['reasonCode'] ?? null],
          ['Certificate', serial === undefined ? null : <CertificateLink serial={serial} />],
        ]}
      />
    </Card>
  );
}

function CertificateLink({ serial }: { readonly serial: string }): JSX.Element {
  return (
    <a href={`console/store/certificates/${serial}`}>
      <code>{serial}</code>
    </a>
  );
}

/** The event is written in the transaction that opens the review, but dated by the clock of the database. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** What put the release under quarantine when the review was opened: the release itself says only how it stands today. */
function openingOf({ review: { version, openedAt }, timeline }: ReviewDetail): AppEventRow | null {
  const distance = ({ happenedAt }: AppEventRow): number => Math.abs(happenedAt.getTime() - openedAt.getTime());
  const [nearest] = timeline
    .filter(({ kind, detail }) => kind === 'release-status' && detail['version'] === version)
    .filter(({ detail }) => detail['after'] === 'quarantined')
    .sort((one, other) => distance(one) - distance(other));
  return nearest !== undefined && distance(nearest) < CLOCKS_DIFFER_MS ? nearest : null;
}
