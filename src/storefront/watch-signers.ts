import { ADVISORY_LOCK, holdingAdvisoryLock, withFreeAdvisoryLock } from '../database/advisory-locks.js';
import {
  keepSignerChain,
  listDueSigners,
  listSigners,
  noteSignerJudged,
  type SignerChainRow,
} from '../database/signer-chains.js';
import { listWatchedReleases, noteSignerLooks } from '../database/standing-looks.js';
import { wordsOfError } from '../error-words.js';
import type { Gate } from '../gate.js';
import type { Trust } from '../pki/trust.js';
import type { StandingLooks } from '../policy/standing.js';
import { judgeSigner, signerCodes, standingTrustId } from './judge-signer.js';
import { joinOutcomes, keepStanding, type StandingOutcome, type StandingParts } from './keep-standing.js';
import { readSignerChain, type ChainParts } from './signer-chain.js';

/** What judging signers again needs of the gate. */
export type SignerWatchParts = StandingParts & ChainParts & Pick<Gate, 'trust'>;

/** What came of judging signers. */
export interface SignerSweep extends StandingOutcome {
  /** How many signers were judged. */
  readonly judged: number;
  /** Of how many nobody could tell, in part or at all. */
  readonly untold: number;
}

const PAGE = 50;
/** Of one call on a timer, so that it ends. */
const MAX_PER_CALL = 5_000;
const HOUR_MS = 60 * 60 * 1000;
const AGAIN_MS = 24 * HOUR_MS;
/** What could not be told is asked again sooner. */
const UNTOLD_AGAIN_MS = HOUR_MS / 4;

/**
 * Judges the signers of what is published again: those whose turn it is, which is once a day and whenever the trust has changed.
 * Of several gates on one database one does it.
 *
 * @param everything all of them, whosever turn it is, after whoever is at it now
 * @returns null where another gate is at it
 * @throws TrustError where the trust can't be read: then nobody is judged
 */
export async function watchSigners(
  parts: SignerWatchParts,
  { everything = false }: { readonly everything?: boolean } = {},
): Promise<SignerSweep | null> {
  const hold = everything ? holdingAdvisoryLock : withFreeAdvisoryLock;
  return hold<SignerSweep | null>(parts.database, ADVISORY_LOCK.standingSigners, () => sweep(parts, everything));
}

async function sweep(parts: SignerWatchParts, everything: boolean): Promise<SignerSweep> {
  const { database, now } = parts;
  const trust = await parts.trust.current();
  const trustId = standingTrustId(trust, now());
  const outcomes: StandingOutcome[] = [];
  let [judged, untold, after] = [0, 0, ''];
  while (everything || judged < MAX_PER_CALL) {
    const page = everything
      ? await listSigners(database, { after, limit: PAGE })
      : await listDueSigners(database, { trust: trustId, at: now(), limit: PAGE });
    for (const signer of page) {
      const { outcome, isTold } = await judgeAgain(parts, signer, trust, trustId);
      outcomes.push(outcome);
      judged += 1;
      if (!isTold) untold += 1;
    }
    after = page.at(-1)?.fingerprint ?? after;
    if (page.length < PAGE) break;
  }
  return { judged, untold, ...joinOutcomes(outcomes) };
}

async function judgeAgain(
  parts: SignerWatchParts,
  signer: SignerChainRow,
  trust: Trust,
  trustId: string,
): Promise<{ readonly outcome: StandingOutcome; readonly isTold: boolean }> {
  const { database, now, log } = parts;
  const { fingerprint } = signer;
  const at = now();
  const looks = await lookAt(parts, signer, trust);
  const reasons =
    looks === null ? [] : [...looks.values()].flatMap((look) => (look.state === 'untold' ? [look.why] : []));
  const outcome = looks === null ? joinOutcomes([]) : await keepLooks(parts, fingerprint, looks);
  if (reasons.length > 0) log.warn({ signer: fingerprint, reasons }, 'not all of a signer could be judged');
  const isTold = looks !== null && reasons.length === 0;
  if (looks !== null) await noteSignerLooks(database, fingerprint, at);
  const dueAt = new Date(at.getTime() + (isTold ? AGAIN_MS : UNTOLD_AGAIN_MS));
  await noteSignerJudged(database, { fingerprint, trust: trustId, dueAt });
  return { outcome, isTold };
}

/** Null where the certificates are not to be had, or can't be read: one signer holds up no other. */
async function lookAt(parts: SignerWatchParts, signer: SignerChainRow, trust: Trust): Promise<StandingLooks | null> {
  const { database, now, log } = parts;
  const { fingerprint } = signer;
  try {
    if (signer.certificates.length > 0) return judgeSigner(signer.certificates, trust, now());
    const certificates = await readSignerChain(parts, fingerprint);
    await keepSignerChain(database, { fingerprint, certificates });
    return judgeSigner(certificates, trust, now());
  } catch (error) {
    log.warn({ signer: fingerprint, reason: wordsOfError(error) }, 'a signer could not be judged');
    return null;
  }
}

async function keepLooks(parts: SignerWatchParts, fingerprint: string, looks: StandingLooks): Promise<StandingOutcome> {
  const isFound = [...looks.values()].some(({ state }) => state === 'found');
  const releases = await listWatchedReleases(parts.database, { fingerprint, codes: signerCodes, isFound });
  const versions = new Map<string, string[]>();
  for (const { appId, version } of releases) versions.set(appId, [...(versions.get(appId) ?? []), version]);
  const outcomes: StandingOutcome[] = [];
  for (const [appId, some] of versions) outcomes.push(await keepStanding(parts, { appId, versions: some }, looks));
  return joinOutcomes(outcomes);
}
