import type { JSX } from 'preact';
import { z } from 'zod';
import { readOwnApp, type OwnApp } from '../../releases/own-apps.js';
import { withdrawRelease } from '../../releases/change-app.js';
import { readRelease } from '../../storefront/read-catalogue.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Empty, Facts } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';
import { UnplacedAttempt } from '../parts/unplaced-attempt.js';
import { shown } from '../parts/words.js';
import { AppEvents } from './app-events.js';
import { ownAppPath, publicAppPath, submissionPath } from './developer-words.js';
import { formsAboutOwners, Owners } from './my-app-owners.js';
import { Suspension, UploadCard } from './my-app-upload.js';
import { receiveUpload } from './receive-upload.js';
import { Submissions } from './submissions-table.js';

const MAX_REASON = 2_000;
const params = z.object({ appId: z.string().max(64) });
const releaseParams = z.object({ appId: z.string().max(64), version: z.string().max(128) });

/** Shows an app to its owners; the forms about owners show it again, too. */
export const showOwnApp: ShowPage<'signed-in', z.infer<typeof params>, object> = async ({
  gate,
  session,
  params: { appId },
}) => {
  const found = await readOwnApp(gate, session.caller, appId);
  const { app, requirements } = found;
  return {
    title: app.id,
    wide: true,
    crumbs: [{ label: 'My apps', href: 'console/my/apps' }, { label: app.id }],
    actions: (
      <>
        <WordBadge word={app.trustLevel} />
        {app.suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
        {found.releases.length > 0 && (
          <ButtonLink href={publicAppPath(app.id)} small>
            As everybody sees it
          </ButtonLink>
        )}
      </>
    ),
    body: (
      <>
        <UnplacedAttempt forms={formsAboutOwners(found, session.caller)} />
        <Suspension requirements={requirements} />
        <div class="with-aside">
          <div class="stack loose">
            {requirements.suspended === null && <UploadCard gate={gate} requirements={requirements} />}
            <Releases found={found} />
            <Card title="Uploads">
              {found.submissions.length === 0 ? (
                <p class="quiet">Nothing was uploaded yet.</p>
              ) : (
                <Submissions caption="Uploads, the newest first" submissions={found.submissions} />
              )}
            </Card>
          </div>
          <aside class="stack loose" aria-label="The app">
            <Owners found={found} caller={session.caller} sendsMail={gate.mail !== null} />
            <Events found={found} />
          </aside>
        </div>
      </>
    ),
  };
};

const showUpload: ShowPage<'signed-in', z.infer<typeof params>, object> = async (context) => {
  const { gate, session, params: given } = context;
  const { app, requirements } = await readOwnApp(gate, session.caller, given.appId);
  return {
    title: `A release of ${app.id}`,
    crumbs: [
      { label: 'My apps', href: 'console/my/apps' },
      { label: app.id, href: ownAppPath(app.id) },
      { label: 'Upload' },
    ],
    body: (
      <>
        <Suspension requirements={requirements} />
        <UnplacedAttempt forms={[`${ownAppPath(app.id)}/upload`]} />
        <UploadCard gate={gate} requirements={requirements} />
      </>
    ),
  };
};

const showWithdrawal: ShowPage<'signed-in', z.infer<typeof releaseParams>, object> = async ({
  gate,
  session,
  params: { appId, version },
}) => {
  // Whose app it is, before whether there is such a release.
  await readOwnApp(gate, session.caller, appId);
  const release = await readRelease(gate, appId, version);
  return {
    title: `Withdraw ${appId} ${release.version}`,
    crumbs: [
      { label: 'My apps', href: 'console/my/apps' },
      { label: appId, href: ownAppPath(appId) },
      { label: `Withdraw ${release.version}` },
    ],
    body:
      release.status === 'published' ? (
        <Card title="What happens">
          <ul>
            <li>It is offered and served no more. Servers that have it keep it.</li>
            <li>Only a moderator can bring it back, and its version is never free again.</li>
            <li>That it was there, and why it is no more, stays public.</li>
          </ul>
          <Form action={`${ownAppPath(appId)}/releases/${encodeURIComponent(release.version)}/withdrawal`}>
            <Textarea name="reason" label="Why" hint="Public." required rows={3} maxlength={MAX_REASON} />
            <span class="cluster">
              <Button look="danger">Withdraw it</Button>
              <ButtonLink href={ownAppPath(appId)}>Leave it</ButtonLink>
            </span>
          </Form>
        </Card>
      ) : (
        <Empty title={`It is ${release.status} already`} action={<a href={ownAppPath(appId)}>Back to {appId}</a>} />
      ),
  };
};

/** One app, for its owners: what it publishes, and what its next upload needs. */
export const ownAppPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/my/apps/{appId}', access: 'signed-in' }, { params }, showOwnApp),
  definePage({ method: 'get', path: '/console/my/apps/{appId}/upload', access: 'signed-in' }, { params }, showUpload),
  definePage(
    {
      method: 'post',
      path: '/console/my/apps/{appId}/upload',
      access: 'signed-in',
      body: 'multipart',
      again: showUpload,
    },
    { params },
    (context) => receiveUpload(context, context.params.appId),
  ),
  definePage(
    { method: 'get', path: '/console/my/apps/{appId}/releases/{version}/withdrawal', access: 'signed-in' },
    { params: releaseParams },
    showWithdrawal,
  ),
  definePage(
    {
      method: 'post',
      path: '/console/my/apps/{appId}/releases/{version}/withdrawal',
      access: 'signed-in',
      again: showWithdrawal,
    },
    { params: releaseParams, form: z.object({ reason: requiredText(MAX_REASON, 'A reason') }) },
    async ({ gate, session, params: { appId, version }, form: { reason } }) => {
      await withdrawRelease(gate, session.caller, { appId, version, reason });
      return { redirect: ownAppPath(appId), flash: 'release-withdrawn' };
    },
  ),
];

