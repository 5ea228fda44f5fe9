import { createPublicKey, generateKeyPairSync, generatePrimeSync, checkPrimeSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { findKeyWeakness, findKeyWeaknessInTurns } from '../../../src/pki/key-weaknesses.js';
import { testKeys } from '../../support/test-authority.js';

const octets = (number: bigint) => Buffer.from(number.toString(16).replace(/^(.)(?=(..)*$)/, '0$1'), 'hex');
const rsaKey = (n: bigint, e = 65_537n): KeyObject =>
  createPublicKey({
    key: { kty: 'RSA', n: octets(n).toString('base64url'), e: octets(e).toString('base64url') },
    format: 'jwk',
  });
const prime = (bits: number) => generatePrimeSync(bits, { bigint: true });

function modulusOf(key: KeyObject): bigint {
  return BigInt(`0x${Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`);
}

function nextPrime(from: bigint): bigint {
  let candidate = from | 1n;
  while (!checkPrimeSync(candidate)) candidate += 2n;
  return candidate;
}

const isPrime = (number: number) => Array.from({ length: number - 2 }, (_, i) => i + 2).every((i) => number % i !== 0);

/** A prime as Infineon's chips made them: k·M + (65537^a mod M), M the product of the first 126 primes (1024 bits). */
function rocaPrime(bits: number): bigint {
  const first = Array.from({ length: 700 }, (_, i) => i + 2)
    .filter(isPrime)
    .slice(0, 126);
  const product = first.reduce((all, each) => all * BigInt(each), 1n);
  let power = 1n;
  for (let a = 0; a < 12_345; a += 1) power = (power * 65_537n) % product;
  let k = (1n << BigInt(bits - 1)) / product + 1n;
  for (; ; k += 1n) {
    power = (power * 65_537n) % product;
    if (checkPrimeSync(k * product + power)) return k * product + power;
  }
}

describe('a key that is as it should be is certified', () => {
  test.each(['ec-p384', 'rsa-2048', 'rsa-4096'] as const)('%s', (kind) => {
    expect(findKeyWeakness(testKeys(kind).publicKey)).toBeNull();
  });
  test('one of the greatest RSA keys', () => {
    // Two primes of 4096 bits would take long to make; what is looked for here, four smaller ones have as little.
    const n = prime(2048) * prime(2048) * prime(2048) * prime(2048);
    expect(n.toString(2).length).toBeGreaterThan(8190);
    expect(findKeyWeakness(rsaKey(n))).toBeNull();
  });
  test('fresh RSA moduli, none of which looks like one of a broken generator', () => {
    const keys = Array.from({ length: 8 }, () => rsaKey(prime(1024) * prime(1024)));
    expect(keys.map(findKeyWeakness)).toEqual(keys.map(() => null));
  });
});

describe('a key is not certified', () => {
  const good = modulusOf(testKeys('rsa-2048').publicKey);

  test.each<[string, () => KeyObject, RegExp]>([
    ['on P-256', () => testKeys('ec-p256').publicKey, /P-384/],
    ['on P-521', () => testKeys('ec-p521').publicKey, /P-384/],
    ['on secp256k1', () => testKeys('ec-secp256k1').publicKey, /curve/],
    ['of Ed25519', () => testKeys('ed25519').publicKey, /neither/],
    ['for RSASSA-PSS alone', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey, /neither/],
    ['of RSA with 1024 bits', () => testKeys('rsa-1024').publicKey, /1024 bits/],
    ['of RSA with 2047 bits', () => rsaKey(good >> 1n), /2047 bits/],
    ['of RSA with more than 8192 bits', () => rsaKey((1n << 8192n) + 1n), /8193 bits/],
    ['with the exponent 1', () => rsaKey(good, 1n), /exponent 1(,|$)/],
    ['with the exponent 3', () => rsaKey(good, 3n), /exponent 3,/],
    ['with another good exponent, by which a known key would be a new one', () => rsaKey(good, 65_539n), /65539/],
    ['with an even exponent', () => rsaKey(good, 65_538n), /exponent 65538(,|$)/],
    ['with an exponent of 257 bits', () => rsaKey(good, (1n << 256n) + 1n), /exponent of 257 bits/],
    ['with an even modulus', () => rsaKey(good - 1n), /divided by 2$/],
    ['with a modulus that 3 divides', () => rsaKey(3n * prime(2047)), /divided by 3$/],
    ['with a modulus that 9973 divides', () => rsaKey(9973n * prime(2036)), /divided by 9973$/],
    ['with a modulus that is a prime', () => rsaKey(prime(2048)), /is a prime/],
    ['with a modulus that is a square', () => rsaKey(prime(1024) ** 2n), /too close/],
  ])('%s', (_, key, words) => {
    expect(findKeyWeakness(key())).toMatch(words);
  });

  test('with neighbouring primes', () => {
    const p = prime(1024);
    expect(findKeyWeakness(rsaKey(p * nextPrime(p + 2n)))).toMatch(/too close/);
  });
  test('with primes that differ in their lower half only, of the kind that printers made', () => {
    const p = prime(1024);
    // A difference of 2^500 is found within the first round, for (p - q)² is far below the root of n.
    expect(findKeyWeakness(rsaKey(p * nextPrime(p + (1n << 500n))))).toMatch(/too close/);
  });
  test('with a modulus of two primes as the broken chips made them', () => {
    const n = rocaPrime(1025) * rocaPrime(1026);
    expect(findKeyWeakness(rsaKey(n))).toMatch(/ROCA/);
  });
  test('and one prime of theirs beside a good one is not mistaken', () => {
    const n = rocaPrime(1026) * prime(1024);
    expect(findKeyWeakness(rsaKey(n))).toBeNull();
  });
});

test('looked at in turns, a key is judged the same, and others have theirs meanwhile', async () => {
  const bad = prime(2048);
  const keys = [testKeys('rsa-4096').publicKey, testKeys('ec-p384').publicKey, rsaKey(bad), rsaKey(3n * prime(2047))];
  let turns = 0;
  let isOver = false;
  const others = (async () => {
    for (; !isOver; turns += 1) await nextTurn();
  })();
  const found = await Promise.all(keys.map(findKeyWeaknessInTurns));
  isOver = true;
  await others;
  expect(found).toEqual(keys.map(findKeyWeakness));
  // 4096 squarings for the first, in pieces of 64.
  expect(turns).toBeGreaterThan(60);
});
