import { isLink } from '../../src/app/element-reader.js';
import { parseUrl } from '../../src/parse-url.js';

test('an address with a character beyond ASCII is one however often it is asked for', () => {
  // Far more often than Node 20 needs to compile URL.canParse, which then gets this wrong.
  for (let round = 0; round < 20_000; round++) {
    if (parseUrl('https://läden.example/ä') === null || !isLink('https://läden.example/ä', ['https:'])) {
      throw new Error(`It was none the ${round}th time`);
    }
  }
});

test('what is no URL is none', () => {
  expect(parseUrl('läden')).toBeNull();
  expect(parseUrl('../x', 'https://a.example/b/c')?.href).toBe('https://a.example/x');
});
