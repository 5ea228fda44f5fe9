import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCertificate } from '../../../src/pki/certificate.js';
import { verifyChain } from '../../../src/pki/chain.js';
import { checkRevocation } from '../../../src/pki/revocation.js';
import { loadTrust } from '../../../src/pki/trust.js';
import type { Trust } from '../../../src/pki/trust.js';

/** Data that is shared between projects and not part of this one; without it these tests say that they were skipped. */
const shared = '../shared';
const verifier = join(shared, 'conformance/verifier');
const anchors = join(shared, 'real/anchors');
const describeWith = (folder: string) => (existsSync(folder) ? describe : describe.skip);

let workFolder: string;
beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), 'portcullis-conformance-'));
});
afterAll(() => rm(workFolder, { recursive: true, force: true }));

/** Loads a trust folder made of files from elsewhere, by their place in it. */
async function trustOf(files: Readonly<Record<string, string>>): Promise<Trust> {
  const folder = await mkdtemp(join(workFolder, 'trust-'));
  await mkdir(join(folder, 'roots'));
  for (const [place, source] of Object.entries(files)) await cp(source, join(folder, place));
  return loadTrust(folder);
}

function judge(leafPem: Buffer | string, trust: Trust, at: string) {
  const leaf = parseCertificate(leafPem);
  const { faults, graces, path, root } = verifyChain({ leaf, supplied: [], trust, at: new Date(at) });
  return {
    faults: faults.map(({ kind }) => kind),
    graces: graces.length,
    generation: root?.generation ?? null,
    revocation:
      root === null ? null : checkRevocation(path, { ...trust, lists: trust.revocationLists }, new Date(at)).status,
  };
}

describeWith(verifier)("ownCloud's verifier table (skipped without the shared conformance data)", () => {
  const pki = (name: string) => readFile(join(verifier, 'pki', name));
  /** Both generations installed, as ownCloud ships them. */
  const both = (...lists: readonly string[]) =>
    trustOf({
      'roots/root-g1.crt': join(verifier, 'pki/root-g1.crt'),
      'roots/root-g2.crt': join(verifier, 'pki/root-g2.crt'),
      'intermediates/intermediate-g1.crt': join(verifier, 'pki/intermediate-g1.crt'),
      'intermediates/intermediate-g2.crt': join(verifier, 'pki/intermediate-g2.crt'),
      ...Object.fromEntries(lists.map((list) => [`crl/${list}.crl`, join(verifier, `crl/${list}.crl`)])),
    });
  const before = ['2026-07-13T00:00:00Z', '2026-11-22T00:00:00Z'];
  const after = '2027-01-02T00:00:00Z';

  test.each([...before, after])('a current leaf on %s', async (at) => {
    const leaf = await pki('leaf-example-app.crt');
    const good = { faults: [], graces: 0, generation: 'current' };
    expect(judge(leaf, await both('developers-empty', 'legacy'), at)).toEqual({ ...good, revocation: 'good' });
    expect(judge(leaf, await both('developers-revoked', 'legacy'), at)).toEqual({ ...good, revocation: 'revoked' });
    expect(judge(leaf, await both('wrong-issuer', 'legacy'), at)).toEqual({ ...good, revocation: 'unavailable' });
    expect(judge(leaf, await both('developers-empty', 'intermediate-revoked'), at).revocation).toBe('revoked');
  });
  test.each(before)('an expired legacy leaf on %s has a grace', async (at) => {
    const leaf = await pki('leaf-g1-expired.crt');
    const grace = { faults: [], graces: 1, generation: 'legacy' };
    expect(judge(leaf, await both('legacy', 'developers-empty'), at)).toEqual({ ...grace, revocation: 'good' });
    expect(judge(leaf, await both('legacy-revoked', 'developers-empty'), at)).toEqual({
      ...grace,
      revocation: 'revoked',
    });
  });
  test.each(before)('a legacy leaf without extensions on %s is good', async (at) => {
    for (const list of ['legacy', 'legacy-revoked']) {
      const verdict = judge(await pki('leaf-g1-legacy-noext.crt'), await both(list), at);
      expect(verdict).toEqual({ faults: [], graces: 0, generation: 'legacy', revocation: 'good' });
    }
  });
  test('after the sunset every legacy leaf is refused for that alone', async () => {
    for (const name of ['leaf-g1-expired.crt', 'leaf-g1-legacy-noext.crt']) {
      expect(judge(await pki(name), await both('legacy'), after)).toMatchObject({ faults: ['root-sunset'], graces: 0 });
    }
  });
  test.each([
    ['leaf-ca-true.crt', 'leaf-is-ca'],
    ['leaf-no-eku.crt', 'no-code-signing'],
    ['leaf-no-digsig.crt', 'no-digital-signature'],
  ])('%s is refused with both generations installed', async (name, fault) => {
    const verdict = judge(await pki(name), await both('developers-empty', 'legacy'), '2026-11-22T00:00:00Z');
    expect(verdict).toMatchObject({ faults: [fault], generation: 'current' });
  });
  test.each([
    ['evil-leaf.crt', 'untrusted'],
    ['evil-intermediate.crt', 'untrusted'],
    ['evil-root.crt', 'self-signed'],
  ])('%s is of nobody we trust', async (name, fault) => {
    const supplied = [
      parseCertificate(await pki('evil-intermediate.crt')),
      parseCertificate(await pki('evil-root.crt')),
    ];
    const trust = await both('developers-empty', 'wrong-issuer');
    const at = new Date('2026-11-22T00:00:00Z');
    const verdict = verifyChain({ leaf: parseCertificate(await pki(name)), supplied, trust, at });
    expect(verdict.faults.map(({ kind }) => kind)).toEqual([fault]);
    expect(verdict.root).toBeNull();
  });
});

