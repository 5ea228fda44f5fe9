import { randomBytes } from 'node:crypto';
import { refuseIntermediate, refuseRootList } from '../../../src/authority/judge-import.js';
import type { Certificate } from '../../../src/pki/certificate.js';
import { issueCertificate, issueRoot, type Authority } from '../../../src/pki/issue.js';
import { issueRevocationList } from '../../../src/pki/issue-revocation-list.js';
import { intermediateProfile, leafProfile, type CertificateProfile } from '../../../src/pki/profiles.js';
import type { RevocationList } from '../../../src/pki/revocation-list.js';
import { keySigner } from '../../../src/pki/signer.js';
import { testKeys } from '../../support/test-authority.js';

const now = new Date('2026-11-22T10:00:00Z');
const later = (days: number): Date => new Date(now.getTime() + days * 24 * 60 * 60 * 1000);

async function makeRoot(name = 'root'): Promise<Authority> {
  const signer = keySigner(testKeys('ec-p384', name).privateKey);
  // Every root has the same name: a stranger's looks like ours.
  const certificate = await issueRoot({ subject: { commonName: 'Store Root' }, signer, now, randomBytes });
  return { certificate, signer };
}

interface Wish {
  readonly key?: string;
  readonly commonName?: string;
  readonly authority?: Authority;
  readonly profile?: CertificateProfile;
  readonly at?: Date;
  readonly notAfter?: Date;
}

let root: Authority;
let inUse: Certificate;

beforeAll(async () => {
  root = await makeRoot();
  inUse = await make();
});

async function make(wish: Wish = {}): Promise<Certificate> {
  return issueCertificate({
    profile: wish.profile ?? intermediateProfile,
    subject: { commonName: wish.commonName ?? 'Store Developers' },
    publicKey: testKeys('ec-p384', wish.key ?? 'developers').publicKey,
    authority: wish.authority ?? root,
    ...(wish.notAfter !== undefined && { notAfter: wish.notAfter }),
    now: wish.at ?? now,
    randomBytes,
  });
}

interface ListWish {
  readonly number?: bigint;
  readonly revoked?: readonly (readonly [Certificate, string])[];
  readonly authority?: Authority;
  readonly at?: Date;
  readonly days?: number;
}

async function makeList(wish: ListWish = {}): Promise<RevocationList> {
  const thisUpdate = wish.at ?? now;
  return issueRevocationList({
    authority: wish.authority ?? root,
    number: wish.number ?? 2n,
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + (wish.days ?? 365) * 24 * 60 * 60 * 1000),
    revoked: (wish.revoked ?? []).map(([{ serial }, reason]) => ({
      serial,
      reason,
      revokedAt: now,
      invalidityDate: null,
    })),
  });
}

function judge(certificate: Certificate, list: RevocationList | null = null, at = later(1)): void {
  refuseIntermediate(certificate, root.certificate, [inUse], list, at);
}

test('a renewed certificate over the same key is taken, and one over another key with a name of its own', async () => {
  for (const wish of [{}, { key: 'second', commonName: 'Store Developers 2' }]) {
    const certificate = await make(wish);
    expect(() => judge(certificate)).not.toThrow();
  }
});

test.each<[string, Wish]>([
  ['another key under the name of the first', { key: 'second' }],
  ['the same key under another name', { commonName: 'Store Developers 2' }],
  ['a leaf', { profile: leafProfile, commonName: 'calendar' }],
  ['one that has ended', { notAfter: later(0.5) }],
  ['one that has not begun', { at: later(10) }],
])('%s is refused', async (_what, wish) => {
  const certificate = await make(wish);
  expect(() => judge(certificate)).toThrow('is refused');
});

test('one of a root of the same name with another key is refused', async () => {
  const stranger = await makeRoot('stranger');
  const forged = await make({ authority: stranger });
  expect(() => judge(forged)).toThrow('did not issue it');
});

test('one below the developers’ certificate is refused', async () => {
  const developers: Authority = { certificate: inUse, signer: keySigner(testKeys('ec-p384', 'developers').privateKey) };
  const leaf = await make({ authority: developers, profile: leafProfile, commonName: 'calendar', key: 'leaf' });
  expect(() => judge(leaf)).toThrow('did not issue it');
});

