import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inTransaction } from '../../src/database/connect.js';
import { insertReview } from '../../src/database/reviews.js';
import { findSubmission } from '../../src/database/submissions.js';
import type { ArchiveStore } from '../../src/storage/archive-store.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive, appFiles, infoXml, type AppArchiveOptions } from '../support/app-archive.js';
import { rawZip } from '../support/raw-zip.js';
import { commandLine } from '../support/run-command-line.js';
import { signedApp } from '../support/signed-app.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let moderator: string;
beforeAll(async () => {
  gate = await startTestGate({ environment: { RULES: 'JUNK_FILES=hold' } });
  moderator = await gate.token(null, { account: 'mod', scopes: ['moderate'] });
});
afterAll(async () => {
  await gate.stop();
});

/** What makes the gate hold a submission. */
const JUNK = { 'img/.DS_Store': 'left behind' };

async function send(id: string, archive: Buffer, expected: number): Promise<any> {
  const { status, body } = await upload(gate.url, await gate.token(id), id, archive);
  expect([status, body.code]).toEqual([expected, expected === 422 ? expect.anything() : undefined]);
  return body;
}

async function publish(options: AppArchiveOptions & { id: string }): Promise<void> {
  await send(options.id, await appArchive(options), 201);
}

/** Uploads what is held, and returns the id of its review. */
async function hold({ files, ...options }: AppArchiveOptions & { id: string }): Promise<string> {
  const archive = await appArchive({ ...options, files: { ...JUNK, ...files } });
  return reviewOf((await send(options.id, archive, 202)).id as string);
}

async function reviewOf(submissionId: string): Promise<string> {
  const { body } = await request(`${gate.url}/api/v1/reviews?q=${submissionId}`, { token: moderator });
  expect(body.reviews).toHaveLength(1);
  return body.reviews[0].id as string;
}

/** Opens an appeal against a refused submission, as its developer would. */
async function appeal(submissionId: string): Promise<string> {
  const id = randomUUID();
  await inTransaction(gate.gate.database, async (tx) => {
    const submission = await findSubmission(tx, submissionId);
    if (submission === null) throw new Error('There is no such submission');
    const { appId, version, accountId: openedById } = submission;
    const about = { appId, submissionId, version, category: null, contact: null };
    await insertReview(tx, { id, kind: 'appeal', ...about, openedById, openedAt: new Date() });
  });
  return id;
}

async function difference(id: string, query = ''): Promise<any> {
  const { status, body } = await request(`${gate.url}/api/v1/reviews/${id}/difference${query}`, { token: moderator });
  expect([status, body.code]).toEqual([200, undefined]);
  return body;
}

async function refusedDifference(id: string): Promise<unknown> {
  const { status, body } = await request(`${gate.url}/api/v1/reviews/${id}/difference`, { token: moderator });
  return [status, body.code];
}

function fileIn(found: any, path: string): any {
  return (found.files as any[]).find((file) => file.path === path);
}

function linesOf(file: any): readonly string[] {
  const signs: Record<string, string> = { same: ' ', removed: '-', added: '+' };
  return file.text.hunks.flat().map(({ kind, text }: any) => `${signs[kind]}${text}`);
}

const sha512 = (content: string | Buffer) => createHash('sha512').update(content).digest('hex');

