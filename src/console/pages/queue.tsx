import type { JSX } from 'preact';
import { z } from 'zod';
import { reviewKinds, reviewStates, type ReviewKind } from '../../database/reviews.js';
import { readCursor, writeCursor } from '../../http/time-cursor.js';
import { countQueue, readQueue, type OpenCounts, type QueueItem } from '../../moderation/queue.js';
import { claimNext } from '../../moderation/review-desk.js';
import { printable } from '../../report/printable.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button } from '../parts/button.js';
import { Form } from '../parts/form.js';
import { Empty, Pager, Tabs } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { useSurroundings } from '../surroundings.js';
import { kindNames, stateNames, titleOf } from './moderation-words.js';

const PAGE = 50;

// What a filter doesn't know it forgives: addresses are kept and passed on.
const query = z.object({
  kind: z.enum(reviewKinds).optional().catch(undefined),
  state: z.enum(['open', ...reviewStates]).catch('open'),
  claimed: z.enum(['any', 'free', 'mine']).catch('any'),
  q: z.string().trim().max(200).catch(''),
  after: z.string().max(200).optional().catch(undefined),
});

type Query = z.infer<typeof query>;

const show: ShowPage<'moderator', object, Query> = async ({ gate, session, query: asked }) => {
  const counts = await countQueue(gate, session.caller);
  const cursor = asked.after === undefined ? null : readCursor(asked.after);
  const { reviews, next } = await readQueue(gate, session.caller, {
    kinds: asked.kind === undefined ? [] : [asked.kind],
    states: asked.state === 'open' ? [] : [asked.state],
    appId: null,
    q: asked.q === '' ? null : asked.q,
    claimed: asked.claimed === 'any' ? null : asked.claimed,
    after: cursor && { openedAt: cursor.at, id: cursor.id },
    limit: PAGE,
  });
  return {
    title: 'Queue',
    lead: 'What waits for a moderator, the oldest first.',
    wide: true,
    actions: (
      <Form action="console/queue/next" class="inline">
        <Button look="primary" shortcut="t">
          Take the next one
        </Button>
      </Form>
    ),
    body: (
      <>
        <Kinds counts={counts} asked={asked} />
        <Filters asked={asked} />
        {reviews.length === 0 ? <Nothing asked={asked} /> : <Reviews reviews={reviews} />}
        <Pager next={next && writeCursor({ at: next.openedAt, id: next.id })} />
      </>
    ),
  };
};

export const queuePages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/queue', access: 'moderator' }, { query }, show),
  definePage(
    { method: 'post', path: '/console/queue/next', access: 'moderator', again: show },
    { query },
    async ({ gate, session }) => {
      const claimed = await claimNext(gate, session.caller);
      if (claimed === null) return { redirect: 'console/queue?claimed=mine', flash: 'nothing-free' };
      return { redirect: `console/reviews/${claimed.id}`, flash: 'review-claimed' };
    },
  ),
];

function sumOf({ waiting, questioned, proposed }: OpenCounts): number {
  return waiting + questioned + proposed;
}

function Kinds({
  counts,
  asked,
}: {
  readonly counts: Readonly<Record<ReviewKind, OpenCounts>>;
  readonly asked: Query;
}): JSX.Element {
  const link = (kind: ReviewKind | null): string => {
    const search = new URLSearchParams(kind === null ? {} : { kind });
    if (asked.state !== 'open') search.set('state', asked.state);
    if (asked.claimed !== 'any') search.set('claimed', asked.claimed);
    if (asked.q !== '') search.set('q', asked.q);
    return search.size === 0 ? 'console/queue' : `console/queue?${search.toString()}`;
  };
  const total = Object.values(counts).reduce((sum, each) => sum + sumOf(each), 0);
  return (
    <Tabs
      label="Kinds of reviews"
      tabs={[
        { href: link(null), label: 'All', count: total, current: asked.kind === undefined },
        ...reviewKinds.map((kind) => ({
          href: link(kind),
          label: kindNames[kind].many,
          count: sumOf(counts[kind]),
          current: asked.kind === kind,
        })),
      ]}
    />
  );
}

