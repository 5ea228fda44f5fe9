import type { JSX } from 'preact';
import { z } from 'zod';
import type { AppRow } from '../../database/apps.js';
import type { ReleaseSummary } from '../../database/releases.js';
import { suspensionOf } from '../../releases/requirements.js';
import { readApp, readApps, readRelease } from '../../storefront/read-catalogue.js';
import { definePage, type Page } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Digest } from '../parts/code.js';
import { Card, Empty, Facts, Pager } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';
import { publicAppPath } from './developer-words.js';
import { sizeOf } from './moderation-words.js';
import { readPublicInfo, type PublicInfo } from './public-app-info.js';

const PAGE = 50;
const params = z.object({ appId: z.string().max(64) });
const appsQuery = z.object({ after: z.string().max(64).catch('') });
const releasesQuery = z.object({ after: z.string().max(128).optional() });

/** What everybody sees of the apps of this store. */
export const publicAppPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/apps', access: 'anyone' },
    { query: appsQuery },
    async ({ gate, query }) => {
      const found = await readApps(gate, { after: query.after, limit: PAGE + 1 });
      const apps = found.slice(0, PAGE);
      return {
        title: 'Apps',
        lead: 'Every app that this store has published, with all its releases and what became of them.',
        wide: true,
        body: (
          <>
            {apps.length === 0 ? (
              <Empty title="Nothing is published yet">The first release that the gate accepts appears here.</Empty>
            ) : (
              <Apps apps={apps} />
            )}
            <Pager next={found.length > PAGE ? (apps.at(-1)?.id ?? null) : null} />
          </>
        ),
      };
    },
  ),
  definePage(
    { method: 'get', path: '/console/apps/{appId}', access: 'anyone' },
    { params, query: releasesQuery },
    async ({ gate, params: { appId }, query: { after = null } }) => {
      const { app, releases: found } = await readApp(gate, appId, { after, limit: PAGE + 1 });
      const releases = found.slice(0, PAGE);
      const newest = releases.find(({ status }) => status === 'published') ?? releases[0];
      const info = newest === undefined ? null : readPublicInfo((await readRelease(gate, appId, newest.version)).info);
      return {
        title: info === null ? app.id : shown(info.name),
        wide: true,
        lead: info?.summary == null ? undefined : shown(info.summary),
        crumbs: [{ label: 'Apps', href: 'console/apps' }, { label: app.id }],
        actions: (
          <>
            <WordBadge word={app.trustLevel} />
            {app.suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
          </>
        ),
        body: (
          <>
            <Suspension app={app} />
            <div class="with-aside">
              <div class="stack loose">
                {newest?.status === 'published' && <Download release={newest} />}
                {info?.description != null && (
                  <Card title="About">
                    <Words text={info.description} />
                  </Card>
                )}
                <Releases releases={releases} />
                <Pager next={found.length > PAGE ? (releases.at(-1)?.version ?? null) : null} />
              </div>
              <aside class="stack loose" aria-label="The app">
                <Vouching app={app} newest={newest ?? null} />
                {info !== null && <Declared info={info} />}
                <Card title="Is something wrong with it?">
                  <p class="small">Moderators look at what you tell them. You need no account.</p>
                  <p>
                    <ButtonLink href={`${publicAppPath(app.id)}/report`}>Report a problem</ButtonLink>
                  </p>
                </Card>
              </aside>
            </div>
          </>
        ),
      };
    },
  ),
];

function Apps({ apps }: { readonly apps: readonly AppRow[] }): JSX.Element {
  return (
    <Table
      caption="Apps, by id"
      rows={apps}
      rowKey={({ id }) => id}
      rowLink={({ id }) => publicAppPath(id)}
      columns={[
        {
          label: 'App',
          cell: ({ id, suspendedAt }) => (
            <span class="cluster">
              <a href={publicAppPath(id)}>{id}</a>
              {suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
            </span>
          ),
        },
        { label: 'Trust level', cell: ({ trustLevel }) => <WordBadge word={trustLevel} /> },
        {
          label: 'Signed since',
          cell: ({ signedSince }) =>
            signedSince === null ? <span class="quiet">never</span> : <Day at={signedSince} />,
        },
      ]}
    />
  );
}

function Suspension({ app }: { readonly app: AppRow }): JSX.Element | null {
  const suspended = suspensionOf(app);
  if (suspended === null) return null;
  return (
    <Callout kind="bad" title="This app is suspended">
      <p>
        Since <Time at={new Date(suspended.since)} /> this store serves nothing of it. The reason given:
      </p>
      <Words text={suspended.reason} />
    </Callout>
  );
}

function archivePath({ appId, version }: Pick<ReleaseSummary, 'appId' | 'version'>): string {
  return `api/v1/apps/${encodeURIComponent(appId)}/releases/${encodeURIComponent(version)}/archive`;
}

function Download({ release }: { readonly release: ReleaseSummary }): JSX.Element {
  const { version, archiveBytes, archiveSha256, publishedAt } = release;
  return (
    <Card title={`Version ${shown(version)}`}>
      <p class="cluster">
        <ButtonLink href={archivePath(release)} look="primary">
          Download
        </ButtonLink>
        <span class="quiet">
          {sizeOf(archiveBytes)}, published <Time at={publishedAt} />
        </span>
      </p>
      <Facts facts={[['SHA-256', <Digest value={archiveSha256} length={64} />]]} />
    </Card>
  );
}

const vouching: Readonly<Record<AppRow['trustLevel'], string>> = {
  official: 'The store itself stands behind it.',
  approved: 'The store has looked at it.',
  experimental: 'The store has not looked at it yet.',
};

function Vouching({ app, newest }: { readonly app: AppRow; readonly newest: ReleaseSummary | null }): JSX.Element {
  const signer = newest?.signature.signer ?? null;
  return (
    <Card title="How far to trust it">
      <Facts
        facts={[
          [
            'Trust level',
            <>
              <WordBadge word={app.trustLevel} /> <span class="small quiet block">{vouching[app.trustLevel]}</span>
            </>,
          ],
          [
            'Signed since',
            app.signedSince === null ? (
              'Never: nothing keeps whoever has the developer’s account from updating it.'
            ) : (
              <>
                {shown(app.signedVersion ?? '')}, <Day at={app.signedSince} />
              </>
            ),
          ],
          ['Signed by', signer && `CN=${shown(signer.commonName)}`],
          ['Certificate', signer && <Digest value={signer.fingerprint} />],
        ]}
      />
    </Card>
  );
}

function Declared({ info }: { readonly info: PublicInfo }): JSX.Element {
  const { authors, licence, categories, website, repository, bugs } = info;
  return (
    <Card title="What it says of itself">
      <Facts
        facts={[
          ['By', authors.length === 0 ? null : authors.map(shown).join(', ')],
          ['Licence', licence && shown(licence)],
          ['Categories', categories.length === 0 ? null : categories.map(shown).join(', ')],
          ['Website', website && <Elsewhere url={website} />],
          ['Repository', repository && <Elsewhere url={repository} />],
          ['Bugs', bugs && <Elsewhere url={bugs} />],
        ]}
      />
    </Card>
  );
}

/** A link that the app declares: it may lead anywhere, and says where. */
function Elsewhere({ url }: { readonly url: string }): JSX.Element {
  return (
    <a href={url} rel="nofollow ugc noopener noreferrer">
      {shown(url)}
    </a>
  );
}

function Releases({ releases }: { readonly releases: readonly ReleaseSummary[] }): JSX.Element {
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
