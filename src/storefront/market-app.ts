import type { MarketAppRow, MarketReleaseRow } from '../database/market-feed.js';
import { printable } from '../report/printable.js';
import { marketDescription } from './market-description.js';
import { readReleaseInfo, type ReleaseInfo } from './release-info.js';

/** A release as ownCloud's market app reads it. */
interface MarketRelease {
  readonly version: string;
  readonly platformMin: string;
  readonly platformMax: string;
  readonly download: string;
  readonly license: string;
  readonly created: string;
  readonly downloads: number;
}

/** An app as ownCloud's market app reads it. Every member is always there: most of what it lacks breaks its pages. */
export interface MarketApp {
  readonly id: string;
  readonly type: 'app';
  readonly name: string;
  /** The same as the name: bundles show this one. */
  readonly title: string;
  readonly categories: readonly string[];
  /** Markdown. */
  readonly description: string;
  readonly screenshots: readonly { readonly url: string }[];
  readonly marketplace: string;
  readonly downloads: number;
  readonly rating: Readonly<Record<'1' | '2' | '3' | '4' | '5' | 'mean', number>>;
  readonly downloadable: true;
  readonly publisher: { readonly name: string; readonly url: string; readonly isPagePublic: boolean };
  readonly releases: readonly MarketRelease[];
}

/**
 * Ends of an open range. The market app compares a server's version with both, and one that is missing counts as lower than any:
 * a release without the upper end could never be installed.
 */
const OPEN = { min: '0', max: '99999' };

/** Older market apps read the first screenshot without looking whether there is one: a transparent pixel, which their page lets in. */
const NO_SCREENSHOT = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

/** Nobody rates apps here, and the market app asks for the mean of everyone. */
const NO_RATING: MarketApp['rating'] = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, mean: 0 };

const MAX_NAME = 200;

/**
 * An app in the shape that ownCloud's market app reads. Of what a release says of itself, whatever is not as it should be is as if it
 * were not there; an app without a name is called by its id.
 *
 * @param baseUrl where the gate is to be reached, without a closing slash
 */
export function marketApp(row: MarketAppRow, baseUrl: string): MarketApp {
  const { appId, categories, downloads, releases } = row;
  const info = readReleaseInfo(row.info);
  const name = shown(info?.name ?? appId);
  const page = `${baseUrl}/console/apps/${encodeURIComponent(appId)}`;
  const images = row.screenshots.map((sha256) => ({ url: `${baseUrl}/api/v1/screenshots/${sha256}.webp` }));
  return {
    id: appId,
    type: 'app',
    name,
    title: name,
    categories: [...new Set(categories)],
    description: marketDescription(info?.description ?? info?.summary ?? ''),
    screenshots: images.length > 0 ? images : [{ url: NO_SCREENSHOT }],
    marketplace: page,
    downloads,
    rating: NO_RATING,
    downloadable: true,
    publisher: publisherOf(info, page),
    releases: releases.map((release) => marketRelease(appId, release, baseUrl)),
  };
}

function publisherOf(info: ReleaseInfo | null, page: string): MarketApp['publisher'] {
  const authors = info?.authors ?? [];
  const url = authors.find(({ homepage }) => homepage !== null)?.homepage ?? info?.website ?? null;
  return {
    name: shown(authors.map(({ name }) => name).join(', ')),
    url: url ?? page,
    isPagePublic: url !== null,
  };
}

function marketRelease(appId: string, release: MarketReleaseRow, baseUrl: string): MarketRelease {
  const { version, platformMin, platformMax, licence, publishedAt, downloads } = release;
  const path = `apps/${encodeURIComponent(appId)}/releases/${encodeURIComponent(version)}`;
  return {
    version,
    platformMin: platformMin ?? OPEN.min,
    platformMax: platformMax ?? OPEN.max,
    // A server keeps the ending of the address for its temporary file, and opens that by it.
    download: `${baseUrl}/api/v1/${path}/archive/${encodeURIComponent(`${appId}-${version}.zip`)}`,
    license: shown(licence ?? ''),
    created: publishedAt,
    downloads,
  };
}

/** A line of text; where the market app asks whether to remove an app, it takes the name for HTML. */
function shown(text: string): string {
  return printable(text, MAX_NAME).replaceAll('<', '‹').replaceAll('>', '›');
}
