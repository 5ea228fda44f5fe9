import type { JSX } from 'preact';
import { z } from 'zod';
import { readStatistics, type Statistics } from '../../moderation/statistics.js';
import { definePage, type Page } from '../page.js';
import { Card, Empty, Tabs } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';
import { durationOf, kindNames } from './moderation-words.js';
import { RefusalsChart } from './refusals-chart.js';

const spans = [30, 90, 365] as const;
const query = z.object({
  days: z.coerce
    .number()
    .pipe(z.union([z.literal(30), z.literal(90), z.literal(365)]))
    .catch(90),
});

/** How the store decides, in figures. */
export const statisticsPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/statistics', access: 'moderator' },
    { query },
    async ({ gate, session, query: { days } }) => {
      const found = await readStatistics(gate, session.caller, { days });
      return {
        title: 'Statistics',
        lead: (
          <>
            How this store decides: <Day at={found.since} /> to <Day at={found.until} />.
          </>
        ),
        wide: true,
        body: (
          <>
            <Tabs
              label="Span of time"
              tabs={spans.map((span) => ({
                href: `console/statistics?days=${span}`,
                label: span === 365 ? 'A year' : `${span} days`,
                current: span === days,
              }))}
            />
            <Figures found={found} />
            <Card title="What uploads are refused for" lead="One that is refused for several codes counts for each.">
              {found.refusals.length === 0 ? (
                <Empty title="Nothing was refused">No upload was refused in this time.</Empty>
              ) : (
                <RefusalsChart refusals={found.refusals} />
              )}
            </Card>
            <Decisions found={found} />
            <Open found={found} />
            <Failing found={found} />
            <Moderators found={found} />
          </>
        ),
      };
    },
  ),
];

function Figures({ found: { submissions } }: { readonly found: Statistics }): JSX.Element {
  const sum = (outcome: 'accepted' | 'held' | 'refused'): number =>
    submissions.reduce((total, day) => total + day[outcome], 0);
  const figure = (value: number, label: string): JSX.Element => (
    <div class="figure">
      <span class="figure-value">{value}</span>
      <span class="quiet">{label}</span>
    </div>
  );
  return (
    <div class="figures">
      {figure(sum('accepted') + sum('held') + sum('refused'), 'uploads')}
      {figure(sum('accepted'), 'accepted at once')}
      {figure(sum('held'), 'held')}
      {figure(sum('refused'), 'refused')}
    </div>
  );
}

function Decisions({ found: { decisions } }: { readonly found: Statistics }): JSX.Element {
  return (
    <Card title="How long decisions take" lead="From when a review opens to its verdict.">
      {decisions.length === 0 ? (
        <p class="quiet">Nothing was decided in this time.</p>
      ) : (
        <Table
          caption="Times to decision, by kind"
          rows={decisions}
          rowKey={({ kind }) => kind}
          columns={[
            { label: 'Kind', cell: ({ kind }) => kindNames[kind].many },
            { label: 'Decided', numeric: true, cell: ({ decided }) => decided },
            { label: 'Median', cell: ({ median }) => durationOf(median) },
            { label: 'Nine in ten within', cell: ({ ninetieth }) => durationOf(ninetieth) },
          ]}
        />
      )}
    </Card>
  );
}

function Open({ found: { open } }: { readonly found: Statistics }): JSX.Element {
  return (
    <Card title="What is open, by age">
      {open.length === 0 ? (
        <p class="quiet">Nothing waits.</p>
      ) : (
        <Table
          caption="Open reviews by age"
          rows={open}
          rowKey={({ kind }) => kind}
          columns={[
            { label: 'Kind', cell: ({ kind }) => <a href={`console/queue?kind=${kind}`}>{kindNames[kind].many}</a> },
            { label: '< 1 day', numeric: true, cell: ({ underOneDay }) => underOneDay },
            { label: '1–3 days', numeric: true, cell: ({ underThreeDays }) => underThreeDays },
            { label: '3–7 days', numeric: true, cell: ({ underAWeek }) => underAWeek },
            { label: 'Older', numeric: true, cell: ({ older }) => older },
            { label: 'Oldest', cell: ({ oldest }) => <Time at={oldest} /> },
          ]}
        />
      )}
    </Card>
  );
}

function Failing({ found: { failingApps } }: { readonly found: Statistics }): JSX.Element {
  return (
    <Card
      title="Apps that keep failing"
      lead="Whose last uploads were all refused, three or more in a row. A word to their developers may help."
    >
      {failingApps.length === 0 ? (
        <p class="quiet">None does.</p>
      ) : (
        <Table
          caption="Apps that keep failing"
          rows={failingApps}
          rowKey={({ appId }) => appId}
          rowLink={({ appId }) => `console/store/apps/${appId}`}
          columns={[
            {
              label: 'App',
              cell: ({ appId }) => <a href={`console/store/apps/${encodeURIComponent(appId)}`}>{appId}</a>,
            },
            { label: 'Refused in a row', numeric: true, cell: ({ refusals }) => refusals },
            { label: 'Since', cell: ({ since }) => <Time at={since} /> },
            { label: 'Last', cell: ({ lastAt }) => <Time at={lastAt} /> },
          ]}
        />
      )}
    </Card>
  );
}

/** For administrators only: how much a colleague decides is not a moderator's business. */
function Moderators({ found: { moderators } }: { readonly found: Statistics }): JSX.Element | null {
  if (moderators === null) return null;
  return (
    <Card title="Who decided" lead="Only administrators see this.">
      {moderators.length === 0 ? (
        <p class="quiet">Nobody has decided anything in this time.</p>
      ) : (
        <Table
          caption="Decisions by moderator and kind"
          rows={moderators}
          rowKey={({ account, kind }) => `${account} ${kind}`}
          columns={[
            {
              label: 'Moderator',
              cell: ({ account }) => <a href={`console/people/${encodeURIComponent(account)}`}>{account}</a>,
            },
            { label: 'Kind', cell: ({ kind }) => kindNames[kind].many },
            { label: 'Decided', numeric: true, cell: ({ decided }) => decided },
          ]}
        />
      )}
    </Card>
  );
}
