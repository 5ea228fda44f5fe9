import type { MarketAppRow } from '../../../src/database/market-feed.js';
import { marketApp } from '../../../src/storefront/market-app.js';

const BASE_URL = 'https://store.example/gate';

const release = {
  version: '1.2.0',
  platformMin: '10.3',
  platformMax: '10',
  licence: 'AGPL',
  publishedAt: '2026-01-02T03:04:05Z',
  downloads: 7,
};

const info = {
  name: 'Calendar',
  summary: 'A calendar',
  description: 'Keeps dates.',
  authors: [{ name: 'Ada', homepage: 'https://ada.example/' }],
  website: null,
};

function row(changes: Partial<MarketAppRow> = {}): MarketAppRow {
  return {
    appId: 'calendar',
    info,
    categories: ['tools'],
    downloads: 9,
    screenshots: ['ab'.repeat(32)],
    releases: [release],
    ...changes,
  };
}

test('an app has every member that the market app reads', () => {
  expect(marketApp(row(), BASE_URL)).toEqual({
    id: 'calendar',
    type: 'app',
    name: 'Calendar',
    title: 'Calendar',
    categories: ['tools'],
    description: 'Keeps dates.',
    screenshots: [{ url: `${BASE_URL}/api/v1/screenshots/${'ab'.repeat(32)}.webp` }],
    marketplace: `${BASE_URL}/console/apps/calendar`,
    downloads: 9,
    rating: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, mean: 0 },
    downloadable: true,
    publisher: { name: 'Ada', url: 'https://ada.example/', isPagePublic: true },
    releases: [
      {
        version: '1.2.0',
        platformMin: '10.3',
        platformMax: '10',
        download: `${BASE_URL}/api/v1/apps/calendar/releases/1.2.0/archive/calendar-1.2.0.zip`,
        license: 'AGPL',
        created: '2026-01-02T03:04:05Z',
        downloads: 7,
      },
    ],
  });
});

test('what info.xml does not say is there all the same', () => {
  const bare = marketApp(
    row({
      info: { ...info, summary: null, description: null, authors: [] },
      categories: [],
      screenshots: [],
      releases: [{ ...release, platformMin: null, platformMax: null, licence: null }],
    }),
    BASE_URL,
  );
  expect(bare).toMatchObject({
    description: '',
    categories: [],
    screenshots: [{ url: expect.stringMatching(/^data:image\/gif;base64,/) }],
    publisher: { name: '', url: bare.marketplace, isPagePublic: false },
    // Null would be lower than any version: never to be installed.
    releases: [{ platformMin: '0', platformMax: '99999', license: '' }],
  });
});

test('the summary stands in for a description, and the website for a homepage', () => {
  const app = marketApp(
    row({
      info: {
        ...info,
        description: null,
        authors: [
          { name: 'Ada', homepage: null },
          { name: 'Bob', homepage: null },
        ],
        website: 'https://cal.example/',
      },
    }),
    BASE_URL,
  );
  expect(app.description).toBe('A calendar');
  expect(app.publisher).toEqual({ name: 'Ada, Bob', url: 'https://cal.example/', isPagePublic: true });
});

test('no name is markup, however it is shown', () => {
  const app = marketApp(
    row({
      info: {
        ...info,
        name: '<img src=x onerror=alert(1)>',
        authors: [{ name: '<b>\u202Eada', homepage: null }],
        description: '<script>alert(1)</script>',
      },
      releases: [{ ...release, licence: '<i>MIT</i>' }],
    }),
    BASE_URL,
  );
  const { description, ...rest } = app;
  expect(description).not.toContain('<');
  expect(JSON.stringify(rest)).not.toMatch(/[<>\u202E]/);
});

test.each([[{}], [null], [[]], ['calendar'], [{ ...info, name: null }], [{ ...info, name: 7 }]])(
  'an app that says %j of itself is called by its id',
  (odd) => {
    expect(marketApp(row({ info: odd }), BASE_URL)).toMatchObject({
      id: 'calendar',
      name: 'calendar',
      title: 'calendar',
    });
  },
);

test.each([[null], ['Ada'], [[null, 7, 'Ada', {}, { name: null }]], [[{ name: '', homepage: 'javascript:alert(1)' }]]])(
  'of the authors %j there is nothing to show',
  (authors) => {
    const odd = marketApp(row({ info: { ...info, authors, website: 'javascript:alert(1)', summary: 1 } }), BASE_URL);
    expect(odd.publisher).toEqual({ name: '', url: odd.marketplace, isPagePublic: false });
  },
);

test('a version that is more than digits and dots makes one part of the address, which ends in .zip', () => {
  const [{ download } = { download: '' }] = marketApp(
    row({ releases: [{ ...release, version: '1.0.0+b/2' }] }),
    BASE_URL,
  ).releases;
  expect(download).toBe(`${BASE_URL}/api/v1/apps/calendar/releases/1.0.0%2Bb%2F2/archive/calendar-1.0.0%2Bb%2F2.zip`);
});
