import type { JSX } from 'preact';
import type { OwnedAppRow } from '../../database/app-list.js';
import { readOwnApps, type ListedSubmission } from '../../releases/own-apps.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Field, FileField } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Empty } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { ownAppPath, submissionPath } from './developer-words.js';
import { sizeOf } from './moderation-words.js';
import { receiveUpload } from './receive-upload.js';
import { Submissions } from './submissions-table.js';

const show: ShowPage<'signed-in', object, object> = async ({ gate, session }) => {
  const { apps, uploads } = await readOwnApps(gate, session.caller);
  const isNew = apps.length === 0 && uploads.length === 0;
  return {
    title: 'My apps',
    lead: isNew ? undefined : 'What you publish here, and what became of what you uploaded last.',
    actions: isNew ? undefined : <ButtonLink href="console/my/apps#upload">Upload an app</ButtonLink>,
    body: (
      <>
        <Asked uploads={uploads} />
        {isNew ? <NothingYet /> : <Apps apps={apps} />}
        <UploadCard maxBytes={gate.limits.archiveBytes} />
        {uploads.length > 0 && (
          <Card title="Your last uploads">
            <Submissions caption="Your uploads, the newest first" submissions={uploads} withApp />
          </Card>
        )}
      </>
    ),
  };
};

/** The apps of whoever is signed in, and the way in for a new one. */
export const myAppPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/my/apps', access: 'signed-in' }, {}, show),
  definePage(
    { method: 'post', path: '/console/my/apps', access: 'signed-in', body: 'multipart', again: show },
    {},
    (context) => receiveUpload(context, null),
  ),
];

/** What waits for the developer comes before everything else. */
function Asked({ uploads }: { readonly uploads: readonly ListedSubmission[] }): JSX.Element | null {
  const asked = uploads.filter(({ state }) => state === 'questioned');
  if (asked.length === 0) return null;
  return (
    <Callout kind="warning" title="A moderator asks you something">
      <ul class="plain-list">
        {asked.map(({ id, appId, version }) => (
          <li key={id}>
            <a href={submissionPath(id)}>
              {appId} {version === null ? '' : shown(version)}
            </a>
          </li>
        ))}
      </ul>
    </Callout>
  );
}

function NothingYet(): JSX.Element {
  return (
    <Empty
      title="You have no apps here yet"
      action={
        <>
          <ButtonLink href="console/my/apps#upload">Upload your first app</ButtonLink>
          <span>or</span>
          <a href="console/my/certificates">ask for a certificate first</a>
        </>
      }
    >
      An app id that nobody has becomes yours with the first upload that is not refused. Signed from the beginning,
      nobody but you can ever update it.
    </Empty>
  );
}

function Apps({ apps }: { readonly apps: readonly OwnedAppRow[] }): JSX.Element {
  if (apps.length === 0) {
    return (
      <Empty title="No app is yours yet">
        An app id becomes yours with the first upload that is not refused. What became of your uploads stands below.
      </Empty>
    );
  }
  return (
    <Table
      caption="Your apps, by id"
      rows={apps}
      rowKey={({ id }) => id}
      rowLink={({ id }) => ownAppPath(id)}
      columns={[
        {
          label: 'App',
          cell: ({ id, suspendedAt }) => (
            <span class="cluster">
              <a href={ownAppPath(id)}>{id}</a>
              {suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
            </span>
          ),
        },
        {
          label: 'Newest release',
          cell: ({ newest }) =>
            newest === null ? (
              <span class="quiet">none yet</span>
            ) : (
              <span class="cluster">
                {shown(newest.version)} <WordBadge word={newest.status} />
                <span class="small quiet">
                  <Time at={new Date(newest.publishedAt)} />
                </span>
              </span>
            ),
        },
        { label: 'Waits', cell: (app) => <Waits app={app} /> },
        { label: 'Refused last', cell: ({ refused }) => <Refused refused={refused} /> },
        { label: 'Trust level', cell: ({ trustLevel }) => <WordBadge word={trustLevel} /> },
      ]}
    />
  );
}

function Waits({ app: { waiting, questioned } }: { readonly app: OwnedAppRow }): JSX.Element {
  if (waiting + questioned === 0) return <span class="quiet">nothing</span>;
  return (
    <span class="cluster">
      {questioned > 0 && <Badge tone="info">{`${questioned} for you`}</Badge>}
      {waiting > 0 && <Badge tone="warning">{`${waiting} for a moderator`}</Badge>}
    </span>
  );
}

function Refused({ refused }: Pick<OwnedAppRow, 'refused'>): JSX.Element {
  if (refused === null) return <span class="quiet">nothing</span>;
  return (
    <span class="cluster">
      <a href={submissionPath(refused.id)}>{refused.version === null ? 'no version' : shown(refused.version)}</a>
      <span class="small quiet">
        <Time at={new Date(refused.submittedAt)} />
      </span>
    </span>
  );
}

function UploadCard({ maxBytes }: { readonly maxBytes: number }): JSX.Element {
  return (
    <Card
      title="Upload an app"
      id="upload"
      lead="A new one, or a release of one of yours. You see the verdict at once, with everything that is wrong, and how to mend it."
    >
      <Form action="console/my/apps" upload>
        <Field
          name="appId"
          label="App id"
          hint="As <id> in appinfo/info.xml and the folder in the archive say it: a–z, 0–9, “_” and “-”."
          required
          maxlength={64}
          spellcheck={false}
        />
        <FileField
          name="archive"
          label="Archive"
          hint={`A zip as portcullis pack makes it, of ${sizeOf(maxBytes)} at most.`}
          accept=".zip,application/zip"
        />
        <Button look="primary">Upload</Button>
      </Form>
    </Card>
  );
}
