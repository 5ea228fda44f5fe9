import { writeEncryptedPrivateKey } from '../../../src/pki/encrypted-private-key.js';
import { generateKeyPair, isSameKeyPair, readPrivateKey } from '../../../src/pki/keys.js';
import type { KeyKind } from '../../../src/pki/keys.js';
import { testWith } from '../../support/installed.js';
import { openssl } from '../../support/openssl.js';

const opensslTest = testWith('openssl');

describe.each<KeyKind>(['ec-p384', 'rsa-2048'])('an encrypted key of the kind %s', (kind) => {
  opensslTest('is opened by openssl and by us with its passphrase, and by nobody with another', async () => {
    const { privateKey } = await generateKeyPair(kind);
    const key = await writeEncryptedPrivateKey(privateKey, 'Sésam, öffne dich');
    expect(isSameKeyPair(readPrivateKey(key, 'Sésam, öffne dich'), privateKey)).toBe(true);
    const plain = await openssl(['pkey', '-in', 'key', '-passin', 'file:pass'], { key, pass: 'Sésam, öffne dich\n' });
    expect(isSameKeyPair(readPrivateKey(plain.output), privateKey)).toBe(true);
    expect((await openssl(['pkey', '-in', 'key', '-passin', 'pass:another'], { key })).status).not.toBe(0);
    for (const wrong of ['another', undefined]) {
      expect(() => readPrivateKey(key, wrong)).toThrow(expect.objectContaining({ name: 'PrivateKeyError' }));
    }
  });
});

test('the same key under the same passphrase looks different each time', async () => {
  const { privateKey } = await generateKeyPair();
  const [first, second] = await Promise.all([1, 2].map(() => writeEncryptedPrivateKey(privateKey, 'same')));
  expect(first).not.toBe(second);
});

test('an empty passphrase protects nothing, and is refused', async () => {
  const { privateKey } = await generateKeyPair();
  await expect(writeEncryptedPrivateKey(privateKey, '')).rejects.toThrow(RangeError);
});
