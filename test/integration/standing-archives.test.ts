import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { listStandingFindings } from '../../src/database/standing-findings.js';
import type { Gate } from '../../src/gate.js';
import { queueOperatorDigest } from '../../src/notices/operator-digest.js';
import type { ArchiveStore } from '../../src/storage/archive-store.js';
import { keepStanding } from '../../src/storefront/keep-standing.js';
import { watchArchives, type ArchiveSweep } from '../../src/storefront/watch-archives.js';
import { request, sendJson } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { visitConsole } from '../support/console-visit.js';
import type { TestGateOptions } from '../support/test-gate.js';
import { openWatchedStore, type WatchedStore } from '../support/watched-store.js';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

let watched: WatchedStore;

async function openStore(options: TestGateOptions = {}): Promise<void> {
  watched = await openWatchedStore(options);
}

afterEach(() => watched.store.stop());

/** As the timer of a gate does once the archives' turn has come. */
async function readArchives(gate: Gate = watched.store.gate): Promise<ArchiveSweep | null> {
  watched.time += 8 * DAY_MS;
  return watchArchives(gate);
}

describe('a stored archive', () => {
  let sha256: string;
  let sweeping: Promise<ArchiveSweep | null>;

  beforeEach(async () => {
    await openStore();
    sha256 = await watched.publish(await appArchive());
  });

  test('that is whole has its turn within WATCH_DAYS, and not before', async () => {
    watched.time += 6 * DAY_MS;
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 0 });
    watched.time += 2 * DAY_MS;
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 1, untold: 0, quarantined: [] });
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 0 });
    expect(await watched.found()).toEqual([]);
  });

  test.each([
    ['is deleted', 'STORED_ARCHIVE_MISSING', async (file: string) => rm(file)],
    [
      'has one other byte',
      'STORED_ARCHIVE_CHANGED',
      async (file: string) => {
        const bytes = await readFile(file);
        bytes[20] = (bytes[20] ?? 0) ^ 1;
        await writeFile(file, bytes);
      },
    ],
    ['is cut off', 'STORED_ARCHIVE_CHANGED', async (file: string) => truncate(file, 100)],
    ['is longer', 'STORED_ARCHIVE_CHANGED', async (file: string) => writeFile(file, 'x', { flag: 'a' })],
  ] as const)('that %s goes under quarantine, and is not served', async (_, code, damage) => {
    await damage(watched.fileOf(sha256));
    expect(await readArchives()).toMatchObject({ quarantined: ['calendar@1.0.0'], spared: [] });
    expect([await watched.found(), await watched.statusOf()]).toEqual([[code], 'quarantined']);
    const answer = await request(`${watched.store.url}/api/v1/apps/calendar/releases/1.0.0/archive`);
    expect(answer.status).toBe(410);
    const reasonCode = code.toLowerCase().replaceAll('_', '-');
    expect(await watched.entries('release-quarantined')).toMatchObject([
      { actor: { account: 'portcullis' }, after: { reasonCode } },
    ]);
  });

  test('that is back is cleared; the release comes back by a moderator, and not before', async () => {
    const file = watched.fileOf(sha256);
    const bytes = await readFile(file);
    await rm(file);
    await readArchives();
    expect(await watched.restore()).toMatchObject({ status: 409, body: { code: 'VERDICT_UNFIT', archive: sha256 } });
    expect(await readArchives()).toMatchObject({ read: 1, quarantined: [], marked: [] });
    expect([await watched.found(), await watched.statusOf()]).toEqual([['STORED_ARCHIVE_MISSING'], 'quarantined']);

    await writeFile(file, bytes);
    expect(await readArchives()).toMatchObject({ cleared: ['calendar@1.0.0'] });
    expect((await watched.restore()).status).toBe(200);
    expect([await watched.found(), await watched.statusOf()]).toEqual([[], 'published']);

    await rm(file);
    expect(await readArchives()).toMatchObject({ quarantined: ['calendar@1.0.0'] });
    await writeFile(file, bytes);
    expect(await readArchives()).toMatchObject({ cleared: ['calendar@1.0.0'] });
    expect(await watched.statusOf()).toBe('quarantined');
  });

  test('whose storage fails is neither found nor cleared, and is looked at again within the hour', async () => {
    const broken: ArchiveStore = {
      ...watched.store.gate.archives,
      open: async () => Promise.reject(new Error('the disk is tired')),
    };
    expect(await readArchives({ ...watched.store.gate, archives: broken })).toMatchObject({
      read: 1,
      untold: 1,
      quarantined: [],
    });
    expect([await watched.found(), await watched.statusOf()]).toEqual([[], 'published']);
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 0 });
    watched.time += 2 * 60 * 60_000;
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 1, untold: 0 });
  });

  test('that is back is looked at within the hour, and one that is published again at once', async () => {
    const file = watched.fileOf(sha256);
    const bytes = await readFile(file);
    await rm(file);
    await readArchives();
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 0 });
    await writeFile(file, bytes);
    watched.time += HOUR_MS;
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 1, cleared: ['calendar@1.0.0'] });

    expect((await watched.restore()).status).toBe(200);
    await rm(file);
    // So soon after it was gone it is the same finding, of which somebody has decided already.
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 1, quarantined: [], marked: [] });
    expect([await watched.found(), await watched.statusOf()]).toEqual([['STORED_ARCHIVE_MISSING'], 'published']);
    expect(await watched.entries('app-releases-marked')).toHaveLength(1);
  });

  test('that hangs ends with the gate: nothing is noted, and no connection is kept', async () => {
    watched.time += 8 * DAY_MS;
    for (const open of [async () => new Readable({ read: () => undefined }), () => new Promise<never>(() => {})]) {
      const stop = new AbortController();
      const opened = new Promise<void>((resolve) => {
        const archives = { ...watched.store.gate.archives, open: () => (resolve(), open()) };
        sweeping = watchArchives({ ...watched.store.gate, archives }, { stop: stop.signal });
      });
      await opened;
      stop.abort();
      expect(await sweeping).toMatchObject({ read: 0, untold: 0 });
    }
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 1, untold: 0 });
  });

  test('of two gates at once is found once', async () => {
    await rm(watched.fileOf(sha256));
    watched.time += 8 * DAY_MS;
    const sweeps = await Promise.all([1, 2, 3].map(() => watchArchives(watched.store.gate)));
    const quarantined = sweeps.flatMap((sweep) => sweep?.quarantined ?? []);
    expect(quarantined).toEqual(['calendar@1.0.0']);
    expect(await watched.entries('app-releases-marked', 'release-quarantined')).toHaveLength(2);
  });

  test('of a withdrawn release is not looked at', async () => {
    const status = `${watched.store.url}/api/v1/apps/calendar/releases/1.0.0/status`;
    await sendJson(status, 'PUT', watched.token, { status: 'withdrawn', reason: 'x' });
    await rm(watched.fileOf(sha256));
    expect(await readArchives()).toMatchObject({ read: 0 });
    expect(await watched.found()).toEqual([]);
  });
});

