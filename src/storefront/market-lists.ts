import { open } from 'node:fs/promises';
import { z } from 'zod';
import { isAppId } from '../app/app-id.js';
import { ConfigError, type MarketSettings } from '../config.js';
import { wordsOfError } from '../error-words.js';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.js';

/** Apps that an operator offers together. */
export interface MarketBundle {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly apps: readonly string[];
}

/** A category in words, by language. */
export interface MarketCategory {
  readonly id: string;
  readonly translations: Readonly<Record<string, { readonly name: string; readonly description: string }>> & {
    readonly en: { readonly name: string; readonly description: string };
  };
}

/** What operators say in files for ownCloud's market app. */
export interface MarketLists {
  readonly bundles: readonly MarketBundle[];
  /** Null: what the published apps say. */
  readonly categories: readonly MarketCategory[] | null;
}

/** What ownCloud's market app is told beside the apps, and who is. */
export interface Market {
  /** One of them must be shown; empty: nothing is asked for. */
  readonly apiKeys: readonly string[];
  /**
   * What the operator's files say, as they were when it was first asked.
   *
   * @throws ConfigError naming the setting and what is wrong in the file
   */
  lists(): Promise<MarketLists>;
  /** How many long lists are sent at a time. */
  readonly room: WaitingRoom;
  readonly pace: MarketPace;
}

/** How much of a long list must be taken in how long, as long as there is more of it: else somebody else has its place. */
export interface MarketPace {
  readonly bytes: number;
  readonly ms: number;
}

/** What the settings say of the market; no file is read yet. */
export function createMarket(settings: MarketSettings): Market {
  let lists: Promise<MarketLists> | null = null;
  return {
    apiKeys: settings.apiKeys,
    lists: async () => (lists ??= readMarketLists(settings)),
    room: createWaitingRoom({ total: 50, perAddress: 5 }),
    pace: { bytes: 256 * 1024, ms: 30_000 },
  };
}

const MAX_FILE_BYTES = 1024 ** 2;
const MAX_BUNDLED_APPS = 1_000;

const NO_LIST = 'must be a list: it begins with [ and ends with ]';

const text = (max: number) => z.string().trim().max(max);
const name = text(200).min(1);

const bundles = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, _ and -'),
      title: name,
      description: text(10_000).default(''),
      apps: z
        .array(z.string().refine(isAppId, 'must be an app id'), NO_LIST)
        .min(1, 'must name an app')
        .max(100, 'must name at most 100 apps'),
    }),
    NO_LIST,
  )
  .max(100)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'has an id twice')
  .refine(
    (all) => all.flatMap(({ apps }) => apps).length <= MAX_BUNDLED_APPS,
    `has more than ${MAX_BUNDLED_APPS} apps`,
  );

const LANGUAGE = /^[A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{2,8})*$/;
const areLanguages = (all: object): boolean => Object.keys(all).every((each) => LANGUAGE.test(each));

const words = z.strictObject({ name, description: text(2_000).default('') });
const categories = z
  .array(
    z.strictObject({
      // As apps are listed: what differs in capitals only is one category.
      id: z.string().trim().min(1).max(64).toLowerCase(),
      translations: z.object({ en: words }).catchall(words).refine(areLanguages, 'must be by language, as en or pt_BR'),
    }),
    NO_LIST,
  )
  .max(500)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'has an id twice');

/**
 * Reads the files that `MARKET_BUNDLES` and `MARKET_CATEGORIES` name.
 *
 * @throws ConfigError naming the setting and what is wrong in the file
 */
async function readMarketLists({ bundlesFile, categoriesFile }: MarketSettings): Promise<MarketLists> {
  return {
    bundles: bundlesFile === null ? [] : await readList('MARKET_BUNDLES', bundlesFile, bundles),
    categories: categoriesFile === null ? null : await readList('MARKET_CATEGORIES', categoriesFile, categories),
  };
}

async function readList<List>(setting: string, file: string, schema: z.ZodType<List>): Promise<List> {
  const wrong = (what: string): ConfigError => new ConfigError([`${setting}: the file ${file} ${what}`]);
  const content = await readBounded(file).catch((error: unknown) => {
    throw wrong(`can't be read: ${wordsOfError(error)}`);
  });
  if (content === null) throw wrong(`has more than ${MAX_FILE_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    throw wrong('is not JSON');
  }
  const checked = schema.safeParse(json);
  if (checked.success) return checked.data;
  const [first] = checked.error.issues;
  throw wrong(`is not right: ${placeOf(first?.path ?? [])}${first?.message ?? ''}`);
}

/** Where in a list: `entry 2, apps.0: `; nothing where it is the list itself. */
function placeOf([index, ...members]: readonly PropertyKey[]): string {
  if (index === undefined) return '';
  return `${[`entry ${Number(index) + 1}`, ...(members.length === 0 ? [] : [members.join('.')])].join(', ')}: `;
}

/** Null where there is more of it than a list needs. */
async function readBounded(file: string): Promise<string | null> {
  const handle = await open(file, 'r');
  try {
    if (!(await handle.stat()).isFile()) throw new Error('it is no file');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_FILE_BYTES + 1));
    return bytesRead > MAX_FILE_BYTES ? null : buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } finally {
    await handle.close();
  }
}
