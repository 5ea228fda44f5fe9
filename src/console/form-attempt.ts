import type { Request } from 'express';
import { statusOfCode } from '../http/problem.js';
import { RequestError, type RequestErrorCode } from '../request-error.js';
import { FormError } from './check-input.js';
import { TOKEN_FIELD } from './form-token.js';
import type { Attempt } from './surroundings.js';

/** What no change of the form could mend. */
const beyondTheForm: readonly RequestErrorCode[] = [
  'UNAUTHENTICATED',
  'SCOPE_INSUFFICIENT',
  'NOT_OWNER',
  'NOT_FOUND',
  'ACCOUNT_SUSPENDED',
  'BODY_TOO_LARGE',
  'BODY_MALFORMED',
  'UNSUPPORTED_MEDIA_TYPE',
  'BODY_INCOMPLETE',
];

/** Codes that are about one field, and what forms call it. */
const fieldsOfCode: Readonly<Partial<Record<RequestErrorCode, readonly string[]>>> = {
  PASSWORD_REFUSED: ['next', 'password'],
  SIGN_IN_FAILED: ['current', 'password'],
  NAME_TAKEN: ['name'],
};

/** What was thrown over a form, as something to show beside it; null where that helps nobody. */
export function attemptOf(
  thrown: unknown,
  request: Request,
): { readonly status: number; readonly attempt: Attempt } | null {
  const action = request.path.slice(1);
  const values = valuesOf(request.body);
  if (thrown instanceof FormError) {
    return {
      status: 422,
      attempt: { action, values, message: thrown.fields[''] ?? thrown.message, errors: thrown.fields },
    };
  }
  if (!(thrown instanceof RequestError) || beyondTheForm.includes(thrown.code)) return null;
  // A page of another site could have filled the form in for somebody else to send: shown again is only what surely came from ours.
  if (thrown.code === 'FORM_EXPIRED' && !saysSameOrigin(request)) return null;
  const said = thrown.extra['field'];
  const field = typeof said === 'string' ? said : fieldsOfCode[thrown.code]?.find((name) => name in values);
  const errors = field === undefined ? {} : { [field]: thrown.message };
  return { status: statusOfCode[thrown.code], attempt: { action, values, message: thrown.message, errors } };
}

function saysSameOrigin({ headers }: Request): boolean {
  return headers['sec-fetch-site'] === 'same-origin' || (headers.origin !== undefined && headers.origin !== 'null');
}

function valuesOf(body: unknown): Attempt['values'] {
  const values: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    if (name === TOKEN_FIELD) continue;
    if (typeof value === 'string') values[name] = value;
    else if (Array.isArray(value)) values[name] = value.map(String);
  }
  return values;
}
