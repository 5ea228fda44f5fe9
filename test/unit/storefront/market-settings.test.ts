import { readConfig } from '../../../src/config.js';

const folder = '/nowhere';

test('without settings no key is asked for, and there are no files', () => {
  expect(readConfig({}, folder).market).toEqual({ apiKeys: [], bundlesFile: null, categoriesFile: null });
});

test('files are relative to where the gate was started', () => {
  const market = { MARKET_BUNDLES: 'bundles.json', MARKET_CATEGORIES: '/etc/categories.json' };
  expect(readConfig(market, folder).market).toMatchObject({
    bundlesFile: '/nowhere/bundles.json',
    categoriesFile: '/etc/categories.json',
  });
});

test('keys stand between commas', () => {
  expect(readConfig({ MARKET_API_KEYS: 'first-key, second-key,' }, folder).market.apiKeys).toEqual([
    'first-key',
    'second-key',
  ]);
});

test.each(['short', 'first-key,short', 'a key with spaces', 'kéy-with-é', 'x'.repeat(257)])(
  '%j is no list of keys, and is not quoted where that is said',
  (keys) => {
    const read = (): unknown => readConfig({ MARKET_API_KEYS: keys }, folder);
    expect(read).toThrow(/MARKET_API_KEYS: /);
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining(keys) }));
  },
);

test.each([',', ',,', ' , ', ' '])('%j holds no key, and does not open the store to everybody', (keys) => {
  expect(() => readConfig({ MARKET_API_KEYS: keys }, folder)).toThrow(/MARKET_API_KEYS: has no key in it/);
});
