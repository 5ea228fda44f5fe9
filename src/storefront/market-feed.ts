import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { findMarketApps, listLeadingCategories, listMarketApps, readMarketState } from '../database/market-feed.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { marketApp, type MarketApp } from './market-app.js';
import type { MarketBundle, MarketCategory, MarketPace } from './market-lists.js';

/** So many apps are held at a time. */
const PAGE = 50;
/** More of one app than anybody installs: its newest. */
const RELEASES_PER_APP = 500;
/** A bundle shows its apps; what a server installs it takes from the list for its platform. */
const RELEASES_PER_BUNDLED_APP = 20;
/** What is made as a whole before any of it is sent. */
const MAX_WHOLE_CHARACTERS = 1024 ** 2;

/** What is published, as ownCloud's market app reads it, and which state of the store it tells. */
interface MarketFeed {
  /** An opaque text without quotes. */
  readonly state: string;
  /** Whether it is exactly that state, byte for byte, and not one that began to change while it was read. */
  readonly exact: boolean;
  /** JSON. */
  readonly body: string | Readable;
}

/**
 * The state of the store that a feed for this platform tells of (null: for all): two feeds of one state say the same. One small query.
 */
export async function readFeedState(gate: Gate, platform: string | null): Promise<string> {
  const { catalogue, downloads } = await readMarketState(gate.database);
  const told = JSON.stringify([gate.version, gate.baseUrl, platform, catalogue, downloads]);
  return createHash('sha256').update(told).digest('base64url');
}

/**
 * The apps that are not suspended and have a release that stands, in the order of their ids, each with those releases, the one published last
 * first. A short list comes as a whole; a long one as a stream that reads page by page, as fast as it is taken, and fails where a
 * page can't be read: never does it end as if it were all. Where too little of it is taken, it is broken off, for others to have its
 * place.
 *
 * @param platform one to four numbers with dots between them: only what is for that ownCloud; null: everything
 * @param state as {@link readFeedState} has told before
 * @param address of whoever asks: of long lists each is given only so many at a time
 * @throws RequestError `UNAVAILABLE` where too many long lists are under way
 */
export async function readMarketFeed(
  gate: Gate,
  { platform, state, address }: { readonly platform: string | null; readonly state: string; readonly address: string },
): Promise<MarketFeed> {
  const pages = writePages(gate, platform);
  let whole = '';
  for (;;) {
    const { done, value } = await pages.next();
    if (done === true) {
      // Whoever changed something meanwhile may be in it, or in a part of it.
      return { state, exact: (await readFeedState(gate, platform)) === state, body: whole };
    }
    whole += value;
    if (whole.length > MAX_WHOLE_CHARACTERS) break;
  }
  const leave = gate.market.room.enter(address);
  if (leave === null) throw new RequestError('UNAVAILABLE', 'Too many lists are under way: try again in a moment.');
  const body = streamAtPace(followedBy(whole, pages), gate.market.pace);
  body.once('close', leave);
  return { state, exact: false, body };
}

async function* followedBy(begin: string, rest: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  try {
    yield begin;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** In pieces of this size it is seen how fast somebody takes. */
const PIECE_BYTES = 64 * 1024;

/** A stream of the texts, which is destroyed where it is taken slower than the pace asks for. How long the texts take counts not. */
function streamAtPace(texts: AsyncIterable<string>, { bytes, ms }: MarketPace): Readable {
  let patience = ms;
  let timer: NodeJS.Timeout | undefined;
  const breakOff = (): unknown => stream.destroy();
  async function* pieces(): AsyncGenerator<Buffer, void> {
    for await (const text of texts) {
      const all = Buffer.from(text);
      for (let at = 0; at < all.length; at += PIECE_BYTES) {
        const piece = all.subarray(at, at + PIECE_BYTES);
        const begun = performance.now();
        timer = setTimeout(breakOff, patience);
        try {
          // It goes on from here once there is room for more.
          yield piece;
        } finally {
          clearTimeout(timer);
        }
        const earned = (piece.length / bytes) * ms;
        patience = Math.min(ms, patience - (performance.now() - begun) + earned);
      }
    }
    // The last of it lies there yet.
    timer = setTimeout(breakOff, patience);
  }
  const stream = Readable.from(pieces(), { objectMode: false });
  stream.once('close', () => clearTimeout(timer));
  return stream;
}

/** A JSON array, in pieces. */
async function* writePages(gate: Gate, platform: string | null): AsyncGenerator<string, void> {
  let after = '';
  let separator = '[';
  for (;;) {
    const rows = await listMarketApps(gate.database, {
      platform,
      after,
      limit: PAGE,
      releasesPerApp: RELEASES_PER_APP,
    });
    const apps = rows.map((row) => JSON.stringify(marketApp(row, gate.baseUrl)));
    if (apps.length > 0) yield separator + apps.join(',');
    if (apps.length > 0) separator = ',';
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) break;
    after = last.appId;
  }
  yield separator === '[' ? '[]' : ']';
}

/** A bundle as ownCloud's market app reads it. */
interface MarketBundleOfApps {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly downloadable: boolean;
  readonly marketplace: string;
  readonly products: readonly MarketApp[];
}

/** The operator's bundles with the apps of them that can be had; a bundle of which none can is left out. */
export async function readMarketBundles(gate: Gate): Promise<readonly MarketBundleOfApps[]> {
  const { bundles } = await gate.market.lists();
  if (bundles.length === 0) return [];
  const ids = [...new Set(bundles.flatMap(({ apps }) => apps))];
  const rows = await findMarketApps(gate.database, ids, RELEASES_PER_BUNDLED_APP);
  const byId = new Map(rows.map((row) => [row.appId, marketApp(row, gate.baseUrl)]));
  return bundles
    .map((bundle) => asBundleOfApps(bundle, byId, gate.baseUrl))
    .filter(({ products }) => products.length > 0);
}

function asBundleOfApps(
  { id, title, description, apps }: MarketBundle,
  byId: ReadonlyMap<string, MarketApp>,
  baseUrl: string,
): MarketBundleOfApps {
  const products = [...new Set(apps)].flatMap((appId) => byId.get(appId) ?? []);
  return { id, title, description, downloadable: true, marketplace: `${baseUrl}/console/apps`, products };
}

/** Of how many of the apps that are fetched most the categories are asked, and how many a server shows beside its apps. */
const LEADING_APPS = 1_000;
const MAX_CATEGORIES = 100;

/**
 * The categories that the operator has named, or where none are, those that most of the leading apps are in, each called after itself.
 */
export async function readMarketCategories(gate: Gate): Promise<readonly MarketCategory[]> {
  const { categories } = await gate.market.lists();
  if (categories !== null) return categories;
  const found = await listLeadingCategories(gate.database, { apps: LEADING_APPS, limit: MAX_CATEGORIES });
  return found.map((id) => ({
    id,
    translations: { en: { name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`, description: '' } },
  }));
}
