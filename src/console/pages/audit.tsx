import type { JSX } from 'preact';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { auditSubjects, type AuditFacts } from '../../database/audit-log.js';
import { writeExport } from '../../moderation/audit-export.js';
import { auditHead, copyAudit, readAudit, type PlacedEntry } from '../../moderation/read-audit.js';
import { verifyEnd, type VerifiedEnd } from '../../moderation/verify-end.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code, Digest } from '../parts/code.js';
import { Form } from '../parts/form.js';
import { Card, Empty, Pager } from '../parts/sections.js';
import { Time } from '../parts/time.js';
import { shown, shownLines, Words } from '../parts/words.js';

const PAGE = 50;
const word = z.string().trim().max(100).catch('');
const date = z.union([z.literal(''), z.iso.date()]).catch('');
const query = z.object({
  app: word,
  kind: word,
  actor: word,
  subject: z.string().trim().max(300).catch(''),
  since: date,
  until: date,
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .catch(undefined),
});

type Query = z.infer<typeof query>;

/** `TYPE:ID`, as the API has it; null for anything else. */
function subjectOf(text: string) {
  const [typed = ''] = text.split(':', 1);
  const type = auditSubjects.find((each) => each === typed);
  const id = text.slice(typed.length + 1);
  return type === undefined || id === '' ? null : { type, id };
}

/** The end of a day is the beginning of the next. */
function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 24 * 60 * 60 * 1000).toISOString();
}

const show: ShowPage<'moderator', object, Query> = async ({ gate, session, query: asked }) => {
  const orNull = (text: string): string | null => (text === '' ? null : text);
  const found = await readAudit(
    gate,
    session.caller,
    {
      appId: orNull(asked.app),
      kind: orNull(asked.kind),
      actor: orNull(asked.actor),
      subject: subjectOf(asked.subject),
      since: asked.since === '' ? null : `${asked.since}T00:00:00.000Z`,
      until: asked.until === '' ? null : dayAfter(asked.until),
    },
    { before: asked.after === undefined ? null : Number(asked.after), limit: PAGE + 1 },
  );
  const entries = found.slice(0, PAGE);
  const head = await auditHead(gate);
  return {
    title: 'Audit log',
    lead: 'Everything that was decided or changed, the newest first. Nothing in it can be changed or taken out unnoticed.',
    wide: true,
    actions: <ButtonLink href="console/audit/export">Export all of it</ButtonLink>,
    body: (
      <>
        <Card
          title="The chain"
          lead={`${head.position} entries. Whoever keeps this hash can tell later whether what came before was changed.`}
        >
          <Code text={head.hash} wrap />
          <Form action="console/audit/verification" class="inline">
            <Button shortcut="y">Verify the chain</Button>
          </Form>
        </Card>
        <Filters asked={asked} />
        {entries.length === 0 ? (
          <Empty
            title="No entry fits"
            action={
              <a class="button" href="console/audit">
                All entries
              </a>
            }
          >
            Names, kinds and ids are matched as a whole.
          </Empty>
        ) : (
          <ol class="entries" aria-label="Entries, the newest first">
            {entries.map((entry) => (
              <li key={entry.position}>
                <Entry entry={entry} />
              </li>
            ))}
          </ol>
        )}
        <Pager next={found.length > PAGE ? String(entries.at(-1)?.position ?? '') : null} />
      </>
    ),
  };
};

/** The log of everything that was decided and changed. */
export const auditPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/audit', access: 'moderator' }, { query }, show),
  definePage(
    { method: 'post', path: '/console/audit/verification', access: 'moderator' },
    {},
    async ({ gate, session }) => verified(await verifyEnd(gate, session.caller)),
  ),
  definePage({ method: 'get', path: '/console/audit/export', access: 'moderator' }, {}, async ({ gate, session }) => {
    const { head, rows } = await copyAudit(gate, session.caller);
    return {
      stream: Readable.from(writeExport(rows, head)),
      contentType: 'application/x-ndjson; charset=utf-8',
      headers: { 'content-disposition': `attachment; filename="audit-${head.position}.ndjson"` },
    };
  }),
];

