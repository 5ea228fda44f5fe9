import { rootFrom, createTrust, type Trust } from '../../../src/pki/trust.js';
import { defaultTrustSettings } from '../../../src/pki/trust-settings.js';
import { judgeSigner, standingTrustId } from '../../../src/storefront/judge-signer.js';
import { createTestAuthority, makeRevocationList, readTestList } from '../../support/test-authority.js';

const at = new Date('2026-06-01T00:00:00Z');
const authority = createTestAuthority();
const legacy = createTestAuthority('legacy');
const leaf = authority.issue('calendar');
const chain = [leaf.der, authority.intermediate.der];

function states(certificates: readonly Buffer[], trust: Trust, when = at): Record<string, string> {
  return Object.fromEntries([...judgeSigner(certificates, trust, when)].map(([code, { state }]) => [code, state]));
}

const fine = {
  SIGNER_REVOKED: 'fine',
  SIGNER_CHAIN_REVOKED: 'fine', // though the root has signed no list
  SIGNER_ROOT_ENDED: 'fine',
  SIGNER_NOT_TRUSTED: 'fine',
};

function withRootList(trust: Trust, revoked: readonly string[] = []): Trust {
  const list = readTestList(makeRevocationList(authority.root, { revoked }));
  return createTrust({ ...trust, revocationLists: [...trust.revocationLists, list] });
}

test('nothing is found about a signer with whom nothing is wrong, whether or not the root has signed a list', () => {
  expect(states(chain, authority.trust())).toEqual(fine);
  expect(states(chain, withRootList(authority.trust()))).toEqual(fine);
});

test('a certificate that has expired since is no fault of a release that was signed before', () => {
  expect(states(chain, authority.trust(), new Date('2050-01-01T00:00:00Z'))).toEqual(fine);
});

test('a revoked certificate does not hide that its authority is revoked, too', () => {
  const list = authority.list({ revoked: [leaf] });
  const trust = withRootList(authority.trust([list]), [authority.intermediate.certificate.serial]);
  expect(states(chain, trust)).toEqual({ ...fine, SIGNER_REVOKED: 'found', SIGNER_CHAIN_REVOKED: 'found' });
});

test('without a list of its authority nobody can tell whether a certificate is revoked', () => {
  expect(states(chain, authority.trust([]))).toEqual({ ...fine, SIGNER_REVOKED: 'untold' });
});

test('below a root that is not trusted any more nothing is told of revocations', () => {
  const other = createTestAuthority('current', 'Other');
  expect(states(chain, other.trust())).toEqual({
    SIGNER_REVOKED: 'untold',
    SIGNER_CHAIN_REVOKED: 'untold',
    SIGNER_ROOT_ENDED: 'fine',
    SIGNER_NOT_TRUSTED: 'found',
  });
});

test('a legacy root ends with its date, to the second', () => {
  const old = [legacy.issue('calendar').der];
  const ended = (when: string): string | undefined => states(old, legacy.trust(), new Date(when))['SIGNER_ROOT_ENDED'];
  expect(ended('2026-12-31T23:59:59Z')).toBe('fine');
  expect(ended('2027-01-01T00:00:00Z')).toBe('found');
});

test('a certificate that the ledger of its authority does not know is not trusted, and of its revocation nothing is told', () => {
  const issuerKey = authority.intermediate.certificate.publicKeyFingerprint;
  const ledger = { issuerKey, id: '1', certificates: new Map() };
  const trust = createTrust({ ...authority.trust(), ledgers: [ledger] });
  expect(states(chain, trust)).toEqual({ ...fine, SIGNER_REVOKED: 'untold', SIGNER_NOT_TRUSTED: 'found' });
});

describe('signers are judged again', () => {
  const id = (trust: Trust, when = at): string => standingTrustId(trust, when);

  test('where a certificate is revoked, a root is gone, or a root has come to its end', () => {
    const before = id(authority.trust());
    expect(id(authority.trust([authority.list({ revoked: [leaf] })]))).not.toBe(before);
    expect(id(createTestAuthority('current', 'Other').trust())).not.toBe(before);
    expect(id(legacy.trust(), new Date('2027-01-01T00:00:00Z'))).not.toBe(id(legacy.trust()));
  });

  test('and not where a list is renewed, or a certificate is issued', () => {
    const renewed = authority.trust([authority.list({ thisUpdate: '2026-05-01T00:00:00Z', number: 8 })]);
    expect(id(renewed)).toBe(id(authority.trust()));
    const ledgerOf = (serials: readonly string[]): Trust => {
      const certificates = new Map(serials.map((serial) => [serial, { fingerprint: serial, revocation: null }]));
      const issuerKey = authority.intermediate.certificate.publicKeyFingerprint;
      return createTrust({ ...authority.trust(), ledgers: [{ issuerKey, id: serials.join(), certificates }] });
    };
    expect(id(ledgerOf(['0x01', '0x02']))).toBe(id(ledgerOf(['0x01'])));
  });

  test('and where another root takes its place under the same settings', () => {
    const root = rootFrom(
      createTestAuthority('current', 'Other').root.certificate,
      'root-g2.crt',
      defaultTrustSettings,
    );
    expect(id(createTrust({ ...authority.trust(), roots: [root] }))).not.toBe(id(authority.trust()));
  });
});