function Releases({ found: { app, releases } }: { readonly found: OwnApp }): JSX.Element {
  return (
    <Card title="Releases">
      {releases.length === 0 ? (
        <Empty title="Nothing is published yet">The first upload that the gate accepts is your first release.</Empty>
      ) : (
        <Table
          caption="Releases, the one published last first"
          rows={releases}
          rowKey={({ version }) => version}
          columns={[
            {
              label: 'Version',
              cell: ({ version, submissionId }) => <a href={submissionPath(submissionId)}>{shown(version)}</a>,
            },
            {
              label: 'Status',
              cell: ({ status, statusReason }) => (
                <>
                  <WordBadge word={status} />
                  {statusReason !== null && statusReason !== '' && (
                    <span class="small quiet block">{shown(statusReason)}</span>
                  )}
                </>
              ),
            },
            {
              label: 'Signed by',
              cell: ({ signature: { signer }, signerRevoked }) => (
                <span class="cluster">
                  {signer === null ? <span class="quiet">nobody</span> : `CN=${shown(signer.commonName)}`}
                  {signerRevoked !== null && <Badge tone="bad">revoked</Badge>}
                </span>
              ),
            },
            { label: 'Published', cell: ({ publishedAt }) => <Time at={publishedAt} /> },
            {
              label: 'Change',
              cell: ({ version, status }) =>
                status === 'published' ? (
                  <a
                    href={`${ownAppPath(app.id)}/releases/${encodeURIComponent(version)}/withdrawal`}
                    aria-label={`Withdraw ${shown(version)}`}
                  >
                    Withdraw
                  </a>
                ) : (
                  <span class="quiet">–</span>
                ),
            },
          ]}
        />
      )}
    </Card>
  );
}

function Events({ found: { app, events } }: { readonly found: OwnApp }): JSX.Element {
  return (
    <Card title="Timeline">
      <Facts facts={[['Known since', <Day at={app.createdAt} />]]} />
      {events.length > 0 && <AppEvents events={events} />}
    </Card>
  );
}
