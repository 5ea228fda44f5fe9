import { watchArchives, type ArchiveSweep, type ArchiveWatchParts } from './watch-archives.js';
import { watchSigners, type SignerSweep, type SignerWatchParts } from './watch-signers.js';

/** A whole sweep. */
export interface StandingSweep {
  readonly signers: SignerSweep;
  readonly archives: ArchiveSweep;
}

/**
 * Looks at everything that is published, now, whosever turn it is: every signer by the trust of this moment, every stored archive
 * to its end.
 *
 * @param options.despiteMany acts also where so much is lost that the storage may be out of reach, or the trust folder a wrong one
 * @throws TrustError where the trust can't be read
 */
export async function sweepStanding(
  parts: SignerWatchParts & ArchiveWatchParts,
  options: { readonly despiteMany?: boolean } = {},
): Promise<StandingSweep> {
  const signers = await watchSigners(parts, { ...options, everything: true });
  const archives = await watchArchives(parts, { ...options, everything: true });
  // Null is for who doesn't wait; both did.
  if (signers === null || archives === null) throw new Error('The standing watch was not done');
  return { signers, archives };
}