function Filters({ asked }: { readonly asked: Query }): JSX.Element {
  const option = (value: string, label: string, current: string): JSX.Element => (
    <option value={value} selected={value === current}>
      {label}
    </option>
  );
  return (
    <form class="filters" role="search">
      {asked.kind !== undefined && <input type="hidden" name="kind" value={asked.kind} />}
      <div class="field grow">
        <label for="q">Search</label>
        <input
          id="q"
          type="search"
          name="q"
          value={asked.q}
          maxlength={200}
          placeholder="App, version, uploader or id"
        />
      </div>
      <div class="field">
        <label for="state">Waits for</label>
        <select id="state" name="state">
          {option('open', 'Anybody', asked.state)}
          {option('waiting', 'A moderator', asked.state)}
          {option('proposed', 'A second moderator', asked.state)}
          {option('questioned', 'The developer', asked.state)}
          {option('closed', 'Nobody: decided', asked.state)}
        </select>
      </div>
      <div class="field">
        <label for="claimed">Who is at it</label>
        <select id="claimed" name="claimed">
          {option('any', 'Anybody', asked.claimed)}
          {option('free', 'Nobody', asked.claimed)}
          {option('mine', 'I am', asked.claimed)}
        </select>
      </div>
      <button class="button">Show</button>
    </form>
  );
}

function Nothing({ asked }: { readonly asked: Query }): JSX.Element {
  const isFiltered = asked.q !== '' || asked.kind !== undefined || asked.state !== 'open' || asked.claimed !== 'any';
  if (isFiltered) {
    return (
      <Empty
        title="Nothing fits"
        action={
          <a class="button" href="console/queue">
            Show all that waits
          </a>
        }
      >
        No review is of this kind and state, and has these words.
      </Empty>
    );
  }
  return (
    <Empty
      title="Nothing waits. Well done."
      action={
        <>
          <a class="button" href="console/queue?state=closed">
            What was decided
          </a>
          <a class="button" href="console/statistics">
            Statistics
          </a>
        </>
      }
    >
      Held uploads, appeals, signing requests, quarantined releases and reports appear here by themselves.
    </Empty>
  );
}

function Reviews({ reviews }: { readonly reviews: readonly QueueItem[] }): JSX.Element {
  return (
    <Table
      caption="Reviews, the oldest first"
      rows={reviews}
      rowKey={({ id }) => id}
      rowLink={({ id }) => `console/reviews/${id}`}
      columns={[
        {
          label: 'App',
          cell: (item) => (
            <>
              <a href={`console/reviews/${item.id}`}>{shown(titleOf(item))}</a>{' '}
              {item.trustLevel === 'official' && <WordBadge word="official" />}
              {item.isAppSuspended && <Badge tone="bad">app suspended</Badge>}
            </>
          ),
        },
        { label: 'Kind', cell: ({ kind }) => <span class="nowrap">{kindNames[kind].one}</span> },
        { label: 'State', cell: (item) => <State item={item} /> },
        { label: 'Why', cell: (item) => <Why item={item} /> },
        { label: 'By', cell: ({ uploader, openedBy }) => uploader ?? openedBy ?? 'the public' },
        { label: 'Waits since', cell: ({ openedAt }) => <Time at={openedAt} /> },
        { label: 'At it', cell: (item) => <Holder item={item} /> },
      ]}
    />
  );
}

function State({ item: { state, verdict } }: { readonly item: QueueItem }): JSX.Element {
  if (state === 'closed') return <WordBadge word={verdict ?? 'closed'} />;
  return <Badge tone={state === 'waiting' ? 'warning' : 'info'}>{stateNames[state].replace(/^waits /, '')}</Badge>;
}

const SHOWN_CODES = 2;
const MAX_WHY = 80;

function Why({ item: { codes, category, quarantinedFor } }: { readonly item: QueueItem }): JSX.Element {
  if (category !== null) return <>{category}</>;
  if (quarantinedFor !== null) return <span class="small">{shown(printable(quarantinedFor, MAX_WHY))}</span>;
  if (codes.length === 0) return <span class="quiet">–</span>;
  const rest = codes.length - SHOWN_CODES;
  return (
    <span class="small">
      {codes.slice(0, SHOWN_CODES).map((code) => (
        <span key={code}>
          <code>{code}</code>{' '}
        </span>
      ))}
      {rest > 0 && `and ${rest} more`}
    </span>
  );
}

/** Who is at it; where nobody is, the button that claims it. */
function Holder({ item: { id, state, claimedBy, appId } }: { readonly item: QueueItem }): JSX.Element {
  const { session } = useSurroundings();
  if (claimedBy !== null) {
    return claimedBy === session?.caller.accountName ? <Badge tone="accent">you</Badge> : <>{claimedBy}</>;
  }
  if (state === 'closed') return <span class="quiet">–</span>;
  return (
    <Form action={`console/reviews/${id}/claim`} class="inline">
      <Button small shortcut="c" label={`Claim the review of ${appId}`}>
        Claim
      </Button>
    </Form>
  );
}
