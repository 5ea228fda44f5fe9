import { SaxesParser } from 'saxes';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const HOSTILE = ']]> & <script>alert(1)</script> ]]><evil/> "quoted\' \u202e';
const NAME = ']]> & <i>x</i> ]]><evil/>';

let gate: TestGate;

beforeAll(async () => {
  gate = await startTestGate();
});

afterAll(async () => gate.stop());

async function publish(id: string, version = '1.0.0'): Promise<string> {
  const token = await gate.token(id, { scopes: ['upload', 'manage'] });
  expect((await upload(gate.url, token, id, await appArchive({ id, version }))).status).toBe(201);
  return token;
}

async function setStatus(id: string, status: string, reason: string): Promise<void> {
  const url = `${gate.url}/api/v1/apps/${id}/releases/1.0.0/status`;
  expect((await sendJson(url, 'PUT', gate.operatorToken, { status, reason })).status).toBe(200);
}

const feed = (query = '', headers = {}) => request(`${gate.url}/feeds/releases.json${query}`, { headers });
const atom = (query = '') => request(`${gate.url}/feeds/releases.atom${query}`);

/** What a strict parser makes of it: the texts of every element of a name; fails where it is no XML. */
function textsOf(source: string, name: string): readonly string[] {
  const found: string[] = [];
  const names = new Set<string>();
  const parser = new SaxesParser({ xmlns: true });
  let text = '';
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    text = '';
    names.add(tag.name);
  });
  parser.on('text', (more) => (text += more));
  parser.on('closetag', (tag) => tag.name === name && found.push(text));
  parser.write(source).close();
  const known = [
    'feed',
    'id',
    'title',
    'updated',
    'author',
    'name',
    'link',
    'entry',
    'published',
    'category',
    'content',
  ];
  expect([...names].filter((each) => !known.includes(each))).toEqual([]);
  return found;
}

test('an empty store has empty feeds, that are whole', async () => {
  const { status, headers, body } = await feed();
  expect([status, headers.get('content-type')]).toEqual([200, 'application/feed+json; charset=utf-8']);
  expect(body).toMatchObject({ version: 'https://jsonfeed.org/version/1.1', items: [] });
  expect(textsOf((await atom()).body, 'updated')).toEqual(['1970-01-01T00:00:00.000Z']);
});

test('what is published, put under quarantine, restored and withdrawn stands there, the newest first, with its reason', async () => {
  await publish('feed-life');
  await setStatus('feed-life', 'quarantined', 'Somebody reported it.');
  await setStatus('feed-life', 'published', 'It is fine.');
  await setStatus('feed-life', 'withdrawn', 'Too old.');
  const { body } = await feed('?app=feed-life');
  expect(body.items.map((item: any) => item._portcullis.change)).toEqual([
    'withdrawn',
    'restored',
    'quarantined',
    'published',
  ]);
  expect(body.items.map((item: any) => item.content_text)).toEqual([
    expect.stringContaining('Too old.'),
    expect.stringContaining('It is fine.'),
    expect.stringContaining('Somebody reported it.'),
    expect.not.stringContaining(':'),
  ]);
  expect(new Set(body.items.map((item: any) => item.id)).size).toBe(4);
  const xml = (await atom('?app=feed-life')).body as string;
  expect(textsOf(xml, 'id').slice(1)).toEqual(body.items.map((item: any) => item.id));
  expect(textsOf(xml, 'content')).toEqual(body.items.map((item: any) => item.content_text));
});

test('nobody who decided is named', async () => {
  await publish('feed-names');
  await setStatus('feed-names', 'quarantined', 'A reason.');
  expect((await atom('?app=feed-names')).body).not.toContain('operator');
  expect(JSON.stringify((await feed('?app=feed-names')).body)).not.toContain('operator');
});

test('a hostile name and reason stay texts', async () => {
  const token = await gate.token('feed-hostile');
  const name = NAME.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const archive = await appArchive({ id: 'feed-hostile', name });
  expect((await upload(gate.url, token, 'feed-hostile', archive)).status).toBe(201);
  await setStatus('feed-hostile', 'quarantined', HOSTILE);
  const xml = (await atom('?app=feed-hostile')).body as string;
  const shown = HOSTILE.replace('\u202e', '\\u{202e}');
  expect(textsOf(xml, 'content')[0]).toContain(shown);
  expect(textsOf(xml, 'title')[1]).toBe(`${NAME} 1.0.0 was put under quarantine`);
  expect((await feed('?app=feed-hostile')).body.items[0].content_text).toContain(shown);
});

test('whoever has the feed already is told so, until something changes', async () => {
  await publish('feed-tags');
  const etag = (await feed('?app=feed-tags')).headers.get('etag') ?? '';
  expect((await feed('?app=feed-tags', { 'if-none-match': etag })).status).toBe(304);
  await setStatus('feed-tags', 'withdrawn', 'Gone.');
  expect((await feed('?app=feed-tags', { 'if-none-match': etag })).status).toBe(200);
});

test('what was published before there was a log stands there, once', async () => {
  await publish('feed-former');
  await gate.gate.database.query('ALTER TABLE audit_log DISABLE TRIGGER USER');
  await gate.gate.database.query(`DELETE FROM audit_log WHERE app_id = 'feed-former'`);
  await gate.gate.database.query('ALTER TABLE audit_log ENABLE TRIGGER USER');
  const { body } = await feed('?app=feed-former');
  expect(body.items.map((item: any) => item._portcullis.change)).toEqual(['published']);
});

test('an app that there is not has an empty feed, and what is no app id is refused', async () => {
  expect((await feed('?app=nobody-has-it')).body.items).toEqual([]);
  for (const app of ['../etc', '<x>', 'A', '%00abc', 'a%0d%0ab']) {
    expect((await feed(`?app=${encodeURIComponent(app)}`)).status).toBe(400);
  }
});

test('a hundred at most', async () => {
  await publish('feed-many');
  const statuses = ['quarantined', 'published'];
  for (let count = 0; count < 104; count += 1) await setStatus('feed-many', statuses[count % 2] ?? '', `No ${count}`);
  const { body } = await feed('?app=feed-many');
  expect(body.items).toHaveLength(100);
  expect(body.items[0].content_text).toContain('No 103');
});
