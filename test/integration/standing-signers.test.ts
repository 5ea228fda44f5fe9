import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTrustSource } from '../../src/pki/trust.js';
import { watchSigners } from '../../src/storefront/watch-signers.js';
import { request, sendJson } from '../support/api.js';
import { signedApp } from '../support/signed-app.js';
import { issueSigner, signedBy } from '../support/store-signer.js';
import {
  createTestAuthority,
  makeRevocationList,
  writeTrustFolder,
  type TestAuthority,
} from '../support/test-authority.js';
import type { TestGateOptions } from '../support/test-gate.js';
import { openWatchedStore, type WatchedStore } from '../support/watched-store.js';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

let watched: WatchedStore;

async function openStore(options: TestGateOptions = {}): Promise<void> {
  watched = await openWatchedStore(options);
}

afterEach(() => watched.store.stop());

describe('a signer', () => {
  test('who is revoked in the ledger is marked, and the release stays', async () => {
    await openStore({ ownAuthority: true });
    const signer = await issueSigner(watched.store.gate, 'calendar');
    await watched.publish(await signedBy(signer));
    await watched.publish(await signedBy(signer, { version: '1.1.0' }));
    expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, untold: 0, marked: [] });
    expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 0 });

    watched.time += 60_000;
    const revocation = `${watched.store.url}/api/v1/certificates/${signer.leaf.serial}/revocation`;
    await sendJson(revocation, 'POST', watched.store.operatorToken, { reason: 'superseded' });
    const marked = ['calendar@1.0.0', 'calendar@1.1.0'];
    expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, marked, quarantined: [] });
    expect([await watched.found(), await watched.statusOf()]).toEqual([['SIGNER_REVOKED'], 'published']);

    const [entry, ...others] = await watched.entries('app-releases-marked');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      actor: { account: 'portcullis' },
      app: 'calendar',
      reason: expect.stringContaining(signer.leaf.serial),
      after: { codes: ['SIGNER_REVOKED'], versions: ['1.0.0', '1.1.0'], became: null },
    });
    // Seen again is not found again.
    watched.time += 2 * DAY_MS;
    expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, marked: [] });
    expect(await watched.entries('app-releases-marked')).toHaveLength(1);
  });

  test('is told to the owners of the app and to moderators, once', async () => {
    await openStore({
      ownAuthority: true,
      environment: { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'store@example.org', MAIL_TO: 'ops@example.org' },
    });
    await watched.store.token(null, { account: 'mia', scopes: ['moderate'] });
    await watched.store.gate.database.query(
      `UPDATE accounts SET email = name || '@example.org' WHERE name IN ('ada', 'mia')`,
    );
    const signer = await issueSigner(watched.store.gate, 'calendar');
    await watched.publish(await signedBy(signer));
    const revocation = `${watched.store.url}/api/v1/certificates/${signer.leaf.serial}/revocation`;
    await sendJson(revocation, 'POST', watched.store.operatorToken, { reason: 'superseded' });
    await watchSigners(watched.store.gate);
    await watched.store.tell();
    await watchSigners(watched.store.gate);
    await watched.store.tell();
    const { rows } = await watched.store.gate.database.query<{ recipients: string[]; subject: string }>(
      `SELECT recipients, subject FROM outgoing_mail WHERE subject LIKE '%are marked%' ORDER BY recipients`,
    );
    const subject = 'Releases of calendar are marked: 1.0.0 (SIGNER_REVOKED)';
    expect(rows).toEqual([
      { recipients: ['ada@example.org'], subject },
      { recipients: ['mia@example.org'], subject },
    ]);
  });

  test('whose release a moderator restored after the revocation is marked, and not quarantined again', async () => {
    await openStore({ ownAuthority: true });
    await watched.setRule('SIGNER_REVOKED', 'hold');
    const signer = await issueSigner(watched.store.gate, 'calendar');
    await watched.publish(await signedBy(signer));
    watched.time += 60_000;
    const revocation = `${watched.store.url}/api/v1/certificates/${signer.leaf.serial}/revocation`;
    const order = { reason: 'superseded', invalidityDate: new Date(watched.time - DAY_MS).toISOString() };
    await sendJson(revocation, 'POST', watched.store.operatorToken, order);
    expect(await watched.statusOf()).toBe('quarantined');
    await watchSigners(watched.store.gate);
    expect(await watched.found()).toEqual([]);
    watched.time += 60_000;
    expect((await watched.restore()).status).toBe(200);
    watched.time += 2 * DAY_MS;
    expect(await watchSigners(watched.store.gate)).toMatchObject({ marked: ['calendar@1.0.0'], quarantined: [] });
    expect([await watched.found(), await watched.statusOf()]).toEqual([['SIGNER_REVOKED'], 'published']);
  });

  describe('of an outside authority', () => {
    let outside: TestAuthority;
    const setTrust = (files: Readonly<Record<string, string | Buffer>>) =>
      writeTrustFolder(watched.store.config.trustDir, files);

    beforeEach(async () => {
      await openStore();
      outside = watched.store.authority;
      await watched.publish(await signedApp(outside));
    });

    test('whose root has signed no list is judged all the same', async () => {
      expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, untold: 0, marked: [] });
      expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 0, untold: 0 });
    });

    test('who is revoked by a list is marked; where the list says so no more, that is cleared', async () => {
      await setTrust(outside.files([outside.list({ revoked: [outside.issue('calendar')], number: 8 })]));
      // The leaf of the test is another one each time it is issued: the signer is that of the release.
      const { rows } = await watched.store.gate.database.query<{ serial: string }>(
        `SELECT signature -> 'signer' ->> 'serial' AS serial FROM releases`,
      );
      await setTrust(outside.files([outside.list({ revoked: [rows[0]?.serial ?? ''], number: 9 })]));
      expect(await watchSigners(watched.store.gate)).toMatchObject({ marked: ['calendar@1.0.0'] });
      expect(await watched.found()).toEqual(['SIGNER_REVOKED']);

      await setTrust(outside.files([]));
      watched.time += 2 * HOUR_MS;
      expect(await watchSigners(watched.store.gate)).toMatchObject({ untold: 1, cleared: [] });
      expect(await watched.found()).toEqual(['SIGNER_REVOKED']);

      await setTrust(outside.files([outside.list({ number: 10 })]));
      watched.time += 2 * HOUR_MS;
      expect(await watchSigners(watched.store.gate)).toMatchObject({ cleared: ['calendar@1.0.0'] });
      expect([await watched.found(), await watched.statusOf()]).toEqual([[], 'published']);
      expect(await watched.entries('app-releases-cleared')).toMatchObject([
        { after: { codes: ['SIGNER_REVOKED'], versions: ['1.0.0'] } },
      ]);
    });

    test('whose authority the root revokes goes under quarantine, with a review, and stays there when that is mended', async () => {
      const { serial } = outside.intermediate.certificate;
      const rootList = makeRevocationList(outside.root, { revoked: [serial] });
      await setTrust({ ...outside.files(), 'crl/root.crl': rootList.pem });
      expect(await watchSigners(watched.store.gate)).toMatchObject({ quarantined: ['calendar@1.0.0'], marked: [] });
      expect([await watched.found(), await watched.statusOf()]).toEqual([['SIGNER_CHAIN_REVOKED'], 'quarantined']);
      const { body } = await request(`${watched.store.url}/api/v1/reviews?kind=quarantine`, {
        token: watched.store.operatorToken,
      });
      expect(body.reviews).toMatchObject([{ appId: 'calendar', version: '1.0.0' }]);
      expect(await watched.entries('release-quarantined')).toMatchObject([
        { actor: { account: 'portcullis' }, after: { reasonCode: 'signer-chain-revoked' } },
      ]);

      await setTrust({ ...outside.files(), 'crl/root.crl': makeRevocationList(outside.root).pem });
      watched.time += 2 * HOUR_MS;
      expect(await watchSigners(watched.store.gate)).toMatchObject({ cleared: ['calendar@1.0.0'] });
      expect([await watched.found(), await watched.statusOf()]).toEqual([[], 'quarantined']);
      expect((await watched.restore()).status).toBe(200);
      expect(await watchSigners(watched.store.gate)).toMatchObject({ quarantined: [] });

      // Found anew after a day, it is another finding than the one that a moderator decided about.
      watched.time += 2 * DAY_MS;
      await setTrust({ ...outside.files(), 'crl/root.crl': rootList.pem });
      expect(await watchSigners(watched.store.gate)).toMatchObject({ quarantined: ['calendar@1.0.0'] });
    });

    test('whose root is gone from the trust folder is marked', async () => {
      await setTrust(createTestAuthority('current', 'Other').files());
      expect(await watchSigners(watched.store.gate)).toMatchObject({ marked: ['calendar@1.0.0'], untold: 1 });
      expect([await watched.found(), await watched.statusOf()]).toEqual([['SIGNER_NOT_TRUSTED'], 'published']);
    });

    test('is not judged where the trust can not be read', async () => {
      await setTrust({ 'roots/root-g2.crt': 'nothing' });
      await expect(watchSigners(watched.store.gate)).rejects.toThrow('can not be used');
      expect(await watched.found()).toEqual([]);
    });

    test('whose certificates nobody wrote down is judged by the archive, or not at all', async () => {
      await watched.store.gate.database.query(`UPDATE signer_chains SET certificates = '{}'`);
      const { rows } = await watched.store.gate.database.query<{ sha: string }>(
        'SELECT archive_sha256 AS sha FROM releases',
      );
      const file = watched.fileOf(rows[0]?.sha ?? '');
      const archive = await readFile(file);
      await rm(file);
      await setTrust(createTestAuthority('current', 'Other').files());
      expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, untold: 1, marked: [] });
      await writeFile(file, archive);
      watched.time += DAY_MS;
      expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, marked: ['calendar@1.0.0'] });
    });

    test.each([
      ['off', 'published', []],
      ['shadow', 'published', ['SIGNER_NOT_TRUSTED']],
      ['hold', 'quarantined', ['SIGNER_NOT_TRUSTED']],
      ['refuse', 'withdrawn', ['SIGNER_NOT_TRUSTED']],
    ] as const)('whose rule is set to %s leaves the release %s', async (mode, status, codes) => {
      await watched.setRule('SIGNER_NOT_TRUSTED', mode);
      await setTrust(createTestAuthority('current', 'Other').files());
      await watchSigners(watched.store.gate);
      expect([await watched.statusOf(), await watched.found()]).toEqual([status, codes]);
    });

    test('whose rule is changed at run time is dealt with by the new one, and what was restored stays', async () => {
      await setTrust(createTestAuthority('current', 'Other').files());
      await watchSigners(watched.store.gate);
      await watched.setRule('SIGNER_NOT_TRUSTED', 'hold');
      watched.time += 2 * DAY_MS;
      expect(await watchSigners(watched.store.gate)).toMatchObject({ quarantined: ['calendar@1.0.0'], marked: [] });
      expect((await watched.restore()).status).toBe(200);
      for (const mode of ['hold', 'refuse']) {
        await watched.setRule('SIGNER_NOT_TRUSTED', mode);
        watched.time += 2 * DAY_MS;
        await watchSigners(watched.store.gate);
        expect([await watched.statusOf(), await watched.found()]).toEqual(['published', ['SIGNER_NOT_TRUSTED']]);
      }
      await watched.setRule('SIGNER_NOT_TRUSTED', 'off');
      watched.time += 2 * DAY_MS;
      expect(await watchSigners(watched.store.gate)).toMatchObject({ cleared: ['calendar@1.0.0'] });
    });

    test('whom two gates judge by trusts that differ is neither marked nor taken away again and again', async () => {
      await watched.setRule('SIGNER_NOT_TRUSTED', 'hold');
      const other = await mkdtemp(join(tmpdir(), 'other-trust-'));
      try {
        await writeTrustFolder(other, createTestAuthority('current', 'Other').files());
        const { gate } = watched.store;
        const trust = createTrustSource(other);
        const gates = [{ ...gate, trust: { current: () => trust.current() } }, gate];
        const sweepInTurns = async (minutes: number, stepMs: number): Promise<readonly string[]> => {
          const taken: string[] = [];
          for (let turn = 0; turn < minutes; turn += 1) {
            for (const each of gates) taken.push(...((await watchSigners(each))?.quarantined ?? []));
            watched.time += stepMs;
          }
          return taken;
        };
        expect(await sweepInTurns(10, 60_000)).toEqual(['calendar@1.0.0']);
        expect((await watched.restore()).status).toBe(200);
        expect(await sweepInTurns(20, HOUR_MS)).toEqual([]);
        expect(await watched.statusOf()).toBe('published');
        expect(await watched.entries('app-releases-marked')).toHaveLength(1);
      } finally {
        await rm(other, { recursive: true });
      }
    });

    test('is judged at once where its release is published again, and where its rule is switched on within the hour', async () => {
      await watched.setRule('SIGNER_NOT_TRUSTED', 'off');
      await setTrust(createTestAuthority('current', 'Other').files());
      expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, marked: [] });
      const status = `${watched.store.url}/api/v1/apps/calendar/releases/1.0.0/status`;
      await sendJson(status, 'PUT', watched.token, { status: 'withdrawn', reason: 'x' });
      expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 0 });
      expect((await watched.restore()).status).toBe(200);
      expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, marked: [] });

      await watched.setRule('SIGNER_NOT_TRUSTED', 'shadow');
      watched.time += HOUR_MS + 1;
      expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, marked: ['calendar@1.0.0'] });
    });

    test('is one of many whom a wrong trust folder would take away: nothing is done but telling the operators', async () => {
      await watched.setRule('SIGNER_NOT_TRUSTED', 'hold');
      await watched.publish(await signedApp(outside, { version: '1.1.0' }));
      await setTrust(createTestAuthority('current', 'Other').files());
      const spared = ['calendar@1.0.0', 'calendar@1.1.0'];
      const sweep = await watchSigners(watched.store.gate);
      expect(sweep).toMatchObject({ judged: 2, quarantined: [], marked: [] });
      expect([...(sweep?.spared ?? [])].sort()).toEqual(spared);
      expect([await watched.statusOf(), await watched.found()]).toEqual(['published', []]);
      expect(await watched.entries('standing-signers-held-back')).toMatchObject([
        { after: { releases: 2, looked: 2 } },
      ]);

      const despite = await watchSigners(watched.store.gate, { everything: true, despiteMany: true });
      expect([...(despite?.quarantined ?? [])].sort()).toEqual(spared);
    });

    test('is one of many below an authority that the root revokes: all of them go under quarantine', async () => {
      await watched.publish(await signedApp(outside, { version: '1.1.0' }));
      const rootList = makeRevocationList(outside.root, { revoked: [outside.intermediate.certificate.serial] });
      await setTrust({ ...outside.files(), 'crl/root.crl': rootList.pem });
      const sweep = await watchSigners(watched.store.gate);
      expect(sweep?.quarantined).toHaveLength(2);
      expect(sweep?.spared).toEqual([]);
    });

    test('of an official app is dealt with like any other', async () => {
      const level = `${watched.store.url}/api/v1/apps/calendar/trust-level`;
      await sendJson(level, 'PUT', watched.store.operatorToken, { trustLevel: 'official', reason: 'x' });
      await watched.setRule('SIGNER_NOT_TRUSTED', 'hold');
      await setTrust(createTestAuthority('current', 'Other').files());
      expect(await watchSigners(watched.store.gate)).toMatchObject({ quarantined: ['calendar@1.0.0'] });
      expect(await watched.statusOf()).toBe('quarantined');
    });
  });

  test('below a legacy root is marked within the hour after that is past its date', async () => {
    const legacy = createTestAuthority('legacy');
    await openStore({ trust: legacy.files() });
    await watched.publish(await signedApp(legacy, { format: 1 }));
    watched.time = Date.parse('2026-12-31T23:59:00Z');
    expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, marked: [] });
    watched.time = Date.parse('2027-01-01T01:00:00Z');
    expect(await watchSigners(watched.store.gate)).toMatchObject({ judged: 1, marked: ['calendar@1.0.0'] });
    expect([await watched.found(), await watched.statusOf()]).toEqual([['SIGNER_ROOT_ENDED'], 'published']);
  });
});
