import { readReleaseInfo } from '../../src/storefront/release-info.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive, infoXml } from '../support/app-archive.js';
import { visitConsole } from '../support/console-visit.js';
import { signedApp } from '../support/signed-app.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/* One app, one release: everything that a frontend shows of it, in JSON and on our own pages. */

const IMAGE = 'a'.repeat(64);
const THUMBNAIL = 'b'.repeat(64);
const DESCRIPTION =
  'Keeps **dates**. &lt;script&gt;alert(1)&lt;/script&gt; [site](https://example.org) [bad](javascript:alert(1))';

let gate: TestGate;
let token: string;
beforeAll(async () => {
  gate = await startTestGate();
  token = await gate.token('calendar', { scopes: ['upload', 'manage'] });
  const xml = infoXml({ version: '2.0.0' })
    .replace('Keeps the dates of a whole team together.', DESCRIPTION)
    .replace(
      '</info>',
      `<name lang="de">Kalender</name><summary lang="de">Für alle</summary><description lang="de">Hält *Termine* fest.</description>
       <category>Tools</category><category>tools</category>
       <dependencies><php min-version="7.2"/><lib>intl</lib><command os="Linux">tar</command></dependencies>
       <website>https://calendar.example</website><bugs>https://calendar.example/bugs</bugs></info>`,
    );
  const archives = [
    await signedApp(gate.authority),
    await signedApp(gate.authority, {
      version: '2.0.0',
      infoXml: xml,
      files: {
        'CHANGELOG.md': '# Changelog\n\n## [2.0.0] - 2026-01-01\n\n### Added\n\n- *Weeks*\n\n## 1.0.0\n\n- Days\n',
      },
    }),
  ];
  for (const archive of archives) expect((await upload(gate.url, token, 'calendar', archive)).status).toBe(201);
  // What the copying of screenshots, the counting of downloads and the standing watch leave behind.
  await sql(
    `INSERT INTO images VALUES ('${IMAGE}', 'image/webp', 1600, 900, 9000), ('${THUMBNAIL}', 'image/webp', 480, 270, 900)`,
  );
  await sql(`UPDATE release_screenshots SET state = 'copied', image = '${IMAGE}', thumbnail = '${THUMBNAIL}'`);
  await sql(`INSERT INTO release_downloads VALUES ('calendar', '2.0.0', 41)`);
  await sql(`UPDATE listings SET downloads = 42`);
});
afterAll(async () => {
  await gate.stop();
});

const sql = async (text: string) => gate.gate.database.query(text);
const at = (path: string): string => `${gate.url}/api/v1${path}`;
const setStatus = async (version: string, status: string, reasonCode?: string) =>
  sendJson(at(`/apps/calendar/releases/${version}/status`), 'PUT', gate.operatorToken, {
    status,
    reason: 'why',
    reasonCode,
  });

/** Does something just before the gate's next query but `place`. `stop` tells whether it came to that. */
function beforeQuery(place: number, doIt: () => Promise<void>): { readonly stop: () => boolean } {
  const { database } = gate.gate;
  const query = database.query.bind(database) as (...sent: unknown[]) => Promise<unknown>;
  let left: number | null = place;
  const wait = async (...sent: unknown[]): Promise<unknown> => {
    const isNow = left === 0;
    if (left !== null) left = isNow ? null : left - 1;
    if (isNow) await doIt();
    return query(...sent);
  };
  Object.assign(database, { query: wait });
  return {
    stop: () => {
      Reflect.deleteProperty(database, 'query');
      return left === null;
    },
  };
}

const screenshots = [
  {
    url: `/api/v1/screenshots/${IMAGE}.webp`,
    width: 1600,
    height: 900,
    thumbnail: `/api/v1/screenshots/${THUMBNAIL}.webp`,
  },
];

