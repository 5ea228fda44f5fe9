import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codesOf, request, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { writeAppFolder } from '../support/app-folder.js';
import { startBuiltGate, type BuiltGate } from '../support/built-gate.js';

let gate: BuiltGate;

beforeAll(async () => {
  gate = await startBuiltGate();
});

afterAll(async () => gate.remove());

/** A new certificate for the app, by the gate's own authority or the one in the folder `ca`. */
async function issue(id: string, name: string = id, ca?: string): Promise<void> {
  const authority = ca === undefined ? [] : ['--ca', ca];
  await gate.succeed(['ca', 'issue', '--app-id', id, '--new-key', `${name}.key`, '--out', `${name}.crt`, ...authority]);
}

/** A signed app, as an archive. */
async function build(id: string, version: string, name: string = id): Promise<Buffer> {
  const folder = `${id}-${version}`;
  await writeAppFolder(gate.path(folder), { id, version });
  await gate.succeed(['sign', '--path', folder, '--key', `${name}.key`, '--cert', `${name}.crt`]);
  await gate.succeed(['pack', folder]);
  return readFile(gate.path(`${folder}.zip`));
}

async function send(id: string, archive: Buffer): Promise<ApiAnswer> {
  return upload(gate.url, await gate.operatorToken(), id, archive);
}

test('a revoked certificate signs nothing new from the very next upload on; a new one does', async () => {
  await issue('calendar');
  const [first, second] = [await build('calendar', '1.0.0'), await build('calendar', '1.1.0')];
  expect((await send('calendar', first)).status).toBe(201);

  await gate.succeed(['ca', 'revoke', 'calendar.crt', '--reason', 'keyCompromise']);
  const refused = await send('calendar', second);
  expect(refused.status).toBe(422);
  expect(codesOf(refused)).toContain('REVOKED');
  // What was published stays, and the same bytes are no new release under a revoked certificate either.
  expect((await request(`${gate.url}/api/v1/apps/calendar/releases/1.0.0`)).body).toMatchObject({
    status: 'published',
  });
  expect((await send('calendar', first)).status).not.toBe(201);

  await issue('calendar', 'renewed');
  expect((await send('calendar', await build('calendar', '1.1.0', 'renewed'))).status).toBe(201);
});

test('the serial that openssl prints revokes as well', async () => {
  await issue('contacts');
  const { out } = await gate.succeed(['verify', await folderOf('contacts'), '--signed', '--json']);
  const { signature } = JSON.parse(out) as { signature: { signer: { serial: string } } };
  await gate.succeed(['ca', 'revoke', signature.signer.serial.toLowerCase()]);
  expect((await gate.run(['verify', 'contacts-1.0.0', '--signed'])).exit).toBe(1);
  expect((await gate.run(['ca', 'revoke', '0102030405'])).exit).toBe(1);
});

async function folderOf(id: string): Promise<string> {
  await build(id, '1.0.0');
  return `${id}-1.0.0`;
}

// Of its own authority the gate has the ledger, and needs no list.
describe('where the revocation list of an outside authority is not to be had', () => {
  let archive: Buffer;
  let list: string;

  beforeAll(async () => {
    await gate.succeed(['ca', 'init', '--out', 'outside', '--trust', 'outside-trust', '--name', 'Outside']);
    const trust = join(gate.dataDir, 'trust');
    const files = { roots: 'root.crt', intermediates: 'developers.crt', crl: 'developers.crl' };
    for (const [part, name] of Object.entries(files)) {
      await copyFile(gate.path('outside-trust', part, `portcullis-${name}`), join(trust, part, `outside-${name}`));
    }
    await copyFile(gate.path('outside-trust', 'crl', 'portcullis-root.crl'), join(trust, 'crl', 'outside-root.crl'));
    await issue('gallery', 'gallery', 'outside');
    archive = await build('gallery', '1.0.0');
    list = join(trust, 'crl', 'outside-developers.crl');
  });

  /** Does something while the list is away, and puts it back. */
  async function withoutList<T>(work: () => Promise<T>): Promise<T> {
    await rename(list, `${list}.away`);
    try {
      return await work();
    } finally {
      await rename(`${list}.away`, list);
    }
  }

  async function expectNothingRecorded(id: string): Promise<void> {
    const token = await gate.operatorToken();
    expect((await request(`${gate.url}/api/v1/apps/${id}`)).status).toBe(404);
    const { body } = await request(`${gate.url}/api/v1/apps/${id}/submissions`, { token });
    expect(body.submissions ?? []).toEqual([]);
  }

  test('a signed upload is told to come back, and nothing of it is recorded; then it is accepted', async () => {
    const answer = await withoutList(async () => send('gallery', archive));
    expect(answer).toMatchObject({ status: 503, body: { code: 'CRL_UNAVAILABLE' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectNothingRecorded('gallery');
    expect((await send('gallery', archive)).status).toBe(201);
  });

  test('an upload that is wrong in other ways too is refused for those', async () => {
    await issue('tampered', 'tampered', 'outside');
    const wrong = await build('tampered', '1.0.0');
    await writeFile(gate.path('tampered-1.0.0', 'js', 'script.js'), 'steal();');
    await gate.succeed(['pack', 'tampered-1.0.0']);
    const tampered = await readFile(gate.path('tampered-1.0.0.zip'));
    expect(tampered).not.toEqual(wrong);
    const answer = await withoutList(async () => send('tampered', tampered));
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toContain('INVALID_HASH');
  });

  test('an unsigned upload needs none', async () => {
    const unsigned = await appArchive({ id: 'unsigned' });
    expect((await withoutList(async () => send('unsigned', unsigned))).status).toBe(201);
  });

  test('a list that is damaged refuses uploads, records nothing, and shows at /readyz', async () => {
    const good = await readFile(list);
    await issue('damaged', 'damaged', 'outside');
    const signed = await build('damaged', '1.0.0');
    await writeFile(list, good.subarray(0, good.length >> 1));
    try {
      expect((await send('damaged', signed)).status).toBeGreaterThanOrEqual(500);
      expect((await request(`${gate.url}/readyz`)).status).toBe(503);
    } finally {
      await writeFile(list, good);
    }
    await expectNothingRecorded('damaged');
    expect((await request(`${gate.url}/readyz`)).status).toBe(200);
    expect((await send('damaged', signed)).status).toBe(201);
  });
});
