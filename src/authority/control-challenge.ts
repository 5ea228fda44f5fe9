import { randomUUID } from 'node:crypto';
import { isModerator, type Caller } from '../accounts/caller.js';
import { inTransaction, type Database, type Transaction } from '../database/connect.js';
import {
  insertControlChallenge,
  listControlChallenges,
  setChallengeOutcome,
  type ControlChallengeRow,
} from '../database/control-challenges.js';
import {
  appendSigningRequestEvent,
  countSigningRequestEvents,
  type SigningRequestEventKind,
} from '../database/signing-request-events.js';
import { lockSigningRequest, type SigningRequestRow } from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { searchForProof, type ProofSearch } from './control-proof-search.js';
import { listPublishedUrls, requireDeclaredUrl, requireProvableUrl } from './declared-url.js';
import { lockOpenRequest, lockOwnRequest, requireOpen } from './signing-request-access.js';

/** As random as a token's secret: who is not shown the value must not come by it. */
const VALUE_BYTES = 32;
const LIFETIME_MS = 72 * 60 * 60 * 1000;
/** So long after one look the next may follow: three a minute at most, and none while one is under way. */
const CHECK_INTERVAL_MS = 20_000;
/** How often a request may be challenged, and checked: every time is a line that moderators read. */
const MAX_CHALLENGES = 20;
const MAX_CHECKS = 100;
/** How many looks a gate takes at a time, each with up to three connections, and how many of them for one account. */
const MAX_CHECKS_AT_ONCE = 8;
const MAX_CHECKS_OF_ACCOUNT = 2;

/**
 * Hands out a one-time value that proves control of the declared repository or website where it is published there. It is in
 * the place of any earlier one.
 *
 * @param declaredUrl null: the request's own, or else what the app's published releases declare
 * @throws RequestError `INVALID_REQUEST` where there is no URL that could prove anything; `TOO_MANY_OPEN`; `NOT_FOUND`,
 *   `NOT_OWNER`, `SCOPE_INSUFFICIENT`, `UNAUTHENTICATED` or `REQUEST_DECIDED`
 */
export async function createControlChallenge(
  gate: Gate,
  caller: Caller,
  { id, declaredUrl }: { readonly id: string; readonly declaredUrl: string | null },
): Promise<ControlChallengeRow> {
  return inTransaction(gate.database, async (tx) => {
    const request = await lockOwnRequest(tx, gate, caller, id);
    await requireFewer(tx, id, ['challenged'], MAX_CHALLENGES);
    const declared = declaredUrl ?? request.declaredUrl ?? (await listPublishedUrls(tx, request.appId))[0] ?? null;
    if (declared === null) {
      throw new RequestError(
        'INVALID_REQUEST',
        'Say in "declaredUrl" where the app\'s source repository or website is.',
      );
    }
    const url = requireDeclaredUrl(declared);
    const earlier = (await listControlChallenges(tx, id)).at(-1);
    // Later than the one before, by which the newest is known; clocks may stand still or go back.
    const createdAt = new Date(Math.max(gate.now().getTime(), (earlier?.createdAt.getTime() ?? 0) + 1));
    const challenge = {
      id: randomUUID(),
      requestId: id,
      declaredUrl: url,
      value: gate.randomBytes(VALUE_BYTES).toString('base64url'),
      createdAt,
      expiresAt: new Date(createdAt.getTime() + LIFETIME_MS),
    };
    await insertControlChallenge(tx, challenge);
    await writeDown(tx, gate, caller, { requestId: id, kind: 'challenged', text: url });
    return { ...challenge, checkedAt: null, outcome: null, detail: '', provenUrl: null };
  });
}

/**
 * Looks for the newest value of a request where it is to be published, and writes down what was found. One that is proven
 * stays so and is not looked for again.
 *
 * @throws RequestError `CHALLENGE_EXPIRED`; `TOO_MANY_OPEN` where it is looked for too often; `NOT_FOUND`, also where no value
 *   was handed out; `NOT_OWNER`, `SCOPE_INSUFFICIENT`, `UNAUTHENTICATED` or `REQUEST_DECIDED`
 */
