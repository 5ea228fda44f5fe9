import type { JSX } from 'preact';
import type { Session } from '../../accounts/sessions.js';
import { cannedReasons } from '../../moderation/canned-reasons.js';
import { verdictsOfKind } from '../../moderation/decidable.js';
import { codesInTheWay } from '../../moderation/look-again.js';
import type { ReviewDetail } from '../../moderation/read-review.js';
import type { ReviewDesk } from '../../moderation/review-desk.js';
import { isStale, needsSecondModerator, proposalOf } from '../../moderation/second-person.js';
import { MAX_TEXT } from '../../moderation/texts.js';
import type { ReviewVerdict } from '../../database/reviews.js';
import { isLiftable } from '../../policy/decide.js';
import type { Report } from '../../report/report.js';
import { Button } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Select, Textarea, Tick } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card } from '../parts/sections.js';
import { verdictWords, type VerdictWords } from './moderation-words.js';

/** What a moderator can do about a review, as far as they may. */
export interface VerdictProps {
  readonly detail: ReviewDetail;
  readonly desk: ReviewDesk;
  readonly session: Session;
  /** The report on record; null where the review is about no archive. */
  readonly report: Report | null;
  readonly now: Date;
}

/** Whether verdicts can be given here, by this moderator, now. */
export type Possible = 'verdict' | 'confirmation' | 'nothing';

export function possibleFor({ detail: { review }, desk, session, now }: Omit<VerdictProps, 'report'>): Possible {
  const isHeldByAnother = review.claimedById !== null && review.claimedById !== session.caller.accountId;
  if (review.state === 'closed' || desk.conflict !== null || isHeldByAnother) return 'nothing';
  const proposal = proposalOf(review);
  return proposal === null || isStale(proposal, now) ? 'verdict' : 'confirmation';
}

/** The forms that decide. It is replaced when what can be done changes, and at no other time: nobody's typing is lost. */
export function Verdicts(props: VerdictProps): JSX.Element | null {
  const { detail, desk } = props;
  const { review } = detail;
  const possible = possibleFor(props);
  return (
    <div id="review-verdicts" data-live-region="">
      {possible === 'confirmation' && <Confirmation id={review.id} canConfirm={desk.notConfirmable === null} />}
      {possible === 'verdict' && (
        <Card title="Decide" id="decide">
          <div class="verdicts">
            {verdictsOfKind[review.kind].map((verdict) => {
              const words = verdictWords[verdict];
              return words && <Verdict key={verdict} verdict={verdict} words={words} {...props} />;
            })}
          </div>
        </Card>
      )}
    </div>
  );
}

function Verdict({
  verdict,
  words: { title, button, look, effect },
  detail: { review, app },
  report,
}: VerdictProps & { readonly verdict: ReviewVerdict; readonly words: VerdictWords }): JSX.Element {
  const canned = cannedReasons.filter(({ verdicts }) => verdicts.includes(verdict));
  const isAcceptance = verdict === 'accepted' || verdict === 'granted';
  return (
    <section class="verdict" id={`verdict-${verdict}`} tabIndex={-1} aria-label={title}>
      <h3>{title}</h3>
      <p class="small quiet">{effect}</p>
      <Form action={`console/reviews/${review.id}/verdicts/${verdict}`}>
        {isAcceptance && report !== null && (
          <Lifted report={report} isOfficial={needsSecondModerator(app, ['SIGNER_CHANGED'])} />
        )}
        {canned.length > 0 && (
          <Select
            name="reasonCode"
            label="Reason"
            optionally="one of the two"
            value=""
            choices={[
              { value: '', label: 'In my own words' },
              ...canned.map(({ code, text }) => ({ value: code, label: text })),
            ]}
          />
        )}
        <Textarea
          name="reason"
          label={canned.length > 0 ? 'In your own words' : 'Reason'}
          optionally="one of the two"
          hint={`${readBy(verdict)}${canned.length > 0 ? ' It takes the place of the reason from the list.' : ''}`}
          required={canned.length === 0}
          rows={3}
          maxlength={MAX_TEXT}
        />
        <Button look={look}>{button}</Button>
      </Form>
    </section>
  );
}

/** Who reads the reason of a verdict: what is decided about a release stands beside it, for everybody. */
function readBy(verdict: ReviewVerdict): string {
  switch (verdict) {
    case 'restored':
    case 'withdrawn':
    case 'quarantined':
      return 'Public: it stands with the release, and everybody can read it.';
    case 'dismissed':
      return 'Read by moderators.';
    default:
      return 'Read by the developer.';
  }
}

