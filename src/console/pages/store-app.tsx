import type { JSX } from 'preact';
import { z } from 'zod';
import { statusOfCertificate } from '../../authority/read-ledger.js';
import { cannedReasons } from '../../moderation/canned-reasons.js';
import { readStoreApp, type StoreApp } from '../../moderation/store-apps.js';
import { trustLevels } from '../../policy/trust-level.js';
import { changeReleaseStatus, changeTrustLevel } from '../../releases/change-app.js';
import { reinstateApp, suspendApp } from '../../releases/suspend-app.js';
import { RequestError } from '../../request-error.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Digest } from '../parts/code.js';
import { Select, Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Facts } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';
import { useSurroundings } from '../surroundings.js';
import { AppEvents } from './app-events.js';
import { kindNames, stateNames, titleOf } from './moderation-words.js';
import { MAX_REASON, releaseForm, Releases } from './store-app-releases.js';

const params = z.object({ appId: z.string().max(64) });
const reason = requiredText(MAX_REASON, 'A reason');

const pathOf = (appId: string): string => `console/store/apps/${encodeURIComponent(appId)}`;

const show: ShowPage<'moderator', z.infer<typeof params>, object> = async ({ gate, session, params: { appId } }) => {
  const found = await readStoreApp(gate, session.caller, appId);
  const { app } = found;
  return {
    title: app.id,
    wide: true,
    crumbs: [{ label: 'Apps', href: 'console/store/apps' }, { label: app.id }],
    actions: (
      <>
        <WordBadge word={app.trustLevel} />
        {app.suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
        <a class="button small" href={`console/apps/${encodeURIComponent(app.id)}`}>
          As everybody sees it
        </a>
      </>
    ),
    body: (
      <>
        {app.suspendedAt !== null && (
          <Callout kind="bad" title="Suspended">
            <p>
              Since <Time at={app.suspendedAt} />: nothing of it is served, and nothing is taken.
            </p>
            <Words text={app.suspensionReason ?? ''} />
          </Callout>
        )}
        <div class="with-aside">
          <div class="stack loose">
            <Waiting found={found} />
            <Releases found={found} action={`${pathOf(app.id)}/releases`} />
            <Submissions found={found} />
            <Certificates found={found} />
          </div>
          <aside class="stack loose" aria-label="The app">
            <About found={found} />
            <TrustLevelForm found={found} />
            <SuspensionForm found={found} />
            <Events found={found} />
          </aside>
        </div>
      </>
    ),
  };
};

/** One app: who owns it, what it published, and what a moderator decides about it. */
export const storeAppPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/store/apps/{appId}', access: 'moderator' }, { params }, show),
  definePage(
    { method: 'post', path: '/console/store/apps/{appId}/trust-level', access: 'moderator', again: show },
    { params, form: z.object({ trustLevel: z.enum(trustLevels, 'Choose one of the levels.'), reason }) },
    async ({ gate, session, params: { appId }, form }) => {
      // Ids of apps that nobody uploaded are no page: nothing is made by a wrong address.
      await readStoreApp(gate, session.caller, appId);
      await changeTrustLevel(gate, session.caller, { appId, ...form });
      return { redirect: pathOf(appId), flash: 'saved' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/store/apps/{appId}/suspension', access: 'moderator', again: show },
    { params, form: z.object({ reason }) },
    async ({ gate, session, params: { appId }, form }) => {
      await suspendApp(gate, session.caller, { appId, reason: form.reason });
      return { redirect: pathOf(appId), flash: 'app-suspended' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/store/apps/{appId}/reinstatement', access: 'moderator', again: show },
    { params, form: z.object({ reason }) },
    async ({ gate, session, params: { appId }, form }) => {
      const { stayed } = await reinstateApp(gate, session.caller, { appId, reason: form.reason });
      return { redirect: pathOf(appId), flash: stayed.length > 0 ? 'app-reinstated-partly' : 'app-reinstated' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/store/apps/{appId}/releases', access: 'moderator', again: show },
    { params, form: releaseForm },
    async ({ gate, session, params: { appId }, form: { version, status, reasonCode, reason: words } }) => {
      const canned = reasonCode === null ? undefined : cannedReasons.find(({ code }) => code === reasonCode);
      const text = words ?? canned?.text;
      if (text === undefined || (reasonCode !== null && canned === undefined)) {
        const message = 'A reason is needed: one of the list, or your own words.';
        throw new RequestError('INVALID_REQUEST', message, { field: 'reason' });
      }
      await changeReleaseStatus(gate, session.caller, { appId, version, status, reason: text, reasonCode });
      return { redirect: pathOf(appId), flash: 'saved' };
    },
  ),
];

function About({ found: { app, owners } }: { readonly found: StoreApp }): JSX.Element {
  return (
    <Card title="About">
      <Facts
        facts={[
          [
            'Owners',
            owners.length === 0
              ? 'Nobody yet'
              : owners.map(({ name }, index) => (
                  <span key={name}>
                    {index > 0 && ', '}
                    <a href={`console/people/${encodeURIComponent(name)}`}>{name}</a>
                  </span>
                )),
          ],
          ['Known since', <Day at={app.createdAt} />],
          [
            'Signed since',
            app.signedSince === null ? (
              'Never'
            ) : (
              <>
                {app.signedVersion}, <Day at={app.signedSince} />
              </>
            ),
          ],
          ['Audit log', <a href={`console/audit?app=${encodeURIComponent(app.id)}`}>Every entry about it</a>],
        ]}
      />
    </Card>
  );
}

function TrustLevelForm({ found: { app } }: { readonly found: StoreApp }): JSX.Element {
  return (
    <Card title="Trust level">
      <Form action={`${pathOf(app.id)}/trust-level`}>
        <Select
          name="trustLevel"
          label="How much the store vouches for it"
          hint="Official apps must be signed, and lifting a rule for them takes two moderators."
          required
          value={app.trustLevel}
          choices={trustLevels.map((level) => ({ value: level, label: level }))}
        />
        <Textarea name="reason" label="Why" required rows={2} maxlength={MAX_REASON} />
        <Button>Change the trust level</Button>
      </Form>
    </Card>
  );
}

function SuspensionForm({ found: { app } }: { readonly found: StoreApp }): JSX.Element {
  const isSuspended = app.suspendedAt !== null;
  return (
    <Card title={isSuspended ? 'End the suspension' : 'Suspend'}>
      <p class="small quiet">
        {isSuspended
          ? 'What went under quarantine with it comes back, but for what could not be published today.'
          : 'Everything it has published goes under quarantine, and nothing further is taken, until the suspension ends.'}
      </p>
      <Form action={`${pathOf(app.id)}/${isSuspended ? 'reinstatement' : 'suspension'}`}>
        <Textarea
          name="reason"
          label="Why"
          hint="Public: it stands with every release that this is about."
          required
          rows={2}
          maxlength={MAX_REASON}
        />
        <Button look={isSuspended ? 'primary' : 'danger'}>
          {isSuspended ? 'Reinstate the app' : 'Suspend the app'}
        </Button>
      </Form>
    </Card>
  );
}

function Waiting({ found: { waiting } }: { readonly found: StoreApp }): JSX.Element | null {
  if (waiting.length === 0) return null;
  return (
    <Card title="Waits for a decision">
      <ul>
        {waiting.map((item) => (
          <li key={item.id}>
            <a href={`console/reviews/${item.id}`}>
              {kindNames[item.kind].one}: {shown(titleOf(item))}
            </a>{' '}
            <span class="quiet">
              {stateNames[item.state]}, since <Time at={item.openedAt} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Submissions({ found: { submissions } }: { readonly found: StoreApp }): JSX.Element {
  return (
    <Card title="Submissions">
      {submissions.length === 0 ? (
        <p class="quiet">Nothing was uploaded yet.</p>
      ) : (
        <Table
          caption="Submissions, the newest first"
          rows={submissions}
          rowKey={({ id }) => id}
          rowLink={({ id }) => `console/submissions/${id}`}
          columns={[
            {
              label: 'Version',
              cell: ({ id, version }) => (
                <a href={`console/submissions/${id}`}>{version === null ? 'unknown' : shown(version)}</a>
              ),
            },
            { label: 'State', cell: ({ state }) => <WordBadge word={state} /> },
            { label: 'SHA-256', cell: ({ archiveSha256 }) => <Digest value={archiveSha256} /> },
            { label: 'Submitted', cell: ({ submittedAt }) => <Time at={submittedAt} /> },
          ]}
        />
      )}
    </Card>
  );
}

function Certificates({ found: { certificates } }: { readonly found: StoreApp }): JSX.Element | null {
  const { now } = useSurroundings();
  if (certificates.length === 0) return null;
  return (
    <Card title="Certificates">
      <Table
        caption="Certificates, the newest first"
        rows={certificates}
        rowKey={({ serial }) => serial}
        columns={[
          {
            label: 'Serial',
            cell: ({ serial }) => (
              <a href={`console/store/certificates/${serial}`}>
                <code>{serial}</code>
              </a>
            ),
          },
          { label: 'Status', cell: (certificate) => <WordBadge word={statusOfCertificate(certificate, now)} /> },
          { label: 'Ends', cell: ({ notAfter }) => (notAfter === null ? '–' : <Day at={notAfter} />) },
        ]}
      />
    </Card>
  );
}

function Events({ found: { events, app } }: { readonly found: StoreApp }): JSX.Element {
  return (
    <Card title="Timeline">
      {events.length === 0 ? <p class="quiet">Nothing has happened to it yet.</p> : <AppEvents events={events} />}
      <p>
        <a href={`console/audit?app=${encodeURIComponent(app.id)}`}>The audit log has all of it</a>
      </p>
    </Card>
  );
}