test('one that the root revoked is refused, and a new one over a key that was compromised; not over one that was replaced', async () => {
  const renewed = await make();
  const revoked = await makeList({ revoked: [[renewed, 'unspecified']] });
  expect(() => judge(renewed, revoked)).toThrow('revoked');
  const compromised = await makeList({ revoked: [[inUse, 'keyCompromise']] });
  expect(() => judge(renewed, compromised)).toThrow('compromised');
  for (const reason of ['superseded', 'cessationOfOperation', 'affiliationChanged']) {
    const harmless = await makeList({ revoked: [[inUse, reason]] });
    expect(() => judge(renewed, harmless)).not.toThrow();
  }
});

test('one over a key whose certificate was revoked without a word on the key is refused', async () => {
  const renewed = await make();
  const unspecified = await makeList({ revoked: [[inUse, 'unspecified']] });
  expect(() => judge(renewed, unspecified)).toThrow('key');
});

test('one over a key that the authority’s folder knows to be lost is refused, also where the store never had it', async () => {
  const spare = await make({ key: 'second', commonName: 'Store Developers 2' });
  const known = { revoked: new Map(), lostKeys: new Set([spare.publicKeyFingerprint]) };
  expect(() => refuseIntermediate(spare, root.certificate, [inUse], known, later(1))).toThrow('key');
});

describe('a list', () => {
  const at = later(1);
  const judgeList = (list: RevocationList, newest: RevocationList | null): void =>
    refuseRootList(list, root.certificate, { newest, folder: { revoked: new Map() }, developers: [] }, at);

  test('is taken where its number grows and it has all that was revoked, and also as the first', async () => {
    const newest = await makeList({ revoked: [[inUse, 'superseded']] });
    const second = await make();
    const next = await makeList({
      number: 3n,
      revoked: [
        [inUse, 'superseded'],
        [second, 'superseded'],
      ],
    });
    expect(() => judgeList(next, newest)).not.toThrow();
    expect(() => judgeList(next, null)).not.toThrow();
  });

  test.each<[string, ListWish]>([
    ['with the same number', { number: 2n }],
    ['with a lower number', { number: 1n }],
    ['that lacks what was revoked', { number: 3n, revoked: [] }],
    ['that has ended', { number: 3n, days: 0.5 }],
    ['from the future', { number: 3n, at: later(2) }],
  ])('%s is refused', async (_what, wish) => {
    const newest = await makeList({ revoked: [[inUse, 'superseded']] });
    const list = await makeList({ revoked: [[inUse, 'superseded']], ...wish });
    expect(() => judgeList(list, newest)).toThrow('is refused');
  });

  test('that lacks what only the folder here has revoked, or softens it, is refused', async () => {
    const known = (reason: string) => ({
      newest: null,
      folder: { revoked: new Map([[inUse.serial, { revokedAt: now, reason, invalidityDate: null }]]) },
      developers: [inUse],
    });
    const forgetful = await makeList({ number: 3n });
    expect(() => refuseRootList(forgetful, root.certificate, known('superseded'), at)).toThrow(inUse.serial);
    const softer = await makeList({ number: 3n, revoked: [[inUse, 'superseded']] });
    expect(() => refuseRootList(softer, root.certificate, known('keyCompromise'), at)).toThrow(inUse.serial);
    expect(() => refuseRootList(softer, root.certificate, known('superseded'), at)).not.toThrow();
    const worse = await makeList({ number: 3n, revoked: [[inUse, 'keyCompromise']] });
    expect(() => refuseRootList(worse, root.certificate, known('unspecified'), at)).not.toThrow();
  });

  test('that leaves another certificate over a compromised key in force is refused, naming it', async () => {
    const renewed = await make();
    const known = { newest: null, folder: { revoked: new Map() }, developers: [inUse, renewed] };
    const half = await makeList({ number: 3n, revoked: [[inUse, 'keyCompromise']] });
    expect(() => refuseRootList(half, root.certificate, known, at)).toThrow(renewed.serial);
    const whole = await makeList({
      number: 3n,
      revoked: [
        [inUse, 'keyCompromise'],
        [renewed, 'superseded'],
      ],
    });
    expect(() => refuseRootList(whole, root.certificate, known, at)).not.toThrow();
    const replaced = await makeList({ number: 3n, revoked: [[inUse, 'superseded']] });
    expect(() => refuseRootList(replaced, root.certificate, known, at)).not.toThrow();
  });

  test('of a root of the same name with another key, or of the developers, is refused', async () => {
    const stranger = await makeRoot('stranger');
    const developers: Authority = {
      certificate: inUse,
      signer: keySigner(testKeys('ec-p384', 'developers').privateKey),
    };
    for (const authority of [stranger, developers]) {
      const list = await makeList({ number: 3n, authority });
      expect(() => judgeList(list, null)).toThrow('did not sign it');
    }
  });
});