test('a storage that fails again and again is not asked further for the moment', async () => {
  await openStore();
  for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0'])
    await watched.publish(await appArchive({ version }));
  const archives = { ...watched.store.gate.archives, open: async () => Promise.reject(new Error('the disk is tired')) };
  const failed = { read: 3, untold: 3, left: 2, spared: [] };
  expect(await readArchives({ ...watched.store.gate, archives })).toMatchObject(failed);
  expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 2, untold: 0, left: 0 });
  expect(await watchArchives({ ...watched.store.gate, archives }, { everything: true })).toMatchObject(failed);
});

describe('a store with many releases', () => {
  async function publishMany(count: number): Promise<readonly string[]> {
    const published: string[] = [];
    for (let place = 0; place < count; place += 1) {
      watched.time += 1_000;
      published.push(await watched.publish(await appArchive({ version: `1.0.${place}` })));
    }
    return published;
  }

  test('that has lost some loses these, each counted once; owners and moderators get one mail of all', async () => {
    await openStore({
      environment: { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'store@example.org', MAIL_TO: 'ops@example.org' },
    });
    const { database } = watched.store.gate;
    await watched.store.token(null, { account: 'mia', scopes: ['moderate'] });
    await database.query(`UPDATE accounts SET email = name || '@example.org' WHERE name IN ('ada', 'mia')`);
    // More than a page of them, of which the first are lost: fewer than a fifth.
    const published = await publishMany(105);
    for (const sha256 of published.slice(0, 15)) await rm(watched.fileOf(sha256));
    await watched.store.tell();
    await database.query('DELETE FROM outgoing_mail');

    const sweep = await readArchives();
    expect(sweep).toMatchObject({ read: 105, spared: [] });
    expect(sweep?.quarantined).toHaveLength(15);
    await watched.store.tell();
    const { rows } = await database.query<{ recipients: string[]; subject: string }>(
      'SELECT recipients, subject FROM outgoing_mail ORDER BY recipients',
    );
    const subject = expect.stringMatching(/^Releases of calendar were put under quarantine: .* and 10 more \(STORED_/);
    expect(rows).toEqual([
      { recipients: ['ada@example.org'], subject },
      { recipients: ['mia@example.org'], subject },
    ]);
  }, 60_000);

  test('whose archives had no turn lately but those of withdrawn ones is compared with what stands', async () => {
    await openStore();
    await publishMany(26);
    const { database } = watched.store.gate;
    watched.time += 8 * DAY_MS;
    const at = new Date(watched.time);
    await database.query(`UPDATE standing_looks SET archive_tried_at = $1 WHERE version > '1.0.1'`, [at]);
    await database.query(
      `UPDATE releases SET status = 'withdrawn', status_reason = 'x', status_changed_at = $1 WHERE version > '1.0.13'`,
      [at],
    );
    await rm(join(watched.store.config.dataDir, 'archives'), { recursive: true });
    const sweep = await watchArchives(watched.store.gate);
    expect(sweep).toMatchObject({ quarantined: [] });
    expect(sweep?.spared.length).toBeGreaterThan(2);
  });

  test('that has nothing but two lost ones keeps them', async () => {
    await openStore();
    for (const sha256 of await publishMany(2)) await rm(watched.fileOf(sha256));
    expect(await readArchives()).toMatchObject({ quarantined: [], spared: ['calendar@1.0.0', 'calendar@1.0.1'] });
  });
});

describe('a storage that is gone altogether', () => {
  const versions = ['1.0.0', '1.1.0', '1.2.0', '1.3.0'];
  const gone = () => rm(join(watched.store.config.dataDir, 'archives'), { recursive: true });

  beforeEach(async () => {
    await openStore({
      environment: { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'store@example.org', MAIL_TO: 'ops@example.org' },
    });
    for (const version of versions) await watched.publish(await appArchive({ version }));
  });

  test('empties no store: nothing is done but telling the operators, once a day', async () => {
    await gone();
    const spared = versions.map((version) => `calendar@${version}`);
    expect(await readArchives()).toMatchObject({ quarantined: [], marked: [], spared });
    for (const version of versions)
      expect([await watched.statusOf(version), await watched.found(version)]).toEqual(['published', []]);
    watched.time += 2 * 60 * 60_000;
    expect(await watchArchives(watched.store.gate)).toMatchObject({ spared });
    expect(await watched.entries('standing-watch-held-back')).toMatchObject([{ after: { releases: 4, looked: 4 } }]);
    expect(await queueOperatorDigest(watched.store.gate)).toBe(true);
    const { rows } = await watched.store.gate.database.query<{ body: string }>('SELECT body FROM outgoing_mail');
    expect(rows.map(({ body }) => body).join()).toContain('4 of 4 stored archives');
  });

  test('is known for one where a single archive has its turn', async () => {
    await gone();
    watched.time += 8 * DAY_MS;
    await watched.store.gate.database.query(
      `UPDATE standing_looks SET archive_tried_at = $1 WHERE version <> '1.0.0'`,
      [new Date(watched.time)],
    );
    expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 4, quarantined: [] });
    expect(await watched.statusOf()).toBe('published');
  });

  test('by the command: exit 3, and 1 where it is to act all the same', async () => {
    await gone();
    const run = (...words: string[]) =>
      commandLine(['watch', ...words], {
        environment: {
          DATABASE_URL: watched.store.databaseUrl,
          DATA_DIR: watched.store.config.dataDir,
          TRUST_DIR: watched.store.config.trustDir,
        },
        workingFolder: watched.store.config.dataDir,
        now: () => new Date(watched.time),
      });
    const held = await run('--json');
    expect(held.exit).toBe(3);
    expect(JSON.parse(held.out).archives).toMatchObject({ read: 4, quarantined: [] });
    expect(await watched.statusOf()).toBe('published');
    expect(await run('--despite-many')).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/^ {2}quarantined {2}calendar@1\.3\.0 {2}STORED_ARCHIVE_MISSING: \S.*\.$/m),
    });
    expect(await watched.statusOf()).toBe('quarantined');
    expect((await run()).exit).toBe(0);
    expect((await run('now')).exit).toBe(2);
  });

  test('can not be replayed over submissions', async () => {
    const { databaseUrl, config } = watched.store;
    const words = ['rules', 'replay', '--rule', 'STORED_ARCHIVE_MISSING'];
    const environment = { DATABASE_URL: databaseUrl, DATA_DIR: config.dataDir, TRUST_DIR: config.trustDir };
    const answer = await commandLine(words, { environment, workingFolder: config.dataDir });
    expect(answer).toMatchObject({ exit: 1, err: expect.stringContaining('never about a submission') });
  });

  test('is not taken for one where one of many archives is gone', async () => {
    const { rows } = await watched.store.gate.database.query<{ sha: string }>(
      `SELECT archive_sha256 AS sha FROM releases WHERE version = '1.2.0'`,
    );
    await rm(watched.fileOf(rows[0]?.sha ?? ''));
    await mkdir(join(watched.store.config.dataDir, 'archives'), { recursive: true });
    expect(await readArchives()).toMatchObject({ read: 4, quarantined: ['calendar@1.2.0'], spared: [] });
  });
});

