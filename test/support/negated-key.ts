import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyPair } from '../../src/pki/keys.js';

/** The order of the group of P-384 (SP 800-186 §3.2.1.4). */
const ORDER = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);

/** The other key that whoever has a key on P-384 has as well: with the private key n - d, whose point is -Q. */
export function negatedKeys({ privateKey }: KeyPair): KeyPair {
  const { d = '' } = privateKey.export({ format: 'jwk' });
  const negated = ORDER - BigInt(`0x${Buffer.from(d, 'base64url').toString('hex')}`);
  const octets = Buffer.from(negated.toString(16).padStart(96, '0'), 'hex');
  const ecdh = createECDH('secp384r1');
  ecdh.setPrivateKey(octets);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 49), point.subarray(49)].map((part) => part.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-384', x: x ?? '', y: y ?? '', d: octets.toString('base64url') };
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  return { privateKey: key, publicKey: createPublicKey(key) };
}
