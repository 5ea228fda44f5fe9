import type { KeyObject } from 'node:crypto';
import { issueAppCertificate, type CertificateChain } from '../authority/issue-certificate.js';
import { requireGoodRequest } from '../authority/judge-signing-request.js';
import { isKeyOfAnother, requireSafeKey } from '../authority/key-reuse.js';
import { openIssuer } from '../authority/store-authority.js';
import type { Transaction } from '../database/connect.js';
import { interchangeableKeys } from '../pki/interchangeable-keys.js';
import { RequestError } from '../request-error.js';
import type { Arguments, ExitCode, Terminal } from './command.js';
import { onStoreAuthority } from './store-authority.js';

/** A certificate that an operator wants from the store's own authority. */
export interface StoreOrder {
  readonly appId: string;
  readonly days: number | null;
  /** A signing request; or a key that is opened, or made, only once the authority's own key is to be had. */
  readonly key: { readonly csr: Buffer; readonly file: string } | { readonly open: () => Promise<KeyObject> };
}

/**
 * `ca issue` where the ledger is the store's: the same as a request that is granted, but for asking whose app and key it is.
 *
 * @param deliver is given what was issued, and writes it
 * @returns 1 where the request or its key is refused, which is said
 * @throws CommandError where the store, its authority or its key is not to be had
 */
export async function issueInStore(
  args: Arguments,
  terminal: Terminal,
  { appId, days, key }: StoreOrder,
  deliver: (issued: CertificateChain) => Promise<void>,
): Promise<ExitCode> {
  return onStoreAuthority(args, terminal, async ({ parts, account, config }) => {
    await openIssuer(parts);
    if (config.reservedAppIds.has(appId)) {
      terminal.err(`Warning: the app id "${appId}" is reserved by this store; developers are given none for it.\n`);
    }
    const publicKey = 'csr' in key ? await readRequestKey(key, appId) : await key.open();
    const keyUse = { appId, publicKeys: interchangeableKeys(publicKey), replaces: [], compromisedSince: null };
    const order = { appId, publicKey, days, requestId: null, contact: null, account };
    let isShared = false;
    const onIntent = async (tx: Transaction): Promise<void> => {
      await requireSafeKey(tx, keyUse);
      isShared = await isKeyOfAnother(tx, keyUse);
    };
    await deliver(await issueAppCertificate(parts, order, { onIntent }));
    // Of developers it would be refused: one of them could have taken the other's public key for theirs.
    if (isShared) terminal.err('Warning: this key is in use for another app too; who has it signs both.\n');
    return 0;
  });
}

/** The key of a request that may be granted. @throws RequestError that names the file */
async function readRequestKey(
  { csr, file }: { readonly csr: Buffer; readonly file: string },
  appId: string,
): Promise<KeyObject> {
  try {
    return (await requireGoodRequest(csr, appId)).publicKey;
  } catch (error) {
    throw error instanceof RequestError
      ? new RequestError(error.code, `${file}: ${error.message}`, error.extra)
      : error;
  }
}
