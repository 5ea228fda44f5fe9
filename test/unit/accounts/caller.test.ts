import { requireModerator, requireOperator, scopesOfRole, type Caller } from '../../../src/accounts/caller.js';

const caller = (kind: Caller['kind']): Caller => ({
  ...{ accountId: 7, accountName: 'ada', tokenId: '9a4c8f3e-0000-4000-8000-000000000000' },
  ...{ kind, scopes: scopesOfRole.developer, appIds: null, expiresAt: null },
});

test('whoever is in the console is told the role that it takes, and a token its scope', () => {
  expect(() => requireOperator(caller('session'))).toThrow('This is for administrators of the store.');
  expect(() => requireModerator(caller('session'))).toThrow('This is for moderators of the store.');
  expect(() => requireOperator(caller('bearer'))).toThrow('a token with the scope "operate", for the whole store.');
  expect(() => requireModerator(caller('bearer'))).toThrow('a token with the scope "moderate", for the whole store.');
});
