import { isModerator, requireApp, requireModerator, type Caller } from '../accounts/caller.js';
import { listOwners } from '../database/apps.js';
import { findCertificate } from '../database/certificates.js';
import { listControlChallenges, type ControlChallengeRow } from '../database/control-challenges.js';
import { withoutModerators } from '../accounts/unnamed-moderators.js';
import { listSigningRequestEvents, type SigningRequestEventRow } from '../database/signing-request-events.js';
import {
  listSigningRequests,
  listSigningRequestsOfApp,
  openStates,
  type SigningRequestCursor,
  type SigningRequestRow,
  type SigningRequestState,
} from '../database/signing-requests.js';
import { findToken, type TokenRow } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { requireAppId } from '../releases/ownership.js';
import { isPublishedUrl, listPublishedUrls } from './declared-url.js';
import { readCertificateChain, type CertificateChain } from './issue-certificate.js';
import { maySeeConfidences, requireReadableRequest } from './signing-request-access.js';

/** A signing request with all that belongs to it, as far as the caller may see it. */
export interface SigningRequestFile {
  readonly request: SigningRequestRow;
  /** What it was asked for with; null where that is none of the caller's business, or it was no token. */
  readonly token: Pick<TokenRow, 'label' | 'scopes' | 'revokedAt'> | null;
  /** Whether the declared URL is one that the app's published releases declare; null where none is declared. */
  readonly isUrlPublished: boolean | null;
  readonly events: readonly SigningRequestEventRow[];
  readonly challenges: readonly (Omit<ControlChallengeRow, 'value'> & {
    /** Null where it is none of the caller's business. */
    readonly value: string | null;
    readonly isUrlPublished: boolean;
  })[];
  /** Null where none came of it. */
  readonly issued: CertificateChain | null;
}

/**
 * One signing request, for whoever made it, the owners of the app and moderators.
 *
 * @throws RequestError `NOT_FOUND`, also where it is none of the caller's business
 */
export async function readSigningRequest(gate: Gate, caller: Caller, id: string): Promise<SigningRequestFile> {
  return openFile(gate, caller, await requireReadableRequest(gate.database, caller, id));
}

/** What belongs to a request that the caller may read. */
export async function openFile(gate: Gate, caller: Caller, request: SigningRequestRow): Promise<SigningRequestFile> {
  const { database } = gate;
  const { id, appId, declaredUrl } = request;
  const maySee = maySeeConfidences(caller, request);
  const published = await listPublishedUrls(database, appId);
  const challenges = await listControlChallenges(database, id);
  return {
    request,
    token: maySee ? await findToken(database, request.tokenId) : null,
    isUrlPublished: declaredUrl === null ? null : isPublishedUrl(published, declaredUrl),
    events: await withoutModerators(database, caller, appId, await listSigningRequestEvents(database, id)),
    challenges: challenges.map((challenge) => ({
      ...challenge,
      value: maySee ? challenge.value : null,
      isUrlPublished: isPublishedUrl(published, challenge.declaredUrl),
    })),
    issued: await readIssued(gate, request),
  };
}

async function readIssued(gate: Gate, { serial }: SigningRequestRow): Promise<CertificateChain | null> {
  const certificate = serial === null ? null : await findCertificate(gate.database, serial);
  return certificate === null ? null : readCertificateChain(gate, certificate);
}

/**
 * The signing requests for an app, the newest first: all of them for its owners and moderators, their own for others.
 *
 * @throws RequestError `APP_ID_INVALID` or `SCOPE_INSUFFICIENT`
 */
export async function readSigningRequestsOfApp(
  { database }: Gate,
  caller: Caller,
  appId: string,
  page: { readonly before: SigningRequestCursor | null; readonly limit: number },
): Promise<readonly SigningRequestRow[]> {
  requireAppId(appId);
  if (!isModerator(caller)) requireApp(caller, appId);
  const all = isModerator(caller) || (await listOwners(database, appId)).some(({ id }) => id === caller.accountId);
  return listSigningRequestsOfApp(database, { appId, accountId: all ? null : caller.accountId, ...page });
}

/**
 * The signing requests of the whole store, the oldest first: those that wait, or those in one state.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller is a moderator
 */
export async function readSigningRequests(
  { database }: Gate,
  caller: Caller,
  query: {
    readonly state: SigningRequestState | 'open';
    readonly after: SigningRequestCursor | null;
    readonly limit: number;
  },
): Promise<readonly SigningRequestRow[]> {
  requireModerator(caller);
  const { state, after, limit } = query;
  return listSigningRequests(database, { states: state === 'open' ? openStates : [state], after, limit });
}
