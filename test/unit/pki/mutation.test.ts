import { createHash } from 'node:crypto';
import { CertificateError, parseCertificate } from '../../../src/pki/certificate.js';
import { verifyChain } from '../../../src/pki/chain.js';
import { CmsError, createSignedData, isSignedDataOf, parseSignedData } from '../../../src/pki/cms.js';
import type { SignedData } from '../../../src/pki/cms.js';
import {
  writeExplicit,
  writeInteger,
  writeNull,
  writeOctetString,
  writeOid,
  writeSequence,
} from '../../../src/pki/der-writer.js';
import { EXTENSION } from '../../../src/pki/extensions.js';
import { OcspError, isCertIdOf, parseOcspRequest, publicKeyBitsOf } from '../../../src/pki/ocsp-request.js';
import type { OcspCertId } from '../../../src/pki/ocsp-request.js';
import { readPem } from '../../../src/pki/pem.js';
import { checkRevocation } from '../../../src/pki/revocation.js';
import { RevocationListError, parseRevocationList } from '../../../src/pki/revocation-list.js';
import {
  SigningRequestError,
  createSigningRequest,
  findRequestFaults,
  parseSigningRequest,
} from '../../../src/pki/signing-request.js';
import { keySigner } from '../../../src/pki/signer.js';
import { createTestAuthority, testExtension, testKeys } from '../../support/test-authority.js';

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
  const random = pseudoRandom(20_261_122);
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
/** Of each kind of document, in all. */
const runs = 20_000;

test.each([
  ['a leaf', current.issue().der, current, 8000],
  ['an intermediate', current.intermediate.der, current, 6000],
  ['a legacy leaf', legacy.issue().der, legacy, 6000],
])('no mutant of %s is believed, none breaks the reader', (_, der, authority, share) => {
  const alive = survivors(der, share, parseCertificate, CertificateError);
  expect(alive.length).toBeGreaterThan(share / 100);
  const trust = authority.trust();
  const believed = alive.filter(
    // Without the signature bytes of the original only the original may pass. ECDSA's (r, n - s) is no single flip.
    (leaf) => verifyChain({ leaf, supplied: alive.slice(0, 3), trust, at }).faults.length === 0,
  );
  expect(believed).toEqual([]);
});

test('no mutant of an intermediate becomes an authority', () => {
  const alive = survivors(current.intermediate.der, 2000, parseCertificate, CertificateError);
  const leaf = current.issue().certificate;
  const trust = { ...current.trust(), intermediates: [] };
  const believed = alive.filter((mutant) => verifyChain({ leaf, supplied: [mutant], trust, at }).root !== null);
  expect(believed).toEqual([]);
});

test('no mutant of a revocation list is used, none breaks the reader', () => {
  const revoked = current.issue('revoked-app');
  const { der } = current.list({
    revoked: [revoked, '0A', '0B'],
    reason: 'superseded',
    invalidityDate: '2026-01-01T00:00:00Z',
  });
  const alive = survivors(der, runs, (bytes) => parseRevocationList(bytes), RevocationListError);
  expect(alive.length).toBeGreaterThan(runs / 100);
  const path = [revoked, current.intermediate, current.root].map(({ certificate }) => certificate);
  const used = alive.filter(
    (list) => checkRevocation(path, { lists: [list], ledgers: [], maxListAgeMs: null }, at).status !== 'unavailable',
  );
  expect(used).toEqual([]);
});

test.each(['ec-p384', 'rsa-2048'] as const)(
  'no mutant of a signing request with a key %s proves possession, none breaks the reader',
  async (kind) => {
    const pem = await createSigningRequest({ signer: keySigner(testKeys(kind).privateKey), commonName: 'my-app' });
    const alive = survivors(parseSigningRequest(pem).der, runs / 2, parseSigningRequest, SigningRequestError);
    expect(alive.length).toBeGreaterThan(runs / 200);
    expect(alive.filter((request) => findRequestFaults(request, 'my-app').length === 0)).toEqual([]);
  },
);