export async function checkControlChallenge(gate: Gate, caller: Caller, id: string): Promise<ControlChallengeRow> {
  let release = (): void => {};
  try {
    const challenge = await inTransaction(gate.database, async (tx) => {
      const lock = isModerator(caller) ? lockOpenRequest : lockOwnRequest;
      await lock(tx, gate, caller, id);
      return beginCheck(tx, gate, id, () => {
        // A transaction may run twice.
        release();
        release = takeSlot(gate.database, caller.accountId);
      });
    });
    if (challenge.outcome === 'proven') return challenge;
    // Between the two transactions: a stranger's server holds no lock of ours.
    const search = await searchForProof(gate.network, requireProvableUrl(challenge.declaredUrl), challenge.value);
    return await inTransaction(gate.database, async (tx) => endCheck(tx, gate, caller, challenge, search));
  } finally {
    release();
  }
}

/**
 * Takes the right to look, last of all a place among those who do. What is written down first is what stands where the look
 * never ends.
 */
async function beginCheck(
  tx: Transaction,
  gate: Gate,
  requestId: string,
  takePlace: () => void,
): Promise<ControlChallengeRow> {
  const challenge = (await listControlChallenges(tx, requestId)).at(-1);
  if (challenge === undefined) throw new RequestError('NOT_FOUND', 'No value was handed out for this request yet.');
  if (challenge.outcome === 'proven') return challenge;
  const at = gate.now();
  if (at >= challenge.expiresAt) throw new RequestError('CHALLENGE_EXPIRED', 'The value has expired; get a new one.');
  const last = challenge.checkedAt?.getTime() ?? -Infinity;
  if (Math.abs(at.getTime() - last) < CHECK_INTERVAL_MS) {
    throw new RequestError('TOO_MANY_OPEN', 'It was looked for a moment ago; try again in half a minute.');
  }
  await requireFewer(tx, requestId, ['proven', 'not-proven'], MAX_CHECKS);
  takePlace();
  const detail = 'Looking for the value did not come to an end.';
  await setChallengeOutcome(tx, { id: challenge.id, checkedAt: at, outcome: 'not-proven', detail, provenUrl: null });
  return challenge;
}

/** Writes down what was found, unless the request was decided or a newer value handed out in the meantime. */
async function endCheck(
  tx: Transaction,
  gate: Gate,
  caller: Caller,
  challenge: ControlChallengeRow,
  { provenUrl, detail }: ProofSearch,
): Promise<ControlChallengeRow> {
  const { id, requestId } = challenge;
  const request = await lockSigningRequest(tx, requestId);
  if (request === null) throw new Error('A signing request with a challenge is not there');
  requireOpen(request);
  const newest = (await listControlChallenges(tx, requestId)).at(-1);
  if (newest?.id !== id) throw new RequestError('CHALLENGE_EXPIRED', 'A newer value was handed out meanwhile.');
  const outcome = provenUrl === null ? 'not-proven' : 'proven';
  const checked = { ...challenge, checkedAt: gate.now(), outcome, detail, provenUrl } as const;
  await setChallengeOutcome(tx, checked);
  await writeDown(tx, gate, caller, { requestId, kind: outcome, text: detail });
  return checked;
}

async function writeDown(
  tx: Transaction,
  { now }: Gate,
  { accountId }: Caller,
  event: { readonly requestId: SigningRequestRow['id']; readonly kind: SigningRequestEventKind; readonly text: string },
): Promise<void> {
  await appendSigningRequestEvent(tx, { ...event, accountId, happenedAt: now() });
}

/** @throws RequestError `TOO_MANY_OPEN` */
async function requireFewer(
  tx: Transaction,
  requestId: string,
  kinds: readonly SigningRequestEventKind[],
  limit: number,
): Promise<void> {
  if ((await countSigningRequestEvents(tx, requestId, kinds)) < limit) return;
  throw new RequestError('TOO_MANY_OPEN', 'This was done too often for this request; ask for a certificate anew.');
}

/** For whom looks are under way, for each gate of this program. */
const underWay = new WeakMap<Database, readonly number[]>();

/**
 * @returns what gives the place back; more than once does no harm
 * @throws RequestError `TOO_MANY_OPEN` where the gate looks at as many places as it may, of all or of this account
 */
function takeSlot(database: Database, accountId: number): () => void {
  const taken = underWay.get(database) ?? [];
  const own = taken.filter((each) => each === accountId);
  if (taken.length >= MAX_CHECKS_AT_ONCE || own.length >= MAX_CHECKS_OF_ACCOUNT) {
    throw new RequestError('TOO_MANY_OPEN', 'The gate looks for several values at this moment; try again in a minute.');
  }
  underWay.set(database, [...taken, accountId]);
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    const rest = [...(underWay.get(database) ?? [])];
    rest.splice(rest.indexOf(accountId), 1);
    underWay.set(database, rest);
  };
}
