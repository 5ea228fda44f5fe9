import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePassphrase, readPassphrase } from '../../../src/authority/passphrase.js';
import type { PassphraseSource } from '../../../src/authority/passphrase.js';

let folder: string;
let warnings: string[];
const warn = (message: string): void => void warnings.push(message);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-passphrase-'));
  warnings = [];
});
afterEach(async () => rm(folder, { recursive: true }));

const source = (isChosen = false): PassphraseSource & { readonly file: string } => ({
  file: join(folder, 'data', 'passphrase'),
  isChosen,
});

async function write(content: string | Buffer, mode = 0o600): Promise<void> {
  await mkdir(join(folder, 'data'), { recursive: true });
  await writeFile(source().file, content);
  await chmod(source().file, mode);
}

test.each([
  ['as it stands', 'p w', 'p w'],
  ['without the line end that an editor puts there', 'p w\n', 'p w'],
  ['without that of Windows', 'p w\r\n', 'p w'],
  ['with everything else', ' p\nw \n\n', ' p\nw \n'],
  ['in any language', 'Öffne dich', 'Öffne dich'],
])('a passphrase is read from a file %s', async (_how, content, expected) => {
  await write(content);
  expect(await readPassphrase(source(), warn)).toBe(expected);
  expect(warnings).toEqual([]);
});

test('a passphrase of the environment is taken as it is', async () => {
  expect(await readPassphrase({ value: 'p w\n' })).toBe('p w\n');
});

test.each(['', '\n', 'x'.repeat(1_025), 'x'.repeat(100_000)])(
  'one that is empty or too long is refused',
  async (content) => {
    await write(content);
    await expect(readPassphrase(source())).rejects.toMatchObject({ name: 'AuthorityError' });
    await expect(ensurePassphrase(source())).rejects.toMatchObject({ name: 'AuthorityError' });
    if (content.length !== 1) {
      await expect(readPassphrase({ value: content })).rejects.toMatchObject({ name: 'AuthorityError' });
    }
  },
);

test('the longest one that openssl takes is taken', async () => {
  await write(`${'x'.repeat(1_024)}\r\n`);
  expect(await readPassphrase(source())).toBe('x'.repeat(1_024));
});

test('a file that others may read is warned of, without its content', async () => {
  await write('secret words', 0o640);
  expect(await readPassphrase(source(), warn)).toBe('secret words');
  expect(warnings).toEqual([expect.stringContaining(source().file)]);
  expect(warnings.join()).not.toContain('secret words');
});

test('where there is none, none is read; where one is needed, it is made once and for its owner only', async () => {
  expect(await readPassphrase(source())).toBeNull();
  const made = await Promise.all([1, 2, 3, 4, 5].map(() => ensurePassphrase(source(), warn)));
  expect(new Set(made).size).toBe(1);
  expect(Buffer.from(made[0] ?? '', 'base64url')).toHaveLength(32);
  expect(await readPassphrase(source(), warn)).toBe(made[0]);
  expect((await stat(source().file)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'data'))).toEqual(['passphrase']);
  expect(warnings).toEqual([]);
});

test('one that is there is not made again', async () => {
  await write('mine\n');
  expect(await ensurePassphrase(source())).toBe('mine');
  expect(await readFile(source().file, 'utf8')).toBe('mine\n');
});

test('a file that was chosen and is not there is an error, and is not made', async () => {
  await expect(readPassphrase(source(true))).rejects.toMatchObject({ name: 'AuthorityError' });
  await expect(ensurePassphrase(source(true))).rejects.toMatchObject({ name: 'AuthorityError' });
  expect(await readdir(folder)).toEqual([]);
});

test.each([true, false])('a folder in its place is an error', async (isChosen) => {
  await mkdir(source().file, { recursive: true });
  await expect(readPassphrase(source(isChosen))).rejects.toMatchObject({ name: 'AuthorityError' });
});
