import argon2 from 'argon2';
import { hashPassword, isHashOutdated, isPassword } from '../../../src/accounts/password-hash.js';

const PASSWORD = 'a quiet harbour at dusk';

test('a password is kept as argon2id, with a salt of its own each time, and beyond the least that OWASP asks for', async () => {
  const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
  expect(one).not.toBe(other);
  expect(one).toMatch(/^\$argon2id\$v=19\$/);
  const valueOf = (name: string): number => Number(new RegExp(`[$,]${name}=(\\d+)[$,]`).exec(one)?.[1]);
  expect(valueOf('m')).toBeGreaterThanOrEqual(47_104);
  expect(valueOf('t')).toBeGreaterThanOrEqual(1);
  expect(valueOf('p')).toBeGreaterThanOrEqual(1);
});

test('only the password itself is it', async () => {
  const hash = await hashPassword(PASSWORD);
  expect(await isPassword(hash, PASSWORD)).toBe(true);
  for (const wrong of [
    '',
    ` ${PASSWORD}`,
    `${PASSWORD} `,
    PASSWORD.toUpperCase(),
    `${PASSWORD}\0`,
    PASSWORD.repeat(100),
  ]) {
    expect(await isPassword(hash, wrong)).toBe(false);
  }
});

test('where there is no password none is right, not the empty one either', async () => {
  expect(await isPassword(null, '')).toBe(false);
  expect(await isPassword(null, PASSWORD)).toBe(false);
});

test('the same keys on another machine are the same password', async () => {
  const composed = await hashPassword('caf\u00e9 au lait, twice');
  expect(await isPassword(composed, 'cafe\u0301 au lait, twice')).toBe(true);
  const plain = await hashPassword('harbour 12 lights');
  expect(await isPassword(plain, '\uff48\uff41\uff52\uff42\uff4f\uff55\uff52 12 lights')).toBe(true);
});

test('a hash of other parameters is outdated, one of today is not', async () => {
  const weak = await argon2.hash(PASSWORD, { type: argon2.argon2id, memoryCost: 47_104, timeCost: 1, parallelism: 1 });
  const other = await argon2.hash(PASSWORD, { type: argon2.argon2i });
  expect([isHashOutdated(weak), isHashOutdated(other), isHashOutdated(await hashPassword(PASSWORD))]).toEqual([
    true,
    true,
    false,
  ]);
  expect(await isPassword(weak, PASSWORD)).toBe(true);
});

test('too many at once are told to come back, and those in the queue get their turn', async () => {
  const asked = Array.from({ length: 40 }, () => isPassword(null, PASSWORD));
  const settled = await Promise.allSettled(asked);
  const refused = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(20);
  expect(new Set(refused)).toEqual(new Set(['UNAVAILABLE']));
  expect(settled.every((each) => each.status === 'rejected' || !each.value)).toBe(true);
  expect(await isPassword(await hashPassword(PASSWORD), PASSWORD)).toBe(true);
});