describe('a release that is marked', () => {
  beforeEach(async () => {
    await openStore();
    await rm(watched.fileOf(await watched.publish(await appArchive())));
  });

  test('is shown so to moderators, with its app and its review, and counted', async () => {
    await readArchives();
    const row = { code: 'STORED_ARCHIVE_MISSING', actedAs: 'quarantined', foundAt: new Date(watched.time) };
    const pair = { app: 'calendar', version: '1.0.0' };
    expect(await listStandingFindings(watched.store.gate.database, [pair])).toMatchObject([row]);
    const visit = visitConsole(watched.store.url);
    await visit.signInWithToken(watched.store.operatorToken);
    const { body } = await request(`${watched.store.url}/api/v1/reviews?kind=quarantine`, {
      token: watched.store.operatorToken,
    });
    for (const page of ['store/apps/calendar', `reviews/${body.reviews[0].id}`]) {
      const { html } = await visit.get(`/console/${page}`);
      expect(html).toContain('<code>STORED_ARCHIVE_MISSING</code>');
    }
    const metrics = await (await fetch(`${watched.store.url}/metrics`)).text();
    expect(metrics).toContain('portcullis_standing_findings{code="STORED_ARCHIVE_MISSING"} 1');
  });

  test('is a change of the catalogue once, and not whenever it is seen again', async () => {
    await watched.setRule('STORED_ARCHIVE_MISSING', 'shadow');
    const place = async (): Promise<number> => {
      const { rows } = await watched.store.gate.database.query<{ position: number }>(
        `SELECT position FROM catalogue_changes WHERE version = '1.0.0'`,
      );
      return rows[0]?.position ?? 0;
    };
    const before = await place();
    expect(await readArchives()).toMatchObject({ marked: ['calendar@1.0.0'] });
    const marked = await place();
    expect(marked).toBeGreaterThan(before);
    await readArchives();
    expect(await place()).toBe(marked);
  });

  test('is so once, also by gates that know nothing of each other', async () => {
    const looks = new Map([['STORED_ARCHIVE_MISSING', { state: 'found', detail: undefined }]] as const);
    const release = { appId: 'calendar', versions: ['1.0.0'] };
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => keepStanding(watched.store.gate, release, looks)));
    expect(outcomes.flatMap(({ quarantined }) => quarantined)).toEqual(['calendar@1.0.0']);
    expect(await watched.entries('app-releases-marked', 'release-quarantined')).toHaveLength(2);
  });
});