/** The rules that are lifted for these very bytes: only those that a moderator may lift can be ticked. */
function Lifted({ report, isOfficial }: { readonly report: Report; readonly isOfficial: boolean }): JSX.Element | null {
  const inTheWay = codesInTheWay(report);
  const fixed = inTheWay.filter((code) => !isLiftable(code));
  const liftable = inTheWay.filter(isLiftable);
  const holds = new Set(report.findings.filter(({ severity }) => severity === 'hold').map(({ code }) => code));
  return (
    <>
      {fixed.length > 0 && (
        <Callout kind="warning" title="Nobody lifts this">
          {fixed.join(', ')}: while the gate finds {fixed.length === 1 ? 'it' : 'any of them'}, it can’t be published.
          Where a list or a rule has changed since, run the gate again.
        </Callout>
      )}
      {liftable.length > 0 && (
        <fieldset class="field">
          <legend>Lift for this upload</legend>
          {liftable.map((code) => (
            <Tick key={code} name="codes" value={code} label={<code>{code}</code>} checked={holds.has(code)} />
          ))}
          {isOfficial && (
            <p class="hint">
              This is an official app: where you lift anything but APPROVAL_REQUIRED, your verdict is a proposal, and a
              second moderator must agree.
            </p>
          )}
        </fieldset>
      )}
    </>
  );
}

function Confirmation({ id, canConfirm }: { readonly id: string; readonly canConfirm: boolean }): JSX.Element {
  return (
    <Card title="The proposed verdict" id="decide">
      <div class="verdicts">
        {canConfirm && (
          <section class="verdict" id="confirm" tabIndex={-1} aria-label="Confirm">
            <h3>Confirm</h3>
            <p class="small quiet">The gate looks at it again; then it takes effect with both your names.</p>
            <Form action={`console/reviews/${id}/confirmation`}>
              <Textarea name="reason" label="Why you agree" required rows={3} maxlength={MAX_TEXT} />
              <Button look="primary">Confirm the verdict</Button>
            </Form>
          </section>
        )}
        <section class="verdict" id="object" tabIndex={-1} aria-label="Object">
          <h3>{canConfirm ? 'Object' : 'Take it back'}</h3>
          <p class="small quiet">It waits for a moderator again. Only moderators read your reason.</p>
          <Form action={`console/reviews/${id}/objection`}>
            <Textarea name="reason" label="Why not" required rows={3} maxlength={MAX_TEXT} />
            <Button look="danger">{canConfirm ? 'Object to it' : 'Take the proposal back'}</Button>
          </Form>
        </section>
      </div>
    </Card>
  );
}

/** What is done beside a verdict: asking the developer, running the gate again, noting something down. */
export function OtherActs(props: VerdictProps): JSX.Element | null {
  const { detail, desk } = props;
  const { review, submission } = detail;
  const { id, kind, state } = review;
  if (state === 'closed') return null;
  const isFree = possibleFor(props) !== 'nothing';
  const canAsk =
    possibleFor(props) === 'verdict' && (kind === 'held' || kind === 'appeal' || kind === 'signing-request');
  const canInspect =
    desk.conflict === null && submission !== null && (kind === 'held' || kind === 'appeal' || kind === 'quarantine');
  return (
    <Card title="Before that">
      <div class="verdicts">
        {canAsk && (
          <section class="verdict" id="ask" tabIndex={-1} aria-label="Ask the developer">
            <h3>Ask the developer</h3>
            <Form action={`console/reviews/${id}/question`}>
              <Textarea
                name="text"
                label="Question"
                hint="The review waits for the answer; it can be decided without one."
                required
                rows={3}
                maxlength={kind === 'signing-request' ? 2_000 : MAX_TEXT}
              />
              <Button>Ask</Button>
            </Form>
          </section>
        )}
        {canInspect && (
          <section class="verdict" id="inspect" tabIndex={-1} aria-label="Run the gate again">
            <h3>Run the gate again</h3>
            <Form action={`console/reviews/${id}/inspection`}>
              <Textarea
                name="reason"
                label="Why"
                hint="By the trust, the rules and the history of now. It decides nothing."
                required
                rows={3}
                maxlength={MAX_TEXT}
              />
              <Button>Run it again</Button>
            </Form>
          </section>
        )}
        <section class="verdict" id="note" tabIndex={-1} aria-label="Leave a note">
          <h3>Leave a note</h3>
          <Form action={`console/reviews/${id}/notes`}>
            <Textarea
              name="text"
              label="Note"
              hint="Moderators read it, and nobody else."
              required
              rows={3}
              maxlength={MAX_TEXT}
            />
            <Button>Add the note</Button>
          </Form>
        </section>
      </div>
      {!isFree && desk.conflict === null && <p class="quiet">Somebody else is at it: only notes can be left now.</p>}
    </Card>
  );
}
