import { createHash } from 'node:crypto';
import type { Queryable } from '../database/connect.js';
import { listReleaseChanges, type ReleaseChange } from '../database/release-changes.js';
import { requireAppId } from '../releases/ownership.js';
import { printable } from '../report/printable.js';

/*
 * What became public of releases, for readers of feeds. Written by hand: the libraries at hand put texts into CDATA sections,
 * which a name with two `]]>` in it leaves, and let characters through that XML may not hold.
 */

export const feedFormats = ['json', 'atom'] as const;

export type FeedFormat = (typeof feedFormats)[number];

const NEWEST = 100;
const MAX_NAME = 200;
const MAX_REASON = 2_000;

export interface Feed {
  readonly bytes: Buffer;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly contentType: string;
}

/**
 * The newest hundred changes of releases, of one app or of all, each with the reason that stands at the release. The same
 * bytes for as long as nothing changes.
 *
 * @throws RequestError `APP_ID_INVALID`
 */
export async function readReleaseFeed(
  { database, baseUrl }: { readonly database: Queryable; readonly baseUrl: string },
  format: FeedFormat,
  appId: string | null,
): Promise<Feed> {
  if (appId !== null) requireAppId(appId);
  const changes = await listReleaseChanges(database, { appId, limit: NEWEST });
  const items = changes.map((change) => itemOf(change, baseUrl));
  const query = appId === null ? '' : `?app=${appId}`;
  const head = {
    title: appId === null ? 'Releases' : `Releases of ${appId}`,
    self: `${baseUrl}/feeds/releases.${format}${query}`,
    home: baseUrl,
    updated: items[0]?.at ?? new Date(0).toISOString(),
  };
  const bytes = Buffer.from(format === 'json' ? jsonFeed(head, items) : atomFeed(head, items));
  return {
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    contentType: format === 'json' ? 'application/feed+json; charset=utf-8' : 'application/atom+xml; charset=utf-8',
  };
}

interface Head {
  readonly title: string;
  readonly self: string;
  readonly home: string;
  readonly updated: string;
}

interface Item {
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly text: string;
  readonly at: string;
  readonly change: ReleaseChange;
  readonly reasonCode: string | null;
}

const verbs: Readonly<Record<ReleaseChange['kind'], string>> = {
  published: 'was published',
  withdrawn: 'was withdrawn',
  quarantined: 'was put under quarantine',
  restored: 'is published again',
};

function itemOf(change: ReleaseChange, baseUrl: string): Item {
  const { appId, version, kind, at, position } = change;
  const name = printable(change.name ?? appId, MAX_NAME);
  const reason = printable(change.reason, MAX_REASON);
  const url = `${baseUrl}/api/v1/apps/${encodeURIComponent(appId)}/releases/${encodeURIComponent(version)}`;
  const isStatus = change.status === (kind === 'restored' ? 'published' : kind) && kind !== 'published';
  const title = `${name} ${version} ${verbs[kind]}`;
  return {
    id: `${url}#${kind}${position === null ? '' : `-${position}`}`,
    url,
    title,
    text: reason === '' ? `${title}.` : `${title}: ${reason}`,
    at,
    change,
    reasonCode: change.reasonCode ?? (isStatus ? change.statusReasonCode : null),
  };
}

/** https://www.jsonfeed.org/version/1.1/ */
function jsonFeed({ title, self, home }: Head, items: readonly Item[]): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title,
    home_page_url: home,
    feed_url: self,
    language: 'en',
    items: items.map(({ id, url, title: itemTitle, text, at, change, reasonCode }) => ({
      id,
      url,
      title: itemTitle,
      content_text: text,
      date_published: at,
      tags: [change.kind],
      _portcullis: { app: change.appId, version: change.version, change: change.kind, reasonCode },
    })),
  });
}

/** RFC 4287. */
function atomFeed({ title, self, home, updated }: Head, items: readonly Item[]): string {
  const entries = items.map(
    ({ id, url, title: itemTitle, text, at, change, reasonCode }) => `  <entry>
    <id>${xml(id)}</id>
    <title>${xml(itemTitle)}</title>
    <link href="${xml(url)}"/>
    <published>${xml(at)}</published>
    <updated>${xml(at)}</updated>
    <category term="${xml(change.kind)}" scheme="${xml(`${home}/feeds/changes`)}"/>
${reasonCode === null ? '' : `    <category term="${xml(reasonCode)}" scheme="${xml(`${home}/feeds/reasons`)}"/>\n`}    <content type="text">${xml(text)}</content>
  </entry>
`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <id>${xml(self)}</id>
  <title>${xml(title)}</title>
  <updated>${xml(updated)}</updated>
  <author><name>Portcullis</name></author>
  <link rel="self" href="${xml(self)}"/>
  <link rel="alternate" href="${xml(home)}"/>
${entries.join('')}</feed>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** A text within an element or an attribute; without what XML 1.0 §2.2 leaves out, which no escape brings in. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
