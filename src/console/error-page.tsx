import { STATUS_CODES } from 'node:http';
import { problemHeaders, statusOfCode } from '../http/problem.js';
import type { RequestError, RequestErrorCode } from '../request-error.js';
import type { ShownPage } from './page.js';

const titles: Readonly<Partial<Record<RequestErrorCode, string>>> = {
  NOT_FOUND: 'Nothing is here',
  UNAUTHENTICATED: 'You are not signed in',
  SCOPE_INSUFFICIENT: 'This is not for you',
  NOT_OWNER: 'This is not for you',
  ACCOUNT_SUSPENDED: 'Your account is suspended',
  FORM_EXPIRED: 'This form is no longer good',
  TOO_MANY_ATTEMPTS: 'Too many tries',
  UNAVAILABLE: 'Not now',
};

/** What a wrong request is told, with a way on. */
export function errorPage(error: RequestError, isSignedIn: boolean): ShownPage {
  const status = statusOfCode[error.code];
  const { 'www-authenticate': _forPrograms, ...headers } = problemHeaders(error.code);
  const signIn = error.code === 'UNAUTHENTICATED' && !isSignedIn;
  return {
    title:
      titles[error.code] ?? (status === 403 ? 'This is not for you' : (STATUS_CODES[status] ?? 'Something is wrong')),
    status,
    headers,
    lead: error.message,
    body: (
      <>
        {signIn && (
          <p>What you typed is still there when you go back. Sign in in another tab first, then send it again.</p>
        )}
        <p class="cluster">
          {signIn && (
            <a class="button primary" href="console/sign-in" target="_blank" rel="noopener">
              Sign in in another tab
            </a>
          )}
          <a class="button" href="console">
            To the start
          </a>
        </p>
        <p class="quiet small">
          Code <code>{error.code}</code>
        </p>
      </>
    ),
  };
}

/** What is told where the gate itself failed; of the fault nothing but the id to find it by. */
export function faultPage(requestId: string): ShownPage {
  return {
    title: 'The gate failed',
    status: 500,
    lead: 'The fault is not yours, and it is written down. Try it again in a while.',
    body: (
      <p>
        If it stays, tell whoever runs this store the request id <code>{requestId}</code>.
      </p>
    ),
  };
}
