import { STATUS_CODES } from 'node:http';
import type { RequestError, RequestErrorCode } from '../request-error.js';

/** The one place that knows which HTTP status a wrong request gets. */
export const statusOfCode: Readonly<Record<RequestErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  SCOPE_INSUFFICIENT: 403,
  NOT_OWNER: 403,
  APP_ID_RESERVED: 403,
  APP_ID_INVALID: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  INVALID_REQUEST: 400,
  ARCHIVE_FIELD_MISSING: 400,
  ARCHIVE_FIELD_REPEATED: 400,
  BODY_MALFORMED: 400,
  BODY_INCOMPLETE: 400,
  UNSUPPORTED_MEDIA_TYPE: 415,
  ARCHIVE_NOT_ZIP: 415,
  ARCHIVE_TOO_LARGE: 413,
  BODY_TOO_LARGE: 413,
  DIGEST_MISMATCH: 400,
  IDEMPOTENCY_KEY_INVALID: 400,
  IDEMPOTENCY_KEY_REUSED: 422,
  LAST_OWNER: 409,
  INVITATION_REQUIRED: 409,
  SIGNATURE_REQUIRED: 409,
  SIGNER_COMPROMISED: 409,
  RELEASE_WITHDRAWN: 410,
  RELEASE_QUARANTINED: 410,
  PRECONDITION_FAILED: 412,
  RANGE_NOT_SATISFIABLE: 416,
  CURSOR_GONE: 410,
  NO_AUTHORITY: 404,
  ISSUER_UNAVAILABLE: 503,
  CSR_INVALID: 422,
  KEY_REFUSED: 422,
  REQUEST_DECIDED: 409,
  REQUEST_OPEN: 409,
  APPLICANT_TOKEN_REVOKED: 409,
  CHALLENGE_EXPIRED: 409,
  CMS_INVALID: 422,
  TOO_MANY_OPEN: 429,
  TOO_MANY_ATTEMPTS: 429,
  ACCOUNT_SUSPENDED: 403,
  APP_SUSPENDED: 403,
  SIGN_IN_FAILED: 401,
  FORM_EXPIRED: 403,
  NAME_TAKEN: 409,
  PASSWORD_REFUSED: 422,
  LAST_ADMINISTRATOR: 409,
  INVITATION_INVALID: 410,
  REVIEW_CLOSED: 409,
  REVIEW_CLAIMED: 409,
  OWN_CASE: 403,
  VERDICT_UNFIT: 409,
  NOT_LIFTABLE: 409,
  STILL_REFUSED: 409,
  NOT_APPEALABLE: 409,
  RULE_FIXED: 409,
  WEBHOOK_REFUSED: 422,
  CRL_UNAVAILABLE: 503,
  UNAVAILABLE: 503,
};

/** Seconds after which a 503 is worth another try. */
const RETRY_AFTER: Readonly<Partial<Record<RequestErrorCode, number>>> = {
  ISSUER_UNAVAILABLE: 60,
  CRL_UNAVAILABLE: 300,
  UNAVAILABLE: 10,
};

/** A problem document (RFC 9457 §3.1). `code` is for programs; `type` is a relative reference to its documentation. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly [extension: string]: unknown;
}

/** The problem document of a wrong request. */
export function problemOf(error: RequestError): Problem {
  return problem(statusOfCode[error.code], error.code, error.message, error.extra);
}

/** Builds a problem document; `extra` can't overwrite the standard members. */
export function problem(
  status: number,
  code: string,
  detail: string,
  extra: Readonly<Record<string, unknown>> = {},
): Problem {
  return { ...extra, type: `/docs#${code}`, title: STATUS_CODES[status] ?? 'Error', status, detail, code };
}

/** The headers that belong to a problem. */
export function problemHeaders(code: RequestErrorCode): Readonly<Record<string, string>> {
  const retryAfter = RETRY_AFTER[code];
  return {
    ...(code === 'UNAUTHENTICATED' && { 'www-authenticate': 'Bearer realm="portcullis"' }),
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  };
}