describe('against the last published release', () => {
  test('what was added, removed and changed is told by digests, texts line by line, the rest by size', async () => {
    const logo = randomBytes(200);
    const newLogo = randomBytes(300);
    await publish({ id: 'told-app', files: { 'old.txt': 'gone soon\n', 'img/logo.png': logo, 'same.txt': 'same\n' } });
    const id = await hold({
      id: 'told-app',
      version: '1.1.0',
      files: {
        'img/logo.png': newLogo,
        'same.txt': 'same\n',
        'js/new.js': 'steal();\n',
        'css/style.css': 'body { color: red; }\n',
      },
    });
    const found = await difference(id);
    expect(found.before).toMatchObject({ version: '1.0.0' });
    expect(found.after).toMatchObject({ version: '1.1.0', publishedAt: null });
    expect(found.counts).toEqual({ added: 2, removed: 1, changed: 3, unchanged: 4 });
    expect(found.files.map(({ kind, path }: any) => `${kind} ${path}`)).toEqual([
      'changed appinfo/info.xml',
      'changed css/style.css',
      'added img/.DS_Store',
      'changed img/logo.png',
      'added js/new.js',
      'removed old.txt',
    ]);
    expect(linesOf(fileIn(found, 'css/style.css'))).toEqual(['-body { color: black; }', '+body { color: red; }']);
    expect(linesOf(fileIn(found, 'js/new.js'))).toEqual(['+steal();']);
    expect(fileIn(found, 'img/logo.png')).toMatchObject({
      before: { bytes: 200, sha512: sha512(logo) },
      after: { bytes: 300, sha512: sha512(newLogo) },
      text: null,
      textLeftOut: 'binary',
    });
    expect(fileIn(found, 'old.txt')).toMatchObject({ after: null, text: null, textLeftOut: 'removed' });
    expect(found.info).toEqual([{ field: 'version', before: '1.0.0', after: '1.1.0' }]);
    expect(found.signer.changed).toEqual([]);
    expect(found.omittedTexts).toBe(0);
  });

  test('where nothing was published before, that is said, and every file is new', async () => {
    const found = await difference(await hold({ id: 'first-app' }));
    expect(found.before).toBeNull();
    expect(found.counts).toEqual({ added: 6, removed: 0, changed: 0, unchanged: 0 });
    expect(found.signer).toMatchObject({ before: null, changed: [] });
    expect(found.info).toContainEqual({ field: 'name', before: null, after: 'Calendar' });
  });

  test('a withdrawn release is no measure, and neither is one in quarantine', async () => {
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await publish({ id: 'measure-app', version });
    const change = (version: string, status: string) =>
      sendJson(`${gate.url}/api/v1/apps/measure-app/releases/${version}/status`, 'PUT', moderator, {
        status,
        reason: 'not fit',
      });
    expect((await change('1.2.0', 'withdrawn')).status).toBe(200);
    expect((await change('1.1.0', 'quarantined')).status).toBe(200);
    const id = await hold({ id: 'measure-app', version: '1.3.0' });
    expect((await difference(id)).before.version).toBe('1.0.0');
  });

  test('what was published since it was uploaded is what it would follow', async () => {
    await publish({ id: 'since-app', version: '1.0.0' });
    const id = await hold({ id: 'since-app', version: '1.2.0' });
    await publish({ id: 'since-app', version: '1.1.0' });
    expect((await difference(id)).before.version).toBe('1.1.0');
  });

  test('a release in quarantine is compared with the one published before it, not with one after', async () => {
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
      await publish({ id: 'odd-app', version, files: { 'js/script.js': `run('${version}');\n` } });
    }
    const status = `${gate.url}/api/v1/apps/odd-app/releases/1.1.0/status`;
    await sendJson(status, 'PUT', moderator, { status: 'quarantined', reason: 'looks odd' });
    const { body } = await request(`${gate.url}/api/v1/reviews?app=odd-app&kind=quarantine`, { token: moderator });
    const found = await difference(body.reviews[0].id as string);
    expect([found.before.version, found.after.version]).toEqual(['1.0.0', '1.1.0']);
    expect(found.after.publishedAt).not.toBeNull();
    expect(linesOf(fileIn(found, 'js/script.js'))).toEqual(["-run('1.0.0');", "+run('1.1.0');"]);
  });

  test('an appealed refusal is compared, too', async () => {
    await publish({ id: 'appeal-app' });
    const archive = await appArchive({
      id: 'appeal-app',
      version: '1.1.0',
      files: { 'lib/appinfo/info.xml': '<info/>\n' },
    });
    const found = await difference(await appeal((await send('appeal-app', archive, 422)).id as string));
    expect(found.files.map(({ path }: any) => path as string)).toEqual(['appinfo/info.xml', 'lib/appinfo/info.xml']);
  });

  test('who signed, and with what: another certificate over another key is told member by member', async () => {
    const archive = await signedApp(gate.authority, { id: 'signer-app' });
    await send('signer-app', archive, 201);
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const second = await signedApp(gate.authority, {
      id: 'signer-app',
      version: '1.1.0',
      files: { 'tests/a.txt': 'a' },
      leaf: gate.authority.issue('signer-app', { keys }),
    });
    const found = await difference(await reviewOf((await send('signer-app', second, 202)).id as string));
    expect(found.signer.changed).toEqual(['serial', 'certificate', 'key']);
    expect(found.signer.before.signer.commonName).toBe('signer-app');
  });

  test('texts of info.xml that were changed are told field by field', async () => {
    await publish({ id: 'info-app' });
    const id = await hold({
      id: 'info-app',
      infoXml: infoXml({ id: 'info-app', version: '1.1.0', name: 'Other' })
        .replace('AGPL', 'GPL')
        .replace('max-version="10"', 'max-version="11"')
        .replace('<category>', '<category>tools</category><category>'),
    });
    const found = await difference(id);
    expect(Object.fromEntries(found.info.map(({ field, before, after }: any) => [field, [before, after]]))).toEqual({
      name: ['Calendar', 'Other'],
      version: ['1.0.0', '1.1.0'],
      licence: ['AGPL', 'GPL'],
      categories: ['productivity', 'tools\nproductivity'],
      platform: ['min: 10.0, max: 10', 'min: 10.0, max: 11'],
    });
  });
});

