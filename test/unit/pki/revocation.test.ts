import { verifyChain } from '../../../src/pki/chain.js';
import { writeInteger, writeNull, writeSequence } from '../../../src/pki/der-writer.js';
import { checkRevocation } from '../../../src/pki/revocation.js';
import type { RevocationSources } from '../../../src/pki/revocation.js';
import { RevocationListError, isRevocationListOf, parseRevocationList } from '../../../src/pki/revocation-list.js';
import { opensslText } from '../../support/openssl.js';
import {
  createTestAuthority,
  intermediateOptions,
  makeCertificate,
  makeRevocationList,
  readTestList,
  testExtension,
  testKeys,
} from '../../support/test-authority.js';
import type { ListOptions, TestCertificate, TestRevocationList } from '../../support/test-authority.js';
import { testWith } from '../../support/installed.js';

const opensslTest = testWith('openssl');

const now = new Date('2026-11-22T00:00:00Z');
const authority = createTestAuthority();
const leaf = authority.issue('example-app');

function check(lists: readonly TestRevocationList[], of: TestCertificate = leaf) {
  const { path } = verifyChain({ leaf: of.certificate, supplied: [], trust: authority.trust([]), at: now });
  return checkRevocation(path, listed(...lists), now);
}

function listed(...lists: readonly TestRevocationList[]): RevocationSources {
  return { lists: lists.map(readTestList), ledgers: [], maxListAgeMs: null };
}

describe('a leaf', () => {
  test('that its authority does not list is good', () => {
    expect(check([authority.list()])).toEqual({ status: 'good', stale: [] });
  });
  test('that its authority lists is revoked, with date and reason', () => {
    expect(check([authority.list({ revoked: [leaf], reason: 'keyCompromise' })])).toMatchObject({
      status: 'revoked',
      certificate: leaf.certificate,
      revokedAt: new Date('2026-02-01T00:00:00Z'),
      reason: 'keyCompromise',
    });
  });
  test('that is on hold is revoked', () => {
    expect(check([authority.list({ revoked: [leaf], reason: 'certificateHold' })]).status).toBe('revoked');
  });
  test('with the serial of another authority that was revoked is good', () => {
    const other = createTestAuthority('current', 'Other');
    const foreign = other.list({ revoked: [leaf] });
    expect(check([authority.list(), foreign])).toEqual({ status: 'good', stale: [] });
  });
  test('is revoked if any of several lists says so, in any order, stale or not', () => {
    const revoking = authority.list({ revoked: [leaf], nextUpdate: '2026-03-01T00:00:00Z' });
    expect(check([authority.list(), revoking]).status).toBe('revoked');
    expect(check([revoking, authority.list()]).status).toBe('revoked');
  });
  test('was not revoked by an entry that takes it off a list', () => {
    expect(check([authority.list({ revoked: [leaf], reason: 'removeFromCRL' })]).status).toBe('good');
  });
  test("with a serial that is longer by leading zeros in nobody's spelling is still found", () => {
    const high = authority.issue('high', { serial: 0x80n });
    expect(check([authority.list({ revoked: ['80'] })], high).status).toBe('revoked');
  });
});

describe('without a usable list of its authority the status of a leaf is unavailable', () => {
  const forged: ListOptions = { signingKeys: testKeys('ec-p384', 'forger') };
  test.each<[string, readonly TestRevocationList[]]>([
    ['no list at all', []],
    ['a list of its root only', [makeRevocationList(authority.root)]],
    ['a list of another authority', [createTestAuthority('current', 'Other').list()]],
    ["a list in its authority's name that another key signed", [authority.list(forged)]],
    ['a list that is dated in the future', [authority.list({ thisUpdate: '2026-11-22T00:05:01Z' })]],
    ['a list signed with SHA-1', [authority.list({ hash: 'sha1' })]],
  ])('%s', (_, lists) => {
    expect(check(lists)).toMatchObject({ status: 'unavailable', certificate: leaf.certificate });
  });
  test('also when the authority may not sign lists', () => {
    const intermediate = makeCertificate({ ...intermediateOptions, issuer: authority.root, keyUsage: ['keyCertSign'] });
    const own = makeCertificate({ issuer: intermediate });
    const path = [own, intermediate, authority.root].map(({ certificate }) => certificate);
    expect(checkRevocation(path, listed(makeRevocationList(intermediate)), now).status).toBe('unavailable');
  });
  test('a path that knows no issuer', () => {
    expect(checkRevocation([leaf.certificate], listed(authority.list()), now).status).toBe('unavailable');
  });
  test('a forged list revokes nothing', () => {
    const list = authority.list({ ...forged, revoked: [leaf] });
    expect(check([list, authority.list()]).status).toBe('good');
    expect(isRevocationListOf(readTestList(list), authority.intermediate.certificate)).toBe(false);
  });
  test('a time that is none makes no list usable', () => {
    const path = [leaf, authority.intermediate, authority.root].map(({ certificate }) => certificate);
    expect(checkRevocation(path, listed(authority.list()), new Date(Number.NaN)).status).toBe('unavailable');
  });
  test('a list from the future is not one to go by, but what it revokes is revoked', () => {
    const thisUpdate = '2026-12-24T00:00:00Z';
    expect(check([authority.list({ thisUpdate })]).status).toBe('unavailable');
    expect(check([authority.list({ thisUpdate, revoked: [leaf] })]).status).toBe('revoked');
    const root = makeRevocationList(authority.root, { thisUpdate, revoked: [authority.intermediate] });
    expect(check([authority.list(), root]).status).toBe('revoked');
  });
  test('five minutes of difference between clocks do no harm', () => {
    expect(check([authority.list({ thisUpdate: '2026-11-22T00:05:00Z' })]).status).toBe('good');
  });
});

