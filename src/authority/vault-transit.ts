import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { keyFingerprint } from '../pki/keys.js';
import type { Signer, SigningHash } from '../pki/signer.js';
import { AuthorityError } from './authority-folder.js';
import { askVault, isRecord } from './vault-api.js';
import type { VaultTransit } from './vault-api.js';

const hashNames: Readonly<Record<SigningHash, string>> = { sha256: 'sha2-256', sha384: 'sha2-384', sha512: 'sha2-512' };

/**
 * A signer over a key of HashiCorp Vault's Transit engine (its HTTP API: "Read Key" and "Sign Data"). It is pinned to
 * one version of the key: whoever rotates the key in Vault makes another key of it, which needs a certificate of its
 * own.
 *
 * @param publicKeyFingerprint of the key that is wanted, as in Certificate.publicKeyFingerprint; null for the newest
 *   version
 * @returns null where no version of the key is the one that is wanted
 * @throws AuthorityError where Vault can't be asked, or the key is not there or of no use for issuing
 */
export async function openTransitSigner(
  vault: VaultTransit,
  publicKeyFingerprint: string | null,
  deadlineMs?: number,
): Promise<Signer | null> {
  const { transitMount, transitKey } = vault;
  const key = `${transitMount}/${transitKey}`;
  const data = await askVault(vault, `${transitMount}/keys/${transitKey}`, null, deadlineMs);
  if (data === null) throw new AuthorityError(`There is no key ${key} in Vault at ${vault.address}.`);
  const versions = readVersions(data, key);
  const latest = isRecord(data) ? data['latest_version'] : null;
  const found = versions.find(({ version, fingerprint }) =>
    publicKeyFingerprint === null ? version === latest : fingerprint === publicKeyFingerprint,
  );
  if (found === undefined) {
    if (publicKeyFingerprint !== null) return null;
    throw new AuthorityError(`Vault does not say which version of ${key} is the newest.`);
  }
  requireIssuingKey(found.publicKey, key);
  const { publicKey, version } = found;
  return {
    publicKey,
    sign: async (hash, message) => signWith(vault, { publicKey, version }, hash, message, deadlineMs),
  };
}

interface KeyVersion {
  readonly version: number;
  readonly publicKey: KeyObject;
  readonly fingerprint: string;
}

async function signWith(
  vault: VaultTransit,
  { publicKey, version }: Pick<KeyVersion, 'version' | 'publicKey'>,
  hash: SigningHash,
  message: Buffer,
  deadlineMs?: number,
): Promise<Buffer> {
  const { transitMount, transitKey } = vault;
  const answer = await askVault(
    vault,
    `${transitMount}/sign/${transitKey}/${hashNames[hash]}`,
    {
      input: message.toString('base64'),
      key_version: version,
      // Vault's own default for RSA is PSS, which our certificates are not signed with.
      ...(publicKey.asymmetricKeyType === 'rsa'
        ? { signature_algorithm: 'pkcs1v15' }
        : { marshaling_algorithm: 'asn1' }),
    },
    deadlineMs,
  );
  const signature = readSignature(answer, version);
  // Before anybody else can: what another key, another algorithm or a fault in a machine made must not get out.
  if (signature === null || !verify(hash, message, publicKey, signature)) {
    throw new AuthorityError(
      `What Vault at ${vault.address} gave is no signature by version ${version} of ${transitKey}.`,
    );
  }
  return signature;
}

/** `vault:v3:BASE64`; null for anything else, a signature by another version of the key among it. */
function readSignature(answer: unknown, version: number): Buffer | null {
  const text: unknown = isRecord(answer) ? answer['signature'] : null;
  if (typeof text !== 'string') return null;
  const match = /^vault:v(\d{1,9}):([A-Za-z0-9+/]{8,2048}={0,2})$/.exec(text);
  return match?.[2] !== undefined && Number(match[1]) === version ? Buffer.from(match[2], 'base64') : null;
}

function readVersions(data: unknown, key: string): readonly KeyVersion[] {
  const keys: unknown = isRecord(data) ? data['keys'] : null;
  if (!isRecord(keys)) throw new AuthorityError(`What Vault says of the key ${key} can not be read.`);
  return Object.entries(keys).map(([version, entry]) => {
    const pem: unknown = isRecord(entry) ? entry['public_key'] : null;
    // A symmetric key has the time of its making in this place, an ed25519 key no PEM.
    if (typeof pem !== 'string' || !/^[1-9]\d{0,8}$/.test(version)) throw unsuitable(key);
    const publicKey = readPublicKey(pem, key);
    const fingerprint = keyFingerprint(publicKey);
    return { version: Number(version), publicKey, fingerprint };
  });
}

function readPublicKey(pem: string, key: string): KeyObject {
  try {
    return createPublicKey({ key: pem, format: 'pem', type: 'spki' });
  } catch {
    throw unsuitable(key);
  }
}

function requireIssuingKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, key: string): void {
  const isP384 = asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'secp384r1';
  if (!isP384 && asymmetricKeyType !== 'rsa') throw unsuitable(key);
}

function unsuitable(key: string): AuthorityError {
  return new AuthorityError(`The key ${key} in Vault can not issue: it must be of the type ecdsa-p384 or rsa-*.`);
}
