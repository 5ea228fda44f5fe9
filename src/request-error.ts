/**
 * Every way in which a request can be wrong. The codes are part of the API; what HTTP status each one has is known
 * only in `http/problem.ts`.
 */
export type RequestErrorCode =
  | 'UNAUTHENTICATED'
  | 'SCOPE_INSUFFICIENT'
  | 'NOT_OWNER'
  | 'APP_ID_RESERVED'
  | 'APP_ID_INVALID'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'INVALID_REQUEST'
  | 'ARCHIVE_FIELD_MISSING'
  | 'ARCHIVE_FIELD_REPEATED'
  | 'BODY_MALFORMED'
  | 'BODY_INCOMPLETE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'ARCHIVE_NOT_ZIP'
  | 'ARCHIVE_TOO_LARGE'
  | 'BODY_TOO_LARGE'
  | 'DIGEST_MISMATCH'
  | 'IDEMPOTENCY_KEY_INVALID'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'LAST_OWNER'
  | 'INVITATION_REQUIRED'
  | 'SIGNATURE_REQUIRED'
  | 'SIGNER_COMPROMISED'
  | 'RELEASE_WITHDRAWN'
  | 'RELEASE_QUARANTINED'
  | 'PRECONDITION_FAILED'
  | 'RANGE_NOT_SATISFIABLE'
  | 'CURSOR_GONE'
  | 'NO_AUTHORITY'
  | 'ISSUER_UNAVAILABLE'
  | 'CSR_INVALID'
  | 'KEY_REFUSED'
  | 'REQUEST_DECIDED'
  | 'REQUEST_OPEN'
  | 'APPLICANT_TOKEN_REVOKED'
  | 'CHALLENGE_EXPIRED'
  | 'CMS_INVALID'
  | 'TOO_MANY_OPEN'
  | 'TOO_MANY_ATTEMPTS'
  | 'ACCOUNT_SUSPENDED'
  | 'APP_SUSPENDED'
  | 'SIGN_IN_FAILED'
  | 'FORM_EXPIRED'
  | 'NAME_TAKEN'
  | 'PASSWORD_REFUSED'
  | 'LAST_ADMINISTRATOR'
  | 'INVITATION_INVALID'
  | 'REVIEW_CLOSED'
  | 'REVIEW_CLAIMED'
  | 'OWN_CASE'
  | 'VERDICT_UNFIT'
  | 'NOT_LIFTABLE'
  | 'STILL_REFUSED'
  | 'NOT_APPEALABLE'
  | 'RULE_FIXED'
  | 'WEBHOOK_REFUSED'
  | 'CRL_UNAVAILABLE'
  | 'UNAVAILABLE';

/** What is wrong with a request. What is wrong with an upload is a finding; anything else thrown is a bug. */
export class RequestError extends Error {
  /**
   * @param code what is wrong, for programs
   * @param message what is wrong, for people: one or two sentences, with nothing secret in them
   * @param extra further members of the problem document
   */
  constructor(
    readonly code: RequestErrorCode,
    message: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'RequestError';
  }
}
