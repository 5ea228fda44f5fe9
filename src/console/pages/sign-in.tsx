import type { ComponentChildren, JSX } from 'preact';
import { z } from 'zod';
import { endSession } from '../../accounts/sessions.js';
import { signInWithPassword, signInWithToken } from '../../accounts/sign-in.js';
import type { Gate } from '../../gate.js';
import { tickBox, typedPassword } from '../form-fields.js';
import { localPath } from '../local-path.js';
import { definePage, type Page, type ShownPage, type ShowPage } from '../page.js';
import { Button } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Field } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Hidden } from '../parts/hidden.js';
import { browserLabel, cookiesOfSignIn, cookiesOfSignOut } from '../session-cookie.js';
import { openPendingSignIn, sealPendingSignIn } from './pending-sign-in.js';

const HOME = 'console';

const returnQuery = z.object({ returnTo: z.string().optional().catch(undefined) });
const returnField = { returnTo: z.string().default('') };

const signIn: ShowPage<'anyone', object, z.infer<typeof returnQuery>> = ({ gate, query }) =>
  entrance('Sign in', <PasswordForm gate={gate} returnTo={localPath(query.returnTo) ?? ''} />);

const withToken: ShowPage<'anyone', object, z.infer<typeof returnQuery>> = ({ query }) =>
  entrance('Sign in with a token', <TokenForm returnTo={localPath(query.returnTo) ?? ''} />);

const withCode: ShowPage<'anyone', object, object> = () => entrance('Second step', <CodeForm pending="" />);

/** How people come in, and go out. */
export const signInPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/sign-in', access: 'anyone' }, { query: returnQuery }, (context) =>
    context.session === null ? signIn(context) : { redirect: localPath(context.query.returnTo) ?? HOME },
  ),
  definePage(
    { method: 'post', path: '/console/sign-in', access: 'anyone', again: signIn },
    {
      query: returnQuery,
      form: z.object({
        name: z.string().trim().min(1, 'The account is needed.').max(200, 'At most 200 characters.'),
        password: typedPassword,
        ...returnField,
      }),
    },
    async ({ gate, session, form, request }) => {
      const { name, password } = form;
      const returnTo = localPath(form.returnTo) ?? HOME;
      const from = { address: request.ip ?? '', label: browserLabel(request) };
      const done = await signInWithPassword(gate, { name, password, code: null, ...from });
      if (done.kind === 'code-needed') {
        return entrance('Second step', <CodeForm pending={sealPendingSignIn(gate, { name, password, returnTo })} />);
      }
      return { redirect: returnTo, cookies: await cookiesOfSignIn(gate, session, done.session) };
    },
  ),
  definePage({ method: 'get', path: '/console/sign-in/code', access: 'anyone' }, {}, () => ({
    redirect: 'console/sign-in',
  })),
  definePage(
    { method: 'post', path: '/console/sign-in/code', access: 'anyone', again: withCode },
    { form: z.object({ code: z.string().trim().min(1, 'The code is needed.').max(100), pending: z.string() }) },
    async ({ gate, session, form, request }) => {
      const pending = openPendingSignIn(gate, form.pending);
      if (pending === null) return { redirect: 'console/sign-in', flash: 'sign-in-expired' };
      const { name, password, returnTo } = pending;
      const from = { address: request.ip ?? '', label: browserLabel(request) };
      const done = await signInWithPassword(gate, { name, password, code: form.code, ...from });
      if (done.kind === 'code-needed') return { redirect: 'console/sign-in' };
      const cookies = await cookiesOfSignIn(gate, session, done.session);
      return { redirect: localPath(returnTo) ?? HOME, cookies };
    },
  ),
  definePage({ method: 'get', path: '/console/sign-in/token', access: 'anyone' }, { query: returnQuery }, withToken),
  definePage(
    { method: 'post', path: '/console/sign-in/token', access: 'anyone', again: withToken },
    {
      query: returnQuery,
      form: z.object({ token: z.string().trim().min(1, 'The token is needed.').max(500), ...returnField }),
    },
    async ({ gate, session, form, request }) => {
      const from = { address: request.ip ?? '', label: browserLabel(request) };
      const begun = await signInWithToken(gate, { token: form.token, ...from });
      return { redirect: localPath(form.returnTo) ?? HOME, cookies: await cookiesOfSignIn(gate, session, begun) };
    },
  ),
  definePage(
    { method: 'post', path: '/console/sign-out', access: 'anyone' },
    { form: z.object({ everywhere: tickBox }) },
    async ({ gate, session }) => {
      if (session !== null) await endSession(gate, session);
      return { redirect: 'console/sign-in', flash: 'signed-out', cookies: cookiesOfSignOut(gate) };
    },
  ),
];

/** A narrow page for one thing to do. */
export function entrance(title: string, body: ComponentChildren, lead?: ComponentChildren): ShownPage {
  return {
    title,
    heading: false,
    body: (
      <div class="entrance">
        <div>
          <h1>{title}</h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {body}
      </div>
    ),
  };
}

function PasswordForm({ gate, returnTo }: { readonly gate: Gate; readonly returnTo: string }): JSX.Element {
  const query = returnTo === '' ? '' : `?${new URLSearchParams({ returnTo }).toString()}`;
  return (
    <>
      {gate.openId !== null && (
        <>
          <a class="button block" href={`console/sign-in/openid/begin${query}`}>
            Sign in with {gate.openId.name}
          </a>
          <p class="divider">or</p>
        </>
      )}
      <div class="card">
        <Form action="console/sign-in">
          <Hidden name="returnTo" value={returnTo} />
          <Field name="name" label="Account" required autocomplete="username" spellcheck={false} />
          <Field name="password" type="password" label="Password" required autocomplete="current-password" />
          <button class="button primary block">Sign in</button>
        </Form>
      </div>
      <ul class="small quiet">
        <li>
          <a href="console/password-reset">Forgotten the password?</a>
        </li>
        <li>
          <a href={`console/sign-in/token${query}`}>Sign in with a token</a>
        </li>
        <li>
          No account yet? Ask a moderator of this store for an invitation. The first one is made where the gate runs:{' '}
          <code>portcullis account invite NAME --role administrator</code>
        </li>
      </ul>
    </>
  );
}

function CodeForm({ pending }: { readonly pending: string }): JSX.Element {
  return (
    <>
      <div class="card">
        <Form action="console/sign-in/code">
          <Hidden name="pending" value={pending} />
          <Field
            name="code"
            label="Code"
            hint="The six digits that your authenticator app shows now, or one of your recovery codes."
            required
            autofocus
            autocomplete="one-time-code"
            spellcheck={false}
            class="code-value"
          />
          <button class="button primary block">Sign in</button>
        </Form>
      </div>
      <p class="small">
        <a href="console/sign-in">Begin again</a>
      </p>
    </>
  );
}

function TokenForm({ returnTo }: { readonly returnTo: string }): JSX.Element {
  return (
    <>
      <Callout>
        The first start of the gate wrote a token of its operator to the file <code>operator-token</code> in its data
        folder. Once you are in, set a password for your account.
      </Callout>
      <div class="card">
        <Form action="console/sign-in/token">
          <Hidden name="returnTo" value={returnTo} />
          <Field
            name="token"
            type="password"
            label="Token"
            hint="One of your account that does not expire and is made for all of its apps."
            required
            autocomplete="off"
          />
          <Button look="primary">Sign in</Button>
        </Form>
      </div>
      <p class="small">
        <a href="console/sign-in">Sign in with a password</a>
      </p>
    </>
  );
}
