import { createHash } from 'node:crypto';
import { readAuthorityState } from '../database/authority-state.js';
import { findCertificatesBySerial, type CertificateSummary } from '../database/certificates.js';
import type { Database } from '../database/connect.js';
import { wordsOfError } from '../error-words.js';
import type { Certificate } from '../pki/certificate.js';
import { OcspError, isCertIdOf, parseOcspRequest } from '../pki/ocsp-request.js';
import type { OcspCertId, OcspRequest } from '../pki/ocsp-request.js';
import { issueOcspResponse, ocspFailure } from '../pki/ocsp-response.js';
import type { OcspSingleResponse, OcspStatus } from '../pki/ocsp-response.js';
import type { AuthorityParts } from './authority-parts.js';
import { openKey, readRevokedByRoot, readStoreAuthority } from './store-authority.js';

/** An OCSPResponse. */
export interface OcspAnswer {
  readonly der: Buffer;
  /** From when to when it holds; null where it only says why there is no answer. */
  readonly holds: { readonly thisUpdate: Date; readonly nextUpdate: Date } | null;
  /** Whether caches may give it to others: not where it answers one request only, or may be out of date in a second. */
  readonly isForCaches: boolean;
}

/** How long an answer holds: long enough for slow clocks and caches, and no longer, for a revocation counts at once. */
const VALIDITY_MS = 60 * 60 * 1000;
/** After this long an answer is signed anew though nothing has changed, so that it never comes close to its end. */
const REUSE_MS = 10 * 60 * 1000;
/** Some 20 MB. */
const MAX_KEPT = 10_000;
/** More signatures at a time are put off: a key service may be slow. */
const MAX_SIGNING = 64;
/**
 * How many signatures the key, a remote service perhaps, makes in a second for whoever asks. `shared` are answers that are kept
 * for everybody: about one certificate that is in the ledger. `own` are all others: with a nonce, about serials that nobody
 * knows, or about several at once, which can be put together without end.
 */
const MAX_PER_SECOND = { shared: 200, own: 50 } as const;

/** What a responder remembers, until the authority or its ledger changes. */
interface Memory {
  /** Of the state of the authority's history that it is of. */
  readonly stamp: string;
  /** The certificates of the keys that issue, but for those that the root has revoked: nobody would believe their answers. */
  readonly issuers: readonly Certificate[];
  /** By digest of what was asked, the oldest first: about one certificate that is in the ledger. */
  readonly answers: Map<string, { readonly signedAt: number; readonly answer: Promise<OcspAnswer> }>;
}

interface Responder {
  memory: Memory | null;
  signing: number;
  /** How many signatures were ordered in which second. */
  ordered: { readonly second: number; readonly shared: number; readonly own: number };
}

/**
 * It only spares work: what is remembered is thrown away with every change, so that nothing is known here that
 * Postgres isn't asked.
 */
const responders = new WeakMap<Database, Responder>();

/**
 * Answers an OCSP request (RFC 6960) about certificates that the store's own authority issued, by what the ledger says
 * at this moment: `good` for what was issued, `revoked`, and `unknown` for all that is not in the ledger. Whatever is
 * wrong with the request, the answer is an OCSPResponse that says so.
 *
 * @throws where the database fails
 */
export async function answerOcsp(parts: AuthorityParts, der: Buffer): Promise<OcspAnswer> {
  let request: OcspRequest;
  try {
    request = parseOcspRequest(der);
  } catch (error) {
    if (error instanceof OcspError) return failure('malformedRequest');
    throw error;
  }
  const responder = responderOf(parts);
  const memory = await recall(parts, responder);
  const issuer = issuerOf(request, memory.issuers);
  // RFC 5019 §2.2.3: what a responder says about certificates that it is no authority for.
  if (issuer === null) return failure('unauthorized');
  if (request.nonce !== null && mayOrder(parts, responder, 'own')) return sign(parts, responder, issuer, request);
  // Without the nonce, as caches answer too (RFC 9654 §2.1): whether that will do is for whoever asked to say.
  return answerOnce(parts, responder, memory, issuer, request.certIds);
}

function responderOf({ database }: AuthorityParts): Responder {
  const known = responders.get(database);
  if (known !== undefined) return known;
  const fresh: Responder = { memory: null, signing: 0, ordered: { second: 0, shared: 0, own: 0 } };
  responders.set(database, fresh);
  return fresh;
}

/** The state is read before all else, so that what is remembered under it is never older than it. */
async function recall({ database }: AuthorityParts, responder: Responder): Promise<Memory> {
  const { stamp } = await readAuthorityState(database);
  if (responder.memory?.stamp === stamp) return responder.memory;
  const issuers = await readIssuers(database);
  // Of many that ask right after a change one is first, and the others share what it begins.
  if (responder.memory?.stamp === stamp) return responder.memory;
  const fresh: Memory = { stamp, issuers, answers: new Map() };
  responder.memory = fresh;
  return fresh;
}

async function readIssuers(database: Database): Promise<readonly Certificate[]> {
  const authority = await readStoreAuthority(database);
  if (authority === null) return [];
  const revoked = await readRevokedByRoot(database, authority);
  return authority.developers.map(({ certificate }) => certificate).filter(({ serial }) => !revoked.has(serial));
}

