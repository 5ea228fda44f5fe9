import type { JSX } from 'preact';
import type { ReviewDetail } from '../../moderation/read-review.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Digest } from '../parts/code.js';
import { Card, Facts } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { AppEvents } from './app-events.js';
import { kindNames, sizeOf } from './moderation-words.js';
import { StandingMarks } from './standing-marks.js';

/** What a review is about, in facts: the app, who uploaded it, with what. */
export function ReviewFacts({ detail }: { readonly detail: ReviewDetail }): JSX.Element {
  const { review, app, owners, submission, uploader, release, marks } = detail;
  return (
    <Card title="What it is">
      <Facts
        facts={[
          ['Kind', kindNames[review.kind].one],
          ['App', <a href={`console/store/apps/${encodeURIComponent(app.id)}`}>{app.id}</a>],
          [
            'Trust level',
            <>
              <WordBadge word={app.trustLevel} /> {app.suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
            </>,
          ],
          ['Owners', owners.length === 0 ? 'Nobody yet' : <Names names={owners.map(({ name }) => name)} />],
          ['Version', review.version === null ? null : shown(review.version)],
          [
            'Opened',
            <>
              <Time at={review.openedAt} /> by{' '}
              {review.openedBy ?? (review.kind === 'report' ? 'the public' : 'the gate')}
            </>,
          ],
          ['Category', review.category],
          ['Contact', review.contact === null ? null : shown(review.contact)],
          [
            'Release',
            release && (
              <>
                {release.version} <WordBadge word={release.status} />
              </>
            ),
          ],
          ['Standing watch', marks.length === 0 ? null : <StandingMarks marks={marks} />],
          ['Uploaded by', uploader && <Names names={[uploader.accountName]} />],
          [
            uploader?.kind === 'session' ? 'In the session' : 'With the token',
            uploader && (
              <>
                {uploader.label === '' ? 'without a label' : `“${shown(uploader.label)}”`}
                {uploader.revokedAt !== null && <Badge tone="bad">revoked since</Badge>}
                <br />
                <span class="small quiet">{uploader.scopes.join(', ')}</span>
              </>
            ),
          ],
          ['Archive', submission && sizeOf(submission.archiveBytes)],
          ['SHA-256', submission && <Digest value={submission.archiveSha256} />],
          ['Submission', submission && <a href={`console/submissions/${submission.id}`}>as the developer sees it</a>],
        ]}
      />
    </Card>
  );
}

function Names({ names }: { readonly names: readonly string[] }): JSX.Element {
  return (
    <>
      {names.map((name, index) => (
        <span key={name}>
          {index > 0 && ', '}
          <a href={`console/people/${encodeURIComponent(name)}`}>{name}</a>
        </span>
      ))}
    </>
  );
}

/** What happened to the app, the newest first. */
export function AppTimeline({ detail: { timeline, app } }: { readonly detail: ReviewDetail }): JSX.Element {
  return (
    <Card title="The app’s timeline">
      {timeline.length === 0 ? (
        <p class="quiet">Nothing has happened to it yet.</p>
      ) : (
        <AppEvents events={timeline.slice(0, 10)} />
      )}
      <p>
        <a href={`console/store/apps/${encodeURIComponent(app.id)}`}>Everything about {app.id}</a>
      </p>
    </Card>
  );
}

/** The app's releases, and other submissions of the same version or bytes. */
export function Earlier({ detail: { releases, related } }: { readonly detail: ReviewDetail }): JSX.Element {
  return (
    <>
      <Card title="Earlier releases">
        {releases.length === 0 ? (
          <p class="quiet">Nothing of this app was ever published.</p>
        ) : (
          <Table
            caption="Releases, the one published last first"
            rows={releases.slice(0, 20)}
            rowKey={({ version }) => version}
            columns={[
              { label: 'Version', cell: ({ version }) => version },
              { label: 'Status', cell: ({ status }) => <WordBadge word={status} /> },
              {
                label: 'Signed by',
                cell: ({ signature: { signer } }) => (signer === null ? 'unsigned' : `CN=${shown(signer.commonName)}`),
              },
              { label: 'Published', cell: ({ publishedAt }) => <Time at={publishedAt} /> },
            ]}
          />
        )}
      </Card>
      {related.length > 0 && (
        <Card title="Other uploads of this version or these bytes">
          <Table
            caption="Submissions, the newest first"
            rows={related}
            rowKey={({ id }) => id}
            columns={[
              {
                label: 'Submitted',
                cell: ({ id, submittedAt }) => (
                  <a href={`console/submissions/${id}`}>
                    <Time at={submittedAt} />
                  </a>
                ),
              },
              { label: 'Version', cell: ({ version }) => (version === null ? '–' : shown(version)) },
              { label: 'State', cell: ({ state }) => <WordBadge word={state} /> },
              { label: 'SHA-256', cell: ({ archiveSha256 }) => <Digest value={archiveSha256} /> },
            ]}
          />
        </Card>
      )}
    </>
  );
}
