import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIssuingKeySource } from '../../../src/authority/issuing-key.js';
import type { AuthorityKeys } from '../../../src/authority/issuing-key.js';
import { writeEncryptedPrivateKey } from '../../../src/pki/encrypted-private-key.js';
import { generateKeyPair, keyFingerprint, writePrivateKey } from '../../../src/pki/keys.js';
import type { KeyPair } from '../../../src/pki/keys.js';
import type { Signer } from '../../../src/pki/signer.js';

let folder: string;
let one: KeyPair;
let other: KeyPair;

beforeAll(async () => {
  [one, other] = await Promise.all([generateKeyPair(), generateKeyPair()]);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-issuing-key-'));
});
afterEach(async () => rm(folder, { recursive: true }));

const place = (name: string): string => join(folder, name);
const keysWith = (value: string): AuthorityKeys =>
  createIssuingKeySource({ authorityDir: folder, authorityPassphrase: { value }, vault: null });
const isOf = (signer: Signer | null, pair: KeyPair): boolean => signer?.publicKey.equals(pair.publicKey) === true;
const write = async (name: string, pair: KeyPair): Promise<void> =>
  writeFile(place(name), await writeEncryptedPrivateKey(pair.privateKey, 'right'));

test('there is none where there is no file, and no folder', async () => {
  expect(await keysWith('right').signer()).toBeNull();
  expect(await keysWith('right').root()).toBeNull();
  const nowhere = { authorityDir: place('no/where'), authorityPassphrase: { value: 'right' }, vault: null };
  expect(await createIssuingKeySource(nowhere).signer(keyFingerprint(one.publicKey))).toBeNull();
});

test('an encrypted file is opened with its passphrase, and not with another', async () => {
  await write('developers.key', one);
  expect(isOf(await keysWith('right').signer(), one)).toBe(true);
  const error = await keysWith('wrong secret')
    .signer()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'AuthorityError' });
  expect(String(error)).toContain('AUTHORITY_PASSPHRASE');
  expect(String(error)).not.toContain('wrong secret');
});

test('a plain file is opened without any passphrase', async () => {
  await writeFile(place('developers.key'), writePrivateKey(one.privateKey));
  const missing = { file: place('nowhere'), isChosen: true };
  const keys = createIssuingKeySource({ authorityDir: folder, authorityPassphrase: missing, vault: null });
  expect(isOf(await keys.signer(), one)).toBe(true);
});

test('what is no key is an error, which does not quote it', async () => {
  await writeFile(place('developers.key'), 'ENCRYPTED words of a secret');
  const error = await keysWith('right')
    .signer()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'AuthorityError' });
  expect(String(error)).not.toContain('words of a secret');
});

test('another file in its place is noticed, and so is none', async () => {
  const keys = keysWith('right');
  await write('developers.key', one);
  expect(isOf(await keys.signer(), one)).toBe(true);
  await write('next', other);
  await rename(place('next'), place('developers.key'));
  expect(isOf(await keys.signer(), other)).toBe(true);
  await rm(place('developers.key'));
  expect(await keys.signer()).toBeNull();
});

test('an earlier key beside the one in use is found by its fingerprint', async () => {
  await write('developers.key', one);
  await write('developers-1.key', other);
  const keys = keysWith('right');
  expect(isOf(await keys.signer(), one)).toBe(true);
  expect(isOf(await keys.signer(keyFingerprint(one.publicKey)), one)).toBe(true);
  expect(isOf(await keys.signer(keyFingerprint(other.publicKey)), other)).toBe(true);
  await rm(place('developers-1.key'));
  expect(await keys.signer(keyFingerprint(other.publicKey))).toBeNull();
});

test('the root’s key and the developers’ are not mistaken for each other', async () => {
  await write('root.key', one);
  const keys = keysWith('right');
  expect(isOf(await keys.root(), one)).toBe(true);
  expect(await keys.signer()).toBeNull();
  expect(await keys.signer(keyFingerprint(one.publicKey))).toBeNull();
});

test('a file of another passphrase hides no key that can be opened, and is told of once', async () => {
  await writeFile(place('developers.key'), await writeEncryptedPrivateKey(one.privateKey, 'of another'));
  await write('developers-2.key', other);
  const told: string[] = [];
  const settings = { authorityDir: folder, authorityPassphrase: { value: 'right' }, vault: null };
  const keys = createIssuingKeySource(settings, (message) => told.push(message));
  for (let times = 0; times < 2; times++) {
    expect(isOf(await keys.signer(keyFingerprint(other.publicKey)), other)).toBe(true);
  }
  expect(told).toEqual([expect.stringContaining('developers.key')]);
  await expect(keys.signer(keyFingerprint(one.publicKey))).rejects.toMatchObject({ name: 'AuthorityError' });
  // Which key is in use is not told by which one can be opened.
  await expect(keys.signer()).rejects.toMatchObject({ name: 'AuthorityError' });
});

test('a Vault that can not be asked hides no key in a file, where it is told by its fingerprint', async () => {
  await write('developers.key', one);
  const vault = {
    address: 'http://127.0.0.1:1',
    token: { file: place('no-token') },
    namespace: null,
    transitMount: 'transit',
    transitKey: 'store',
  };
  const keys = createIssuingKeySource({ authorityDir: folder, authorityPassphrase: { value: 'right' }, vault });
  expect(isOf(await keys.signer(keyFingerprint(one.publicKey)), one)).toBe(true);
  await expect(keys.signer()).rejects.toMatchObject({ name: 'AuthorityError' });
  await expect(keys.signer(keyFingerprint(other.publicKey))).rejects.toMatchObject({ name: 'AuthorityError' });
});
