import type { JSX } from 'preact';
import { z } from 'zod';
import { listingSorts, type ListingSort } from '../../database/listing-order.js';
import type { ListingRow } from '../../database/listings.js';
import { appListItem } from '../../http/catalogue-representations.js';
import { MAX_CURSOR, readListingCursor, writeListingCursor } from '../../http/listing-cursor.js';
import { trustLevels } from '../../policy/trust-level.js';
import { languagesOf } from '../../storefront/languages.js';
import { readApps } from '../../storefront/read-catalogue.js';
import { definePage, type Page } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Choice } from '../parts/choice.js';
import { Empty, Pager } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { publicAppPath } from './developer-words.js';
import { screenshotPath } from './public-images.js';

const PAGE = 50;
const query = z.object({
  q: z.string().trim().max(200).catch(''),
  level: z.enum(['any', ...trustLevels]).catch('any'),
  category: z.string().trim().max(64).catch(''),
  platform: z
    .string()
    .trim()
    .regex(/^(?:\d{1,5}(?:\.\d{1,5}){0,3})?$/)
    .catch(''),
  signed: z.enum(['any', 'yes', 'no']).catch('any'),
  status: z.enum(['any', 'published', 'withdrawn', 'quarantined']).catch('any'),
  sort: z.enum(listingSorts).optional().catch(undefined),
  after: z.string().max(MAX_CURSOR).catch(''),
});

type Query = z.infer<typeof query>;

/** Every app that was ever published here, for everybody to search. */
export const publicAppsPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/apps', access: 'anyone' },
    { query },
    async ({ gate, query: asked, request }) => {
      const sort = sortOf(asked);
      const { apps, next } = await readApps(gate, {
        filter: {
          q: textOrNull(asked.q),
          trustLevel: asked.level === 'any' ? null : asked.level,
          category: textOrNull(asked.category),
          platform: textOrNull(asked.platform),
          signed: asked.signed === 'any' ? null : asked.signed === 'yes',
          status: asked.status === 'any' ? null : asked.status,
          changedSince: null,
        },
        sort,
        after: asked.after === '' ? null : readListingCursor(sort, asked.after),
        limit: PAGE,
        languages: languagesOf(request.get('accept-language') ?? ''),
      });
      return {
        title: 'Apps',
        lead: 'Every app that this store has published, with all its releases and what became of them.',
        wide: true,
        script: 'suggest-apps.js',
        headers: { vary: 'cookie, accept-language' },
        body: (
          <>
            <Filters asked={asked} sort={sort} />
            {apps.length === 0 ? <Nothing asked={asked} /> : <Apps apps={apps} />}
            <Pager next={next && writeListingCursor(sort, next)} />
          </>
        ),
      };
    },
  ),
];

function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}

/** What fits best comes first where something is looked for. */
function sortOf({ q, sort }: Query): ListingSort {
  if (q === '') return sort === undefined || sort === 'relevance' ? 'name' : sort;
  return sort ?? 'relevance';
}

const sortLabels: Readonly<Record<ListingSort, string>> = {
  relevance: 'what fits best',
  name: 'name',
  id: 'id',
  published: 'published last',
  changed: 'changed last',
  downloads: 'downloads',
};

function Filters({ asked, sort }: { readonly asked: Query; readonly sort: ListingSort }): JSX.Element {
  const sorts = (Object.keys(sortLabels) as ListingSort[]).filter((each) => each !== 'relevance' || asked.q !== '');
  return (
    <form class="filters" role="search">
      <div class="field grow">
        <label for="q">Search</label>
        <input id="q" type="search" name="q" value={asked.q} maxlength={200} list="suggestions" autocomplete="off" />
        <datalist id="suggestions" />
      </div>
      <Choice name="level" label="Trust level" chosen={asked.level} choices={['any', ...trustLevels]} />
      <Choice name="signed" label="Signed" chosen={asked.signed} choices={['any', 'yes', 'no']} />
      <Choice
        name="status"
        label="Status"
        chosen={asked.status}
        choices={['any', 'published', 'withdrawn', 'quarantined']}
      />
      <div class="field">
        <label for="category">Category</label>
        <input id="category" name="category" value={asked.category} maxlength={64} size={12} />
      </div>
      <div class="field">
        <label for="platform">ownCloud version</label>
        <input id="platform" name="platform" value={asked.platform} inputmode="numeric" maxlength={23} size={8} />
      </div>
      <Choice name="sort" label="Sorted by" chosen={sort} choices={sorts} labels={sortLabels} />
      <button class="button">Show</button>
    </form>
  );
}

function Nothing({ asked }: { readonly asked: Query }): JSX.Element {
  const { q, level, category, platform, signed, status, after } = asked;
  const isFiltered =
    [q, category, platform, after].some((text) => text !== '') ||
    [level, signed, status].some((word) => word !== 'any');
  return isFiltered ? (
    <Empty
      title="No app fits"
      action={
        <a class="button" href="console/apps">
          All apps
        </a>
      }
    >
      Whole words are looked for, and all of them must be there.
    </Empty>
  ) : (
    <Empty title="Nothing is published yet">The first release that the gate accepts appears here.</Empty>
  );
}

function Apps({ apps }: { readonly apps: readonly ListingRow[] }): JSX.Element {
  return (
    <Table
      caption="Apps"
      rows={apps.map((row) => ({ row, item: appListItem(row) }))}
      rowKey={({ row }) => row.id}
      rowLink={({ row }) => publicAppPath(row.id)}
      columns={[
        {
          label: 'App',
          cell: ({ row, item }) => (
            <span class="app-entry">
              {row.thumbnail !== null && (
                <img src={screenshotPath(row.thumbnail)} alt="" loading="lazy" width={96} class="app-thumbnail" />
              )}
              <span>
                <span class="cluster">
                  <a href={publicAppPath(row.id)} dir="auto">
                    {shown(item.name)}
                  </a>
                  <span class="quiet small">{row.id}</span>
                  {row.suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
                </span>
                {item.summary !== null && (
                  <span class="small quiet block" dir="auto">
                    {shown(item.summary)}
                  </span>
                )}
              </span>
            </span>
          ),
        },
        { label: 'Trust level', cell: ({ row }) => <WordBadge word={row.trustLevel} /> },
        {
          label: 'Version',
          cell: ({ row }) => (
            <span class="cluster">
              {shown(row.version)}
              {row.status !== 'published' && <WordBadge word={row.status} />}
            </span>
          ),
        },
        { label: 'Published', cell: ({ row }) => <Day at={row.publishedAt} /> },
        {
          label: 'Signed since',
          cell: ({ row }) =>
            row.signedSince === null ? <span class="quiet">never</span> : <Day at={row.signedSince} />,
        },
        { label: 'Downloads', numeric: true, cell: ({ row }) => row.downloads },
      ]}
    />
  );
}
