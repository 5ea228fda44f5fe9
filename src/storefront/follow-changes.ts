import { setTimeout as sleep } from 'node:timers/promises';
import { listCatalogueChanges, readCatalogueHead, type CatalogueChange } from '../database/catalogue-changes.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { findListings, type ListingRow } from '../database/listings.js';
import { findReleases, type ReleaseSummary } from '../database/releases.js';
import type { Gate } from '../gate.js';
import { parseChangeCursor, requireOwnHistory, writeChangeCursor } from './change-cursor.js';

/** What changed, as it is now. */
export type ChangedThing =
  { readonly type: 'app'; readonly app: ListingRow } | { readonly type: 'release'; readonly release: ReleaseSummary };

/** Some changes, in their order. */
export interface ChangesPage {
  readonly changes: readonly ChangedThing[];
  /** Where the next page begins. */
  readonly next: string;
  /** Whether there is something on it already. */
  readonly more: boolean;
  /** Whether it comes at once only since too many wait already. */
  readonly hadNoPlace: boolean;
}

/** What somebody wants to know who keeps a copy of the catalogue. */
export interface ChangesQuery {
  /** The `next` of the page before; empty: from the beginning. */
  readonly after: string;
  readonly limit: number;
  /** How long to wait for a change where there is none. */
  readonly waitMs: number;
  /** Where the question comes from: an address has so many places to wait. */
  readonly address: string;
  /** Says that nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Not every change is told by the audit log: a screenshot that was copied is seen after this long. */
const LOOK_MS = 5_000;
/** The log may grow a hundred times a second, and five hundred may wait. */
const BREATH_MS = 250;

/**
 * What changed in the catalogue since a page was read: every app and release that did, as it is now. Whoever takes over page after
 * page has what the store has: nothing is missed, however many write at once, and nothing comes twice that did not change twice.
 *
 * @throws RequestError `INVALID_REQUEST` where `after` is no cursor; `CURSOR_GONE` where it is one of a history that the database
 *   was set back from
 */
export async function readChanges(gate: Gate, query: ChangesQuery): Promise<ChangesPage> {
  const growth = gate.audit.growth();
  const page = await readPage(gate, query);
  if (page.changes.length > 0 || query.waitMs === 0) return page;
  const leave = gate.waitingRoom.enter(query.address);
  if (leave === null) return { ...page, hadNoPlace: true };
  try {
    return (await waitForChange(gate, query, growth)) ? await readPage(gate, query) : page;
  } finally {
    leave();
  }
}

/** True once there is a change; false where there was none in time. */
async function waitForChange(gate: Gate, query: ChangesQuery, growthBefore: number): Promise<boolean> {
  const position = parseChangeCursor(query.after)?.position ?? 0;
  const until = performance.now() + query.waitMs;
  let growth = growthBefore;
  for (;;) {
    const left = until - performance.now();
    if (left <= 0 || query.signal.aborted || gate.audit.closing.aborted) return false;
    await gate.audit.waitForAudit(growth, query.signal, Math.min(left, LOOK_MS));
    await sleep(Math.min(left, BREATH_MS));
    growth = gate.audit.growth();
    if ((await readCatalogueHead(gate.database)) !== position) return true;
  }
}

/** Places and things are read at one moment: what has changed since comes with a later page, and only there. */
async function readPage(gate: Gate, { after, limit }: ChangesQuery): Promise<ChangesPage> {
  const cursor = parseChangeCursor(after);
  return inTransaction(
    gate.database,
    async (tx) => {
      await requireOwnHistory(tx, cursor);
      // One more than asked tells whether there is a next page.
      const found = await listCatalogueChanges(tx, { after: cursor?.position ?? 0, limit: limit + 1 });
      const listed = found.slice(0, limit);
      return {
        changes: await readThings(tx, listed),
        next: writeChangeCursor(listed.at(-1) ?? cursor),
        more: found.length > limit,
        hadNoPlace: false,
      };
    },
    { isolation: 'repeatable read' },
  );
}

async function readThings(tx: Transaction, changes: readonly CatalogueChange[]): Promise<readonly ChangedThing[]> {
  const appIds = changes.filter(({ version }) => version === null).map(({ appId }) => appId);
  const pairs = changes.flatMap(({ appId: app, version }) => (version === null ? [] : [{ app, version }]));
  const apps = new Map((await findListings(tx, appIds)).map((app) => [app.id, app]));
  const releases = new Map(
    (await findReleases(tx, pairs)).map((release) => [`${release.appId}@${release.version}`, release]),
  );
  return changes.map(({ appId, version }) => {
    if (version === null) return { type: 'app', app: present(apps.get(appId)) };
    return { type: 'release', release: present(releases.get(`${appId}@${version}`)) };
  });
}

function present<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('A change of something that is not there');
  return thing;
}
