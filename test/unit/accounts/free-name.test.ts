import { isAccountName } from '../../../src/accounts/account-name.js';
import { isNameForStrangers, namesFor } from '../../../src/accounts/free-name.js';

function firstName(...hints: (string | undefined)[]): string | undefined {
  return namesFor(hints).next().value ?? undefined;
}

test.each([
  ['ada', 'ada'],
  ['Ada.Lovelace', 'ada.lovelace'],
  ['Ada Lovelace', 'ada-lovelace'],
  ['ada@example.org', 'ada'],
  ['Zoë Müller', 'zoe-muller'],
  ['--ada__x--', 'ada_x'],
  ['ada/../../etc', 'ada-etc'],
  ['a'.repeat(300), 'a'.repeat(40)],
])('%j becomes %j', (hint, name) => {
  expect(firstName(hint)).toBe(name);
});

test('what has no letter of a name in it is passed over for the next', () => {
  expect(firstName(undefined, '', '静か', '@@', 'ada@example.org')).toBe('ada');
  expect(firstName()).toBe('developer-2');
});

test.each([
  'operator',
  'portcullis',
  'admin',
  'Administrator',
  'ＡＤＭＩＮ',
  'moderator@example.org',
  'security',
  'root',
])('nobody who comes by themselves is called %j', (hint) => {
  expect([...namesFor([hint])].every(isNameForStrangers)).toBe(true);
  expect([...namesFor([hint])]).not.toContain('operator');
});

test('every name is one that an account can have, and none comes twice', () => {
  for (const hint of ['ada', '\u0000\u202e', '-', 'a'.repeat(64), "'; DROP TABLE accounts; --", 'admin', '2']) {
    const names = [...namesFor([hint])];
    expect(names.filter((name) => !isAccountName(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(10);
  }
});
