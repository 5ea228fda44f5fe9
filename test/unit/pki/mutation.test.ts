import { CertificateError, parseCertificate } from '../../../src/pki/certificate.js';
import { verifyChain } from '../../../src/pki/chain.js';
import { checkRevocation } from '../../../src/pki/revocation.js';
import { RevocationListError, parseRevocationList } from '../../../src/pki/revocation-list.js';
import {
  SigningRequestError,
  createSigningRequest,
  findRequestFaults,
  parseSigningRequest,
} from '../../../src/pki/signing-request.js';
import { createTestAuthority, testKeys } from '../../support/test-authority.js';

/** Numbers that look random and are the same in every run (mulberry32), so that a failure can be repeated. */
function pseudoRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Mutation = (bytes: Buffer, random: (below: number) => number) => Buffer;

const mutations: readonly Mutation[] = [
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const at = random(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
    return copy;
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy[random(copy.length)] = [0x00, 0x30, 0x7f, 0x80, 0x82, 0xff, 0x1f, 0xa0][random(8)] ?? 0;
    return copy;
  },
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  (bytes, random) => {
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
  },
  (bytes, random) => {
    const at = random(bytes.length);
    return Buffer.concat([
      bytes.subarray(0, at),
      bytes.subarray(random(bytes.length)).subarray(0, 20),
      bytes.subarray(at),
    ]);
  },
];

/** The mutants of a document that are still read; every other must be refused with the one error of its reader. */
function survivors<T>(
  der: Buffer,
  runs: number,
  read: (bytes: Buffer) => T,
  refusal: abstract new (...args: never[]) => Error,
): readonly T[] {
  const random = pseudoRandom(der.length);
  const alive: T[] = [];
  for (let run = 0; run < runs; run += 1) {
    let mutant = der;
    for (let step = 0; step <= random(3); step += 1)
      mutant = mutations[random(mutations.length)]?.(mutant, random) ?? mutant;
    if (mutant.equals(der)) continue;
    try {
      alive.push(read(mutant));
    } catch (error) {
      if (!(error instanceof refusal)) throw new Error(`Mutant ${mutant.toString('hex')}`, { cause: error });
    }
  }
  return alive;
}

const at = new Date('2026-11-22T00:00:00Z');
const current = createTestAuthority('current');
const legacy = createTestAuthority('legacy');
const runs = 2000;

test.each([
  ['a leaf', current.issue().der, current],
  ['an intermediate', current.intermediate.der, current],
  ['a legacy leaf', legacy.issue().der, legacy],
])('no mutant of %s is believed, none breaks the reader', (_, der, authority) => {
  const alive = survivors(der, runs, parseCertificate, CertificateError);
  expect(alive.length).toBeGreaterThan(20);
  for (const leaf of alive) {
    // Without the signature bytes of the original nothing but the original may pass. ECDSA's (r, n - s) is no single flip.
    expect(verifyChain({ leaf, supplied: alive.slice(0, 3), trust: authority.trust(), at }).faults).not.toEqual([]);
  }
});

test('no mutant of an intermediate becomes an authority', () => {
  const alive = survivors(current.intermediate.der, runs, parseCertificate, CertificateError);
  const leaf = current.issue().certificate;
  const trust = { ...current.trust(), intermediates: [] };
  for (const mutant of alive) expect(verifyChain({ leaf, supplied: [mutant], trust, at }).root).toBeNull();
});

test('no mutant of a revocation list is used, none breaks the reader', () => {
  const revoked = current.issue('revoked-app');
  const { der } = current.list({
    revoked: [revoked, '0A', '0B'],
    reason: 'superseded',
    invalidityDate: '2026-01-01T00:00:00Z',
  });
  const alive = survivors(der, runs, (bytes) => parseRevocationList(bytes), RevocationListError);
  expect(alive.length).toBeGreaterThan(20);
  const path = [revoked, current.intermediate, current.root].map(({ certificate }) => certificate);
  for (const list of alive) expect(checkRevocation(path, [list], at).status).toBe('unavailable');
});

test('no mutant of a signing request proves possession, none breaks the reader', () => {
  const pem = createSigningRequest({ privateKey: testKeys('ec-p384').privateKey, commonName: 'my-app' });
  const alive = survivors(parseSigningRequest(pem).der, runs, parseSigningRequest, SigningRequestError);
  expect(alive.length).toBeGreaterThan(20);
  for (const request of alive) expect(findRequestFaults(request, 'my-app')).not.toEqual([]);
});

test('a mutant of PEM text is the original, is refused, or is not believed', () => {
  const { pem, certificate } = current.issue();
  const alive = survivors(Buffer.from(pem), runs, parseCertificate, CertificateError);
  expect(alive.length).toBeGreaterThan(20);
  for (const leaf of alive) {
    const { faults } = verifyChain({ leaf, supplied: [], trust: current.trust(), at });
    expect(faults.length === 0).toBe(leaf.fingerprint === certificate.fingerprint);
  }
});
