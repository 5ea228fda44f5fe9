import type { JSX } from 'preact';
import { z } from 'zod';
import { readDifference, type Difference, type SignerMember } from '../../moderation/difference.js';
import { readReview } from '../../moderation/read-review.js';
import type { ReportedSignature } from '../../report/report.js';
import { definePage, type Page } from '../page.js';
import { ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Card, Empty, Pager } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day } from '../parts/time.js';
import { shown, shownLines } from '../parts/words.js';
import { FileCard } from './difference-file.js';
import { titleOf } from './moderation-words.js';
import { ReviewTabs } from './review-head.js';

const params = z.object({ id: z.uuid() });
const query = z.object({
  after: z.string().max(4_096).optional(),
  path: z.string().max(4_096).optional(),
});
const FILES = 100;

/** What a review's archive has otherwise than the last published release. */
export const reviewDifferencePages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/reviews/{id}/difference', access: 'moderator' },
    { params, query },
    async ({ gate, session, params: { id }, query: { after, path } }) => {
      const { review } = await readReview(gate, session.caller, id);
      const found = await readDifference(gate, session.caller, id, {
        after: after ?? null,
        path: path ?? null,
        limit: FILES,
      });
      const { before } = found;
      return {
        title: `Difference: ${titleOf(review)}`,
        wide: true,
        crumbs: [
          { label: 'Queue', href: 'console/queue' },
          { label: titleOf(review), href: `console/reviews/${id}` },
          { label: 'Difference' },
        ],
        lead:
          before === null ? (
            'No release was published before: everything in it is new.'
          ) : (
            <>
              Against {shown(before.version ?? '')}
              {before.publishedAt !== null && (
                <>
                  , published <Day at={before.publishedAt} />
                </>
              )}
              .
            </>
          ),
        actions: (
          <ButtonLink href={`console/reviews/${id}`} shortcut="b">
            Back to the review
          </ButtonLink>
        ),
        body: (
          <>
            <ReviewTabs id={id} hasArchive current="difference" />
            <Counts found={found} />
            <Signer found={found} />
            <InfoXml found={found} />
            <Files found={found} id={id} isOne={path !== undefined} />
            <Pager next={found.next} />
          </>
        ),
      };
    },
  ),
];

function Counts({ found: { counts, omittedTexts } }: { readonly found: Difference }): JSX.Element {
  if (counts === null) {
    return (
      <Callout kind="warning" title="No files are compared">
        The archive can’t be read to its end; its report says why.
      </Callout>
    );
  }
  const figure = (value: number, label: string): JSX.Element => (
    <div class="figure" key={label}>
      <span class="figure-value">{value}</span>
      <span class="quiet">{label}</span>
    </div>
  );
  return (
    <>
      <div class="figures">
        {figure(counts.added, 'files added')}
        {figure(counts.removed, 'files removed')}
        {figure(counts.changed, 'files changed')}
        {figure(counts.unchanged, 'as before')}
      </div>
      {omittedTexts > 0 && (
        <p class="quiet">{`Texts left out, to keep this page readable: ${omittedTexts}. Each is shown by itself.`}</p>
      )}
    </>
  );
}

const memberNames: Readonly<Record<SignerMember, string>> = {
  status: 'Status',
  format: 'Format',
  algorithm: 'Algorithm',
  commonName: 'Common name',
  issuer: 'Issuer',
  serial: 'Serial',
  certificate: 'Certificate',
  key: 'Key',
};

function memberOf({ status, format, algorithm, signer }: ReportedSignature, member: SignerMember): string {
  const values: Readonly<Record<SignerMember, string | null | undefined>> = {
    status,
    format: format === null ? null : String(format),
    algorithm,
    commonName: signer?.commonName,
    issuer: signer?.issuer,
    serial: signer?.serial,
    certificate: signer?.fingerprint,
    key: signer?.publicKeyFingerprint,
  };
  return shown(values[member] ?? '–');
}

function Signer({ found: { signer } }: { readonly found: Difference }): JSX.Element {
  const { before, after, changed } = signer;
  if (before === null || changed.length === 0) {
    const who =
      after.signer === null
        ? after.status === 'absent'
          ? 'It is not signed'
          : 'Its signature is not valid'
        : `Signed by CN=${shown(after.signer.commonName)}, serial ${after.signer.serial}`;
    return <p>{before === null ? `${who}.` : `${who}, as before.`}</p>;
  }
  return (
    <Card
      title="Another signature"
      lead={changed.includes('key') ? 'It was made with another key.' : 'It was made with the same key.'}
    >
      <Table
        caption="What differs in the signature"
        rows={changed}
        rowKey={(member) => member}
        columns={[
          { label: 'What', cell: (member) => memberNames[member] },
          { label: 'Before', cell: (member) => <code>{memberOf(before, member)}</code> },
          { label: 'Now', cell: (member) => <code>{memberOf(after, member)}</code> },
        ]}
      />
    </Card>
  );
}

function InfoXml({ found: { info, before } }: { readonly found: Difference }): JSX.Element | null {
  if (info === null)
    return <p class="quiet">The info.xml of one of the two can’t be read; its fields are not compared.</p>;
  if (info.length === 0) return before === null ? null : <p class="quiet">info.xml says the same as before.</p>;
  const cell = (text: string | null): JSX.Element =>
    text === null ? <span class="quiet">not said</span> : <span class="prose">{shownLines(text)}</span>;
  return (
    <Card title="info.xml">
      <Table
        caption="Fields of info.xml that differ"
        rows={info}
        rowKey={({ field }) => field}
        columns={[
          { label: 'Field', cell: ({ field }) => field },
          { label: 'Before', cell: (change) => cell(change.before) },
          { label: 'Now', cell: (change) => cell(change.after) },
        ]}
      />
    </Card>
  );
}

function Files({
  found,
  id,
  isOne,
}: {
  readonly found: Difference;
  readonly id: string;
  readonly isOne: boolean;
}): JSX.Element | null {
  if (found.counts === null) return null;
  if (found.files.length === 0) {
    return isOne ? (
      <Empty
        title="This file is the same in both, or in neither"
        action={
          <a class="button" href={`console/reviews/${id}/difference`}>
            All that differ
          </a>
        }
      />
    ) : (
      <Empty title="Not one file differs">The archive holds the same files as the release before.</Empty>
    );
  }
  return (
    <div class="stack loose">
      {found.files.map((file) => (
        <FileCard key={file.path} file={file} id={id} isOne={isOne} />
      ))}
    </div>
  );
}
