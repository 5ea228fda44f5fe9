import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

const DAY_MS = 24 * 60 * 60 * 1000;

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

  test('that is back is cleared; the release comes back by a moderator, who is not overruled', async () => {
    const file = watched.fileOf(sha256);
    const bytes = await readFile(file);
    await rm(file);
    await readArchives();
    // Restored while it is still gone: whoever did it decided so.
    expect((await watched.restore()).status).toBe(200);
    expect(await readArchives()).toMatchObject({ read: 1, quarantined: [], marked: [] });
    expect([await watched.found(), await watched.statusOf()]).toEqual([['STORED_ARCHIVE_MISSING'], 'published']);

    await writeFile(file, bytes);
    expect(await readArchives()).toMatchObject({ cleared: ['calendar@1.0.0'] });
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
  expect(await readArchives({ ...watched.store.gate, archives })).toMatchObject({ read: 3, untold: 3, spared: [] });
  expect(await watchArchives(watched.store.gate)).toMatchObject({ read: 2, untold: 0 });
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
    expect(await run('--despite-many')).toMatchObject({ exit: 1, out: expect.stringContaining('calendar@1.3.0') });
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
