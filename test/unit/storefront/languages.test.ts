import { languagesOf } from '../../../src/storefront/languages.js';

test.each([
  ['', []],
  ['de', ['de']],
  ['de-AT', ['de-at', 'de']],
  ['fr;q=0.3, de-AT;q=0.9, it', ['it', 'de-at', 'de', 'fr']],
  ['de, de-CH', ['de', 'de-ch']],
  // What an app says without naming a language is as good as English.
  ['de, en-US;q=0.9, fr;q=0.8', ['de', 'en-us', 'en']],
  ['en', ['en']],
  ['de, *;q=0.5, fr;q=0.1', ['de']],
  ['*', []],
  // Nobody likes these.
  ['de;q=0, fr', ['fr']],
  ['de;q=x, fr;q=-1, it;q=7', []],
  ["de'; DROP TABLE apps, ../../etc, <script>, fr", ['fr']],
  ['\u0000, d\u0000e, zh-Hant-TW', ['zh-hant-tw', 'zh']],
  [
    Array.from({ length: 500 }, (_, index) => `a${String.fromCharCode(97 + (index % 26))}`).join(','),
    'abcdefghij'.split('').map((letter) => `a${letter}`),
  ],
  ['x'.repeat(100_000), []],
])('of the header %j the languages are %j', (header, languages) => {
  expect(languagesOf(header)).toEqual(languages);
});