function verified({ verdict, head, from, entries }: VerifiedEnd) {
  return {
    title: 'The chain, verified',
    crumbs: [{ label: 'Audit log', href: 'console/audit' }, { label: 'Verification' }],
    body: (
      <>
        {verdict.isWhole ? (
          <Callout kind="good" title="It is whole">
            {entries === 0
              ? 'The log is empty.'
              : `${entries} entries were looked at, from ${from} to ${head.position}: each is what was written, and follows the one before it.`}
          </Callout>
        ) : (
          <Callout kind="bad" title="It is broken" role="alert">
            At position {verdict.position}: {verdict.message} ({verdict.fault}; {entries} entries were looked at, from{' '}
            {from} on.)
          </Callout>
        )}
        {from > 1 && <p class="quiet">{`The ${from - 1} entries before were not looked at.`}</p>}
        <Card
          title="What this can’t tell"
          lead="A log that was written anew from some entry to its end, with a head to match, looks whole here. Hold it against a head or a receipt that somebody else kept:"
        >
          <Code text="portcullis audit verify" />
        </Card>
        <p>
          <ButtonLink href="console/audit">Back to the log</ButtonLink>
        </p>
      </>
    ),
  };
}

function Filters({ asked }: { readonly asked: Query }): JSX.Element {
  const field = (name: 'app' | 'kind' | 'actor' | 'subject', label: string, hint: string): JSX.Element => {
    const input = { id: name, name, value: asked[name], maxlength: 300, placeholder: hint, spellcheck: false };
    return (
      <div class="field">
        <label for={name}>{label}</label>
        {name === 'app' ? <input type="search" {...input} /> : <input type="text" {...input} />}
      </div>
    );
  };
  return (
    <form class="filters" role="search">
      {field('app', 'App', 'calendar')}
      {field('actor', 'Who', 'ada')}
      {field('kind', 'What', 'review-verdict')}
      {field('subject', 'About', 'release:calendar@1.0.0')}
      <div class="field">
        <label for="since">From</label>
        <input id="since" type="date" name="since" value={asked.since} />
      </div>
      <div class="field">
        <label for="until">To</label>
        <input id="until" type="date" name="until" value={asked.until} />
      </div>
      <button class="button">Show</button>
    </form>
  );
}

/** Where what an entry is about can be seen; null where there is no page of it. */
function pageOf({ subject: { type, id }, app }: PlacedEntry): string | null {
  switch (type) {
    case 'app':
      return `console/store/apps/${encodeURIComponent(id)}`;
    case 'release':
      return app === null ? null : `console/store/apps/${encodeURIComponent(app)}`;
    case 'account':
      return `console/people/${encodeURIComponent(id)}`;
    case 'submission':
      return `console/submissions/${encodeURIComponent(id)}`;
    case 'review':
      return `console/reviews/${encodeURIComponent(id)}`;
    case 'rule':
      return `console/rules/${encodeURIComponent(id)}`;
    case 'certificate':
      return `console/store/certificates/${encodeURIComponent(id)}`;
    default:
      return null;
  }
}

function Entry({ entry }: { readonly entry: PlacedEntry }): JSX.Element {
  const { position, hash, at, kind, actor, app, subject, reason, before, after, request } = entry;
  const page = pageOf(entry);
  const about = `${subject.type} ${shown(subject.id)}`;
  return (
    <article class="entry" aria-label={`Entry ${position}`}>
      <p class="cluster">
        <span class="quiet small">{`#${position}`}</span>
        <strong>{kind}</strong>
        <span>
          {page === null ? about : <a href={page}>{about}</a>}
          {app !== null && subject.type !== 'app' && subject.type !== 'release' && (
            <>
              {' '}
              of <a href={`console/store/apps/${encodeURIComponent(app)}`}>{app}</a>
            </>
          )}
        </span>
      </p>
      <p class="small quiet">
        by {shown(actor.account)}, <Time at={new Date(at)} />
      </p>
      {reason !== '' && <Words text={reason} />}
      <Changes before={before} after={after} />
      <details class="small">
        <summary>Hash and request</summary>
        <p>
          <Digest value={hash} length={64} />
        </p>
        {request !== null && <p class="quiet">{`Request ${shown(request)}`}</p>}
      </details>
    </article>
  );
}

const MAX_VALUE = 500;

function Changes({
  before,
  after,
}: {
  readonly before: AuditFacts | null;
  readonly after: AuditFacts | null;
}): JSX.Element | null {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const rows = names
    .map((name) => ({ name, old: valueOf(before?.[name]), fresh: valueOf(after?.[name]) }))
    .filter(({ old, fresh }) => old !== '' || fresh !== '');
  if (rows.length === 0) return null;
  return (
    <dl class="changes small">
      {rows.map(({ name, old, fresh }) => (
        <div key={name}>
          <dt>{shown(name)}</dt>
          <dd>
            {old !== '' && (
              <>
                <del>{old}</del>{' '}
              </>
            )}
            {fresh}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function valueOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  const text =
    typeof value === 'string' ? value : Array.isArray(value) ? value.map(valueOf).join(', ') : JSON.stringify(value);
  return shownLines(text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text);
}