/** The authority that issued everything that is asked about; one answer has one signer, so that must be the same. */
function issuerOf({ certIds }: OcspRequest, issuers: readonly Certificate[]): Certificate | null {
  return issuers.findLast((issuer) => certIds.every((certId) => isCertIdOf(certId, issuer))) ?? null;
}

/** Counts a signature that somebody orders; false where there were enough of its kind in this second. */
function mayOrder({ now }: AuthorityParts, responder: Responder, kind: keyof typeof MAX_PER_SECOND): boolean {
  const second = Math.floor(now().getTime() / 1000);
  const ordered = responder.ordered.second === second ? responder.ordered : { second, shared: 0, own: 0 };
  if (ordered[kind] >= MAX_PER_SECOND[kind]) return false;
  responder.ordered = { ...ordered, [kind]: ordered[kind] + 1 };
  return true;
}

/** An answer that several may share: to the same question it is signed once, also where all ask at the same time. */
async function answerOnce(
  parts: AuthorityParts,
  responder: Responder,
  { answers }: Memory,
  issuer: Certificate,
  certIds: readonly OcspCertId[],
): Promise<OcspAnswer> {
  const at = parts.now().getTime();
  const key = digestOf(certIds);
  const question = { certIds, nonce: null };
  if (!isFresh(answers.get(key), at) && !(await isOfLedger(parts, issuer, certIds))) {
    // Not remembered: what strangers make up would push out what verifiers ask for.
    return mayOrder(parts, responder, 'own') ? sign(parts, responder, issuer, question) : failure('tryLater');
  }
  const known = answers.get(key);
  if (known !== undefined && isFresh(known, at)) return known.answer;
  if (!mayOrder(parts, responder, 'shared')) return failure('tryLater');
  const answer = sign(parts, responder, issuer, question);
  answers.delete(key);
  answers.set(key, { signedAt: at, answer });
  const [oldest] = answers.keys();
  if (answers.size > MAX_KEPT && oldest !== undefined) answers.delete(oldest);
  const isAnswer = await answer.then(
    ({ holds }) => holds !== null,
    () => false,
  );
  if (!isAnswer && answers.get(key)?.answer === answer) answers.delete(key);
  return answer;
}

function isFresh(known: { readonly signedAt: number } | undefined, at: number): boolean {
  return known !== undefined && Math.abs(at - known.signedAt) < REUSE_MS;
}

/** Whether one certificate is asked about, and one that the ledger knows: of such questions there are only so many. */
async function isOfLedger(
  { database }: AuthorityParts,
  issuer: Certificate,
  [certId, ...more]: readonly OcspCertId[],
): Promise<boolean> {
  if (certId === undefined || more.length > 0) return false;
  return statusIn(await findCertificatesBySerial(database, [certId.serial]), certId.serial, issuer) !== 'unknown';
}

function digestOf(certIds: readonly OcspCertId[]): string {
  return createHash('sha256')
    .update(Buffer.concat(certIds.map(({ der }) => der)))
    .digest('hex');
}

async function sign(
  parts: AuthorityParts,
  responder: Responder,
  issuer: Certificate,
  { certIds, nonce }: OcspRequest,
): Promise<OcspAnswer> {
  if (responder.signing >= MAX_SIGNING) return failure('tryLater');
  responder.signing += 1;
  try {
    const authority = await openKey(parts, issuer);
    if (authority === null) return failure('tryLater');
    const producedAt = parts.now();
    const rows = await findCertificatesBySerial(parts.database, [...new Set(certIds.map(({ serial }) => serial))]);
    const holds = { thisUpdate: producedAt, nextUpdate: new Date(producedAt.getTime() + VALIDITY_MS) };
    const responses = certIds.map((certId): OcspSingleResponse => {
      return { certId, status: statusIn(rows, certId.serial, issuer), ...holds };
    });
    const der = await signOrNull(parts, { authority, responses, producedAt, nonce });
    if (der === null) return failure('tryLater');
    // What is unknown may be issued in the next second.
    const isForCaches = nonce === null && responses.every(({ status }) => status !== 'unknown');
    return { der, holds, isForCaches };
  } finally {
    responder.signing -= 1;
  }
}

/** A key service that fails is no fault of whoever asks; why it fails is for the log. */
async function signOrNull(
  { log }: AuthorityParts,
  input: Parameters<typeof issueOcspResponse>[0],
): Promise<Buffer | null> {
  try {
    return await issueOcspResponse(input);
  } catch (error) {
    log.warn({ reason: wordsOfError(error) }, 'an OCSP answer could not be signed');
    return null;
  }
}

/** What was only intended is unknown, as it is to verdicts: whatever was handed out is in the ledger as issued. */
function statusIn(rows: readonly CertificateSummary[], serial: string, issuer: Certificate): OcspStatus {
  const row = rows.find((each) => each.serial === serial && each.issuerKey === issuer.publicKeyFingerprint);
  if (row === undefined) return 'unknown';
  if (row.revokedAt !== null) return { revokedAt: row.revokedAt, reason: row.revocationReason };
  return row.issuedAt === null ? 'unknown' : 'good';
}

function failure(kind: Parameters<typeof ocspFailure>[0]): OcspAnswer {
  return { der: ocspFailure(kind), holds: null, isForCaches: false };
}