describe('hostile archives', () => {
  test('names that mislead are made visible, and stand as they are beside that', async () => {
    const names = [
      'js/<script>alert(1)</script>.js',
      `js/${'😀'.repeat(62)}.js`,
      "js/' onmouseover='x.js",
      'js/a&amp;b.js',
      '__proto__',
      'constructor',
    ];
    const id = await hold({ id: 'name-app', files: Object.fromEntries(names.map((name) => [name, 'x\n'])) });
    const found = await difference(id);
    for (const path of names) expect(fileIn(found, path)).toMatchObject({ kind: 'added', textLeftOut: null });
  });

  test('a refused archive with names that no archive may have is compared, with all of them visible', async () => {
    const files = appFiles({ id: 'evil-names' });
    const entries = [...files].map(([path, data]) => ({ name: `evil-names/${path}`, data }));
    const evil = ['js/gpj.\u202eexe.js', 'js/line\nbreak.js', 'js/\u001b[2Jclear.js'];
    const archive = rawZip({
      entries: [...entries, ...evil.map((name) => ({ name: `evil-names/${name}`, data: 'x\n' }))],
    });
    const found = await difference(await appeal((await send('evil-names', archive, 422)).id as string));
    expect(found.counts).not.toBeNull();
    expect(evil.map((path) => fileIn(found, path)?.name as string)).toEqual([
      'js/gpj.\\u{202e}exe.js',
      'js/line\\u{a}break.js',
      'js/\\u{1b}[2Jclear.js',
    ]);
  });

  test('of an archive that can’t be read to its end no file is compared, rather than told to be gone', async () => {
    await publish({ id: 'broken-app' });
    const archive = await appArchive({ id: 'broken-app', version: '1.1.0' });
    const at = archive.indexOf('broken-app/js/script.js') + 'broken-app/js/script.js'.length;
    archive.fill(0xff, at, at + 12);
    const found = await difference(await appeal((await send('broken-app', archive, 422)).id as string));
    expect(found).toMatchObject({ counts: null, files: [], before: { version: '1.0.0' } });
  });

  test('of what is no zip at all, too', async () => {
    const archive = Buffer.concat([Buffer.from('PK\x03\x04'), randomBytes(500)]);
    const found = await difference(await appeal((await send('noise-app', archive, 422)).id as string));
    expect(found).toMatchObject({ counts: null, files: [], info: null, before: null, after: { version: null } });
  });

  test('five thousand changed files come page by page, each once; those whose text is left out are counted', async () => {
    const files = (version: string) =>
      Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`js/f${index}.js`, `v('${version}');\n`]));
    await publish({ id: 'many-app', files: files('1') });
    const id = await hold({ id: 'many-app', version: '1.1.0', files: files('2') });
    const seen: string[] = [];
    let pages = 0;
    for (let query = '?limit=1000'; ; pages++) {
      const found = await difference(id, query);
      expect(found.counts).toEqual({ added: 1, removed: 0, changed: 5_001, unchanged: 4 });
      expect(found.files.length).toBeLessThanOrEqual(1_000);
      const left = found.files.filter(({ textLeftOut }: any) => textLeftOut === 'not-now').length;
      expect(found.omittedTexts).toBe(left);
      if (found.files.length === 1_000) expect(left).toBe(900);
      seen.push(...found.files.map(({ path }: any) => path as string));
      if (found.next === null) break;
      query = `?limit=1000&after=${encodeURIComponent(found.next as string)}`;
    }
    expect(pages).toBe(5);
    expect(new Set(seen).size).toBe(5_002);
    expect(seen).toHaveLength(5_002);
    const [file] = (await difference(id, '?path=js/f4999.js')).files;
    expect(linesOf(file)).toEqual(["-v('1');", "+v('2');"]);
  }, 60_000);

  test('a line of two megabytes is told by its size', async () => {
    await publish({ id: 'long-app', files: { 'js/min.js': 'a'.repeat(2 * 1024 * 1024) } });
    const id = await hold({ id: 'long-app', version: '1.1.0', files: { 'js/min.js': 'b'.repeat(2 * 1024 * 1024) } });
    const found = await difference(id);
    expect(fileIn(found, 'js/min.js')).toMatchObject({ kind: 'changed', text: null, textLeftOut: 'too-large' });
    expect(found.omittedTexts).toBe(1);
  });

  test('what is too large for a page comes when it is asked for by itself', async () => {
    const text = (word: string) =>
      Array.from({ length: 30_000 }, (_, line) => `line ${line} ${line === 9_999 ? word : ''}\n`).join('');
    await publish({ id: 'large-app', files: { 'js/big.js': text('good') } });
    const id = await hold({ id: 'large-app', version: '1.1.0', files: { 'js/big.js': text('evil') } });
    expect(fileIn(await difference(id), 'js/big.js')).toMatchObject({ textLeftOut: 'too-large' });
    const [file] = (await difference(id, '?path=js/big.js')).files;
    expect(linesOf(file)).toContain('+line 9999 evil');
  });

  test('a hundred files that are the worst there is to compare hold nobody up', async () => {
    const worst = (seed: number) =>
      Array.from({ length: 12_000 }, (_, line) => `${(line * seed * 7_919) % 13}\n`).join('');
    const files = (seed: number) =>
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`js/w${index}.js`, worst(seed + index)]));
    await publish({ id: 'worst-app', files: files(3) });
    const id = await hold({ id: 'worst-app', version: '1.1.0', files: files(200) });
    const found = await difference(id);
    const texts = found.files.filter(({ text }: any) => text !== null);
    expect(texts.length).toBeGreaterThan(0);
    expect(found.omittedTexts).toBeGreaterThan(50);
    expect(texts.some(({ text }: any) => text.coarse as boolean)).toBe(true);
  }, 60_000);
});

