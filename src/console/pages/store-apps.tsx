import type { JSX } from 'preact';
import { z } from 'zod';
import type { ListedAppRow } from '../../database/app-list.js';
import { listStoreApps } from '../../moderation/store-apps.js';
import { trustLevels } from '../../policy/trust-level.js';
import { definePage, type Page } from '../page.js';
import { Choice } from '../parts/choice.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Empty, Pager } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';

const PAGE = 50;
const query = z.object({
  q: z.string().trim().max(100).catch(''),
  level: z.enum(['any', ...trustLevels]).catch('any'),
  suspended: z.enum(['any', 'yes', 'no']).catch('any'),
  after: z.string().max(64).optional().catch(undefined),
});

type Query = z.infer<typeof query>;

/** Every app of the store. */
export const storeAppsPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/store/apps', access: 'moderator' },
    { query },
    async ({ gate, session, query: asked }) => {
      const { apps, next } = await listStoreApps(gate, session.caller, {
        q: asked.q === '' ? null : asked.q,
        trustLevel: asked.level === 'any' ? null : asked.level,
        suspended: asked.suspended === 'any' ? null : asked.suspended === 'yes',
        after: asked.after ?? null,
        limit: PAGE,
      });
      return {
        title: 'Apps',
        lead: 'Every app that this store knows, by its id.',
        wide: true,
        body: (
          <>
            <Filters asked={asked} />
            {apps.length === 0 ? <Nothing asked={asked} /> : <Apps apps={apps} />}
            <Pager next={next} />
          </>
        ),
      };
    },
  ),
];

function Filters({ asked }: { readonly asked: Query }): JSX.Element {
  return (
    <form class="filters" role="search">
      <div class="field grow">
        <label for="q">App id or owner</label>
        <input id="q" type="search" name="q" value={asked.q} maxlength={100} />
      </div>
      <Choice name="level" label="Trust level" chosen={asked.level} choices={['any', ...trustLevels]} />
      <Choice name="suspended" label="Suspended" chosen={asked.suspended} choices={['any', 'yes', 'no']} />
      <button class="button">Show</button>
    </form>
  );
}

function Nothing({ asked }: { readonly asked: Query }): JSX.Element {
  const isFiltered = asked.q !== '' || asked.level !== 'any' || asked.suspended !== 'any';
  return isFiltered ? (
    <Empty
      title="No app fits"
      action={
        <a class="button" href="console/store/apps">
          All apps
        </a>
      }
    >
      Try a part of the id, or the name of an owner.
    </Empty>
  ) : (
    <Empty
      title="This store has no apps yet"
      action={
        <a class="button" href="console/people">
          Invite a developer
        </a>
      }
    >
      An app appears here with its first upload.
    </Empty>
  );
}

function Apps({ apps }: { readonly apps: readonly ListedAppRow[] }): JSX.Element {
  return (
    <Table
      caption="Apps, by id"
      rows={apps}
      rowKey={({ id }) => id}
      rowLink={({ id }) => `console/store/apps/${id}`}
      columns={[
        { label: 'App', cell: ({ id }) => <a href={`console/store/apps/${encodeURIComponent(id)}`}>{id}</a> },
        {
          label: 'Trust level',
          cell: ({ trustLevel, suspendedAt }) => (
            <>
              <WordBadge word={trustLevel} /> {suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
            </>
          ),
        },
        {
          label: 'Owners',
          cell: ({ owners }) => (owners.length === 0 ? <span class="quiet">nobody</span> : owners.join(', ')),
        },
        { label: 'Releases', numeric: true, cell: ({ releases }) => releases },
        {
          label: 'Published last',
          cell: ({ publishedAt }) =>
            publishedAt === null ? <span class="quiet">never</span> : <Time at={publishedAt} />,
        },
        {
          label: 'Waits',
          numeric: true,
          cell: ({ id, waiting }) =>
            waiting === 0 ? (
              <span class="quiet">–</span>
            ) : (
              <a href={`console/queue?q=${encodeURIComponent(id)}`}>{waiting}</a>
            ),
        },
      ]}
    />
  );
}
