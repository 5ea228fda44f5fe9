import { createHash, type KeyObject } from 'node:crypto';
import { issueAppCertificate, type CertificateChain } from '../authority/issue-certificate.js';
import { requireGoodRequest } from '../authority/judge-signing-request.js';
import { isKeyOfAnother, requireSafeKey } from '../authority/key-reuse.js';
import type { Transaction } from '../database/connect.js';
import type { Arguments, ExitCode, Terminal } from './command.js';
import { onStoreAuthority } from './store-authority.js';

/** A certificate that an operator wants from the store's own authority. */
export interface StoreOrder {
  readonly appId: string;
  readonly days: number | null;
  /** A signing request, or a key that was just made. */
  readonly key: { readonly csr: Buffer } | { readonly publicKey: KeyObject };
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
  return onStoreAuthority(args, terminal, async ({ parts, account }) => {
    const publicKey = 'csr' in key ? requireGoodRequest(key.csr, appId).publicKey : key.publicKey;
    const keyUse = { appId, publicKey: fingerprintOf(publicKey), replaces: [], compromisedSince: null };
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

/** As in Certificate.publicKeyFingerprint. */
function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
