import { defaultRules } from '../../src/policy/rules.js';
import { request, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { decide, JUNK, moderator, uploadJunk } from '../support/verdicts.js';

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate({ config: { rules: { ...defaultRules, modes: { JUNK_FILES: 'hold' } } } });
});
afterAll(() => gate.stop());

const files = {
  'CHANGELOG.md':
    '# Changelog\n\n## [1.1.0]\n\n- <b>weeks</b>, see [#1]\n\n## [1.0.0]\n\n- dates\n\n[#1]: https://example.org/1\n',
};

async function changelogOf(
  app: string,
  version: string,
): Promise<{ readonly source: string; readonly html: string } | null> {
  const { status, body } = await request(`${gate.url}/api/v1/apps/${app}/releases/${version}`);
  expect(status).toBe(200);
  return body.changelog;
}

test('a release tells what its changelog says of its version, and of no other', async () => {
  const token = await gate.token('calendar');
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
    expect((await upload(gate.url, token, 'calendar', await appArchive({ version, files }))).status).toBe(201);
  }
  expect((await changelogOf('calendar', '1.0.0'))?.source).toBe('- dates');
  expect((await changelogOf('calendar', '1.1.0'))?.source).toBe(
    '- <b>weeks</b>, see [#1]\n\n[#1]: https://example.org/1',
  );
  expect((await changelogOf('calendar', '1.1.0'))?.html).toContain('href="https://example.org/1"');
  expect(await changelogOf('calendar', '1.2.0')).toBeNull();
});

test('so does one that a moderator accepted', async () => {
  const held = await uploadJunk(gate, await gate.token('held'), 'held', { files: { ...JUNK, ...files } });
  const mod = await moderator(gate, 'mona');
  expect((await decide(gate, mod, held.review.id, 'accepted')).status).toBe(200);
  expect((await changelogOf('held', '1.0.0'))?.source).toBe('- dates');
});

test('the longest section that is kept is taken by the database, whatever it is made of', async () => {
  const token = await gate.token('long');
  const long = `## 1.0.0\n\n${'ä\u0000\u001b \u{1f600}'.repeat(40_000)}`;
  const { status } = await upload(
    gate.url,
    token,
    'long',
    await appArchive({ id: 'long', files: { 'CHANGELOG.md': long } }),
  );
  expect(status).toBe(201);
  expect(Buffer.byteLength((await changelogOf('long', '1.0.0'))?.source ?? '')).toBeGreaterThan(65_000);
});

test('once published it does not change', async () => {
  await upload(gate.url, await gate.token('fixed'), 'fixed', await appArchive({ id: 'fixed', files }));
  await expect(
    gate.gate.database.query(`UPDATE releases SET changelog = 'other' WHERE app_id = 'fixed'`),
  ).rejects.toThrow('only the status changes');
});
