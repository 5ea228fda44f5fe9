import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePassphrase, passphraseBeside, readPassphrase } from '../../../src/authority/passphrase.js';
import type { PassphraseSource } from '../../../src/authority/passphrase.js';
import { writeEncryptedPrivateKey } from '../../../src/pki/encrypted-private-key.js';
import { generateKeyPair, isSameKeyPair, PrivateKeyError, readPrivateKey } from '../../../src/pki/keys.js';
import { testWith } from '../../support/installed.js';
import { openssl } from '../../support/openssl.js';

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
  ['with its spaces', ' p w ', ' p w '],
  ['in any language', 'Öffne dich', 'Öffne dich'],
])('a passphrase is read from a file %s', async (_how, content, expected) => {
  await write(content);
  expect(await readPassphrase(source(), warn)).toEqual(Buffer.from(expected));
  expect(warnings).toEqual([]);
});

test.each(['two\nlines', 'two ends\n\n', 'of Windows\r\n', 'a\rb', 'zero\0byte'])(
  'one that openssl would read in another way is refused: %j',
  async (content) => {
    await write(content);
    await expect(readPassphrase(source())).rejects.toMatchObject({ name: 'AuthorityError' });
  },
);

testWith('openssl')('bytes that are no text are kept apart, and openssl opens with the same file', async () => {
  const { privateKey } = await generateKeyPair();
  for (const length of [9, 1_023]) {
    await write(Buffer.concat([Buffer.alloc(length, 0xff), Buffer.from('\n')]));
    const passphrase = await ensurePassphrase(source());
    const key = await writeEncryptedPrivateKey(privateKey, passphrase);
    expect(isSameKeyPair(readPrivateKey(key, passphrase), privateKey)).toBe(true);
    const words = ['pkey', '-in', 'key', '-passin', `file:${source().file}`, '-noout'];
    expect(await openssl(words, { key })).toMatchObject({ status: 0 });
    await write(Buffer.alloc(length, 0xfe));
    const other = await readPassphrase(source());
    expect(() => readPrivateKey(key, other ?? undefined)).toThrow(PrivateKeyError);
    expect((await openssl(words, { key })).status).not.toBe(0);
  }
});

test('a passphrase of the environment is taken as it is, and refused where its bytes were lost', async () => {
  expect(await readPassphrase({ value: 'p w\n' })).toEqual(Buffer.from('p w\n'));
  await expect(readPassphrase({ value: 'secret\uFFFD\uFFFD' })).rejects.toMatchObject({ name: 'AuthorityError' });
});

test('one that is too short opens a key, but none is encrypted with it', async () => {
  for (const [short, enough] of [
    ['seven77', 'eight888'],
    ['öffnens', 'öffnensü'],
  ] as const) {
    await write(short);
    expect(await readPassphrase(source())).toEqual(Buffer.from(short));
    await expect(ensurePassphrase(source())).rejects.toMatchObject({ name: 'AuthorityError' });
    await expect(ensurePassphrase({ value: short })).rejects.toMatchObject({ name: 'AuthorityError' });
    expect(await ensurePassphrase({ value: enough })).toEqual(Buffer.from(enough));
  }
});

test('the default one is looked for beside an authority that was named, and first there', async () => {
  const beside = passphraseBeside(source(), join(folder, 'stick', 'authority'));
  await write('of the data folder');
  expect(await readPassphrase(beside)).toEqual(Buffer.from('of the data folder'));
  await mkdir(join(folder, 'stick'));
  await writeFile(join(folder, 'stick', 'passphrase'), 'of the stick\n', { mode: 0o600 });
  expect(await readPassphrase(beside)).toEqual(Buffer.from('of the stick'));
  const chosen = passphraseBeside(source(true), join(folder, 'stick', 'authority'));
  expect(await readPassphrase(chosen)).toEqual(Buffer.from('of the data folder'));
});

testWith('mkfifo')('a pipe is refused, and not waited for', async () => {
  await mkdir(join(folder, 'data'));
  execFileSync('mkfifo', [source().file]);
  await expect(readPassphrase(source())).rejects.toMatchObject({ name: 'AuthorityError' });
});

test.each(['', '\n', 'x'.repeat(1_024), 'x'.repeat(100_000)])(
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
  await write(`${'x'.repeat(1_023)}\n`);
  expect(await readPassphrase(source())).toEqual(Buffer.from('x'.repeat(1_023)));
});

test('a file that others may read is warned of, without its content', async () => {
  await write('secret words', 0o640);
  expect(await readPassphrase(source(), warn)).toEqual(Buffer.from('secret words'));
  expect(warnings).toEqual([expect.stringContaining(source().file)]);
  expect(warnings.join()).not.toContain('secret words');
});

test('where there is none, none is read; where one is needed, it is made once and for its owner only', async () => {
  expect(await readPassphrase(source())).toBeNull();
  const made = await Promise.all([1, 2, 3, 4, 5].map(() => ensurePassphrase(source(), warn)));
  expect(new Set(made.map(String)).size).toBe(1);
  expect(Buffer.from(String(made[0]), 'base64url')).toHaveLength(32);
  expect(await readPassphrase(source(), warn)).toEqual(made[0]);
  expect((await stat(source().file)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'data'))).toEqual(['passphrase']);
  expect(warnings).toEqual([]);
});

test('one that is there is not made again', async () => {
  await write('mine and nobody else’s\n');
  expect(await ensurePassphrase(source())).toEqual(Buffer.from('mine and nobody else’s'));
  expect(await readFile(source().file, 'utf8')).toBe('mine and nobody else’s\n');
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
