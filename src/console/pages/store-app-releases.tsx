import type { JSX } from 'preact';
import { z } from 'zod';
import type { ReleaseSummary } from '../../database/releases.js';
import { cannedReasons } from '../../moderation/canned-reasons.js';
import type { StoreApp } from '../../moderation/store-apps.js';
import { optionalText } from '../form-fields.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button, Confirm } from '../parts/button.js';
import { Digest } from '../parts/code.js';
import { Select, Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Empty } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { useSurroundings } from '../surroundings.js';
import { StandingMarks } from './standing-marks.js';

/** As long as what is said of a decision about an app may be. */
export const MAX_REASON = 2_000;

/** What becomes of a release, and why. */
export const releaseForm = z.object({
  version: z.string().max(128),
  status: z.enum(['published', 'withdrawn', 'quarantined']),
  reasonCode: optionalText(64),
  reason: optionalText(MAX_REASON),
});

/** What an app published, and what can become of it. `action` takes the form. */
export function Releases({ found, action }: { readonly found: StoreApp; readonly action: string }): JSX.Element {
  const { releases, marks } = found;
  return (
    <Card title="Releases">
      {releases.length === 0 ? (
        <Empty title="Nothing was published yet">Held and refused uploads stand under submissions.</Empty>
      ) : (
        <>
          <Table
            caption="Releases, the one published last first"
            rows={releases}
            rowKey={({ version }) => version}
            columns={[
              { label: 'Version', cell: ({ version }) => version },
              { label: 'Status', cell: (release) => <Status release={release} marks={marks} /> },
              {
                label: 'Signed by',
                cell: ({ signature: { signer }, signerRevoked }) => (
                  <>
                    {signer === null ? 'unsigned' : `CN=${shown(signer.commonName)}`}{' '}
                    {signerRevoked !== null && <Badge tone="bad">revoked</Badge>}
                  </>
                ),
              },
              { label: 'SHA-256', cell: ({ archiveSha256 }) => <Digest value={archiveSha256} /> },
              { label: 'Published', cell: ({ publishedAt }) => <Time at={publishedAt} /> },
            ]}
          />
          <ReleaseForm action={action} releases={releases} />
        </>
      )}
    </Card>
  );
}

function Status({
  release: { version, status, statusReason, statusReasonCode },
  marks,
}: {
  readonly release: ReleaseSummary;
  readonly marks: StoreApp['marks'];
}): JSX.Element {
  return (
    <>
      <WordBadge word={status} />
      {statusReason !== null && statusReason !== '' && <span class="small quiet block">{shown(statusReason)}</span>}
      {statusReasonCode !== null && <code class="small">{statusReasonCode}</code>}
      <StandingMarks marks={marks.filter((mark) => mark.version === version)} />
    </>
  );
}

const reasonChoices = [
  { value: '', label: 'In my own words' },
  ...cannedReasons
    .filter(({ verdicts }) => verdicts.some((verdict) => ['withdrawn', 'quarantined', 'restored'].includes(verdict)))
    .map(({ code, text }) => ({ value: code, label: text })),
];

/** Withdraws, quarantines or restores one of the releases. */
function ReleaseForm({
  action,
  releases,
}: {
  readonly action: string;
  readonly releases: readonly ReleaseSummary[];
}): JSX.Element | null {
  const changeable = releases.filter(({ status }) => status !== 'withdrawn');
  const { attempt } = useSurroundings();
  if (changeable.length === 0) return null;
  const form = (
    <Form action={action}>
      <Select
        name="version"
        label="Release"
        required
        choices={changeable.map(({ version, status }) => ({ value: version, label: `${version} (${status})` }))}
      />
      <Select
        name="status"
        label="What becomes of it"
        required
        choices={[
          { value: 'quarantined', label: 'Quarantine: served no more until somebody restores it' },
          { value: 'published', label: 'Restore: served again' },
          { value: 'withdrawn', label: 'Withdraw: served no more, for good' },
        ]}
      />
      <Select name="reasonCode" label="Reason" optionally="one of the two" choices={reasonChoices} />
      <Textarea
        name="reason"
        label="In your own words"
        optionally="one of the two"
        hint="Public: it stands with the release, and everybody can read it. It takes the place of the reason from the list."
        rows={2}
        maxlength={MAX_REASON}
      />
      <Button look="danger">Change the release</Button>
    </Form>
  );
  // What went wrong with it is seen without unfolding anything.
  if (attempt?.action === action) return form;
  return (
    <Confirm label="Withdraw, quarantine or restore one" look="danger">
      {form}
    </Confirm>
  );
}
