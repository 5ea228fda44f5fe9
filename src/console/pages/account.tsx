import type { JSX } from 'preact';
import { z } from 'zod';
import { readOwnAccount, type OwnAccount } from '../../accounts/own-account.js';
import { changePassword, removePassword } from '../../accounts/passwords.js';
import { changeEmail } from '../../accounts/people.js';
import { endOtherSessions, listSessions, type SessionSummary } from '../../accounts/sessions.js';
import type { Gate } from '../../gate.js';
import { givenPassword, optionalText, typedPassword } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button, ButtonLink, Confirm } from '../parts/button.js';
import { Field } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Hidden } from '../parts/hidden.js';
import { Card, Facts } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';

const methods = {
  password: 'Password',
  'password+totp': 'Password and code',
  oidc: 'OpenID Connect',
  token: 'Token',
  invitation: 'Invitation',
} as const;

/** Somebody's own account, whose forms are on this page. */
export const showAccount: ShowPage<'signed-in', object, object> = async ({ gate, session }) => {
  const account = await readOwnAccount(gate, session.caller);
  const sessions = await listSessions(gate, session.caller);
  return {
    title: 'Account',
    body: (
      <>
        <Card>
          <Facts
            facts={[
              ['Name', <strong key="name">{account.name}</strong>],
              ['Role', <WordBadge key="role" word={account.role} />],
              ['Since', <Day key="since" at={account.createdAt} />],
            ]}
          />
        </Card>
        <PasswordCard account={account} />
        <SecondStepCard account={account} />
        <SessionsCard sessions={sessions} />
        {(gate.openId !== null || account.identities.length > 0) && <IdentitiesCard account={account} gate={gate} />}
        <EmailCard account={account} mails={gate.mail !== null} />
      </>
    ),
  };
};

