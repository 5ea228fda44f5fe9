import { ADVISORY_LOCK, holdingAdvisoryLock, withFreeAdvisoryLock } from '../database/advisory-locks.js';
import { inTransaction } from '../database/connect.js';
import {
  keepSignerChain,
  listDueSigners,
  listSigners,
  noteSignerJudged,
  type SignerChainRow,
} from '../database/signer-chains.js';
import { listUntouchedReleases, listWatchedReleases, noteSignerLooks } from '../database/standing-looks.js';
import { wordsOfError } from '../error-words.js';
import type { Gate } from '../gate.js';
import type { Trust } from '../pki/trust.js';
import type { StoreRules } from '../policy/rules.js';
import { standingEffect, type StandingLooks } from '../policy/standing.js';
import { currentRules } from '../releases/store-rules.js';
import { judgeSigner, signerCodes, standingTrustId } from './judge-signer.js';
import { joinOutcomes, keepStanding, type StandingOutcome, type StandingParts } from './keep-standing.js';
import { readSignerChain, type ChainParts } from './signer-chain.js';
import { COMPARED, isTakenAway, isTooMany, noteHeldBack } from './watch-brake.js';

/** What judging signers again needs of the gate. */
export type SignerWatchParts = StandingParts & ChainParts & Pick<Gate, 'trust'>;

/** What came of judging signers. */
export interface SignerSweep extends StandingOutcome {
  /** How many signers were judged. */
  readonly judged: number;
  /** Of how many nobody could tell, in part or at all. */
  readonly untold: number;
  /** What would have been taken away, had not so many signers been trusted no more; as `app@version`. */
  readonly spared: readonly string[];
}

export interface SignerSweepOptions {
  /** All of them, whosever turn it is, after whoever is at it now. */
  readonly everything?: boolean;
  /** Acts also where so many are trusted no more that the trust folder may be a wrong one. */
  readonly despiteMany?: boolean;
  /** Ends it, also while a signer is read from an archive. */
  readonly stop?: AbortSignal;
}

const PAGE = 50;
/** Of one call on a timer, so that it ends. */
const MAX_PER_CALL = 5_000;
/** So long, and so many, signers are read from archives in one such call. */
const MAX_READING_MS = 60_000;
const MAX_READ = 200;
const HOUR_MS = 60 * 60 * 1000;
const AGAIN_MS = 24 * HOUR_MS;
/** What could not be told is asked again sooner. */
const UNTOLD_AGAIN_MS = HOUR_MS / 4;

/** What is held back where it is said of many: not revocations, which somebody has signed. */
const BRAKED = 'SIGNER_NOT_TRUSTED';

/**
 * Judges the signers of what is published again: those whose turn it is, which is once a day and whenever the trust or a rule has
 * changed, at the latest an hour after they were judged last. Where so many are trusted no more that the trust folder is likely a
 * wrong one, nothing is taken away for it. Of several gates on one database one does it.
 *
 * @returns null where another gate is at it
 * @throws TrustError where the trust can't be read: then nobody is judged
 */
export async function watchSigners(
  parts: SignerWatchParts,
  options: SignerSweepOptions = {},
): Promise<SignerSweep | null> {
  const hold = options.everything === true ? holdingAdvisoryLock : withFreeAdvisoryLock;
  return hold<SignerSweep | null>(parts.database, ADVISORY_LOCK.standingSigners, () => sweep(parts, options));
}

/** By what signers are judged. */
interface Measure {
  readonly trust: Trust;
  readonly rules: StoreRules;
  /** Of both, as far as they matter. */
  readonly id: string;
}

/** A signer whose releases would be taken away since nobody vouches for them any more. */
interface Doomed {
  readonly signer: SignerChainRow;
  readonly looks: StandingLooks;
  /** As `app@version`. */
  readonly releases: readonly string[];
}

/** How far a sweep has come. */
interface Progress {
  judged: number;
  untold: number;
  fine: number;
  read: number;
}

async function sweep(parts: SignerWatchParts, options: SignerSweepOptions): Promise<SignerSweep> {
  const { database } = parts;
  const measure = await takeMeasure(parts);
  const progress: Progress = { judged: 0, untold: 0, fine: 0, read: 0 };
  const outcomes: StandingOutcome[] = [];
  const doomed: Doomed[] = [];
  const seen = new Set<string>();
  const judge = async (signer: SignerChainRow): Promise<void> => {
    seen.add(signer.fingerprint);
    const looks = await judgeAgain(parts, signer, measure, progress, options.stop);
    if (looks === null) return;
    const releases = await releasesToLose(parts, signer, looks, measure);
    if (releases.length > 0) doomed.push({ signer, looks, releases });
    else outcomes.push(await keepLooks(parts, signer, looks, measure));
  };

  for await (const signer of turnsOf(parts, options, measure, progress)) await judge(signer);
  if (doomed.length > 0) {
    for (const signer of await listSigners(database, { after: '', limit: COMPARED })) {
      if (!seen.has(signer.fingerprint) && signer.certificates.length > 0) await judge(signer);
    }
  }
  // Who was judged until then is too few to tell by; they are judged again soon.
  if (options.stop?.aborted === true) doomed.length = 0;
  const isHeldBack = options.despiteMany !== true && isTooMany({ lost: doomed.length, fine: progress.fine });
  if (isHeldBack) await holdBack(parts, doomed, progress.fine);
  for (const { signer, looks } of doomed) {
    const kept = isHeldBack ? new Map([...looks].filter(([code]) => code !== BRAKED)) : looks;
    outcomes.push(await keepLooks(parts, signer, kept, measure, isHeldBack));
  }
  const spared = isHeldBack ? doomed.flatMap(({ releases }) => releases) : [];
  const { judged, untold } = progress;
  return { judged, untold, spared, ...joinOutcomes(outcomes) };
}

