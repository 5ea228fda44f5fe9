import { randomBytes, randomUUID } from 'node:crypto';
import { request as rawRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { inTransaction } from '../../src/database/connect.js';
import { insertReview } from '../../src/database/reviews.js';
import { findSubmission } from '../../src/database/submissions.js';
import { request, upload, type ApiAnswer } from '../support/api.js';
import { appArchive, appFiles } from '../support/app-archive.js';
import { rawZip } from '../support/raw-zip.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const MIB = 1024 * 1024;
const BINARY = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff]), Buffer.alloc(6_000, 0x41)]);
const PAGE = '<!doctype html><script>alert(document.cookie)</script>\n';
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>\n';

let gate: TestGate;
let moderator: string;
let review: string;
beforeAll(async () => {
  gate = await startTestGate({ environment: { RULES: 'JUNK_FILES=hold' } });
  moderator = await gate.token(null, { account: 'mod', scopes: ['moderate'] });
  const token = await gate.token('shown-app');
  const published = await appArchive({
    id: 'shown-app',
    files: { 'js/script.js': 'good();\n', 'gone.txt': 'as it was\n' },
  });
  expect((await upload(gate.url, token, 'shown-app', published)).status).toBe(201);
  const held = await appArchive({
    id: 'shown-app',
    version: '1.1.0',
    files: {
      '.DS_Store': 'left behind',
      'js/script.js': 'evil();\n',
      'page.html': PAGE,
      'img/app.svg': PICTURE,
      'img/logo.png': BINARY,
      'steer.txt': '\u001b[2Jcleared \u202eturned\n\ttab\r\n',
      'empty.txt': '',
      'large.txt': 'ä'.repeat(MIB),
      'huge.txt': randomBytes(17 * MIB),
      'with space & more#.txt': 'found\n',
      '100%25.txt': 'found\n',
      'grüße/日本.txt': 'found\n',
      [`${'😀'.repeat(62)}.txt`]: 'found\n',
    },
  });
  const { status, body } = await upload(gate.url, token, 'shown-app', held);
  expect([status, body.report.findings.filter((each: any) => each.severity === 'error')]).toEqual([202, []]);
  review = await reviewOf(body.id as string);
});
afterAll(async () => {
  await gate.stop();
});

async function reviewOf(submissionId: string): Promise<string> {
  const { body } = await request(`${gate.url}/api/v1/reviews?q=${submissionId}`, { token: moderator });
  return body.reviews[0].id as string;
}

/** A file by its path, which is encoded as programs do. */
async function show(path: string, query = '', id = review): Promise<ApiAnswer> {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return request(`${gate.url}/api/v1/reviews/${id}/files/${encoded}${query}`, { token: moderator });
}

