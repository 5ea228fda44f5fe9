import { listLiveCertificates } from '../database/certificates.js';
import type { Transaction } from '../database/connect.js';
import type { SigningRequestRow } from '../database/signing-requests.js';

/**
 * Serials of the certificates that a request says are lost, as it is at this moment: those that it names, or where it names
 * none all of the app that count now, be they issued after it was asked for. One that was intended and perhaps never issued
 * is among them: if it is out there, it is lost as well. What is issued for the request itself is not.
 *
 * The caller holds the authority's lock and the app's, so that it stays so until the transaction ends.
 */
export async function listLost(
  tx: Transaction,
  { id, appId, purpose, replaces }: Pick<SigningRequestRow, 'id' | 'appId' | 'purpose' | 'replaces'>,
  at: Date,
): Promise<readonly string[]> {
  if (!isAllLost({ purpose, replaces })) return replaces;
  const live = await listLiveCertificates(tx, appId, at);
  return live.filter(({ requestId }) => requestId !== id).map(({ serial }) => serial);
}

/** Whether a request says that every certificate of its app is lost. */
export function isAllLost({ purpose, replaces }: Pick<SigningRequestRow, 'purpose' | 'replaces'>): boolean {
  return purpose === 'lost' && replaces.length === 0;
}
