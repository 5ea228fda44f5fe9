import { randomUUID } from 'node:crypto';
import type { Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { appendAppEvent, ensureApp, lockApp } from '../database/apps.js';
import { holdAuthorityStill } from '../database/authority-state.js';
import { listLiveCertificates } from '../database/certificates.js';
import { inBoundedTransaction } from '../database/bounded-transactions.js';
import { type Transaction } from '../database/connect.js';
import { appendSigningRequestEvent } from '../database/signing-request-events.js';
import {
  findOpenSigningRequest,
  findSigningRequest,
  insertSigningRequest,
  lockApplication,
  lockSameSigningRequest,
  type SigningRequestPurpose,
  type SigningRequestRow,
} from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import { interchangeableKeys } from '../pki/interchangeable-keys.js';
import { RequestError } from '../request-error.js';
import { requireDeclaredUrl } from './declared-url.js';
import { requireProvenRequest, requireStrongKey, type ProvenSigningRequest } from './judge-signing-request.js';
import { requireUsableKey } from './key-reuse.js';
import { FIRST_REVOCATION_TIME } from './list-terms.js';
import { listLost } from './lost-certificates.js';
import { countingRefusals } from './refused-attempts.js';
import { requireRoom } from './request-room.js';
import { resumeSameRequest } from './same-request.js';
import { renewByOwner } from './self-renewal.js';
import { requireApplicant } from './signing-request-access.js';
import { requireStoreAuthority } from './store-authority.js';

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
 * come with one key at the same moment only one gets through. What costs much is asked last.
 *
 * @throws RequestError `CSR_INVALID` or `KEY_REFUSED`; `NO_AUTHORITY` where the store issues no certificates; `TOO_MANY_OPEN`
 *   or `TOO_MANY_ATTEMPTS`; `REQUEST_OPEN` where something else is asked for with the key already; `INVALID_REQUEST` for a
 *   wish that contradicts itself or the ledger; or where the caller may not ask
 */
export async function requestCertificate(
  gate: Gate,
  caller: Caller,
  wish: CertificateWish,
): Promise<CertificateApplication> {
  await requireStoreAuthority(gate.database);
  // Before anything is made for the app; the answer that counts comes under its lock.
  await requireApplicant(gate.database, gate, caller, wish.appId);
  const application = await countingRefusals(gate, caller, () => apply(gate, caller, wish));
  const renewed = await renewByOwner(gate, caller, application.request);
  return { ...application, request: renewed ?? application.request };
}

async function apply(gate: Gate, caller: Caller, wish: CertificateWish): Promise<CertificateApplication> {
  const { appId } = wish;
  const proven = requireProvenRequest(wish.csr, appId);
  requireConsistent(gate, wish);
  const declaredUrl = wish.declaredUrl === null ? null : requireDeclaredUrl(wish.declaredUrl);
  // The key of an open request was looked at when that was made, and is again before it is certified.
  const isKnown = (await findOpenSigningRequest(gate.database, appId, proven.keyFingerprint)) !== null;
  if (!isKnown) {
    const standing = await requireApplicant(gate.database, gate, caller, appId);
    await requireRoom(gate.database, gate, caller, { appId, standing });
    await requireStrongKey(proven.publicKey);
  }
  return inBoundedTransaction(gate.database, (tx) =>
    applyUnderLock(tx, gate, caller, { wish: { ...wish, declaredUrl }, proven }),
  );
}

/** What is asked for, and with what. */
interface Application {
  readonly wish: CertificateWish;
  readonly proven: ProvenSigningRequest;
}

async function applyUnderLock(
  tx: Transaction,
  gate: Gate,
  caller: Caller,
  { wish, proven }: Application,
): Promise<CertificateApplication> {
  const { appId } = wish;
  const publicKeys = interchangeableKeys(proven.publicKey);
  await holdAuthorityStill(tx);
  await lockApplication(tx, publicKeys, caller.accountId);
  await ensureApp(tx, appId);
  await lockApp(tx, appId);
  const same = await lockSameSigningRequest(tx, appId, proven.keyFingerprint);
  await requireLiveToken(tx, caller, gate.now());
  const standing = await requireApplicant(tx, gate, caller, appId);
  const resumed = same && (await resumeSameRequest(tx, gate, caller, { same, wish, standing }));
  if (resumed !== null) return { request: resumed, isNew: false };
  const planned = await planOf(tx, gate, wish);
  // Of what was only asked for nothing is intended yet, so the id of the request makes no difference.
  const replaces = await listLost(tx, { id: '', appId, ...planned }, gate.now());
  await requireUsableKey(tx, { appId, publicKeys, ...planned, replaces });
  await requireRoom(tx, gate, caller, { appId, standing });
  return { request: await keepRequest(tx, gate, caller, { wish, proven, ...planned }), isNew: true };
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
  if (serials.length === 0) throw wrongWish('The app has no certificate that could be lost.');
  // Where none is named, which these are is asked when it is granted: others may be issued until then.
  const replaces = [...new Set(lost ?? [])];
  const unknown = replaces.find((serial) => !serials.includes(serial));
  if (unknown !== undefined) throw wrongWish('What is said to be lost is no certificate of this app that counts.');
  return { purpose, replaces, compromisedSince };
}

/** @throws RequestError `INVALID_REQUEST` */
function requireConsistent({ now }: Gate, { purpose, lost, compromisedSince }: CertificateWish): void {
  if (purpose !== 'lost' && (lost !== null || compromisedSince !== null)) {
    throw wrongWish('Lost certificates are named only where the purpose is "lost".');
  }
  if (compromisedSince !== null && (compromisedSince > now() || compromisedSince < FIRST_REVOCATION_TIME)) {
    throw wrongWish('The time of a compromise lies in the past, and not before all certificates.');
  }
}

async function keepRequest(
  tx: Transaction,
  gate: Gate,
  caller: Caller,
  { wish, proven, ...planned }: Plan & Pick<Application, 'wish' | 'proven'>,
): Promise<SigningRequestRow> {
  const id = randomUUID();
  const { appId, declaredUrl, contact, note } = wish;
  const { accountId, tokenId } = caller;
  const requestedAt = gate.now();
  const { der: csr, keyFingerprint: publicKey, keyKind } = proven;
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
