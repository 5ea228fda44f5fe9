import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createFolderStore } from '../../../src/storage/folder-store.js';

const content = 'an archive, for once';
const digest = createHash('sha256').update(content).digest('hex');

let folder: string;
let temporary: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-store-'));
  temporary = join(folder, 'upload');
  await writeFile(temporary, content);
});
afterEach(() => rm(folder, { recursive: true }));

const storeIn = (name: string) => createFolderStore(join(folder, name));

test('what is kept can be read, whole and in part', async () => {
  const store = storeIn('archives');
  await store.keep(temporary, digest);
  expect(await text((await store.open(digest)) ?? Readable.from([]))).toBe(content);
  expect(await text((await store.open(digest, { start: 3, end: 9 })) ?? Readable.from([]))).toBe('archive');
});

test('keeping the same again, from the same file or another, leaves one file', async () => {
  const store = storeIn('archives');
  for (let time = 0; time < 3; time++) await store.keep(temporary, digest);
  await writeFile(`${temporary}-2`, content);
  await store.keep(`${temporary}-2`, digest);
  expect(await readdir(join(folder, 'archives', digest.slice(0, 2)))).toEqual([`${digest.slice(2)}.zip`]);
});

test('keeping again mends a copy that was damaged', async () => {
  const store = storeIn('archives');
  await store.keep(temporary, digest);
  const file = join(folder, 'archives', digest.slice(0, 2), `${digest.slice(2)}.zip`);
  await rm(file);
  await writeFile(file, 'damaged');
  await store.keep(temporary, digest);
  expect(await readFile(file, 'utf8')).toBe(content);
});

test('what is not there is null, and a name that is no digest never reaches the disk', async () => {
  const store = storeIn('archives');
  expect(await store.open('0'.repeat(64))).toBeNull();
  await expect(store.open('../../etc/passwd')).rejects.toThrow('Not a SHA-256');
});

test('the check makes the folder, and rejects where a file is in its place', async () => {
  await storeIn('archives').check();
  await expect(createFolderStore(temporary).check()).rejects.toThrow();
});
