import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../../src/config.js';
import { createMarket, type MarketLists } from '../../../src/storefront/market-lists.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-market-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function written(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

async function lists(bundles: unknown, categories?: unknown): Promise<MarketLists> {
  return createMarket({
    apiKeys: [],
    bundlesFile: bundles === undefined ? null : written('bundles.json', bundles),
    categoriesFile: categories === undefined ? null : written('categories.json', categories),
  }).lists();
}

const bundle = { id: 'starter', title: 'To begin with', description: 'Two apps', apps: ['calendar', 'notes'] };
const category = {
  id: 'tools',
  translations: { en: { name: 'Tools', description: 'Useful' }, de: { name: 'Werkzeuge' } },
};

test('without files there are no bundles, and no categories but those of the apps', async () => {
  expect(await lists(undefined)).toEqual({ bundles: [], categories: null });
});

test('what the files say is read once', async () => {
  const bundlesFile = written('bundles.json', `\uFEFF${JSON.stringify([bundle])}`);
  const market = createMarket({ apiKeys: [], bundlesFile, categoriesFile: written('c.json', [category]) });
  const first = await market.lists();
  expect(first.bundles).toEqual([bundle]);
  expect(first.categories?.[0]?.translations).toEqual({
    en: { name: 'Tools', description: 'Useful' },
    de: { name: 'Werkzeuge', description: '' },
  });
  rmSync(bundlesFile);
  expect(await market.lists()).toBe(first);
});

test.each([
  ['no JSON', 'bundles: none'],
  ['no list', { bundles: [] }],
  ['a bundle without apps', [{ ...bundle, apps: [] }]],
  ['an app that is none', [{ ...bundle, apps: ['../x'] }]],
  ['an id twice', [bundle, bundle]],
  ['a member that nobody knows', [{ ...bundle, products: [] }]],
  ['an id that is none', [{ ...bundle, id: 'a b' }]],
  [
    'too many apps',
    Array.from({ length: 11 }, (_, n) => ({ ...bundle, id: `b${n}`, apps: Array(100).fill('calendar') })),
  ],
  ['more than a list needs', ' '.repeat(1024 ** 2 + 1)],
])('bundles with %s are refused, naming the setting', async (_what, content) => {
  await expect(lists(content)).rejects.toThrow(ConfigError);
  await expect(lists(content)).rejects.toThrow(/ MARKET_BUNDLES: the file /);
});

test.each([
  ['no English name', [{ ...category, translations: { de: { name: 'Werkzeuge' } } }]],
  ['an id twice, but for its capitals', [category, { ...category, id: 'Tools' }]],
  ['a language that is none', [{ ...category, translations: { ...category.translations, 'x y': { name: 'X' } } }]],
])('categories with %s are refused, naming the setting', async (_what, content) => {
  await expect(lists(undefined, content)).rejects.toThrow(/ MARKET_CATEGORIES: the file /);
});

test('a file that is not there, and a folder, are refused', async () => {
  mkdirSync(join(folder, 'bundles'));
  for (const name of ['missing.json', 'bundles']) {
    const market = createMarket({ apiKeys: [], bundlesFile: join(folder, name), categoriesFile: null });
    await expect(market.lists()).rejects.toThrow(/ MARKET_BUNDLES: the file /);
  }
});

test.each([
  [{ bundles: [] }, 'must be a list: it begins with [ and ends with ]'],
  [[bundle, { ...bundle, id: 'other', apps: ['../x'] }], 'entry 2, apps.0: must be an app id'],
  [[{ ...bundle, apps: [] }], 'entry 1, apps: must name an app'],
  [['starter'], 'entry 1: Invalid input: expected object, received string'],
  [[bundle, bundle], 'has an id twice'],
])('what is wrong in a file is said in words, and where: %j', async (content, words) => {
  await expect(lists(content)).rejects.toThrow(`${join(folder, 'bundles.json')} is not right: ${words}`);
});