/** A path exactly as it is written here: fetch would put it in order first. */
async function showRaw(path: string, id = review): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(gate.url);
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${moderator}` };
    rawRequest({ hostname, port, path: `/api/v1/reviews/${id}/files/${path}`, headers }, (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, body });
      }, reject);
    })
      .on('error', reject)
      .end();
  });
}

describe('a file of an archive', () => {
  test.each([
    ['page.html', PAGE],
    ['img/app.svg', PICTURE],
    ['js/script.js', 'evil();\n'],
    ['empty.txt', ''],
  ])('%s is plain text to be saved, and never a page, a picture or a script', async (path, content) => {
    const { status, headers, body } = await show(path);
    expect([status, body]).toEqual([200, content]);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[A-Za-z0-9._-]+\.txt"$/);
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'; sandbox");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('what steers a terminal or turns the reading round is made visible', async () => {
    expect((await show('steer.txt')).body).toBe('\\u{1b}[2Jcleared \\u{202e}turned\n\ttab\\u{d}\n');
  });

  test('what is no text is shown as the hex of its first 4 KiB', async () => {
    const { body } = await show('img/logo.png');
    expect(body).toMatch(/^00000000 {2}89 50 4e 47 00 ff 41 /);
    expect((body as string).split('\n').filter((line) => /^[0-9a-f]{8} /.test(line))).toHaveLength(256);
    expect(body).toContain(`… ${BINARY.length - 4_096} of ${BINARY.length} bytes are not shown.`);
  });

  test('of a long text the first megabyte is shown, to the last whole character', async () => {
    const { body } = await show('large.txt');
    expect(body).toBe(`${'ä'.repeat(MIB / 2)}\n… ${MIB} of ${2 * MIB} bytes are not shown.\n`);
  });

  test('of what is too large to be opened only that is said', async () => {
    const { status, body } = await show('huge.txt');
    expect([status, body]).toEqual([200, `\n… ${17 * MIB} of ${17 * MIB} bytes are not shown.\n`]);
  });

  test.each(['with space & more#.txt', '100%25.txt', 'grüße/日本.txt', `${'😀'.repeat(62)}.txt`])(
    'is found under its name as it is: %s',
    async (path) => {
      const { status, headers, body } = await show(path);
      expect([status, body]).toEqual([200, 'found\n']);
      expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[A-Za-z0-9._-]{1,104}"$/);
    },
  );

  test('the release before is read likewise, with what is gone since', async () => {
    expect((await show('js/script.js', '?side=before')).body).toBe('good();\n');
    expect((await show('gone.txt', '?side=before')).body).toBe('as it was\n');
    expect((await show('gone.txt')).status).toBe(404);
    expect((await show('page.html', '?side=before')).status).toBe(404);
    expect((await show('js/script.js', '?side=other')).status).toBe(400);
  });
});

describe('what is no file of it', () => {
  test.each([
    ['a way up', '../../../../etc/passwd'],
    ['a way up, encoded', '%2e%2e/%2e%2e/etc/passwd'],
    ['a way up, encoded twice', '%252e%252e/etc/passwd'],
    ['a way up and down again', 'js/../js/script.js'],
    ['a way up and down again, encoded', 'js/%2e%2e/js/script.js'],
    ['a way up with its slashes encoded', '..%2f..%2fetc%2fpasswd'],
    ['a way up as Windows writes it', '..%5c..%5cwindows'],
    ['the root', '/etc/passwd'],
    ['the root, encoded', '%2fetc%2fpasswd'],
    ['the folder of the app itself', 'shown-app/js/script.js'],
    ['a point', './js/script.js'],
    ['two slashes', 'js//script.js'],
    ['NUL', 'js/script.js%00'],
    ['NUL and another name', 'js/script.js%00.txt'],
    ['a name in another case', 'JS/script.js'],
    ['another spelling of the same letters', 'gru%CC%88%C3%9Fe/%E6%97%A5%E6%9C%AC.txt'],
    ['overlong UTF-8', 'js%c0%afscript.js'],
    ['half a character', '%ed%a0%80'],
    ['an encoding that breaks off', 'js%2'],
    ['a folder', 'js'],
    ['a folder with its slash', 'js/'],
    ['a member of every object', '__proto__'],
    ['another one', 'constructor'],
    ['a backslash', 'js%5cscript.js'],
  ])('%s', async (_name, path) => {
    const { status, body } = await showRaw(path);
    expect([path, status, JSON.parse(body).code]).toEqual([path, 404, 'NOT_FOUND']);
  });

  test('no path at all', async () => {
    expect((await showRaw('')).status).toBe(404);
  });

  test('of a review that is not there, or is none', async () => {
    expect((await show('page.html', '', randomUUID())).status).toBe(404);
    expect((await show('page.html', '', 'x')).status).toBe(400);
  });

  test('a refused archive that has such names gives nothing under them either, and everything else', async () => {
    const files = appFiles({ id: 'climbing-app' });
    const entries = [...files].map(([path, data]) => ({ name: `climbing-app/${path}`, data }));
    const archive = rawZip({ entries: [...entries, { name: 'climbing-app/../../etc/passwd', data: 'root\n' }] });
    const { status, body } = await upload(gate.url, await gate.token('climbing-app'), 'climbing-app', archive);
    expect(status).toBe(422);
    const id = randomUUID();
    await inTransaction(gate.gate.database, async (tx) => {
      const submission = await findSubmission(tx, body.id as string);
      if (submission === null) throw new Error('There is no such submission');
      const { appId, version, accountId: openedById } = submission;
      const about = { appId, submissionId: submission.id, version, category: null, contact: null };
      await insertReview(tx, { id, kind: 'appeal', ...about, openedById, openedAt: new Date() });
    });
    expect((await show('js/script.js', '', id)).status).toBe(200);
    expect((await showRaw('../../etc/passwd', id)).status).toBe(404);
  });
});

test('a file that is as large as its archive allows, in random bytes, costs no more than its first 4 KiB', async () => {
  const token = await gate.token('random-app');
  const files = { '.DS_Store': 'x', 'data.bin': randomBytes(3 * MIB) };
  const { body } = await upload(gate.url, token, 'random-app', await appArchive({ id: 'random-app', files }));
  const shown = await show('data.bin', '', await reviewOf(body.id as string));
  expect((shown.body as string).length).toBeLessThan(25_000);
});