describe('a release', () => {
  test('has its texts in all languages, as they were written and as HTML that does nothing', async () => {
    const { body } = await request(at('/apps/calendar/releases/2.0.0'));
    const [everybody, german] = body.texts;
    expect(body.texts).toHaveLength(2);
    expect(everybody).toMatchObject({ lang: null, name: 'Calendar', summary: 'A calendar for everybody' });
    expect(everybody.description.source).toContain('<script>alert(1)</script>');
    expect(everybody.description.html).toBe(
      '<p>Keeps <strong>dates</strong>.  <a href="https://example.org/" rel="nofollow noopener noreferrer">site</a> [bad](javascript:alert(1))</p>\n',
    );
    expect(german).toEqual({
      lang: 'de',
      name: 'Kalender',
      summary: 'Für alle',
      description: { source: 'Hält *Termine* fest.', html: '<p>Hält <em>Termine</em> fest.</p>\n' },
    });
  });

  test('has what it needs beside ownCloud; one of a time when nobody read that has nothing', async () => {
    const none = { name: null, min: null, max: null, os: null };
    const { body } = await request(at('/apps/calendar/releases/2.0.0'));
    expect(body.dependencies).toEqual([
      { ...none, kind: 'php', min: '7.2' },
      { ...none, kind: 'lib', name: 'intl' },
      { ...none, kind: 'command', name: 'tar', os: 'Linux' },
    ]);
    expect((await visitConsole(gate.url).get('/console/apps/calendar')).html).toContain(
      'PHP 7.2 and later, the PHP extension intl, the command tar (Linux)',
    );
    expect(readReleaseInfo({ name: 'Calendar' })?.dependencies).toEqual([]);
  });

  test('has each of its categories once, however it is written', async () => {
    const [app, release, list] = await Promise.all(
      ['/apps/calendar', '/apps/calendar/releases/2.0.0', '/apps?category=TOOLS'].map((path) => request(at(path))),
    );
    for (const shown of [app?.body, release?.body, list?.body.apps[0]]) {
      expect(shown.categories).toEqual(['productivity', 'Tools']);
    }
    expect((await visitConsole(gate.url).get('/console/apps/calendar')).html).toContain('productivity, Tools<');
  });

  test('has its changelog, its sizes, its downloads, its platform and whoever made it', async () => {
    const { body } = await request(at('/apps/calendar/releases/2.0.0'));
    expect(body).toMatchObject({
      licence: 'AGPL',
      authors: [{ name: 'Ada Example', homepage: null }],
      platform: { min: '10.0', max: '10' },
      links: { website: 'https://calendar.example/', repository: null, bugs: 'https://calendar.example/bugs' },
      downloads: 41,
      screenshots,
      signature: { signer: { commonName: 'calendar' } },
      statusReasonCode: null,
    });
    expect(body.changelog.html).toContain('<li><em>Weeks</em></li>');
    expect(body.changelog.source).not.toContain('Days');
    const { archive } = body;
    expect([archive.entries, archive.files].every((count) => count >= 5)).toBe(true);
    expect(archive.inflatedBytes).toBeGreaterThan(archive.files);
    const first = await request(at('/apps/calendar/releases/1.0.0'));
    expect([first.body.changelog, first.body.downloads]).toEqual([null, 0]);
  });

  test('says when it last changed, and so does the app', async () => {
    const changedAt = async (path: string): Promise<string> => (await request(at(path))).body.changedAt;
    const before = await changedAt('/apps/calendar/releases/2.0.0');
    expect((await setStatus('2.0.0', 'quarantined', 'malware')).status).toBe(200);
    expect((await setStatus('2.0.0', 'published')).status).toBe(200);
    for (const path of ['/apps/calendar/releases/2.0.0', '/apps/calendar']) {
      expect((await changedAt(path)) > before).toBe(true);
    }
  });

  test('is not spared anybody by a date, nor is the app: what they tell of downloads and of the watch has none', async () => {
    const paths = ['/apps/calendar/releases/2.0.0', '/apps/calendar'];
    await sql(`UPDATE catalogue_changes SET changed_at = changed_at - interval '1 hour'`);
    for (const path of paths) {
      const headers = { 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() };
      const { status, headers: said } = await request(at(path), { headers });
      expect([path, status, said.get('last-modified')]).toEqual([path, 200, null]);
    }
  });

  test.each(['/apps/torn/releases/1.0.0', '/apps/torn'])(
    'that is withdrawn while it is read is not told as it was under the time of that: %s',
    async (path) => {
      if (path.endsWith('1.0.0')) {
        const archive = await appArchive({ id: 'torn' });
        expect((await upload(gate.url, await gate.token('torn'), 'torn', archive)).status).toBe(201);
      }
      const standing = at('/apps/torn/releases/1.0.0/status');
      const become = async (status: string): Promise<void> => {
        const changed = await sendJson(standing, 'PUT', gate.operatorToken, { status, reason: 'why' });
        expect(changed.status).toBe(200);
      };
      let isOver = false;
      let place = 0;
      for (; !isOver; place++) {
        const before = beforeQuery(place, () => become('withdrawn'));
        const { body } = await request(at(path));
        isOver = !before.stop();
        if (isOver) break;
        const { body: after } = await request(at(path));
        expect(after.status).toBe('withdrawn');
        const statuses = [body.status, ...(body.releases ?? []).map(({ status }: { status: string }) => status)];
        if (statuses.includes('published')) expect([place, body.changedAt]).not.toEqual([place, after.changedAt]);
        await become('published');
      }
      expect(place).toBeGreaterThan(1);
    },
  );

  test('tells what the standing watch finds, for as long as it is so', async () => {
    const standing = async () => (await request(at('/apps/calendar/releases/2.0.0'))).body.standing;
    expect((await standing()).findings).toEqual([]);
    await sql(`INSERT INTO standing_findings (app_id, version, code, message, found_at, seen_at)
      VALUES ('calendar', '2.0.0', 'SIGNER_REVOKED', 'Revoked <b>now</b>.', '2026-01-01', '2026-01-02')`);
    expect(await standing()).toEqual({
      checkedAt: expect.any(String),
      findings: [{ code: 'SIGNER_REVOKED', message: 'Revoked <b>now</b>.', since: '2026-01-01T00:00:00.000Z' }],
    });
    const { html } = await visitConsole(gate.url).get('/console/apps/calendar');
    expect(html).toContain('Revoked &lt;b>now');
    await sql(`UPDATE standing_findings SET cleared_at = now()`);
    expect((await standing()).findings).toEqual([]);
  });

  test('that does not stand shows no pictures', async () => {
    expect((await setStatus('2.0.0', 'withdrawn')).status).toBe(200);
    const { body } = await request(at('/apps/calendar/releases/2.0.0'));
    expect([body.status, body.statusReason, body.screenshots]).toEqual(['withdrawn', 'why', []]);
    const { body: app } = await request(at('/apps/calendar'));
    // The app is shown by the release before, with its own copies.
    expect([app.version, app.screenshots]).toEqual(['1.0.0', screenshots]);
    expect((await setStatus('1.0.0', 'withdrawn')).status).toBe(200);
    const { body: without } = await request(at('/apps/calendar'));
    expect([without.version, without.status, without.screenshots, without.thumbnail]).toEqual([
      '2.0.0',
      'withdrawn',
      [],
      null,
    ]);
    const page = await visitConsole(gate.url).get('/console/apps/calendar');
    expect([page.status, page.html.includes('/screenshots/')]).toEqual([200, false]);
    for (const version of ['1.0.0', '2.0.0']) expect((await setStatus(version, 'published')).status).toBe(200);
  });

  test('that nobody can have is not there', async () => {
    for (const path of ['/apps/calendar/releases/9.9.9', '/apps/never-seen', '/apps/never-seen/releases/1.0.0']) {
      expect([path, (await request(at(path))).status]).toEqual([path, 404]);
    }
    for (const path of ['/apps/a%00b', '/apps/calendar/releases/1%00', `/apps/${'x'.repeat(300)}`, '/apps/..%2F..']) {
      const { status } = await request(at(path));
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
  });
});

describe('an app', () => {
  test('has what its release says, and all its releases', async () => {
    const { body } = await request(at('/apps/calendar'));
    expect(body).toMatchObject({
      id: 'calendar',
      name: 'Calendar',
      downloads: 42,
      version: '2.0.0',
      thumbnail: screenshots[0]?.thumbnail,
      links: { website: 'https://calendar.example/' },
      screenshots,
      next: null,
    });
    expect(body.texts.map(({ lang }: { lang: string }) => lang)).toEqual([null, 'de']);
    expect(body.releases.map(({ version }: { version: string }) => version)).toEqual(['2.0.0', '1.0.0']);
  });

  test('whose info.xml is of another time is shown all the same', async () => {
    const other = await gate.token('other');
    expect((await upload(gate.url, other, 'other', await appArchive({ id: 'other' }))).status).toBe(201);
    // Of a release only the status changes; but once there may have been others.
    await sql(`ALTER TABLE releases DISABLE TRIGGER guard_release_update`);
    for (const info of [
      'null',
      '7',
      '[]',
      '{}',
      '{"name": 7, "authors": {"x": 1}, "platform": "10", "translations": [1, null, {"lang": 7}]}',
    ]) {
      await gate.gate.database.query(`UPDATE releases SET info = $1 WHERE app_id = 'other'`, [info]);
      for (const path of ['/apps/other', '/apps/other/releases/1.0.0', '/apps?q=other', '/apps?lang=de']) {
        expect([info, path, (await request(at(path))).status]).toEqual([info, path, 200]);
      }
      expect((await visitConsole(gate.url).get('/console/apps/other')).status).toBe(200);
      expect((await visitConsole(gate.url).get('/console/apps')).status).toBe(200);
    }
    await sql(`ALTER TABLE releases ENABLE TRIGGER guard_release_update`);
  });
});

describe('the status of releases', () => {
  const ask = async (releases: unknown) => sendJson(at('/releases/status'), 'POST', '', { releases });

  test('comes with its reason, for programs too', async () => {
    expect((await setStatus('1.0.0', 'quarantined', 'malware')).status).toBe(200);
    const { body } = await ask([{ app: 'calendar', version: '1.0.0' }]);
    expect(body.releases).toEqual([
      {
        app: 'calendar',
        version: '1.0.0',
        status: 'quarantined',
        reason: 'why',
        reasonCode: 'malware',
        statusChangedAt: expect.stringMatching(/^20\d\d-/),
        signerRevoked: null,
      },
    ]);
    expect((await setStatus('1.0.0', 'published')).status).toBe(200);
  });

  test('comes for five hundred at once, each in its place', async () => {
    const pairs = Array.from({ length: 500 }, (_, index) => ({
      app: 'calendar',
      version: index % 2 === 0 ? '2.0.0' : `9.9.${index}`,
    }));
    const { status, body } = await ask(pairs);
    expect([status, body.releases.length]).toEqual([200, 500]);
    for (const [index, { app, version, status: stands }] of body.releases.entries()) {
      expect([app, version, stands]).toEqual([
        'calendar',
        pairs[index]?.version,
        index % 2 === 0 ? 'published' : 'unknown',
      ]);
    }
    expect((await ask([])).body).toEqual({ releases: [] });
  });

  test.each([
    [[{ app: 'a\u0000b', version: '1' }]],
    [[{ app: '\ud800', version: '1' }]],
    [[{ app: 'x'.repeat(65), version: '1' }]],
    [[{ app: 'calendar' }]],
    [[{ app: 'calendar', version: 1 }]],
    [[{ app: 'calendar', version: '1', more: 1 }]],
    [Array.from({ length: 501 }, () => ({ app: 'calendar', version: '1.0.0' }))],
    ['calendar'],
    [null],
  ])('is not told of what is none: %j', async (releases) => {
    const { status, body } = await ask(releases);
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('the pages', () => {
  const page = async (path: string, language?: string) => {
    const response = await fetch(`${gate.url}${path}`, {
      headers: language === undefined ? {} : { 'accept-language': language },
    });
    return { status: response.status, html: await response.text(), vary: response.headers.get('vary') ?? '' };
  };

  test('speak the language that the reader likes best, as far as the app does', async () => {
    for (const [language, name] of [
      ['de', 'Kalender'],
      ['de-AT,fr;q=0.5', 'Kalender'],
      ['fr, de;q=0.8, en;q=0.7', 'Kalender'],
      // What is written for everybody is as good as English.
      ['en-GB, de;q=0.9', 'Calendar'],
      ['*, de;q=0.1', 'Calendar'],
      ['fr', 'Calendar'],
      [undefined, 'Calendar'],
      [`${'x'.repeat(5_000)},;;;=,q=,\t`, 'Calendar'],
    ] as const) {
      const { status, html, vary } = await page('/console/apps/calendar', language);
      expect([language, status, /<h1>([^<]*)<\/h1>/.exec(html)?.[1]]).toEqual([language, 200, name]);
      expect(vary.toLowerCase()).toContain('accept-language');
      expect((await page('/console/apps', language)).html).toContain(`>${name}</a>`);
    }
  });

  test('show the description, the changelog and the store’s own copies of the screenshots, and nothing from elsewhere', async () => {
    const { html } = await page('/console/apps/calendar');
    for (const part of ['<strong>dates</strong>', '<em>Weeks</em>', `src="api/v1/screenshots/${THUMBNAIL}.webp"`]) {
      expect(html).toContain(part);
    }
    expect(html).not.toMatch(/<script>|href="javascript|src="https?:/);
  });

  test('search by a form that needs no script', async () => {
    const { html } = await page(
      '/console/apps?q=calendar&level=experimental&signed=yes&status=published&platform=10.5&category=productivity',
    );
    expect([html.includes('console/apps/calendar'), html.includes('console/apps/other')]).toEqual([true, false]);
    expect(html).toContain('value="calendar"');
    expect((await page('/console/apps?q=nothing-of-the-kind')).html).toContain('No app fits');
    for (const query of ['q=%00', 'sort=rating', 'platform=x', 'level=x', 'q=&sort=relevance', 'q=a&q=b']) {
      expect([query, (await page(`/console/apps?${query}`)).status < 500]).toEqual([query, true]);
    }
    expect((await page('/console/apps?after=forged')).status).toBe(400);
  });
});
