import type { JSX } from 'preact';
import type { ReviewEventRow } from '../../database/reviews.js';
import type { ReviewDetail } from '../../moderation/read-review.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Card } from '../parts/sections.js';
import { Timeline } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';

const titles: Readonly<Record<ReviewEventRow['kind'], string>> = {
  opened: 'opened it',
  claimed: 'claimed it',
  'let-go': 'let it go',
  question: 'asked the developer',
  answer: 'answered',
  note: 'noted',
  inspected: 'ran the gate again',
  proposed: 'proposed a verdict',
  objected: 'objected to the proposal',
  verdict: 'decided',
};

const tones: Readonly<Partial<Record<ReviewEventRow['kind'], 'good' | 'bad' | 'warning' | 'info'>>> = {
  opened: 'info',
  question: 'warning',
  answer: 'info',
  proposed: 'warning',
  objected: 'bad',
  verdict: 'good',
};

/** What was said and done in a review, also among moderators. It grows while it is looked at. */
export function Thread({
  detail: { review, events, standing, signingRequest },
}: {
  readonly detail: ReviewDetail;
}): JSX.Element {
  const asked = (signingRequest?.events ?? []).map(({ happenedAt, kind, accountName, text }) => ({
    at: happenedAt,
    title: `${accountName}: ${kind}`,
    tone: kind === 'questioned' || kind === 'answered' ? ('info' as const) : undefined,
    body: text === '' ? undefined : <Words text={text} />,
  }));
  const own = events.map((event) => ({
    at: event.happenedAt,
    title: (
      <>
        {event.accountName ?? (event.kind === 'opened' && review.kind === 'report' ? 'The public' : 'The gate')}{' '}
        {titles[event.kind]} {event.isInternal && <Badge>moderators only</Badge>}
      </>
    ),
    tone: tones[event.kind],
    body: <Said event={event} />,
  }));
  const all = [...own, ...asked].sort((one, other) => one.at.getTime() - other.at.getTime());
  return (
    <div id="review-thread" data-live-region="" data-announce={`${all.length} entries in the thread`}>
      <Card title="What was said and done" id="thread">
        {review.kind !== 'appeal' && standing !== null && standing.thread.some(({ kind }) => kind === 'appeal') && (
          <p class="quiet">There is an appeal about this submission, with a review of its own.</p>
        )}
        {all.length === 0 ? (
          <p class="quiet">Nothing yet.</p>
        ) : (
          <Timeline
            events={all.map(({ at, title, tone, body }) => ({
              at,
              title,
              ...(tone !== undefined && { tone }),
              ...(body !== undefined && { body }),
            }))}
          />
        )}
      </Card>
    </div>
  );
}

function Said({ event: { text, detail } }: { readonly event: ReviewEventRow }): JSX.Element {
  const list = (name: string): readonly string[] => {
    const value = detail[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  const { verdict, outcome } = detail;
  return (
    <>
      {typeof verdict === 'string' && (
        <p>
          <WordBadge word={shown(verdict)} />
        </p>
      )}
      {typeof outcome === 'string' && (
        <p>
          The gate says <WordBadge word={shown(outcome)} />
          {list('gone').length > 0 && <> – no more: {shown(list('gone').join(', '))}</>}
          {list('come').length > 0 && <> – new: {shown(list('come').join(', '))}</>}
        </p>
      )}
      {list('codes').length > 0 && typeof verdict === 'string' && (
        <p class="small">Lifted: {shown(list('codes').join(', '))}</p>
      )}
      {text !== '' && <Words text={text} />}
      {typeof detail['confirmation'] === 'string' && <Words text={detail['confirmation']} />}
    </>
  );
}

/** What a person told the store about a release, or what a developer says against a refusal. */
export function OpeningWords({ detail: { review, events } }: { readonly detail: ReviewDetail }): JSX.Element | null {
  const opening = events.find(({ kind }) => kind === 'opened');
  if (opening === undefined || opening.text === '') return null;
  return (
    <Card title={review.kind === 'appeal' ? 'What the developer says' : 'What was reported'}>
      <Words text={opening.text} />
    </Card>
  );
}
