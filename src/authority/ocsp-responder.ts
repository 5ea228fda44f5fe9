import { createHash } from 'node:crypto';
import { lastAuthorityChange } from '../database/authority-state.js';
import { findCertificatesBySerial, type CertificateRow } from '../database/certificates.js';
import type { Database } from '../database/connect.js';
import { wordsOfError } from '../error-words.js';
import type { Certificate } from '../pki/certificate.js';
import { OcspError, isCertIdOf, parseOcspRequest } from '../pki/ocsp-request.js';
import type { OcspCertId, OcspRequest } from '../pki/ocsp-request.js';
import { issueOcspResponse, ocspFailure } from '../pki/ocsp-response.js';
import type { OcspSingleResponse, OcspStatus } from '../pki/ocsp-response.js';
import type { AuthorityParts } from './authority-parts.js';
import { openKey, readStoreAuthority, type StoreAuthority } from './store-authority.js';

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
const MAX_KEPT = 1_000;
/** Signing is the work that anybody can order without limit; more than so many at a time are put off. */
const MAX_SIGNING = 64;

/** What a responder remembers, until the authority or its ledger changes. */
interface Memory {
  readonly change: number;
  readonly authority: StoreAuthority | null;
  /** By digest of what was asked, the oldest first. */
  readonly answers: Map<string, { readonly signedAt: number; readonly answer: Promise<OcspAnswer> }>;
}

interface Responder {
  memory: Memory | null;
  signing: number;
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
  const issuer = issuerOf(request, memory.authority);
  // RFC 5019 §2.2.3: what a responder says about certificates that it is no authority for.
  if (issuer === null) return failure('unauthorized');
  if (request.nonce !== null) return sign(parts, responder, issuer, request);
  return answerOnce(parts, responder, memory, issuer, request);
}

function responderOf({ database }: AuthorityParts): Responder {
  const known = responders.get(database);
  if (known !== undefined) return known;
  const fresh: Responder = { memory: null, signing: 0 };
  responders.set(database, fresh);
  return fresh;
}

/** The number of the change is read before all else, so that what is remembered under it is never older than it. */
async function recall({ database }: AuthorityParts, responder: Responder): Promise<Memory> {
  const change = await lastAuthorityChange(database);
  if (responder.memory?.change === change) return responder.memory;
  const authority = await readStoreAuthority(database);
  // Of many that ask right after a change one is first, and the others share what it begins.
  if (responder.memory?.change === change) return responder.memory;
  const fresh: Memory = { change, authority, answers: new Map() };
  responder.memory = fresh;
  return fresh;
}

/** The authority that issued everything that is asked about; one answer has one signer, so that must be the same. */
function issuerOf({ certIds }: OcspRequest, authority: StoreAuthority | null): Certificate | null {
  const certificates = authority?.developers.map(({ certificate }) => certificate) ?? [];
  return certificates.findLast((issuer) => certIds.every((certId) => isCertIdOf(certId, issuer))) ?? null;
}

/** An answer that several may share: to the same question it is signed once, also where all ask at the same time. */
async function answerOnce(
  parts: AuthorityParts,
  responder: Responder,
  { answers }: Memory,
  issuer: Certificate,
  request: OcspRequest,
): Promise<OcspAnswer> {
  const at = parts.now().getTime();
  const key = digestOf(request.certIds);
  const known = answers.get(key);
  if (known !== undefined && Math.abs(at - known.signedAt) < REUSE_MS) return known.answer;
  const answer = sign(parts, responder, issuer, request);
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
function statusIn(rows: readonly CertificateRow[], serial: string, issuer: Certificate): OcspStatus {
  const row = rows.find((each) => each.serial === serial && each.issuerKey === issuer.publicKeyFingerprint);
  if (row === undefined) return 'unknown';
  if (row.revokedAt !== null) return { revokedAt: row.revokedAt, reason: row.revocationReason };
  return row.issuedAt === null ? 'unknown' : 'good';
}

function failure(kind: Parameters<typeof ocspFailure>[0]): OcspAnswer {
  return { der: ocspFailure(kind), holds: null, isForCaches: false };
}
