import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, wordsOfError } from '../error-words.js';
import { PrivateKeyError, keyFingerprint, readPrivateKey } from '../pki/keys.js';
import { keySigner } from '../pki/signer.js';
import type { Signer } from '../pki/signer.js';
import { AuthorityError, files, readIfThere } from './authority-folder.js';
import { passphrasePlaces, passphraseSettings, readPassphrase } from './passphrase.js';
import type { PassphraseSource } from './passphrase.js';
import type { VaultTransit } from './vault-api.js';
import { openTransitSigner } from './vault-transit.js';

/** The settings that say where an authority's keys are; the gate's Config is one. */
export interface AuthorityKeySettings {
  readonly authorityDir: string;
  readonly authorityPassphrase: PassphraseSource;
  readonly vault: VaultTransit | null;
}

/** Where the keys of an authority come from: files, encrypted or not, or for the developers' tier a key service. */
export interface AuthorityKeys {
  /**
   * The signer of the developers' tier: of the key with this fingerprint (as in Certificate.publicKeyFingerprint), or
   * without one of the key that is in use. Null where this machine has no such key.
   *
   * @throws AuthorityError where there is one that can't be opened, in words for operators
   */
  signer(publicKeyFingerprint?: string | null): Promise<Signer | null>;
  /** The root's signer; null where its key is kept elsewhere. Throws as `signer`. */
  root(): Promise<Signer | null>;
}

/** Hears of a passphrase that others may read, and of a key that can't be used while another one can. */
type Warn = (message: string) => void;

/**
 * The keys of an authority. That of the developers' tier is in Vault where that is configured and has it, else in
 * `developers.key` or, where it is told by its fingerprint, in a file `developers-N.key` beside it: an earlier key goes
 * on signing revocation lists.
 *
 * A file is opened once, and again when it changes: deriving the key of an encrypted one takes a sixth of a second. A
 * key version of Vault never changes, so it is asked for once.
 */
export function createIssuingKeySource(settings: AuthorityKeySettings, warn?: Warn): AuthorityKeys {
  const { authorityDir } = settings;
  const fromVault = new Map<string, Signer>();
  const openFile = cachedKeyFiles(settings, warn);
  let told: ReadonlySet<string> = new Set();

  async function vaultSigner(fingerprint: string | null): Promise<Signer | null> {
    if (settings.vault === null) return null;
    const known = fingerprint === null ? undefined : fromVault.get(fingerprint);
    const signer = known ?? (await openTransitSigner(settings.vault, fingerprint));
    if (signer !== null) fromVault.set(keyFingerprint(signer.publicKey), signer);
    return signer;
  }

  /**
   * The key with a fingerprint, wherever it is. A place that can't be used keeps no other one from being tried, for what it is
   * tells the fingerprint; it is an error only where no place has the key.
   */
  async function signerOf(fingerprint: string): Promise<Signer | null> {
    const failures: string[] = [];
    const places = [async () => vaultSigner(fingerprint), ...(await developersKeyFiles(authorityDir)).map(fromFile)];
    for (const open of places) {
      const signer = await open().catch((error: unknown) => {
        failures.push(wordsOfError(error));
        return null;
      });
      if (signer === null || keyFingerprint(signer.publicKey) !== fingerprint) continue;
      tell(failures);
      return signer;
    }
    if (failures.length === 0) return null;
    throw new AuthorityError(`${failures.join('; ')}.`);
  }

  function fromFile(name: string): () => Promise<Signer | null> {
    return async () => openFile(name);
  }

  /** Each failure once, as long as it stays the same: keys are asked for every half a minute. */
  function tell(failures: readonly string[]): void {
    for (const each of failures.filter((one) => !told.has(one))) {
      warn?.(`a key can not be used, though another one can: ${each}`);
    }
    told = new Set(failures);
  }

  return {
    // Without a fingerprint the first place decides which key is in use: another one's would be another key.
    signer: async (fingerprint = null) =>
      fingerprint === null ? ((await vaultSigner(null)) ?? openFile(files.key('developers'))) : signerOf(fingerprint),
    root: () => openFile(files.key('root')),
  };
}

/** The files that may hold a key of the developers' tier, the one in use first. */
async function developersKeyFiles(authorityDir: string): Promise<readonly string[]> {
  const names = await readdir(authorityDir).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  });
  return [files.key('developers'), ...names.filter((name) => /^developers-\d+\.key$/.test(name)).sort()];
}

/** Opens a key file again whenever it is another one than last time. */
function cachedKeyFiles(settings: AuthorityKeySettings, warn?: Warn): (name: string) => Promise<Signer | null> {
  const opened = new Map<string, { readonly mark: string; readonly signer: Signer }>();
  return async (name) => {
    const file = join(settings.authorityDir, name);
    const mark = await markOf(file);
    const last = opened.get(name);
    if (mark !== null && mark === last?.mark) return last.signer;
    const signer = await openKeyFile(file, settings.authorityPassphrase, warn);
    if (mark === null || signer === null) opened.delete(name);
    else opened.set(name, { mark, signer });
    return signer;
  };
}

/** What changes with a file: null where it is not there. */
async function markOf(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    return [ino, size, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

async function openKeyFile(file: string, source: PassphraseSource, warn?: Warn): Promise<Signer | null> {
  const pem = await readIfThere(file);
  if (pem === null) return null;
  const passphrase = pem.includes('ENCRYPTED') ? await readPassphrase(source, warn) : null;
  try {
    return keySigner(readPrivateKey(pem, passphrase ?? undefined));
  } catch (error) {
    if (!(error instanceof PrivateKeyError)) throw error;
    const isMissing = pem.includes('ENCRYPTED') && passphrase === null;
    throw new AuthorityError(
      isMissing
        ? `${file} is encrypted, and there is no passphrase: set ${passphraseSettings}${defaultFile(source)}.`
        : `${file}: ${error.message} (${passphraseSettings})`,
    );
  }
}

function defaultFile(source: PassphraseSource): string {
  const places = passphrasePlaces(source);
  return places === null ? '' : `, or put back ${places.join(' or ')}`;
}