async function takeMeasure({ database, trust: trusts, rules: settings, now }: SignerWatchParts): Promise<Measure> {
  const trust = await trusts.current();
  const rules = await currentRules(database, settings);
  const effects = signerCodes.map((code) => standingEffect(code, rules));
  return { trust, rules, id: [standingTrustId(trust, now()), ...effects].join(' ') };
}

async function* turnsOf(
  { database, now }: SignerWatchParts,
  { everything = false, stop }: SignerSweepOptions,
  { id }: Measure,
  progress: Progress,
): AsyncIterable<SignerChainRow> {
  const end = performance.now() + MAX_READING_MS;
  const isReading = (): boolean => everything || (progress.read < MAX_READ && performance.now() < end);
  let after = '';
  while (everything || progress.judged < MAX_PER_CALL) {
    const page = everything
      ? await listSigners(database, { after, limit: PAGE })
      : await listDueSigners(database, { trust: id, at: now(), isReading: isReading(), limit: PAGE });
    for (const signer of page) {
      if (stop?.aborted === true) return;
      if (signer.certificates.length > 0 || isReading()) yield signer;
    }
    after = page.at(-1)?.fingerprint ?? after;
    if (page.length < PAGE) return;
  }
}

/** Judges a signer, and writes down that it was done: again soon, until what came of it is kept. Null where nothing did. */
async function judgeAgain(
  parts: SignerWatchParts,
  signer: SignerChainRow,
  measure: Measure,
  progress: Progress,
  stop: AbortSignal | undefined,
): Promise<StandingLooks | null> {
  const { log } = parts;
  const { fingerprint } = signer;
  if (signer.certificates.length === 0) progress.read += 1;
  progress.judged += 1;
  const looks = await lookAt(parts, signer, measure, stop);
  if (stop?.aborted === true) return null;
  const reasons =
    looks === null ? [] : [...looks.values()].flatMap((look) => (look.state === 'untold' ? [look.why] : []));
  if (reasons.length > 0) log.warn({ signer: fingerprint, reasons }, 'not all of a signer could be judged');
  if (looks === null || reasons.length > 0) progress.untold += 1;
  if (looks?.get(BRAKED)?.state === 'fine') progress.fine += 1;
  await noteJudged(parts, signer, measure, UNTOLD_AGAIN_MS);
  return looks;
}

async function noteJudged(
  { database, now }: SignerWatchParts,
  { fingerprint }: SignerChainRow,
  { id: trust }: Measure,
  againMs: number,
): Promise<void> {
  const at = now();
  await noteSignerJudged(database, { fingerprint, trust, at, dueAt: new Date(at.getTime() + againMs) });
}

/** Null where the certificates are not to be had, or can't be read: one signer holds up no other. */
async function lookAt(
  parts: SignerWatchParts,
  signer: SignerChainRow,
  { trust }: Measure,
  stop: AbortSignal | undefined,
): Promise<StandingLooks | null> {
  const { database, now, log } = parts;
  const { fingerprint } = signer;
  try {
    if (signer.certificates.length > 0) return judgeSigner(signer.certificates, trust, now());
    const certificates = await readSignerChain(parts, fingerprint, stop);
    await keepSignerChain(database, { fingerprint, certificates });
    return judgeSigner(certificates, trust, now());
  } catch (error) {
    log.warn({ signer: fingerprint, reason: wordsOfError(error) }, 'a signer could not be judged');
    return null;
  }
}

async function releasesToLose(
  { database }: SignerWatchParts,
  { fingerprint }: SignerChainRow,
  looks: StandingLooks,
  { rules }: Measure,
): Promise<readonly string[]> {
  if (looks.get(BRAKED)?.state !== 'found' || !isTakenAway(BRAKED, rules)) return [];
  return listUntouchedReleases(database, { fingerprint, code: BRAKED });
}

async function keepLooks(
  parts: SignerWatchParts,
  signer: SignerChainRow,
  looks: StandingLooks,
  measure: Measure,
  isAgainSoon = false,
): Promise<StandingOutcome> {
  const { database, now } = parts;
  const { fingerprint } = signer;
  const states = [...looks.values()].map(({ state }) => state);
  const isFound = states.includes('found');
  const releases = await listWatchedReleases(database, { fingerprint, codes: signerCodes, isFound });
  const versions = new Map<string, string[]>();
  for (const { appId, version } of releases) versions.set(appId, [...(versions.get(appId) ?? []), version]);
  const outcomes: StandingOutcome[] = [];
  for (const [appId, some] of versions) outcomes.push(await keepStanding(parts, { appId, versions: some }, looks));
  // Of several releases at once, while somebody else may be at some of them: begun again where both wait for each other.
  await inTransaction(database, (tx) => noteSignerLooks(tx, fingerprint, now()));
  if (!isAgainSoon && !states.includes('untold')) await noteJudged(parts, signer, measure, AGAIN_MS);
  return joinOutcomes(outcomes);
}

/** Nothing is marked for it, for it is not known of any of them; it is in the audit log, and so told to the operators. */
async function holdBack(parts: SignerWatchParts, doomed: readonly Doomed[], fine: number): Promise<void> {
  const releases = doomed.reduce((sum, each) => sum + each.releases.length, 0);
  const looked = doomed.length + fine;
  parts.log.warn(
    { signers: doomed.length, looked, releases },
    'so many signers are trusted no more that nothing was done about it: see to the trust folder',
  );
  const reason = 'So many signers are trusted no more that the trust folder itself may be a wrong one.';
  await noteHeldBack(parts, { what: 'signers', reason, releases: doomed.length, looked });
}
