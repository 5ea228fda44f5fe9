import type { JSX } from 'preact';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { answerEvents } from '../../http/server-sent-events.js';
import { addNote, askDeveloper, objectToProposal } from '../../moderation/ask-developer.js';
import { claimReview, letGoOfReview } from '../../moderation/claims.js';
import { followReview } from '../../moderation/follow-review.js';
import { inspectAgain } from '../../moderation/inspect-again.js';
import { readReview } from '../../moderation/read-review.js';
import { readDesk } from '../../moderation/review-desk.js';
import { proposalOf } from '../../moderation/second-person.js';
import { MAX_TEXT } from '../../moderation/texts.js';
import { confirmProposal, decideReview } from '../../moderation/verdicts.js';
import { reviewVerdicts } from '../../database/reviews.js';
import { verdictsOfKind } from '../../moderation/decidable.js';
import { optionalText, requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { ButtonLink } from '../parts/button.js';
import { kindNames, titleOf, verdictWords } from './moderation-words.js';
import { AppTimeline, Earlier, ReviewFacts } from './review-facts.js';
import { ReviewTabs, Standing, WaysOn } from './review-head.js';
import { Quarantined, WhatTheGateSaid } from './review-reasons.js';
import { RestOfReport } from './review-report.js';
import { LostAttempt } from './review-lost-attempt.js';
import { RequestCard } from './review-request.js';
import { OpeningWords, Thread } from './review-thread.js';
import { OtherActs, possibleFor, Verdicts, type VerdictProps } from './review-verdicts.js';

const params = z.object({ id: z.uuid() });

const show: ShowPage<'moderator', z.infer<typeof params>, object> = async ({ gate, session, params: { id } }) => {
  const detail = await readReview(gate, session.caller, id);
  const desk = await readDesk(gate, session.caller, detail.review);
  const { review, submission, reinspections, signingRequest } = detail;
  const report = reinspections[0]?.report ?? submission?.report ?? null;
  const acts: VerdictProps = { detail, desk, session, report, now: gate.now() };
  const title = `${kindNames[review.kind].one}: ${titleOf(review)}`;
  return {
    title,
    wide: true,
    crumbs: [{ label: 'Queue', href: 'console/queue' }, { label: titleOf(review) }],
    body: (
      <>
        <ReviewTabs id={id} hasArchive={submission !== null} current="review" />
        <LostAttempt {...acts} />
        <Standing detail={detail} desk={desk} session={session} />
        <Jumps {...acts} />
        <div class="with-aside">
          <div class="stack loose">
            {(review.kind === 'report' || review.kind === 'appeal') && <OpeningWords detail={detail} />}
            {signingRequest !== null && <RequestCard file={signingRequest} />}
            {review.kind === 'quarantine' && <Quarantined detail={detail} />}
            {report !== null && <WhatTheGateSaid detail={detail} report={report} />}
            <Verdicts {...acts} />
            <OtherActs {...acts} />
            <Thread detail={detail} />
            {report !== null && <RestOfReport report={report} reviewId={id} />}
            <Earlier detail={detail} />
          </div>
          <aside class="stack loose" aria-label="What it is about">
            <ReviewFacts detail={detail} />
            <AppTimeline detail={detail} />
          </aside>
        </div>
      </>
    ),
  };
};

/** Where to go on the page, each by a key: the form is the next thing that Tab leads to. */
function Jumps(acts: VerdictProps): JSX.Element {
  const { detail, desk } = acts;
  const { id, kind, state } = detail.review;
  const possible = possibleFor(acts);
  const path = `console/reviews/${id}`;
  const jump = (to: string, label: string, key: string): JSX.Element => (
    <ButtonLink key={to} href={`${path}#${to}`} small shortcut={key}>
      {label}
    </ButtonLink>
  );
  const isAskable = kind === 'held' || kind === 'appeal' || kind === 'signing-request';
  return (
    <nav id="review-jumps" class="cluster" aria-label="What to do" data-live-region="">
      {possible === 'verdict' &&
        verdictsOfKind[kind].map((verdict) => {
          const words = verdictWords[verdict];
          return words && jump(`verdict-${verdict}`, words.title, words.key);
        })}
      {possible === 'confirmation' && desk.notConfirmable === null && jump('confirm', 'Confirm', 'a')}
      {possible === 'confirmation' && jump('object', desk.notConfirmable === null ? 'Object' : 'Take it back', 'r')}
      {possible === 'verdict' && isAskable && jump('ask', 'Ask', 'q')}
      {state !== 'closed' &&
        desk.conflict === null &&
        detail.submission !== null &&
        kind !== 'report' &&
        jump('inspect', 'Run the gate again', 'g')}
      {state !== 'closed' && jump('note', 'Note', 'n')}
      {detail.submission !== null && (
        <ButtonLink href={`${path}/difference`} small shortcut="v">
          Difference
        </ButtonLink>
      )}
      {jump('thread', 'Thread', 's')}
      {state !== 'closed' && proposalOf(detail.review) === null && <WaysOn desk={desk} />}
    </nav>
  );
}

const reasonForm = z.object({ reason: requiredText(MAX_TEXT, 'A reason') });
const verdictParams = params.extend({ verdict: z.enum(reviewVerdicts) });
const verdictForm = z
  .object({
    reasonCode: optionalText(64),
    reason: optionalText(MAX_TEXT),
    codes: z.preprocess((sent) => (sent === undefined ? [] : [sent].flat()), z.array(z.string().max(64)).max(50)),
  })
  .refine(({ reason, reasonCode }) => reason !== null || reasonCode !== null, {
    message: 'A reason is needed: one of the list, or your own words.',
    path: ['reason'],
  });

const here = (id: string): string => `console/reviews/${id}`;

/** One review: everything about it on one screen, and everything that can be done. */
export const reviewPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/reviews/{id}', access: 'moderator' }, { params }, show),
  definePage(
    { method: 'get', path: '/console/reviews/{id}/events', access: 'moderator' },
    { params },
    async ({ gate, session, params: { id }, response }) => {
      const answer = await answerEvents(response, (signal) => followReview(gate, session.caller, id, { signal }));
      const { stream = Readable.from([]), headers = {} } = answer;
      return { stream, contentType: 'text/event-stream', headers };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/claim', access: 'moderator', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      await claimReview(gate, session.caller, id);
      return { redirect: here(id), flash: 'review-claimed' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/take-over', access: 'administrator', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      await claimReview(gate, session.caller, id, { takeOver: true });
      return { redirect: here(id), flash: 'review-claimed' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/let-go', access: 'moderator', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      await letGoOfReview(gate, session.caller, id);
      return { redirect: here(id), flash: 'review-let-go' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/verdicts/{verdict}', access: 'moderator', again: show },
    { params: verdictParams, form: verdictForm },
    async ({ gate, session, params: { id, verdict }, form: { reasonCode, reason, codes } }) => {
      const lifts = verdict === 'accepted' || verdict === 'granted' ? codes : null;
      const { review } = await decideReview(gate, session.caller, {
        id,
        verdict,
        reasonCode,
        reason: reason ?? '',
        codes: lifts,
      });
      return { redirect: here(id), flash: review.state === 'closed' ? 'verdict-given' : 'verdict-proposed' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/confirmation', access: 'moderator', again: show },
    { params, form: reasonForm },
    async ({ gate, session, params: { id }, form }) => {
      await confirmProposal(gate, session.caller, { id, reason: form.reason });
      return { redirect: here(id), flash: 'verdict-given' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/objection', access: 'moderator', again: show },
    { params, form: reasonForm },
    async ({ gate, session, params: { id }, form }) => {
      await objectToProposal(gate, session.caller, { id, reason: form.reason });
      return { redirect: here(id), flash: 'objected' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/question', access: 'moderator', again: show },
    { params, form: z.object({ text: requiredText(MAX_TEXT, 'A question') }) },
    async ({ gate, session, params: { id }, form }) => {
      await askDeveloper(gate, session.caller, { id, text: form.text });
      return { redirect: here(id), flash: 'question-asked' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/inspection', access: 'moderator', again: show },
    { params, form: reasonForm },
    async ({ gate, session, params: { id }, form }) => {
      await inspectAgain(gate, session.caller, { id, reason: form.reason });
      return { redirect: here(id), flash: 'inspected-again' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/reviews/{id}/notes', access: 'moderator', again: show },
    { params, form: z.object({ text: requiredText(MAX_TEXT, 'A note') }) },
    async ({ gate, session, params: { id }, form }) => {
      await addNote(gate, session.caller, { id, text: form.text });
      return { redirect: here(id), flash: 'note-added' };
    },
  ),
];
