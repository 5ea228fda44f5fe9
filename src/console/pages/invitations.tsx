import type { ComponentChildren, JSX } from 'preact';
import { z } from 'zod';
import { acceptInvitation, declineInvitation, readInvitation } from '../../accounts/invitations.js';
import type { Session } from '../../accounts/sessions.js';
import type { InvitationRow } from '../../database/invitations.js';
import { requiredText, typedPassword } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Button } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Field } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Time } from '../parts/time.js';
import { browserLabel, cookiesOfSignIn } from '../session-cookie.js';
import { entrance } from './sign-in.js';

const params = z.object({ secret: z.string().max(200) });

const show: ShowPage<'anyone', z.infer<typeof params>, object> = async ({ gate, session, params: { secret } }) => {
  const invitation = await readInvitation(gate, secret);
  const address = `console/invitations/${secret}`;
  if (invitation.kind === 'password-reset') {
    return entrance(
      'Choose a new password',
      <div class="card">
        <NewPasswordForm address={address} invitation={invitation} />
      </div>,
      <>For the account {invitation.accountName}.</>,
    );
  }
  return entrance(
    titleOf(invitation),
    <>
      <p>
        {wordsOf(invitation)} The invitation ends <Time at={invitation.expiresAt} />.
      </p>
      {session === null ? (
        <Newcomer address={address} invitation={invitation} />
      ) : (
        <SignedIn address={address} invitation={invitation} session={session} />
      )}
    </>,
  );
};

const description = { method: 'post', again: show, secretAddress: true } as const;

/** What somebody with a one-time link sees. Whoever has the link is who it was made for: no page leads on to another site from here. */
export const invitationPages: readonly Page[] = [
  definePage(
    { method: 'get', path: '/console/invitations/{secret}', access: 'anyone', secretAddress: true },
    { params },
    show,
  ),
  definePage(
    { ...description, path: '/console/invitations/{secret}/accept', access: 'signed-in' },
    { params },
    async ({ gate, session, params: { secret } }) => {
      const { invitation } = await acceptInvitation(gate, secret, { caller: session.caller, label: null });
      return { redirect: placeOf(invitation), flash: 'invitation-accepted' };
    },
  ),
  definePage(
    { ...description, path: '/console/invitations/{secret}/account', access: 'anyone' },
    { params, form: z.object({ name: requiredText(64, 'A name'), password: typedPassword }) },
    async ({ gate, session, params: { secret }, form, request }) => {
      const label = browserLabel(request);
      const accepted = await acceptInvitation(gate, secret, { newAccount: form, label });
      const cookies = accepted.session === null ? [] : await cookiesOfSignIn(gate, session, accepted.session);
      return { redirect: placeOf(accepted.invitation), flash: 'invitation-accepted', cookies };
    },
  ),
  definePage(
    { ...description, path: '/console/invitations/{secret}/password', access: 'anyone' },
    { params, form: z.object({ password: typedPassword }) },
    async ({ gate, params: { secret }, form }) => {
      await acceptInvitation(gate, secret, { newPassword: form.password, label: null });
      return { redirect: 'console/sign-in', flash: 'password-set' };
    },
  ),
  definePage(
    { ...description, path: '/console/invitations/{secret}/decline', access: 'anyone' },
    { params },
    async ({ gate, session, params: { secret } }) => {
      await declineInvitation(gate, secret, session?.caller ?? null);
      return { redirect: session === null ? 'console/sign-in' : 'console', flash: 'invitation-declined' };
    },
  ),
];

function placeOf({ appId }: InvitationRow): string {
  return appId === null ? 'console' : `console/my/apps/${encodeURIComponent(appId)}`;
}

function titleOf({ kind, appId }: InvitationRow): string {
  if (kind === 'co-owner') return `Become an owner of ${appId ?? ''}`;
  return kind === 'transfer' ? `Take over ${appId ?? ''}` : 'Join this store';
}

function wordsOf({ kind, appId, invitedBy, role }: InvitationRow): ComponentChildren {
  if (kind === 'co-owner') {
    return (
      <>
        <strong>{invitedBy}</strong> invites you to become an owner of <strong>{appId}</strong>, beside its other
        owners: you may upload releases, invite others and withdraw releases.
      </>
    );
  }
  if (kind === 'transfer') {
    return (
      <>
        <strong>{invitedBy}</strong> offers you <strong>{appId}</strong>. Once you accept, you are its only owner.
      </>
    );
  }
  return (
    <>
      <strong>{invitedBy}</strong> invites you to this store as {role === 'administrator' ? 'an' : 'a'}{' '}
      <strong>{role}</strong>.
    </>
  );
}

interface Invited {
  readonly address: string;
  readonly invitation: InvitationRow;
}

function SignedIn({ address, invitation, session }: Invited & { readonly session: Session }): JSX.Element {
  const { accountName } = session.caller;
  const isForAnother = invitation.accountName !== null && invitation.accountName !== accountName;
  return (
    <div class="card">
      {isForAnother ? (
        <Callout kind="warning">
          This invitation is for the account {invitation.accountName}, and you are signed in as {accountName}. Sign out
          first, then open the link again.
        </Callout>
      ) : (
        <>
          <Form action={`${address}/accept`}>
            <Button look="primary">Accept as {accountName}</Button>
          </Form>
          <DeclineForm address={address} />
        </>
      )}
    </div>
  );
}

function Newcomer({ address, invitation }: Invited): JSX.Element {
  const mayBeNew = invitation.kind === 'account';
  const signIn = `console/sign-in?${new URLSearchParams({ returnTo: address }).toString()}`;
  return (
    <>
      {mayBeNew && (
        <div class="card">
          <h2>Make an account</h2>
          <Form action={`${address}/account`}>
            <Field
              name="name"
              label="Account"
              hint={invitation.accountName === null ? 'Small letters, digits, ".", "_" and "-".' : undefined}
              required
              autocomplete="username"
              spellcheck={false}
              maxlength={64}
              {...(invitation.accountName !== null && { value: invitation.accountName, readonly: true })}
            />
            <PasswordField />
            <button class="button primary block">Make the account and accept</button>
          </Form>
        </div>
      )}
      {!mayBeNew && <p>An account in this store is needed. Those who run the store invite whoever has none.</p>}
      <div class="cluster">
        <a class={mayBeNew ? 'button' : 'button primary'} href={signIn}>
          I have an account: sign in
        </a>
        <DeclineForm address={address} />
      </div>
    </>
  );
}

function DeclineForm({ address }: { readonly address: string }): JSX.Element {
  return (
    <Form action={`${address}/decline`} class="inline">
      <Button look="plain">Decline</Button>
    </Form>
  );
}

function NewPasswordForm({ address, invitation }: Invited): JSX.Element {
  return (
    <Form action={`${address}/password`}>
      <input type="text" name="username" value={invitation.accountName ?? ''} autocomplete="username" hidden readonly />
      <PasswordField />
      <button class="button primary block">Set the password</button>
    </Form>
  );
}

function PasswordField(): JSX.Element {
  return (
    <Field
      name="password"
      type="password"
      label="Password"
      hint="At least 12 characters. A few words that have nothing to do with each other are good, and easily remembered."
      required
      autocomplete="new-password"
    />
  );
}
