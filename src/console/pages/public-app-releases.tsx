import type { JSX } from 'preact';
import type { ReleaseSummary } from '../../database/releases.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Card } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { sizeOf } from './moderation-words.js';

/** Where a page finds the archive of a release. */
export function archivePath({ appId, version }: Pick<ReleaseSummary, 'appId' | 'version'>): string {
  return `api/v1/apps/${encodeURIComponent(appId)}/releases/${encodeURIComponent(version)}/archive`;
}

/** All releases of an app, and what became of each. */
export function Releases({ releases }: { readonly releases: readonly ReleaseSummary[] }): JSX.Element {
  return (
    <Card title="Releases">
      <Table
        caption="Releases, the one published last first"
        rows={releases}
        rowKey={({ version }) => version}
        columns={[
          {
            label: 'Version',
            cell: (release) =>
              release.status === 'published' ? (
                <a href={archivePath(release)} aria-label={`Download ${shown(release.version)}`}>
                  {shown(release.version)}
                </a>
              ) : (
                shown(release.version)
              ),
          },
          {
            label: 'Status',
            cell: ({ status, statusReason }) => (
              <>
                <WordBadge word={status} />
                {status !== 'published' && statusReason !== null && statusReason !== '' && (
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
          { label: 'Size', cell: ({ archiveBytes }) => <span class="nowrap">{sizeOf(archiveBytes)}</span> },
          { label: 'Published', cell: ({ publishedAt }) => <Time at={publishedAt} /> },
        ]}
      />
    </Card>
  );
}
