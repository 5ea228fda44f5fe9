import { expiryFindings } from '../../src/authority/expiry-findings.js';
import { isNearEnd } from '../../src/authority/expiry.js';
import { createTrust } from '../../src/pki/trust.js';
import type { Trust, TrustRoot } from '../../src/pki/trust.js';
import type { Finding } from '../../src/report/finding.js';
import type { ReportedSignature } from '../../src/report/report.js';
import { codesOf, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { signedApp } from '../support/signed-app.js';
import { createTestAuthority, makeCertificate, rootOptions, testKeys } from '../support/test-authority.js';
import type { CertificateOptions, ListOptions, TestAuthority, TestCertificate } from '../support/test-authority.js';
import { startTestGate } from '../support/test-gate.js';
import type { TestGate } from '../support/test-gate.js';

const at = new Date('2026-06-01T00:00:00Z');
const authority = createTestAuthority();

/** What a report says of a good signature by this leaf. */
function signatureBy(
  { certificate }: TestCertificate,
  status: ReportedSignature['status'] = 'valid',
): ReportedSignature {
  return {
    status,
    format: 2,
    algorithm: 'ecdsa-p384-sha384',
    signer: {
      commonName: certificate.commonNames.join(),
      serial: certificate.serial,
      fingerprint: certificate.fingerprint,
      publicKeyFingerprint: certificate.publicKeyFingerprint,
      issuer: certificate.issuer,
      notBefore: certificate.notBefore.toISOString(),
      notAfter: certificate.notAfter.toISOString(),
    },
  };
}

function findings(leaf: TestCertificate, trust: Trust = authority.trust(), noticeDays = 30): readonly Finding[] {
  return expiryFindings({ signature: signatureBy(leaf), trust, at, noticeDays });
}

const told = (found: readonly Finding[]): unknown => found.map(({ code, actual }) => [code, actual]);

describe('near its end is', () => {
  const lifetime = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z') };
  test.each([
    ['what has fewer days left than the notice', '2026-12-02T00:00:00Z', 30, true],
    ['not what has more', '2026-12-01T23:59:59Z', 30, false],
    ['what has ended', '2027-02-01T00:00:00Z', 30, true],
    ['nothing in the first two thirds of its life, however long the notice', '2026-05-01T00:00:00Z', 3650, false],
    ['everything in its last third, where the notice is long', '2026-09-02T00:00:00Z', 3650, true],
  ])('%s', (_, when, days, expected) => {
    expect(isNearEnd(lifetime, new Date(when), days)).toBe(expected);
  });

  test('not a list for a week that is renewed daily', () => {
    const list = { from: new Date('2026-06-01T00:00:00Z'), to: new Date('2026-06-08T00:00:00Z') };
    expect(isNearEnd(list, new Date('2026-06-02T00:00:00Z'), 30)).toBe(false);
    expect(isNearEnd(list, new Date('2026-06-06T00:00:00Z'), 30)).toBe(true);
  });
});

describe('for a good signature', () => {
  test('nothing is said where nothing ends soon', () => {
    expect(findings(authority.issue())).toEqual([]);
  });

  test('a leaf that ends soon is named, with the time it ends', () => {
    const leaf = authority.issue('calendar', { notAfter: '2026-06-20T00:00:00Z' });
    expect(told(findings(leaf))).toEqual([['CERTIFICATE_EXPIRES_SOON', '2026-06-20T00:00:00.000Z']]);
    expect(findings(leaf)).toMatchObject([{ severity: 'notice', expected: '2026-07-01T00:00:00.000Z' }]);
    expect(findings(leaf, authority.trust(), 10)).toEqual([]);
  });

  test.each([
    ['absent', 'absent'],
    ['invalid', 'invalid'],
  ] as const)('nothing is said of a signature that is %s', (_, status) => {
    const leaf = authority.issue('calendar', { notAfter: '2026-06-20T00:00:00Z' });
    const input = { signature: signatureBy(leaf, status), trust: authority.trust(), at, noticeDays: 30 };
    expect(expiryFindings(input)).toEqual([]);
  });

  test('its list is named where it should have been renewed; of several the one that holds longest counts', () => {
    const ending: ListOptions = { thisUpdate: '2026-05-01T00:00:00Z', nextUpdate: '2026-06-05T00:00:00Z' };
    const leaf = authority.issue();
    expect(told(findings(leaf, authority.trust([authority.list(ending)])))).toEqual([
      ['CRL_EXPIRES_SOON', '2026-06-05T00:00:00.000Z'],
    ]);
    expect(findings(leaf, authority.trust([authority.list(ending), authority.list()]))).toEqual([]);
    expect(findings(leaf, authority.trust([authority.list({ nextUpdate: null })]))).toEqual([]);
  });

  test('a list that is past its end is CRL_STALE, and not said twice; but where a ledger decided, nobody else says it', () => {
    const lists = [authority.list({ thisUpdate: '2026-04-01T00:00:00Z', nextUpdate: '2026-05-30T00:00:00Z' })];
    const trust = authority.trust(lists);
    expect(findings(authority.issue(), trust)).toEqual([]);
    const issuerKey = authority.intermediate.certificate.publicKeyFingerprint;
    const ledgers = [{ issuerKey, id: '1', certificates: new Map() }];
    expect(told(findings(authority.issue(), createTrust({ ...trust, ledgers })))).toEqual([
      ['CRL_EXPIRES_SOON', '2026-05-30T00:00:00.000Z'],
    ]);
  });

  test("an issuer's list is nobody else's: what another authority signed under its name is not looked at", () => {
    const forged = authority.list({
      signingKeys: testKeys('ec-p384', 'forger'),
      thisUpdate: '2026-05-01T00:00:00Z',
      nextUpdate: '2026-06-05T00:00:00Z',
    });
    expect(findings(authority.issue(), authority.trust([forged]))).toEqual([]);
  });
});

describe('of the authorities above', () => {
  /** A hierarchy with ends of its own, and how it is trusted. */
  function hierarchy(options: {
    root?: CertificateOptions;
    intermediates?: readonly CertificateOptions[];
    rules?: Partial<TrustRoot>;
  }): { leaf: TestCertificate; trust: Trust } {
    const root = makeCertificate({ ...rootOptions, commonName: 'Ends Root', ...options.root });
    const intermediates = (options.intermediates ?? [{}]).map((each) =>
      makeCertificate({
        commonName: 'Ends Intermediate',
        issuer: root,
        ca: true,
        pathLength: 0,
        keyUsage: ['keyCertSign', 'cRLSign'],
        extendedKeyUsage: null,
        ...each,
      }),
    );
    const [issuer] = intermediates;
    if (issuer === undefined) throw new Error('no intermediate');
    const [base] = authority.trust().roots;
    if (base === undefined) throw new Error('no root');
    const trust = createTrust({
      roots: [{ ...base, certificate: root.certificate, file: 'ends.crt', ...options.rules }],
      intermediates: intermediates.map(({ certificate }) => certificate),
      revocationLists: [],
      coreMaySignApps: false,
    });
    return { leaf: makeCertificate({ commonName: 'calendar', issuer }), trust };
  }

  test('each that ends soon is named, the nearest to the leaf first', () => {
    const { leaf, trust } = hierarchy({
      root: { notAfter: '2026-06-25T00:00:00Z' },
      intermediates: [{ notAfter: '2026-06-15T00:00:00Z' }],
    });
    expect(told(findings(leaf, trust))).toEqual([
      ['CERTIFICATE_EXPIRES_SOON', '2026-06-15T00:00:00.000Z'],
      ['CERTIFICATE_EXPIRES_SOON', '2026-06-25T00:00:00.000Z'],
    ]);
  });

  test('one that was renewed already is not named', () => {
    const { leaf, trust } = hierarchy({ intermediates: [{ notAfter: '2026-06-15T00:00:00Z' }, {}] });
    expect(findings(leaf, trust)).toEqual([]);
  });

  test('an authority that has nothing to do with the signature is not named', () => {
    const { trust } = hierarchy({ root: { notAfter: '2026-06-25T00:00:00Z' } });
    const both = createTrust({
      ...trust,
      roots: [...trust.roots, ...authority.trust().roots],
      intermediates: [...trust.intermediates, ...authority.trust().intermediates],
    });
    expect(findings(authority.issue(), both)).toEqual([]);
  });

  test('below a root that does not enforce times, its sunset counts and the dates of certificates do not', () => {
    const ended = { notAfter: '2026-05-01T00:00:00Z' };
    const rules = (until: string): Partial<TrustRoot> => ({ enforceTimes: false, acceptedUntil: new Date(until) });
    const early = hierarchy({ root: ended, intermediates: [ended], rules: rules('2026-12-31T23:59:59Z') });
    expect(findings(early.leaf, early.trust)).toEqual([]);
    const late = hierarchy({ root: ended, intermediates: [ended], rules: rules('2026-06-20T00:00:00Z') });
    expect(new Set(findings(late.leaf, late.trust).map(({ actual }) => actual))).toEqual(
      new Set(['2026-06-20T00:00:00.000Z']),
    );
  });
});

describe('at the gate', () => {
  let gate: TestGate;
  let own: TestAuthority;
  const soon = new Date(Date.now() + 10 * 24 * 60 * 60 * 1000).toISOString();

  beforeAll(async () => {
    gate = await startTestGate();
    own = gate.authority;
  });

  afterAll(() => gate.stop());

  test('an accepted upload says that its certificate ends soon, and is accepted all the same', async () => {
    const leaf = own.issue('calendar', { notAfter: soon });
    const answer = await upload(
      gate.url,
      await gate.token('calendar'),
      'calendar',
      await signedApp(own, { id: 'calendar', leaf }),
    );
    expect(answer.status).toBe(201);
    expect(codesOf(answer)).toContain('CERTIFICATE_EXPIRES_SOON');
  });

  test('a refused one says why it is refused, and nothing of ends', async () => {
    const leaf = own.issue('contacts', { notAfter: soon });
    const archive = await signedApp(own, {
      id: 'contacts',
      leaf,
      afterSigning: (files) => files.set('added.php', Buffer.from('<?php')),
    });
    const answer = await upload(gate.url, await gate.token('contacts'), 'contacts', archive);
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toContain('EXTRA_FILE');
    expect(codesOf(answer)).not.toContain('CERTIFICATE_EXPIRES_SOON');
  });

  test('an unsigned one has nothing that could end', async () => {
    const answer = await upload(gate.url, await gate.token('notes'), 'notes', await appArchive({ id: 'notes' }));
    expect(answer.status).toBe(201);
    expect(codesOf(answer)).not.toContain('CERTIFICATE_EXPIRES_SOON');
  });
});
