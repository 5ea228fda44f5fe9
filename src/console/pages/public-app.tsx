import type { JSX } from 'preact';
import { z } from 'zod';
import type { AppRow } from '../../database/apps.js';
import type { ReleaseSummary } from '../../database/releases.js';
import type { ScreenshotRow } from '../../database/screenshots.js';
import { suspensionOf } from '../../releases/requirements.js';
import { renderAhead, renderDescription } from '../../storefront/description-html.js';
import { languagesOf } from '../../storefront/languages.js';
import { readApp, readAppDetail, readReleaseDetail, type ReleaseDetail } from '../../storefront/read-catalogue.js';
import { bestTexts, readReleaseInfo, type ReleaseInfo } from '../../storefront/release-info.js';
import { definePage, type Page } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Digest } from '../parts/code.js';
import { Markup } from '../parts/sanitised-html.js';
import { Card, Facts, Pager } from '../parts/sections.js';
import { Day, Time } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';
import { publicAppPath } from './developer-words.js';
import { sizeOf } from './moderation-words.js';
import { archivePath, Releases } from './public-app-releases.js';
import { screenshotPath } from './public-images.js';

const PAGE = 50;
const params = z.object({ appId: z.string().max(64) });
const releasesQuery = z.object({ after: z.string().max(128).optional() });

/** What everybody sees of an app of this store. */
export const publicAppPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/apps/{appId}', access: 'anyone' },
    { params, query: releasesQuery },
    async ({ gate, params: { appId }, query: { after = null }, request }) => {
      const { app, releases: found } = await readApp(gate, appId, { after, limit: PAGE + 1 });
      const releases = found.slice(0, PAGE);
      const { listing } = await readAppDetail(gate, appId);
      const newest = await readReleaseDetail(gate, appId, listing.version);
      const info = readReleaseInfo(newest.release.info);
      const texts = info && bestTexts(info, languagesOf(request.get('accept-language') ?? ''));
      await renderAhead([texts?.description ?? null, newest.details.changelog]);
      return {
        title: texts === null ? app.id : shown(texts.name),
        wide: true,
        lead: texts?.summary == null ? undefined : <span lang={texts.lang ?? undefined}>{shown(texts.summary)}</span>,
        headers: { vary: 'cookie, accept-language' },
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
            <Standing newest={newest} />
            <div class="with-aside">
              <div class="stack loose">
                {newest.release.status === 'published' && <Download newest={newest} />}
                <Screenshots screenshots={newest.screenshots} />
                {texts?.description != null && (
                  <Card title="About">
                    <Markup html={renderDescription(texts.description)} lang={texts.lang} />
                  </Card>
                )}
                {newest.details.changelog !== null && (
                  <Card title={`New in ${shown(newest.release.version)}`}>
                    <Markup html={renderDescription(newest.details.changelog)} />
                  </Card>
                )}
                <Releases releases={releases} />
                <Pager next={found.length > PAGE ? (releases.at(-1)?.version ?? null) : null} />
              </div>
              <aside class="stack loose" aria-label="The app">
                <Vouching app={app} newest={newest.release} />
                {info !== null && <Declared info={info} downloads={listing.downloads} />}
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

/** What the store found since about the release that the app is shown by. */
function Standing({ newest: { findings } }: { readonly newest: ReleaseDetail }): JSX.Element | null {
  if (findings.length === 0) return null;
  return (
    <Callout kind="warning" title="The store has looked at it again">
      <ul>
        {findings.map(({ code, message, foundAt }) => (
          <li key={code}>
            {shown(message)} <span class="quiet small">Since</span> <Time at={foundAt} />
          </li>
        ))}
      </ul>
    </Callout>
  );
}

/** The store's own copies: a page of ours shows nothing from elsewhere. */
function Screenshots({ screenshots }: { readonly screenshots: readonly ScreenshotRow[] }): JSX.Element | null {
  if (screenshots.length === 0) return null;
  return (
    <Card title="Screenshots">
      <ul class="screenshots">
        {screenshots.map(({ place, image, thumbnail }) => (
          <li key={place}>
            <a href={screenshotPath(image.sha256)}>
              <img
                src={screenshotPath(thumbnail.sha256)}
                alt={`Screenshot ${place}`}
                width={thumbnail.width}
                height={thumbnail.height}
                loading="lazy"
              />
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Download({ newest: { release, details } }: { readonly newest: ReleaseDetail }): JSX.Element {
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
      <Facts
        facts={[
          ['SHA-256', <Digest value={archiveSha256} length={64} />],
          ['Unpacked', details.archive && `${sizeOf(details.archive.inflatedBytes)} in ${details.archive.files} files`],
          ['Downloads', details.downloads],
        ]}
      />
    </Card>
  );
}

const vouching: Readonly<Record<AppRow['trustLevel'], string>> = {
  official: 'The store itself stands behind it.',
  approved: 'The store has looked at it.',
  experimental: 'The store has not looked at it yet.',
};

function Vouching({ app, newest }: { readonly app: AppRow; readonly newest: ReleaseSummary }): JSX.Element {
  const { signer } = newest.signature;
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

function Declared({ info, downloads }: { readonly info: ReleaseInfo; readonly downloads: number }): JSX.Element {
  const { authors, licence, categories, platform, dependencies, website, repository, bugs } = info;
  return (
    <Card title="What it says of itself">
      <Facts
        facts={[
          ['By', authors.length === 0 ? null : authors.map(({ name }) => shown(name)).join(', ')],
          ['Licence', licence && shown(licence)],
          ['Categories', categories.length === 0 ? null : categories.map(shown).join(', ')],
          ['For ownCloud', platform && rangeWords(platform)],
          ['Needs', dependencies.length === 0 ? null : dependencies.map(dependencyWords).join(', ')],
          ['Downloads', downloads],
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

function dependencyWords({ kind, name, min, max, os }: ReleaseInfo['dependencies'][number]): string {
  if (kind === 'int-size') return `integers of ${shown(min ?? '')} bits`;
  const what = { php: 'PHP', database: '', command: 'the command', lib: 'the PHP extension', os: '' }[kind];
  const words = [what, name, rangeWords({ min, max }), os && `(${os})`];
  return words.flatMap((word) => (word ? [shown(word)] : [])).join(' ');
}

function rangeWords({ min, max }: NonNullable<ReleaseInfo['platform']>): string | null {
  if (min !== null && max !== null) return min === max ? min : `${min} to ${max}`;
  if (min !== null) return `${min} and later`;
  return max === null ? null : `up to ${max}`;
}
