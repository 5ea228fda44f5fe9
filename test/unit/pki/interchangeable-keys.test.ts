import { generateKeyPairSync } from 'node:crypto';
import { interchangeableKeys } from '../../../src/pki/interchangeable-keys.js';
import { keyFingerprint } from '../../../src/pki/keys.js';
import { negatedKeys } from '../../support/negated-key.js';
import { testKeys } from '../../support/test-authority.js';

test('a key on P-384 and its negative are interchangeable, whichever of them is there', () => {
  for (let round = 0; round < 20; round += 1) {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const negated = negatedKeys(keys);
    const [own, other] = [keys, negated].map(({ publicKey }) => keyFingerprint(publicKey));
    expect(own).not.toBe(other);
    expect(interchangeableKeys(keys.publicKey)).toEqual([own, other]);
    expect(interchangeableKeys(negated.publicKey)).toEqual([other, own]);
  }
});

test('an RSA key stands for itself', () => {
  const { publicKey } = testKeys('rsa-2048');
  expect(interchangeableKeys(publicKey)).toEqual([keyFingerprint(publicKey)]);
});