describe('a list that has run out', () => {
  const stale = authority.list({ nextUpdate: '2026-07-27T00:00:00Z' });
  test('is used, and said', () => {
    expect(check([stale])).toEqual({
      status: 'good',
      stale: [{ issuer: 'CN=Test G2 Intermediate', since: new Date('2026-07-27T00:00:00Z') }],
    });
  });
  test('is not said when a fresh one is there, or one without end', () => {
    expect(check([stale, authority.list()])).toEqual({ status: 'good', stale: [] });
    expect(check([stale, authority.list({ nextUpdate: null })])).toEqual({ status: 'good', stale: [] });
  });
});

describe('an intermediate', () => {
  test('that its root revoked takes its leaves along', () => {
    const roots = makeRevocationList(authority.root, { revoked: [authority.intermediate] });
    expect(check([authority.list(), roots])).toMatchObject({
      status: 'revoked',
      certificate: authority.intermediate.certificate,
    });
    expect(check([roots]).status).toBe('revoked');
  });
  test("is not revoked by itself or by its leaf's serial", () => {
    expect(check([authority.list({ revoked: [authority.intermediate] })]).status).toBe('good');
    expect(check([authority.list(), makeRevocationList(authority.root, { revoked: [leaf] })]).status).toBe('good');
  });
  test('is reported when the list about it has run out', () => {
    const roots = makeRevocationList(authority.root, { nextUpdate: '2026-07-27T00:00:00Z' });
    expect(check([authority.list(), roots])).toMatchObject({ status: 'good', stale: [{ issuer: 'CN=Test G2 Root' }] });
  });
});

describe('reading a list', () => {
  const refuses = (list: Buffer | string) => expect(() => parseRevocationList(list)).toThrow(RevocationListError);

  test('from PEM and from DER gives the same', () => {
    const list = authority.list({ revoked: [leaf, 'ABCDEF'], invalidityDate: '2026-01-15T00:00:00Z' });
    const parsed = parseRevocationList(list.pem, 'a.crl');
    expect(parsed).toEqual(parseRevocationList(list.der, 'a.crl'));
    expect(parsed).toMatchObject({ file: 'a.crl', number: '7', signatureAlgorithm: 'ecdsa-with-SHA384' });
    expect([...parsed.revoked.keys()]).toEqual([leaf.certificate.serial, 'ABCDEF']);
    expect(parsed.revoked.get('ABCDEF')?.invalidityDate).toEqual(new Date('2026-01-15T00:00:00Z'));
  });
  test('of version 1 has no number', () => {
    expect(readTestList(authority.list({ version: 1, revoked: ['05'] }))).toMatchObject({ number: null });
  });
  test.each<[string, ListOptions]>([
    ['a delta list', { extensions: [testExtension('2.5.29.27', writeInteger(1), true)] }],
    ['a delta list that hides it', { extensions: [testExtension('2.5.29.27', writeInteger(1))] }],
    ['a list of one distribution point', { extensions: [testExtension('2.5.29.28', writeSequence(), true)] }],
    ['a list with a critical extension nobody knows', { extensions: [testExtension('1.2.3.4', writeNull(), true)] }],
    ['an indirect entry', { revoked: ['05'], entryExtensions: [testExtension('2.5.29.29', writeSequence(), true)] }],
    ['a critical entry extension', { revoked: ['05'], entryExtensions: [testExtension('1.2.3.4', writeNull(), true)] }],
  ])('%s is refused', (_, options) => {
    refuses(authority.list(options).der);
  });
  test('two lists in one file, a certificate, nothing, and what is cut off are refused', () => {
    const { pem, der } = authority.list();
    for (const wrong of [pem + pem, leaf.pem, leaf.der, '', Buffer.alloc(0), der.subarray(0, -1)]) refuses(wrong);
  });
  test('of fifty thousand entries finds each of them', () => {
    const revoked = Array.from({ length: 50_000 }, (_, index) => (0x100000 + index).toString(16).toUpperCase());
    const parsed = readTestList(authority.list({ revoked }));
    expect(parsed.revoked.size).toBe(50_000);
    expect(revoked.every((serial) => parsed.revoked.has(serial))).toBe(true);
  });
  opensslTest('the test lists are what openssl takes for lists of this authority', async () => {
    const output = await opensslText(['crl', '-in', 'l.crl', '-CAfile', 'ca.pem', '-noout', '-text'], {
      'l.crl': authority.list({ revoked: [leaf], reason: 'superseded' }).pem,
      'ca.pem': authority.root.pem + authority.intermediate.pem,
    });
    expect(output).toContain('verify OK');
    expect(output).toContain(`Serial Number: ${leaf.certificate.serial}`);
    expect(output).toContain('Superseded');
  });
});
