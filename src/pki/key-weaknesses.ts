import type { KeyObject } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readDer } from './der.js';
import { readPublicKey, weaknessOf } from './public-key.js';

/**
 * Says why an authority must not certify a key, or null: half a sentence for people. Stricter than weaknessOf, by
 * which certificates of others are judged. EC keys must be on P-384, which is what signatures here are made with. RSA
 * keys have 2048 to 8192 bits, the exponent 65537, and a modulus without the marks of generators that are known to be
 * broken. Takes some milliseconds, at worst a tenth of a second; see {@link findKeyWeaknessInTurns} where others wait.
 */
export function findKeyWeakness(publicKey: KeyObject): string | null {
  const kind = findKindWeakness(publicKey);
  if (kind !== null || publicKey.asymmetricKeyType !== 'rsa') return kind;
  const steps = modulusWeakness(modulusOf(publicKey));
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * The part of {@link findKeyWeakness} that needs no arithmetic: the kind of key, its size, its exponent. One exponent alone
 * (FIPS 186-5 §A.1.1 allows odd ones from it to 2^256): with another over the same modulus a key would be another key by
 * name, and the same to whoever has its primes.
 */
export function findKindWeakness(publicKey: KeyObject): string | null {
  const { type, bits, curve } = readPublicKey(readDer(publicKey.export({ type: 'spki', format: 'der' })));
  const general = weaknessOf({ publicKey, keyType: type, keyBits: bits, curve });
  if (general !== null) return general;
  if (type === 'ec') return curve === 'P-384' ? null : `its key is on the curve ${curve ?? ''}, not P-384`;
  const exponent = publicKey.asymmetricKeyDetails?.publicExponent ?? 0n;
  return exponent === 65_537n ? null : `its RSA key has the exponent ${shortly(exponent)}, not 65537`;
}

/** Settles when the key looked at before is done with: of many at once, one at a time takes its turns. */
let previous: Promise<unknown> = Promise.resolve();

/** The same as {@link findKeyWeakness} for a server: everybody else has a turn every few milliseconds. */
export async function findKeyWeaknessInTurns(publicKey: KeyObject): Promise<string | null> {
  const kind = findKindWeakness(publicKey);
  if (kind !== null || publicKey.asymmetricKeyType !== 'rsa') return kind;
  const found = previous.then(() => takeTurns(modulusWeakness(modulusOf(publicKey))));
  previous = found.catch(() => null);
  return found;
}

async function takeTurns(steps: Steps<string | null>): Promise<string | null> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/** Arithmetic that pauses every few milliseconds, for whoever waits meanwhile. */
type Steps<T> = Generator<void, T, void>;

const smallPrimes = primesBelow(10_000);

function* modulusWeakness(modulus: bigint): Steps<string | null> {
  const factor = smallPrimes.find((prime) => modulus % BigInt(prime) === 0n);
  if (factor !== undefined) return `the modulus of its RSA key can be divided by ${factor}`;
  if (isRocaModulus(modulus)) return 'its RSA key was made by a broken generator (ROCA, CVE-2017-15361)';
  yield;
  if (hasCloseFactors(modulus)) return 'the primes of its RSA key are too close to each other (CVE-2022-26320)';
  yield;
  return (yield* isProbablyPrime(modulus)) ? 'the modulus of its RSA key is a prime' : null;
}

/** Beyond it one test holds up everybody for half a second, and no generator was ever seen to make such a key. */
const longestPrimeTested = 4096;

/** Squarings between two pauses: at 4096 bits they take about two milliseconds. */
const squaringsAtOnce = 64;

/**
 * Fermat's test to the base 2, which composites pass only when made for it, and then to nobody's harm.
 * crypto.checkPrime repeats its test up to 128 times just when the answer is yes: seconds, for whoever sends a prime.
 */
function* isProbablyPrime(odd: bigint): Steps<boolean> {
  const bits = (odd - 1n).toString(2);
  if (bits.length > longestPrimeTested) return false;
  let power = 1n;
  for (const [index, bit] of [...bits].entries()) {
    if (index % squaringsAtOnce === 0) yield;
    power = (power * power) % odd;
    if (bit === '1') power = (power << 1n) % odd;
  }
  return power === 1n;
}

/** The 38 odd primes up to 167, against which the flawed moduli show. */
const rocaPrimes = primesBelow(168).filter((prime) => prime !== 2);

/** For each of them what remains that a flawed modulus can leave: the powers of 65537. */
const rocaRemainders = rocaPrimes.map((prime) => ({ prime: BigInt(prime), powers: powersOf(65_537 % prime, prime) }));

/**
 * Infineon's chips made their primes as k·M + (65537^a mod M), where M is the product of the first primes (Nemec et
 * al., "The Return of Coppersmith's Attack", 2017, §2). So the primes, and their product, are powers of 65537 modulo
 * every prime of M. A modulus that was made otherwise is that by chance in about one of 2^27 cases, and is better made
 * anew.
 */
function isRocaModulus(modulus: bigint): boolean {
  return rocaRemainders.every(({ prime, powers }) => powers.has(Number(modulus % prime)));
}

const fermatRounds = 100;

/**
 * Fermat's factorisation: with p and q close, n = a² - b² for an a just above the root of n. Good generators, whose
 * primes differ by more than 2^(bits/2 - 100) (FIPS 186-5 §A.1.1), are out of its reach by astronomical numbers of rounds.
 */
function hasCloseFactors(modulus: bigint): boolean {
  let root = squareRoot(modulus);
  if (root * root < modulus) root += 1n;
  for (let round = 0; round < fermatRounds; round += 1, root += 1n) {
    if (isSquare(root * root - modulus)) return true;
  }
  return false;
}

/** The squares modulo these are few, so that hardly a root has to be taken. */
const squareSieves = [256, 315, 143, 323].map((modulus) => ({
  modulus: BigInt(modulus),
  squares: new Set(Array.from({ length: modulus }, (_, number) => (number * number) % modulus)),
}));

function isSquare(number: bigint): boolean {
  if (!squareSieves.every(({ modulus, squares }) => squares.has(Number(number % modulus)))) return false;
  const root = squareRoot(number);
  return root * root === number;
}

/** The whole part of a square root, by Newton's method from above. */
function squareRoot(number: bigint): bigint {
  if (number < 2n) return number;
  let root = 1n << BigInt(Math.ceil(number.toString(16).length * 2));
  for (;;) {
    const next = (root + number / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function modulusOf(publicKey: KeyObject): bigint {
  const { n = '' } = publicKey.export({ format: 'jwk' });
  return BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
}

function primesBelow(end: number): readonly number[] {
  const composite = new Uint8Array(end);
  const primes: number[] = [];
  for (let number = 2; number < end; number += 1) {
    if (composite[number] === 1) continue;
    primes.push(number);
    for (let multiple = number * number; multiple < end; multiple += number) composite[multiple] = 1;
  }
  return primes;
}

function powersOf(base: number, modulus: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * base) % modulus) powers.add(power);
  return powers;
}

function shortly(number: bigint): string {
  return number >> 64n > 0n ? `of ${number.toString(2).length} bits` : String(number);
}
