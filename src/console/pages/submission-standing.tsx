import type { ComponentChildren, JSX } from 'preact';
import type { PublicEvent } from '../../moderation/submission-state.js';
import type { ReadSubmission } from '../../releases/read-submissions.js';
import { WordBadge } from '../parts/badge.js';
import { Callout } from '../parts/callout.js';
import { Card, Steps } from '../parts/sections.js';
import { Time, Timeline } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';
import { publicAppPath } from './developer-words.js';

/** Whether what stands now may still change without a further upload. */
export function isOpen({ state: { state, canAppeal } }: ReadSubmission): boolean {
  return state === 'held' || state === 'questioned' || state === 'appealed' || canAppeal;
}

interface StandingWords {
  readonly kind: 'good' | 'bad' | 'warning' | 'note';
  readonly title: string;
  readonly text: ComponentChildren;
}

/** How a submission stands, in plain words; it changes while it is looked at. */
export function Standing({ read }: { readonly read: ReadSubmission }): JSX.Element {
  const { state, review } = read.state;
  const { kind, title, text } = wordsOf(read);
  const reason = reasonOf(read);
  return (
    <div id="submission-state" class="stack" data-live-region="" data-announce={title}>
      <Callout kind={kind} title={title}>
        <p>{text}</p>
        {reason !== null && reason !== '' && (
          <>
            <p class="small">{state === 'questioned' ? 'The question:' : 'The reason given:'}</p>
            <Words text={reason} />
          </>
        )}
        {review?.decidedAt != null && (
          <p class="small">
            Decided by a moderator <Time at={review.decidedAt} />.
          </p>
        )}
      </Callout>
      <Way read={read} />
    </div>
  );
}

function reasonOf({ state: { state, review, thread }, release }: ReadSubmission): string | null {
  if (state === 'questioned') return thread.findLast(({ kind }) => kind === 'question')?.text ?? null;
  if (release !== null && release.status !== 'published') return release.statusReason;
  return review?.state === 'closed' ? review.reason : null;
}

function wordsOf({ state: { state, review }, release, submission: { appId } }: ReadSubmission): StandingWords {
  switch (state) {
    case 'accepted':
      if (release !== null && release.status !== 'published') {
        return {
          kind: 'bad',
          title: release.status === 'withdrawn' ? 'It was published, and withdrawn since' : 'It is under quarantine',
          text: 'It is served no more.',
        };
      }
      return {
        kind: 'good',
        title: 'Accepted and published',
        text: (
          <>
            It is offered to everybody on <a href={publicAppPath(appId)}>the page of {appId}</a>.
          </>
        ),
      };
    case 'held':
      return {
        kind: 'warning',
        title: 'It waits for a moderator',
        text: 'The gate found something that a person must look at. You need do nothing; this page changes by itself.',
      };
    case 'questioned':
      return {
        kind: 'warning',
        title: 'A moderator asks you something',
        text: 'It waits for your answer, and may be decided without one.',
      };
    case 'appealed':
      return {
        kind: 'note',
        title: 'The appeal waits for a moderator',
        text: 'Somebody who did not decide about it before looks at it. This page changes by itself.',
      };
    case 'refused':
      return refusal(review?.verdict ?? null);
  }
}

function refusal(verdict: string | null): StandingWords {
  switch (verdict) {
    case 'superseded':
      return {
        kind: 'note',
        title: 'Something else was published as this version',
        text: 'So this upload waits for nobody any more.',
      };
    case 'denied':
      return {
        kind: 'bad',
        title: 'Refused, and the appeal was denied',
        text: 'That is final for this archive. Mend what is below, and upload it again.',
      };
    case null:
      return {
        kind: 'bad',
        title: 'The gate refused it',
        text: 'Nothing was published. Everything that is wrong stands below; mend it, and upload it again.',
      };
    default:
      return {
        kind: 'bad',
        title: 'A moderator refused it',
        text: 'Nothing was published.',
      };
  }
}

/** The way from the upload to the release, and how far it is. */
function Way({ read: { state, submission, release } }: { readonly read: ReadSubmission }): JSX.Element {
  const { review } = state;
  const byGate = submission.outcome === 'refused' ? 'failed' : 'done';
  const hasModerator = review !== null && review.verdict !== 'superseded';
  const byModerator = state.state === 'accepted' ? 'done' : state.state === 'refused' ? 'failed' : 'current';
  const published = release?.status === 'published' ? 'done' : release === null ? 'ahead' : 'failed';
  const moderator = { label: review?.kind === 'appeal' ? 'Appeal' : 'Moderator', state: byModerator } as const;
  const steps = [
    { label: 'Uploaded', state: 'done' as const },
    { label: 'Looked at by the gate', state: byGate } as const,
    ...(hasModerator ? [moderator] : []),
    ...(state.state === 'refused' ? [] : [{ label: 'Published', state: published } as const]),
  ];
  return <Steps steps={steps} />;
}

const said: Readonly<Record<PublicEvent['kind'], string>> = {
  appeal: 'The appeal',
  question: 'A moderator asks',
  answer: 'The answer',
  verdict: 'The verdict',
};

const tones = { appeal: 'info', question: 'warning', answer: 'info', verdict: 'good' } as const;

/** What was said between the developer and the store. */
export function Thread({ read: { state } }: { readonly read: ReadSubmission }): JSX.Element {
  const { thread, review } = state;
  return (
    <div id="submission-thread" data-live-region="">
      {thread.length > 0 && (
        <Card title="What was said">
          <Timeline
            events={thread.map(({ kind, text, happenedAt }, index) => ({
              at: happenedAt,
              title: (
                <span class="cluster">
                  {said[kind]}
                  {kind === 'verdict' && index === thread.length - 1 && review?.verdict != null && (
                    <WordBadge word={shown(review.verdict)} />
                  )}
                </span>
              ),
              tone: tones[kind],
              body: text === '' ? undefined : <Words text={text} />,
            }))}
          />
        </Card>
      )}
    </div>
  );
}
