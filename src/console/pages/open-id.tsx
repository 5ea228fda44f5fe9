import type { Request } from 'express';
import { z } from 'zod';
import {
  beginLink,
  beginOpenId,
  finishLink,
  finishOpenId,
  purposeOfState,
  unlinkIdentity,
} from '../../accounts/open-id.js';
import type { Gate } from '../../gate.js';
import { RequestError } from '../../request-error.js';
import { cookieName, readCookie, writeCookie } from '../cookies.js';
import { localPath } from '../local-path.js';
import { givenPassword } from '../form-fields.js';
import { definePage, type Departure, type Page } from '../page.js';
import { browserLabel, cookiesOfSignIn } from '../session-cookie.js';
import { showAccount } from './account.js';

const STATE_COOKIE = 'portcullis-openid';
const STATE_SECONDS = 10 * 60;

/** Sign-in with an OpenID Connect provider, and the links of an account to who somebody is there. */
export const openIdPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/sign-in/openid/begin', access: 'anyone' },
    { query: z.object({ returnTo: z.string().optional().catch(undefined) }) },
    async ({ gate, query }) => departure(gate, await beginOpenId(gate, { returnTo: localPath(query.returnTo) })),
  ),
  definePage(
    { method: 'post', path: '/console/account/identities/link', access: 'signed-in', again: showAccount },
    { form: z.object({ password: givenPassword }) },
    async ({ gate, session, form: { password } }) =>
      departure(gate, await beginLink(gate, session, { returnTo: 'console/account', password })),
  ),
  definePage({ method: 'get', path: '/console/sign-in/openid', access: 'anyone' }, {}, async (context) => {
    const { gate, session, request } = context;
    const state = readCookie(request.headers, cookieName(gate.baseUrl, STATE_COOKIE)) ?? '';
    const url = addressOf(gate, request);
    if (purposeOfState(gate, state) === 'link') {
      if (session === null)
        throw new RequestError('UNAUTHENTICATED', 'You are not signed in any more. Nothing was linked.');
      const { returnTo } = await finishLink(gate, session, { url, state });
      return { redirect: localPath(returnTo) ?? 'console', flash: 'identity-linked', cookies: [forgetState(gate)] };
    }
    const done = await finishOpenId(gate, { url, state, label: browserLabel(request) });
    const cookies = [...(await cookiesOfSignIn(gate, session, done.session)), forgetState(gate)];
    return { redirect: localPath(done.returnTo) ?? 'console', cookies };
  }),
  definePage(
    { method: 'post', path: '/console/account/identities/unlink', access: 'signed-in' },
    { form: z.object({ issuer: z.string(), subject: z.string() }) },
    async ({ gate, session, form }) => {
      await unlinkIdentity(gate, session, form);
      return { redirect: 'console/account', flash: 'identity-unlinked' };
    },
  ),
];

function departure(gate: Gate, { location, state }: { readonly location: string; readonly state: string }): Departure {
  const name = cookieName(gate.baseUrl, STATE_COOKIE);
  const cookie = writeCookie(gate.baseUrl, { name, value: state, maxAgeSeconds: STATE_SECONDS });
  return { leaveFor: location, to: gate.openId?.name ?? 'the provider', cookies: [cookie] };
}

function forgetState({ baseUrl }: Gate): string {
  return writeCookie(baseUrl, { name: cookieName(baseUrl, STATE_COOKIE), value: '', maxAgeSeconds: 0 });
}

/** The address that the provider sent the browser to, as the provider knows it. */
function addressOf({ baseUrl }: Gate, request: Request): URL {
  const search = request.originalUrl.includes('?') ? request.originalUrl.slice(request.originalUrl.indexOf('?')) : '';
  return new URL(`${baseUrl}${request.path}${search}`);
}
