import type { JSX } from 'preact';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { isModerator } from '../../accounts/caller.js';
import { answerEvents, lastEventId } from '../../http/server-sent-events.js';
import { answerQuestion, appealRefusal, isPartyTo } from '../../moderation/appeals.js';
import { followSubmission } from '../../notices/follow-submission.js';
import { isLiftable } from '../../policy/decide.js';
import { ownsApp } from '../../releases/own-apps.js';
import { readSubmission, type ReadSubmission } from '../../releases/read-submissions.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Button } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code } from '../parts/code.js';
import { Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card } from '../parts/sections.js';
import { UnplacedAttempt } from '../parts/unplaced-attempt.js';
import { shown } from '../parts/words.js';
import { ownAppPath, submissionPath } from './developer-words.js';
import { SubmissionFacts } from './submission-facts.js';
import { FindingsOf, LikelyCauses, TechnicalInformation } from './submission-findings.js';
import { isOpen, Standing, Thread } from './submission-standing.js';

const MAX_WORDS = 4_000;
const params = z.object({ id: z.uuid() });

const show: ShowPage<'signed-in', z.infer<typeof params>, object> = async ({ gate, session, params: { id } }) => {
  const { caller } = session;
  const read = await readSubmission(gate, caller, id);
  const { submission } = read;
  const { appId, version, report } = submission;
  const isParty = await isPartyTo(gate.database, caller, submission);
  const isOwner = await ownsApp(gate, caller, appId);
  const storePath = isModerator(caller) ? `console/store/apps/${encodeURIComponent(appId)}` : null;
  const appPath = isOwner ? ownAppPath(appId) : storePath;
  const title = `${appId} ${version === null ? '' : shown(version)}`.trim();
  return {
    title,
    wide: true,
    crumbs: [
      { label: 'My apps', href: 'console/my/apps' },
      { label: appId, ...(appPath !== null && { href: appPath }) },
      { label: version === null ? 'Upload' : shown(version) },
    ],
    actions:
      isModerator(caller) && read.state.review !== null ? (
        <a class="button small" href={`console/reviews/${read.state.review.id}`}>
          Its review
        </a>
      ) : undefined,
    body: (
      <div
        class="stack loose"
        {...(isOpen(read) && { 'data-live': `${submissionPath(id)}/events`, 'data-live-events': 'state' })}
      >
        <UnplacedAttempt forms={formsOf(read, isParty)} />
        <Standing read={read} />
        {isParty && <Answer read={read} />}
        <LikelyCauses report={report} appId={appId} />
        <div class="with-aside">
          <div class="stack loose">
            <FindingsOf report={report} />
            <TechnicalInformation report={report} />
          </div>
          <aside class="stack loose" aria-label="The upload">
            <Thread read={read} />
            {isParty && <Appeal read={read} />}
            <Receipt read={read} />
            <SubmissionFacts submission={submission} />
          </aside>
        </div>
      </div>
    ),
  };
};

/** An upload, its verdict, and what was said about it since. */
export const submissionPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/submissions/{id}', access: 'signed-in' }, { params }, show),
  definePage(
    { method: 'post', path: '/console/submissions/{id}/appeal', access: 'signed-in', again: show },
    { params, form: z.object({ text: requiredText(MAX_WORDS, 'Why it should be accepted') }) },
    async ({ gate, session, params: { id }, form: { text } }) => {
      await appealRefusal(gate, session.caller, { submissionId: id, text });
      return { redirect: submissionPath(id), flash: 'appealed' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/submissions/{id}/answer', access: 'signed-in', again: show },
    { params, form: z.object({ text: requiredText(MAX_WORDS, 'An answer') }) },
    async ({ gate, session, params: { id }, form: { text } }) => {
      await answerQuestion(gate, session.caller, { submissionId: id, text });
      return { redirect: submissionPath(id), flash: 'answered' };
    },
  ),
  definePage(
    { method: 'get', path: '/console/submissions/{id}/events', access: 'signed-in' },
    { params },
    async ({ gate, session, params: { id }, request, response }) => {
      const after = lastEventId(request.get('last-event-id'));
      const answer = await answerEvents(response, (signal) =>
        followSubmission(gate, session.caller, id, { after, signal }),
      );
      const { stream = Readable.from([]), headers = {} } = answer;
      if (request.method !== 'HEAD') return { stream, contentType: 'text/event-stream', headers };
      stream.destroy();
      return { stream: Readable.from([]), contentType: 'text/event-stream', headers };
    },
  ),
];

/** Where the forms lead that the page has now. */
function formsOf({ submission, state }: ReadSubmission, isParty: boolean): readonly string[] {
  if (!isParty) return [];
  const path = submissionPath(submission.id);
  return [...(state.state === 'questioned' ? [`${path}/answer`] : []), ...(state.canAppeal ? [`${path}/appeal`] : [])];
}

/** Where it is the developer's turn to answer. */
function Answer({ read: { submission, state } }: { readonly read: ReadSubmission }): JSX.Element {
  return (
    <div id="submission-answer" data-live-region="">
      {state.state === 'questioned' && (
        <Card title="Your answer">
          <Form action={`${submissionPath(submission.id)}/answer`}>
            <Textarea
              name="text"
              label="What you answer"
              hint="One answer to a question. Moderators read it, and the owners of the app."
              required
              rows={5}
              maxlength={MAX_WORDS}
            />
            <Button look="primary">Send the answer</Button>
          </Form>
        </Card>
      )}
    </div>
  );
}

/** The codes that keep an upload back whatever a moderator thinks of them. */
function fixedCodes({ report: { findings } }: ReadSubmission['submission']): readonly string[] {
  const errors = findings.filter(({ severity, code }) => severity === 'error' && !isLiftable(code));
  return [...new Set(errors.map(({ code }) => code))];
}

/** The way to a moderator, after everything that can be mended. */
function Appeal({ read: { submission, state } }: { readonly read: ReadSubmission }): JSX.Element {
  const fixed = fixedCodes(submission);
  return (
    <div id="submission-appeal" data-live-region="">
      {state.canAppeal && (
        <Card title="Is the refusal wrong?">
          <p class="small quiet">
            Mending it and uploading again is the quickest way. Where nothing is to mend, a moderator looks at it who
            has not decided about it before.
          </p>
          {fixed.length > 0 && (
            <Callout kind="warning" title="Nobody can lift this">
              {fixed.join(', ')}: an appeal only has a moderator look whether the gate is mistaken about{' '}
              {fixed.length === 1 ? 'it' : 'them'}. Where it is not, the refusal stands.
            </Callout>
          )}
          <Form action={`${submissionPath(submission.id)}/appeal`}>
            <Textarea
              name="text"
              label="Why it should be accepted"
              hint="One appeal for a refusal, within 90 days."
              required
              rows={5}
              maxlength={MAX_WORDS}
            />
            <Button>Appeal</Button>
          </Form>
        </Card>
      )}
    </div>
  );
}

function Receipt({ read: { state } }: { readonly read: ReadSubmission }): JSX.Element {
  return (
    <div id="submission-receipt" data-live-region="">
      {state.receipt !== null && (
        <Card title="Receipt">
          <p class="small quiet">
            The hash of the verdict in the store’s audit log. Keep it: no entry can be changed later without that being
            seen.
          </p>
          <Code text={state.receipt} wrap />
        </Card>
      )}
    </div>
  );
}