/** Somebody's own account: how they sign in, and where mail goes. */
export const accountPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/account', access: 'signed-in' }, {}, showAccount),
  definePage(
    { method: 'post', path: '/console/account/password', access: 'signed-in', again: showAccount },
    { form: z.object({ current: z.string().max(1000).optional(), next: typedPassword }) },
    async ({ gate, session, form }) => {
      await changePassword(gate, session, { current: form.current ?? null, next: form.next });
      return { redirect: 'console/account', flash: 'password-changed' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/account/password/remove', access: 'signed-in', again: showAccount },
    { form: z.object({ current: typedPassword }) },
    async ({ gate, session, form }) => {
      await removePassword(gate, session, form);
      return { redirect: 'console/account', flash: 'password-removed' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/account/sessions/end', access: 'signed-in', again: showAccount },
    {},
    async ({ gate, session }) => {
      await endOtherSessions(gate, session);
      return { redirect: 'console/account', flash: 'other-sessions-ended' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/account/email', access: 'signed-in', again: showAccount },
    { form: z.object({ email: optionalText(254), password: givenPassword }) },
    async ({ gate, session, form }) => {
      await changeEmail(gate, session.caller, { name: session.caller.accountName, ...form });
      return { redirect: 'console/account', flash: 'email-changed' };
    },
  ),
];

function PasswordCard({ account }: { readonly account: OwnAccount }): JSX.Element {
  const { passwordChangedAt } = account;
  const hasPassword = passwordChangedAt !== null;
  return (
    <Card
      title="Password"
      id="password"
      lead={
        hasPassword ? (
          <>
            Last changed <Time at={passwordChangedAt} />. Changing it ends your other sessions.
          </>
        ) : (
          'You have none yet. With one you can sign in without a token or another provider.'
        )
      }
    >
      <Form action="console/account/password">
        <input type="text" name="username" value={account.name} autocomplete="username" hidden readonly />
        {hasPassword && (
          <Field name="current" type="password" label="Current password" required autocomplete="current-password" />
        )}
        <Field
          name="next"
          type="password"
          label="New password"
          hint="At least 12 characters. A few words that have nothing to do with each other are good, and easily remembered."
          required
          autocomplete="new-password"
        />
        <Button look={hasPassword ? undefined : 'primary'}>
          {hasPassword ? 'Change the password' : 'Set the password'}
        </Button>
      </Form>
      {hasPassword && account.identities.length > 0 && (
        <Confirm label="Remove the password" look="plain">
          <Form action="console/account/password/remove">
            <p>You then sign in with your linked identity alone.</p>
            <Field name="current" type="password" label="Password" required autocomplete="current-password" />
            <Button look="danger">Remove it</Button>
          </Form>
        </Confirm>
      )}
    </Card>
  );
}

function SecondStepCard({
  account: { secondFactorSince, recoveryCodesLeft },
}: {
  readonly account: OwnAccount;
}): JSX.Element {
  const isOn = secondFactorSince !== null;
  return (
    <Card
      title={
        <span class="cluster">
          Second step <Badge tone={isOn ? 'good' : 'neutral'}>{isOn ? 'on' : 'off'}</Badge>
        </span>
      }
      lead={
        isOn
          ? `After your password you are asked for a code. ${recoveryCodesLeft} recovery codes are left.`
          : 'After your password you can be asked for a code from an app on your phone.'
      }
      actions={<ButtonLink href="console/account/second-factor">{isOn ? 'Change' : 'Set up'}</ButtonLink>}
    />
  );
}

function SessionsCard({ sessions }: { readonly sessions: readonly SessionSummary[] }): JSX.Element {
  return (
    <Card
      title="Sessions"
      id="sessions"
      lead="Browsers in which you are signed in."
      actions={
        sessions.length > 1 && (
          <Form action="console/account/sessions/end" class="inline">
            <Button>End all others</Button>
          </Form>
        )
      }
    >
      <Table
        caption="Your sessions"
        rows={sessions}
        rowKey={({ id }) => id}
        columns={[
          {
            label: 'Browser',
            cell: ({ label, isCurrent }) => (
              <>
                {browserName(label)} {isCurrent && <Badge tone="accent">this one</Badge>}
              </>
            ),
          },
          { label: 'Signed in with', cell: ({ method }) => methods[method] },
          { label: 'Since', cell: ({ startedAt }) => <Time at={startedAt} /> },
          { label: 'Last seen', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
        ]}
      />
    </Card>
  );
}

/** The few words of a user agent that say something to people; the whole where none is known. */
function browserName(label: string): string {
  const browser = /\b(Firefox|Edg|OPR|Chrome|Safari)\/[\d.]+/.exec(label)?.[1];
  const system = /\b(Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux)\b/.exec(label)?.[1];
  if (browser === undefined) return label === '' ? 'Unknown' : label;
  const name = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser;
  return system === undefined ? name : `${name} on ${system.replace('Mac OS X', 'macOS')}`;
}

function IdentitiesCard({ account, gate }: { readonly account: OwnAccount; readonly gate: Gate }): JSX.Element {
  return (
    <Card title="Linked identities" id="identities" lead="Who you are at other providers, and can sign in as.">
      {account.identities.length > 0 && (
        <Table
          caption="Linked identities"
          rows={account.identities}
          rowKey={({ issuer, subject }) => `${issuer} ${subject}`}
          columns={[
            { label: 'Provider', cell: ({ issuer }) => issuer },
            { label: 'Known there as', cell: ({ subject }) => <code>{subject}</code> },
            { label: 'Since', cell: ({ addedAt }) => <Day at={addedAt} /> },
            {
              label: 'Change',
              cell: ({ issuer, subject }) => (
                <Form action="console/account/identities/unlink" class="inline">
                  <Hidden name="issuer" value={issuer} />
                  <Hidden name="subject" value={subject} />
                  <Button small label={`Unlink ${subject} at ${issuer}`}>
                    Unlink
                  </Button>
                </Form>
              ),
            },
          ]}
        />
      )}
      {gate.openId !== null && (
        <Form action="console/account/identities/link">
          <OwnPassword account={account} />
          <Button>Link {gate.openId.name}</Button>
        </Form>
      )}
    </Card>
  );
}

/** Asks whoever is signed in for their password once more, where they have one. */
function OwnPassword({ account: { passwordChangedAt } }: { readonly account: OwnAccount }): JSX.Element | null {
  if (passwordChangedAt === null) return null;
  return <Field name="password" type="password" label="Your password" required autocomplete="current-password" />;
}

function EmailCard({ account, mails }: { readonly account: OwnAccount; readonly mails: boolean }): JSX.Element {
  return (
    <Card
      title="E-mail"
      id="email"
      lead={
        mails
          ? 'Where the store writes to you: what became of your releases, and the link to a new password.'
          : 'This store sends no mail at present; the address is kept for when it does.'
      }
    >
      <Form action="console/account/email">
        <Field
          name="email"
          type="email"
          label="Address"
          autocomplete="email"
          {...(account.email !== null && { value: account.email })}
        />
        <OwnPassword account={account} />
        <Button>Save the address</Button>
      </Form>
    </Card>
  );
}
