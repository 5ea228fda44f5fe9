import { requireMarketKey } from '../../../src/storefront/market-access.js';

const keys = ['first-key', 'second-key'];

test.each([undefined, '', 'apikey: whatever', 'Bearer x', 'nonsense'])(
  'without keys everybody comes in: %s',
  (header) => {
    expect(() => requireMarketKey([], header)).not.toThrow();
  },
);

test.each(['apikey: first-key', 'apikey: second-key', 'apikey first-key', 'APIKEY:  second-key '])(
  '%s comes in',
  (header) => {
    expect(() => requireMarketKey(keys, header)).not.toThrow();
  },
);

test.each([
  undefined,
  '',
  'apikey:',
  'apikey: ',
  'first-key',
  'Bearer first-key',
  'apikey: third-key',
  'apikey: first-key second-key',
  'apikey: first-key,second-key',
  'apikey: First-Key',
  'apikey: first-ke',
  'x apikey: first-key',
])('%s does not', (header) => {
  expect(() => requireMarketKey(keys, header)).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
});

test('no key is in what is said of a wrong one', () => {
  expect(() => requireMarketKey(keys, 'apikey: my-secret')).toThrow(
    expect.objectContaining({ message: expect.not.stringMatching(/first-key|second-key|my-secret/), extra: {} }),
  );
});