test.each([
  ['ECDSA', current.issue('signer-app')],
  ['RSA', current.issue('signer-app', { keys: testKeys('rsa-2048') })],
])(
  'no mutant of a signed message by %s says anything else in the same name, none breaks the reader',
  async (_, leaf) => {
    const { certificate, keys } = leaf;
    const content = Buffer.from('revoke');
    const pem = await createSignedData({ content, certificate, signer: keySigner(keys.privateKey) });
    const original = parseSignedData(pem);
    const [der = Buffer.alloc(0)] = readPem(pem, 'CMS');
    const alive = survivors(der, runs / 2, parseSignedData, CmsError);
    const believed = alive.filter((message) =>
      message.signers.some((each) => isSignedDataOf(each, message, certificate)),
    );
    // Versions, certificates that came along and other hints are outside of what is signed; the message itself is not.
    const parts = ({ content: said, signers }: SignedData) => [
      said,
      ...signers.map((each) => [each.signature, each.signedAttributes]),
    ];
    for (const message of believed) expect(parts(message)).toEqual(parts(original));
    expect(alive.length).toBeGreaterThan(runs / 200);
    expect(alive.length - believed.length).toBeGreaterThan(runs / 400);
  },
);

const digestIds = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;

function writeCertId(certId: Omit<OcspCertId, 'der'>, ...parameters: readonly Buffer[]): Buffer {
  return writeSequence(
    writeSequence(writeOid(digestIds[certId.hash]), ...parameters),
    writeOctetString(certId.issuerNameHash),
    writeOctetString(certId.issuerKeyHash),
    writeInteger(BigInt(`0x${certId.serial}`)),
  );
}

test('no mutant of an OCSP request breaks the reader, or says more than is read', () => {
  const issuer = current.intermediate.certificate;
  const certIds = (['sha1', 'sha256'] as const).map((hash) => {
    const digest = (bytes: Buffer) => createHash(hash).update(bytes).digest();
    const issuerNameHash = digest(Buffer.from(issuer.subjectId, 'hex'));
    return { hash, issuerNameHash, issuerKeyHash: digest(publicKeyBitsOf(issuer)), serial: '12345678' };
  });
  const nonce = testExtension(EXTENSION.ocspNonce, writeOctetString(Buffer.alloc(32, 7)));
  const list = writeSequence(...certIds.map((certId) => writeSequence(writeCertId(certId, writeNull()))));
  const request = writeSequence(writeSequence(list, writeExplicit(2, writeSequence(nonce))));
  expect(parseOcspRequest(request).certIds.every((certId) => isCertIdOf(certId, issuer))).toBe(true);

  const alive = survivors(request, runs, parseOcspRequest, OcspError);
  expect(alive.length).toBeGreaterThan(runs / 100);
  for (const { certIds: asked, nonce: sent } of alive) {
    expect(asked.length).toBeLessThanOrEqual(10);
    expect(sent?.length ?? 1).toBeLessThanOrEqual(128);
    for (const certId of asked.filter(({ serial }) => !serial.startsWith('-'))) {
      // An answer repeats these bytes and signs them, so there must be nothing in them that was not looked at.
      const spellings = [writeCertId(certId), writeCertId(certId, writeNull())].map((each) => each.toString('hex'));
      expect(spellings).toContain(certId.der.toString('hex'));
    }
  }
});

test('a mutant of PEM text is the original, is refused, or is not believed', () => {
  const { pem, certificate } = current.issue();
  const alive = survivors(Buffer.from(pem), 2000, parseCertificate, CertificateError);
  expect(alive.length).toBeGreaterThan(20);
  for (const leaf of alive) {
    const { faults } = verifyChain({ leaf, supplied: [], trust: current.trust(), at });
    expect(faults.length === 0).toBe(leaf.fingerprint === certificate.fingerprint);
  }
});