describe('the storage', () => {
  const fileOf = (sha256: string) =>
    join(gate.config.dataDir, 'archives', sha256.slice(0, 2), `${sha256.slice(2)}.zip`);
  const archiveOf = async (id: string, side: 'after' | 'before'): Promise<string> =>
    fileOf((await difference(id))[side].archive.sha256 as string);

  test.each([
    ['other bytes of the same length', (bytes: Buffer) => Buffer.alloc(bytes.length, 0x41)],
    ['another good app', async () => appArchive({ id: 'swapped-app', files: { ...JUNK, 'evil.js': 'x' } })],
    ['less', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['more', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['nothing', () => Buffer.alloc(0)],
  ])('that has %s instead is said, and nothing of it is shown', async (name, replace) => {
    const id = await hold({ id: 'swapped-app', version: `1.0.${name.length}` });
    const file = await archiveOf(id, 'after');
    const bytes = await readFile(file);
    await chmod(file, 0o600);
    await rm(file);
    await writeFile(file, await replace(bytes));
    expect(await refusedDifference(id)).toEqual([503, 'UNAVAILABLE']);
    const { status } = await request(`${gate.url}/api/v1/reviews/${id}/files/appinfo/info.xml`, { token: moderator });
    expect(status).toBe(503);
  });

  test('that has the archive no more is said', async () => {
    const id = await hold({ id: 'lost-app' });
    await rm(await archiveOf(id, 'after'));
    expect(await refusedDifference(id)).toEqual([503, 'UNAVAILABLE']);
  });

  test('that has lost the release before still tells which files differ, by the records', async () => {
    await publish({ id: 'half-lost' });
    const id = await hold({ id: 'half-lost', version: '1.1.0' });
    await rm(await archiveOf(id, 'before'));
    const found = await difference(id);
    expect(found.counts).toEqual({ added: 1, removed: 0, changed: 1, unchanged: 4 });
    expect(fileIn(found, 'appinfo/info.xml')).toMatchObject({ text: null, textLeftOut: 'lost' });
    expect(fileIn(found, 'img/.DS_Store').text).not.toBeNull();
    expect(found.omittedTexts).toBe(1);
  });

  test('no copy stays behind, whatever happened, nor do many at once need more than there may be', async () => {
    await publish({ id: 'copies-app' });
    const id = await hold({ id: 'copies-app', version: '1.1.0' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => difference(id)));
    expect(new Set(answers.map(({ counts }) => JSON.stringify(counts))).size).toBe(1);
    expect(await readdir(gate.gate.temporaryFolder)).toEqual([]);
  });

  test('a temporary folder that isn’t there yet is made', async () => {
    const id = await hold({ id: 'no-folder' });
    await rm(gate.gate.temporaryFolder, { recursive: true });
    await difference(id);
    expect(existsSync(gate.gate.temporaryFolder)).toBe(true);
  });
});

describe('who reads a lot', () => {
  /** A storage that gives some archives to nobody until it is told to. */
  function holdingBack(archives: ArchiveStore): ArchiveStore & { readonly held: Set<string>; release(): void } {
    const held = new Set<string>();
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    return {
      held,
      release,
      keep: (file, sha256) => archives.keep(file, sha256),
      check: () => archives.check(),
      async open(sha256, range) {
        if (held.has(sha256)) await released;
        return archives.open(sha256, range);
      },
    };
  }

  test('keeps nobody from deciding, and nobody else from reading', async () => {
    const store = holdingBack(gate.gate.archives);
    const busy = await startTestGate({ replicaOf: gate, gate: { archives: store } });
    try {
      const other = await gate.token(null, { account: 'other-mod', scopes: ['moderate'] });
      const [read, decided] = [await hold({ id: 'much-read' }), await hold({ id: 'soon-decided' })];
      store.held.add((await difference(read)).after.archive.sha256 as string);
      const at = (id: string, token: string) => request(`${busy.url}/api/v1/reviews/${id}/difference`, { token });
      let refused = 0;
      let allRefused = (): void => {};
      const enough = new Promise<void>((resolve) => (allRefused = resolve));
      const reading = Array.from({ length: 33 }, async () => {
        const { status, body } = await at(read, moderator);
        if (status !== 200) refused += 1;
        if (refused === 23) allRefused();
        return [status, body.code];
      });
      await enough;
      expect((await at(decided, moderator)).status).toBe(429);
      expect((await at(decided, other)).status).toBe(200);
      const inspection = `${busy.url}/api/v1/reviews/${decided}/inspection`;
      expect((await sendJson(inspection, 'POST', moderator, { reason: 'Once more.' })).status).toBe(200);
      const verdict = { verdict: 'accepted', reason: 'Fine.', codes: ['JUNK_FILES'] };
      const url = `${busy.url}/api/v1/reviews/${decided}/verdict`;
      const accepted = await sendJson(url, 'POST', other, verdict);
      expect([accepted.status, accepted.body.code]).toEqual([200, undefined]);
      store.release();
      const answers = await Promise.all(reading);
      expect(answers.filter(([status]) => status === 200)).toHaveLength(10);
      expect(answers.filter(([status, code]) => status === 429 && code === 'TOO_MANY_OPEN')).toHaveLength(23);
      expect((await at(decided, moderator)).status).toBe(200);
    } finally {
      store.release();
      await busy.stop();
    }
  }, 60_000);
});

describe('what has no difference', () => {
  test('a review about no archive', async () => {
    await publish({ id: 'talked-about' });
    const report = { category: 'broken', text: 'It does not start at all.' };
    const { body } = await sendJson(`${gate.url}/api/v1/apps/talked-about/reports`, 'POST', '', report);
    expect(await refusedDifference(body.id as string)).toEqual([404, 'NOT_FOUND']);
  });

  test('a review that is not there', async () => {
    expect(await refusedDifference(randomUUID())).toEqual([404, 'NOT_FOUND']);
  });

  test.each([
    ['a limit of 0', 'limit=0'],
    ['a limit beyond the bound', 'limit=1001'],
    ['a limit that is no number', 'limit=x'],
    ['NUL', 'after=%00'],
    ['a path that is too long', `path=${'a'.repeat(4_097)}`],
  ])('%s is refused', async (_name, query) => {
    const id = await hold({ id: 'query-app' });
    const { status } = await request(`${gate.url}/api/v1/reviews/${id}/difference?${query}`, { token: moderator });
    expect(status).toBe(400);
  });
});

test('portcullis review diff steers no terminal', async () => {
  await publish({ id: 'shell-diff' });
  const id = await hold({
    id: 'shell-diff',
    version: '1.1.0',
    files: { 'js/script.js': '\u001b]0;owned\u0007\n\tconsole.log("\u202e");\n' },
  });
  const { exit, out, err } = await commandLine(['review', 'diff', id], {
    environment: { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir },
  });
  expect([exit, err]).toEqual([0, '']);
  expect(out).toContain('\\u{1b}]0;owned\\u{7}');
  for (const steering of ['\u001b', '\u0007', '\u202e']) expect(out).not.toContain(steering);
  const one = await commandLine(['review', 'diff', id, '--path', 'js/script.js'], {
    environment: { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir },
  });
  expect(one.out).not.toContain('img/.DS_Store');
});