describeWith(anchors)('real anchors and real leaves (skipped without the shared real data)', () => {
  interface Entry {
    readonly file: string;
    readonly expected: string;
    readonly serial: string;
    readonly revoked: boolean;
    readonly expired_at_eval: boolean;
    readonly issuer_authority: string;
  }
  const realTrust = () =>
    trustOf({
      'roots/root-g1.crt': join(anchors, 'owncloud-root-g1.crt'),
      'roots/root-g1-nextcloud.crt': join(anchors, 'nextcloud-root.crt'),
      'roots/root-g2.crt': join(anchors, 'owncloud-root-g2.crt'),
      'intermediates/intermediate-g2.crt': join(anchors, 'owncloud-intermediate-g2.crt'),
      'crl/legacy.crl': join(anchors, 'owncloud-legacy.crl'),
      'crl/developers.crl': join(anchors, 'owncloud-developers.crl'),
      'crl/nextcloud.crl': join(anchors, 'nextcloud-root.crl'),
    });

  test('load, with the intermediates that lie among the roots', async () => {
    const trust = await realTrust();
    expect(trust.roots.map(({ file, generation }) => [file, generation])).toEqual([
      ['root-g1-nextcloud.crt', 'legacy'],
      ['root-g1.crt', 'legacy'],
      ['root-g2.crt', 'current'],
    ]);
    expect(trust.intermediates).toHaveLength(3);
    expect(trust.revocationLists.map(({ revoked }) => revoked.size)).toEqual([0, 8, 115]);
  });
  test("ownCloud's own revocation list is used although it is stale by design", async () => {
    const { intermediates, revocationLists } = await realTrust();
    const intermediate = intermediates.find(({ commonNames }) => commonNames[0]?.endsWith('CA G2') === true);
    const list = revocationLists.find(({ issuerId }) => issuerId === intermediate?.subjectId);
    expect(list?.nextUpdate).toEqual(new Date('2026-07-27T08:47:03Z'));
  });
  test('every real leaf gets the verdict that independent verifiers gave it', async () => {
    const trust = await realTrust();
    const index: unknown = JSON.parse(await readFile(join(shared, 'real/index.json'), 'utf8'));
    const { evaluated_at: at, entries } = index as { evaluated_at: string; entries: readonly Entry[] };
    const judged = entries.filter(({ expected }) => expected !== 'MALFORMED');
    expect(judged.length).toBeGreaterThan(15);
    for (const entry of judged) {
      const file: unknown = JSON.parse(await readFile(join(shared, 'real', entry.file), 'utf8'));
      const pem = (file as { certificate: string }).certificate;
      expect(BigInt(`0x${parseCertificate(pem).serial}`)).toBe(BigInt(entry.serial));
      const trusted = entry.expected !== 'UNTRUSTED_ISSUER';
      expect([entry.file, judge(pem, trust, at)]).toEqual([
        entry.file,
        {
          faults: trusted ? [] : ['self-signed'],
          graces: entry.expired_at_eval && trusted ? 1 : 0,
          generation: trusted ? 'legacy' : null,
          revocation: trusted ? (entry.revoked ? 'revoked' : 'good') : null,
        },
      ]);
    }
  });
  test('who trusts only ownCloud trusts no Nextcloud leaf', async () => {
    const trust = await trustOf({ 'roots/root-g1.crt': join(anchors, 'owncloud-root-g1.crt') });
    const names = (await readdir(join(shared, 'real/signatures'))).filter((name) => name.startsWith('nc-'));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const file: unknown = JSON.parse(await readFile(join(shared, 'real/signatures', name), 'utf8'));
      expect(judge((file as { certificate: string }).certificate, trust, '2026-11-22T00:00:00Z').faults).toEqual([
        'untrusted',
      ]);
    }
  });
});
