import type { JSX } from 'preact';
import type { ListedSubmission } from '../../releases/own-apps.js';
import { WordBadge } from '../parts/badge.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { submissionPath } from './developer-words.js';
import { sizeOf } from './moderation-words.js';

/** Submissions in a list, each leading to its page. */
export function Submissions({
  caption,
  submissions,
  withApp = false,
}: {
  readonly caption: string;
  readonly submissions: readonly ListedSubmission[];
  /** Where the list is of several apps. */
  readonly withApp?: boolean;
}): JSX.Element {
  const nameOf = ({ appId, version }: ListedSubmission): string => {
    const of = version === null ? 'no version' : shown(version);
    return withApp ? `${appId} ${of}` : of;
  };
  return (
    <Table
      caption={caption}
      rows={submissions}
      rowKey={({ id }) => id}
      rowLink={({ id }) => submissionPath(id)}
      columns={[
        { label: withApp ? 'Upload' : 'Version', cell: (row) => <a href={submissionPath(row.id)}>{nameOf(row)}</a> },
        { label: 'State', cell: ({ state }) => <WordBadge word={state} /> },
        { label: 'Size', cell: ({ archiveBytes }) => <span class="nowrap">{sizeOf(archiveBytes)}</span> },
        { label: 'Uploaded', cell: ({ submittedAt }) => <Time at={submittedAt} /> },
      ]}
    />
  );
}
