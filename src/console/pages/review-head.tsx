import type { JSX } from 'preact';
import { isOperator } from '../../accounts/caller.js';
import type { Session } from '../../accounts/sessions.js';
import type { ReviewDetail } from '../../moderation/read-review.js';
import type { ReviewDesk } from '../../moderation/review-desk.js';
import { proposalEnd, proposalOf } from '../../moderation/second-person.js';
import { WordBadge } from '../parts/badge.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code } from '../parts/code.js';
import { Form } from '../parts/form.js';
import { Tabs } from '../parts/sections.js';
import { Day, Time } from '../parts/time.js';
import { Words } from '../parts/words.js';
import { stateNames, titleOf } from './moderation-words.js';

/** The pages of a review. */
export function ReviewTabs({
  id,
  hasArchive,
  current,
}: {
  readonly id: string;
  readonly hasArchive: boolean;
  readonly current: 'review' | 'difference' | 'files';
}): JSX.Element | null {
  if (!hasArchive) return null;
  const tab = (name: typeof current, label: string) => ({
    href: name === 'review' ? `console/reviews/${id}` : `console/reviews/${id}/${name}`,
    label,
    current: current === name,
  });
  return (
    <Tabs
      label="This review"
      tabs={[tab('review', 'Review'), tab('difference', 'Difference'), tab('files', 'Files')]}
    />
  );
}

interface StandingProps {
  readonly detail: ReviewDetail;
  readonly desk: ReviewDesk;
  readonly session: Session;
}

/** How the review stands: for whom it waits and who is at it, or what was decided. It is replaced when that changes. */
export function Standing({ detail, desk, session }: StandingProps): JSX.Element {
  const { review } = detail;
  const { id, state, verdict } = review;
  const said = state === 'closed' ? `decided: ${verdict ?? ''}` : stateNames[state];
  return (
    <div
      id="review-standing"
      class="stack"
      data-live={`console/reviews/${id}/events`}
      data-live-region=""
      data-announce={`${titleOf(review)} ${said}`}
    >
      {state === 'closed' ? (
        <Decided detail={detail} desk={desk} />
      ) : (
        <>
          <Claim detail={detail} desk={desk} session={session} />
          {desk.conflict !== null && (
            <Callout kind="warning" title="Not yours to decide">
              {desk.conflict} You can read all of it, and leave a note for whoever does.
            </Callout>
          )}
          <Proposed detail={detail} desk={desk} />
        </>
      )}
    </div>
  );
}

function Claim({ detail: { review }, desk, session }: StandingProps): JSX.Element {
  const { id, claimedBy, claimedUntil, state } = review;
  const isMine = claimedBy === session.caller.accountName;
  return (
    <div class="standing">
      <p>
        It <strong>{stateNames[state]}</strong>.{' '}
        {claimedBy === null ? (
          'Nobody is at it.'
        ) : (
          <>
            {isMine ? 'You are' : <strong>{claimedBy}</strong>}
            {isMine ? ' at it' : ' is at it'}
            {claimedUntil !== null && (
              <>
                ; the claim ends <Time at={claimedUntil} />
              </>
            )}
            .
          </>
        )}
      </p>
      {isMine ? (
        <Form action={`console/reviews/${id}/let-go`} class="inline">
          <Button small shortcut="l">
            Let it go
          </Button>
        </Form>
      ) : desk.conflict !== null ? null : claimedBy === null ? (
        <Form action={`console/reviews/${id}/claim`} class="inline">
          <Button small shortcut="c">
            Claim it
          </Button>
        </Form>
      ) : (
        isOperator(session.caller) && (
          <Form action={`console/reviews/${id}/take-over`} class="inline">
            <Button small>Take it over</Button>
          </Form>
        )
      )}
    </div>
  );
}

function Proposed({ detail: { review }, desk }: Omit<StandingProps, 'session'>): JSX.Element | null {
  const proposal = proposalOf(review);
  if (proposal === null) return null;
  const { verdict, codes, proposedBy, proposedAt, reason } = proposal;
  const at = new Date(proposedAt);
  return (
    <Callout kind="warning" title="A second moderator is needed">
      <div class="stack">
        <p>
          <strong>{proposedBy}</strong> proposed <WordBadge word={verdict} /> <Time at={at} />
          {codes.length > 0 && <> and would lift {codes.join(', ')}</>}. It counts until <Day at={proposalEnd(at)} />.
        </p>
        <Words text={reason} />
        {desk.notConfirmable !== null && <p>{desk.notConfirmable}</p>}
        <Receipt hash={desk.receipt} what="proposal" />
        <Next desk={desk} />
      </div>
    </Callout>
  );
}

const against = ['refused', 'denied', 'declined', 'withdrawn', 'quarantined'];

function Decided({ detail: { review, release }, desk }: Omit<StandingProps, 'session'>): JSX.Element {
  const { verdict, decidedBy, closedAt, reason } = review;
  const isAgainst = verdict !== null && against.includes(verdict);
  return (
    <Callout kind={isAgainst || verdict === 'superseded' ? 'note' : 'good'} title="Decided">
      <div class="stack">
        <p>
          <WordBadge word={verdict ?? 'closed'} /> by {decidedBy ?? 'the gate itself'}
          {closedAt !== null && (
            <>
              , <Time at={closedAt} />
            </>
          )}
          {release !== null && (
            <>
              . Release {release.version} is <WordBadge word={release.status} /> now.
            </>
          )}
        </p>
        {reason !== null && reason !== '' && <Words text={reason} />}
        <Receipt hash={desk.receipt} what="verdict" />
        <Next desk={desk} />
      </div>
    </Callout>
  );
}

function Receipt({ hash, what }: { readonly hash: string | null; readonly what: string }): JSX.Element | null {
  if (hash === null) return null;
  return (
    <div class="stack tight">
      <p class="small quiet">Receipt: the hash of the {what}’s entry in the audit log</p>
      <Code text={hash} wrap />
    </div>
  );
}

function Next({ desk: { next } }: { readonly desk: ReviewDesk }): JSX.Element {
  return (
    <p class="cluster">
      {next === null ? (
        <span>Nothing else waits that is free.</span>
      ) : (
        <ButtonLink href={`console/reviews/${next.id}`} look="primary" shortcut="o">
          Next: {titleOf(next)}
        </ButtonLink>
      )}
      <ButtonLink href="console/queue" shortcut="b">
        Back to the queue
      </ButtonLink>
    </p>
  );
}

/** Away from a review that is not decided yet, by the same keys as from one that is. */
export function WaysOn({ desk: { next } }: { readonly desk: ReviewDesk }): JSX.Element {
  return (
    <>
      {next !== null && (
        <ButtonLink href={`console/reviews/${next.id}`} small shortcut="o">
          Leave it, and on to the next
        </ButtonLink>
      )}
      <ButtonLink href="console/queue" small shortcut="b">
        Back to the queue
      </ButtonLink>
    </>
  );
}
