import type { JSX } from 'preact';
import { z } from 'zod';
import { answerSigningRequest, withdrawSigningRequest } from '../../authority/decide-signing-request.js';
import { isAllLost } from '../../authority/lost-certificates.js';
import { readSigningRequest, type SigningRequestFile } from '../../authority/read-signing-requests.js';
import type { SigningRequestEventKind } from '../../database/signing-request-events.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge } from '../parts/badge.js';
import { Button, ButtonLink, Confirm } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code, Digest } from '../parts/code.js';
import { Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Facts } from '../parts/sections.js';
import { Time, Timeline } from '../parts/time.js';
import { UnplacedAttempt } from '../parts/unplaced-attempt.js';
import { shown, Words } from '../parts/words.js';
import { ownCertificatePath, ownRequestPath, RequestState, signWith } from './my-certificate-words.js';

const MAX_WORDS = 2_000;
const params = z.object({ id: z.uuid() });

const show: ShowPage<'signed-in', z.infer<typeof params>, object> = async ({ gate, session, params: { id } }) => {
  const file = await readSigningRequest(gate, session.caller, id);
  const { request } = file;
  const isOwn = request.accountId === session.caller.accountId;
  const isUndecided = request.state === 'pending' || request.state === 'questioned';
  return {
    title: `A certificate for ${request.appId}`,
    crumbs: [{ label: 'My certificates', href: 'console/my/certificates' }, { label: `Request for ${request.appId}` }],
    actions: <RequestState state={request.state} />,
    body: (
      <>
        <UnplacedAttempt
          forms={[
            ...(isOwn && request.state === 'questioned' ? [`${ownRequestPath(id)}/answer`] : []),
            ...(isOwn && isUndecided ? [`${ownRequestPath(id)}/withdrawal`] : []),
          ]}
        />
        <Standing file={file} />
        {isOwn && request.state === 'questioned' && (
          <Card title="Your answer">
            <Form action={`${ownRequestPath(id)}/answer`}>
              <Textarea
                name="text"
                label="What you answer"
                hint="One answer to a question."
                required
                rows={4}
                maxlength={MAX_WORDS}
              />
              <Button look="primary">Send the answer</Button>
            </Form>
          </Card>
        )}
        <Thread file={file} />
        <About file={file} />
        {isOwn && isUndecided && (
          <Confirm label="Take the request back" look="plain">
            <Form action={`${ownRequestPath(id)}/withdrawal`}>
              <p>Nobody decides about it any more. You can send another one at any time.</p>
              <Button look="danger">Take it back</Button>
            </Form>
          </Confirm>
        )}
      </>
    ),
  };
};

/** One request for a certificate, for whoever made it and the owners of its app. */
export const myCertificateRequestPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/my/certificates/requests/{id}', access: 'signed-in' }, { params }, show),
  definePage(
    { method: 'post', path: '/console/my/certificates/requests/{id}/answer', access: 'signed-in', again: show },
    { params, form: z.object({ text: requiredText(MAX_WORDS, 'An answer') }) },
    async ({ gate, session, params: { id }, form: { text } }) => {
      await answerSigningRequest(gate, session.caller, { id, text });
      return { redirect: ownRequestPath(id), flash: 'answered' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/my/certificates/requests/{id}/withdrawal', access: 'signed-in', again: show },
    { params },
    async ({ gate, session, params: { id } }) => {
      await withdrawSigningRequest(gate, session.caller, id);
      return { redirect: ownRequestPath(id), flash: 'request-withdrawn' };
    },
  ),
];

function Standing({ file: { request, events, issued } }: { readonly file: SigningRequestFile }): JSX.Element {
  const last = (kind: SigningRequestEventKind): string => events.findLast((event) => event.kind === kind)?.text ?? '';
  switch (request.state) {
    case 'pending':
      return (
        <Callout kind="warning" title="It waits for a moderator">
          They compare who asks with who publishes the app. It goes faster when you prove that its repository is yours:
          <Code text={`portcullis certificate challenge ${request.id}`} wrap />
        </Callout>
      );
    case 'questioned':
      return (
        <Callout kind="warning" title="A moderator asks you something">
          <Words text={last('questioned')} />
        </Callout>
      );
    case 'declined':
      return (
        <Callout kind="bad" title="It was declined">
          <Words text={last('declined')} />
          <p>Another request can be sent, with what was missing.</p>
        </Callout>
      );
    case 'withdrawn':
      return <Callout title="It was taken back">Nobody decides about it any more.</Callout>;
    case 'approved':
      return (
        <Callout kind="good" title="The certificate is issued">
          {issued !== null && request.serial !== null ? (
            <div class="stack">
              <p class="cluster">
                <ButtonLink href={`${ownCertificatePath(request.serial)}/bundle`} look="primary">
                  Download {request.appId}.crt
                </ButtonLink>
                <a href={ownCertificatePath(request.serial)}>The certificate</a>
              </p>
              <p>Put it beside your key, and sign:</p>
              <Code text={signWith(request.appId)} />
            </div>
          ) : (
            <p>Its bytes are not kept here.</p>
          )}
        </Callout>
      );
  }
}

const titles: Readonly<Record<SigningRequestEventKind, string>> = {
  requested: 'asked for it',
  questioned: 'asked',
  answered: 'answered',
  approved: 'granted it',
  declined: 'declined it',
  withdrawn: 'took it back',
  challenged: 'began to prove control of the repository',
  proven: 'proved control of the repository',
  'not-proven': 'looked for the proof, and found none',
};

function Thread({ file: { request, events } }: { readonly file: SigningRequestFile }): JSX.Element {
  return (
    <Card title="What was said and done">
      <Timeline
        events={events.map(({ kind, text, happenedAt, accountName }) => ({
          at: happenedAt,
          title: `${accountName === request.accountName ? accountName : 'A moderator'} ${titles[kind]}`,
          tone: kind === 'approved' || kind === 'proven' ? 'good' : kind === 'declined' ? 'bad' : 'info',
          body: text === '' ? undefined : <Words text={text} />,
        }))}
      />
    </Card>
  );
}

function About({ file: { request, isUrlPublished } }: { readonly file: SigningRequestFile }): JSX.Element {
  return (
    <Card title="What is asked for">
      <Facts
        facts={[
          ['App', request.appId],
          ['Purpose', request.purpose],
          [
            'Revokes',
            isAllLost(request)
              ? 'all certificates of the app that count when it is granted'
              : request.replaces.length === 0
                ? null
                : request.replaces.join(', '),
          ],
          ['Key', shown(request.keyKind)],
          ['Key’s SHA-256', <Digest value={request.publicKey} length={64} />],
          ['Asked by', request.accountName],
          ['Asked', <Time at={request.requestedAt} />],
          [
            'Website',
            request.declaredUrl === null ? null : (
              <span class="cluster">
                <code>{shown(request.declaredUrl)}</code>
                {isUrlPublished === true && <Badge tone="good">what your releases declare</Badge>}
              </span>
            ),
          ],
          ['E-mail', request.contact === null ? null : shown(request.contact)],
        ]}
      />
    </Card>
  );
}
