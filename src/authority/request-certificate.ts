import { randomUUID } from 'node:crypto';
import { isOperator, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { appendAppEvent, ensureApp, lockApp } from '../database/apps.js';
import { holdAuthorityStill } from '../database/authority-state.js';
import { listLiveCertificates } from '../database/certificates.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { appendSigningRequestEvent } from '../database/signing-request-events.js';
import {
  countSigningRequests,
  findOpenSigningRequest,
  findSigningRequest,
  insertSigningRequest,
  lockApplication,
  type SigningRequestPurpose,
  type SigningRequestRow,
} from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { requireDeclaredUrl } from './declared-url.js';
import { requireGoodRequest, type GoodSigningRequest } from './judge-signing-request.js';
import { requireUsableKey } from './key-reuse.js';
import { renewByOwner } from './self-renewal.js';
import { mayReadRequest, requireApplicant } from './signing-request-access.js';
import { requireStoreAuthority } from './store-authority.js';

/** How many requests may wait at a time: people read them. */
const MAX_OPEN_OF_ACCOUNT = 20;
const MAX_OPEN_OF_APP = 10;
/** How many an account may make in a day, whatever becomes of them: what is withdrawn stays in the record as well. */
const MAX_OF_ACCOUNT_A_DAY = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The first time that a revocation list can name in the two ways that it names times. */
const FIRST_TIME = new Date('1970-01-01T00:00:00Z');

/** What a developer asks for. What is null is left to the gate. */
export interface CertificateWish {
  readonly appId: string;
  /** PEM, as openssl writes it. */
  readonly csr: string;
  readonly purpose: SigningRequestPurpose | null;
  /** Serials of the certificates that are lost, as the ledger spells them; null for all that count. */
  readonly lost: readonly string[] | null;
  readonly compromisedSince: Date | null;
  readonly declaredUrl: string | null;
  readonly contact: string | null;
  readonly note: string;
}

/** A request for a certificate, and whether it was there already. */
export interface CertificateApplication {
  readonly request: SigningRequestRow;
  readonly isNew: boolean;
}

/**
 * Takes a request for a certificate. The same open one again is the first; where the store lets owners renew by themselves,
 * what they may renew is approved at once. Everything that is asked of a key is asked under locks, so that of two apps that
 * come with one key at the same moment only one gets through.
 *
 * @throws RequestError `CSR_INVALID` or `KEY_REFUSED`; `NO_AUTHORITY` where the store issues no certificates; `TOO_MANY_OPEN`;
 *   `INVALID_REQUEST` for a wish that contradicts itself or the ledger; or where the caller may not ask
 */
export async function requestCertificate(
  gate: Gate,
  caller: Caller,
  wish: CertificateWish,
): Promise<CertificateApplication> {
  await requireStoreAuthority(gate.database);
  // Before anything is made for the app; the answer that counts comes under its lock.
  await requireApplicant(gate.database, gate, caller, wish.appId);
  const good = requireGoodRequest(wish.csr, wish.appId);
  requireConsistent(gate, wish);
  const declaredUrl = wish.declaredUrl === null ? null : requireDeclaredUrl(wish.declaredUrl);

  const application = await inTransaction(gate.database, (tx) =>
    applyUnderLock(tx, gate, caller, { ...wish, declaredUrl }, good),
  );
  const renewed = await renewByOwner(gate, caller, application.request);
  return { ...application, request: renewed ?? application.request };
}

async function applyUnderLock(
  tx: Transaction,
  gate: Gate,
  caller: Caller,
  wish: CertificateWish,
  good: GoodSigningRequest,
): Promise<CertificateApplication> {
  const { appId } = wish;
  await holdAuthorityStill(tx);
  await lockApplication(tx, good.keyFingerprint, caller.accountId);
  await ensureApp(tx, appId);
  await lockApp(tx, appId);
  await requireLiveToken(tx, caller, gate.now());
  await requireApplicant(tx, gate, caller, appId);
  const same = await findOpenSigningRequest(tx, appId, good.keyFingerprint);
  if (same !== null) {
    if (await mayReadRequest(tx, caller, same)) return { request: same, isNew: false };
    // Anybody can copy a signing request that lies about in public, and be first with it.
    throw new RequestError('KEY_REFUSED', 'Somebody else asks for a certificate with this key. Make a new one.');
  }
  const planned = await planOf(tx, gate, wish);
  await requireUsableKey(tx, { appId, publicKey: good.keyFingerprint, ...planned });
  await requireRoom(tx, gate, caller, appId);
  return { request: await keepRequest(tx, gate, caller, { wish, good, ...planned }), isNew: true };
}

/** What a request is for, once what was left open is filled in. */
interface Plan {
  readonly purpose: SigningRequestPurpose;
  readonly replaces: readonly string[];
  readonly compromisedSince: Date | null;
}

/** @throws RequestError `INVALID_REQUEST` where the ledger has not what the wish speaks of */
async function planOf(tx: Transaction, { now }: Gate, wish: CertificateWish): Promise<Plan> {
  const { appId, lost, compromisedSince } = wish;
  const live = await listLiveCertificates(tx, appId, now());
  const hasCertificate = live.some(({ issuedAt }) => issuedAt !== null);
  const purpose = wish.purpose ?? (hasCertificate ? 'renewal' : 'new');
  if (purpose === 'new' && hasCertificate) {
    throw wrongWish('The app has a certificate: the purpose is "renewal", "additional" or "lost", or left out.');
  }
  if (purpose !== 'lost') return { purpose, replaces: [], compromisedSince: null };
  // One that was intended and perhaps never issued is among them: if it is out there, it is lost as well.
  const serials = live.map(({ serial }) => serial);
  const replaces = lost === null ? serials : [...new Set(lost)];
  if (replaces.length === 0) throw wrongWish('The app has no certificate that could be lost.');
  const unknown = replaces.find((serial) => !serials.includes(serial));
  if (unknown !== undefined) throw wrongWish('What is said to be lost is no certificate of this app that counts.');
  return { purpose, replaces, compromisedSince };
}

/** @throws RequestError `INVALID_REQUEST` */
function requireConsistent({ now }: Gate, { purpose, lost, compromisedSince }: CertificateWish): void {
  if (purpose !== 'lost' && (lost !== null || compromisedSince !== null)) {
    throw wrongWish('Lost certificates are named only where the purpose is "lost".');
  }
  if (compromisedSince !== null && (compromisedSince > now() || compromisedSince < FIRST_TIME)) {
    throw wrongWish('The time of a compromise lies in the past, and not before all certificates.');
  }
}

/** Operators may have many wait, of many apps. @throws RequestError `TOO_MANY_OPEN` */
async function requireRoom(tx: Transaction, { now }: Gate, caller: Caller, appId: string): Promise<void> {
  const since = new Date(now().getTime() - DAY_MS);
  const count = await countSigningRequests(tx, { accountId: caller.accountId, appId, since });
  if (count.openOfApp >= MAX_OPEN_OF_APP) throw tooMany(`Of this app ${count.openOfApp} signing requests wait.`);
  if (isOperator(caller)) return;
  if (count.openOfAccount >= MAX_OPEN_OF_ACCOUNT) {
    throw tooMany(`Of your account ${count.openOfAccount} signing requests wait.`);
  }
  if (count.recentOfAccount >= MAX_OF_ACCOUNT_A_DAY) {
    throw tooMany(`Your account made ${count.recentOfAccount} signing requests in a day.`);
  }
}

function tooMany(message: string): RequestError {
  return new RequestError('TOO_MANY_OPEN', `${message} Withdraw some, or wait.`);
}

async function keepRequest(
  tx: Transaction,
  gate: Gate,
  caller: Caller,
  { wish, good, ...planned }: Plan & { readonly wish: CertificateWish; readonly good: GoodSigningRequest },
): Promise<SigningRequestRow> {
  const id = randomUUID();
  const { appId, declaredUrl, contact, note } = wish;
  const { accountId, tokenId } = caller;
  const requestedAt = gate.now();
  const { der: csr, keyFingerprint: publicKey, keyKind } = good;
  const row = { id, appId, csr, publicKey, keyKind, ...planned, declaredUrl, contact, note, accountId, tokenId };
  await insertSigningRequest(tx, { ...row, requestedAt });
  await appendSigningRequestEvent(tx, {
    requestId: id,
    kind: 'requested',
    accountId,
    text: note,
    happenedAt: requestedAt,
  });
  const detail = { request: id, purpose: planned.purpose, key: publicKey };
  await appendAppEvent(tx, { appId, kind: 'certificate-requested', accountId, detail, reason: note });
  const kept = await findSigningRequest(tx, id);
  if (kept === null) throw new Error('A signing request that was just kept is not there');
  return kept;
}

function wrongWish(message: string): RequestError {
  return new RequestError('INVALID_REQUEST', message);
}
