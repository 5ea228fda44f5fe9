import type { JSX } from 'preact';
import { z } from 'zod';
import { readOwnAccount } from '../../accounts/own-account.js';
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from '../../accounts/second-factor.js';
import { givenPassword, requiredText } from '../form-fields.js';
import { definePage, type Page, type ShownPage, type ShowPage } from '../page.js';
import { Button, Confirm } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code } from '../parts/code.js';
import { Field } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { QrCode } from '../parts/qr-code.js';
import { Card, Steps } from '../parts/sections.js';
import { Time } from '../parts/time.js';

const crumbs = [{ label: 'Account', href: 'console/account' }, { label: 'Second step' }];

const show: ShowPage<'signed-in', object, object> = async ({ gate, session }) => {
  const { secondFactorSince, passwordChangedAt, recoveryCodesLeft } = await readOwnAccount(gate, session.caller);
  if (secondFactorSince !== null) {
    return {
      title: 'Second step',
      crumbs,
      lead: 'Sign-in with your password asks for a code as well.',
      body: (
        <Card title="Remove it">
          <p>
            In use since <Time at={secondFactorSince} />, with {recoveryCodesLeft} recovery codes left. To move it to
            another app, remove it and set it up again.
          </p>
          <Form action="console/account/second-factor/remove">
            <Field
              name="code"
              label="Code"
              hint="Of your authenticator app, or a recovery code."
              required
              autocomplete="one-time-code"
              class="code-value"
            />
            <Button look="danger">Remove the second step</Button>
          </Form>
        </Card>
      ),
    };
  }
  return {
    title: 'Second step',
    crumbs,
    lead: 'With a code from an app on your phone, a password that somebody else has learned is not enough to sign in.',
    body:
      passwordChangedAt === null ? (
        <Callout kind="warning">Set a password first: the second step is asked for after it.</Callout>
      ) : (
        <Card title="Set it up">
          <p>You need an authenticator app that makes time-based codes. There are many, and any will do.</p>
          <Form action="console/account/second-factor/begin">
            <Field name="password" type="password" label="Password" required autocomplete="current-password" />
            <Button look="primary">Begin</Button>
          </Form>
        </Card>
      ),
  };
};

/** The second step of sign-in: set up, and removed. */
export const secondFactorPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/account/second-factor', access: 'signed-in' }, {}, show),
  definePage(
    { method: 'post', path: '/console/account/second-factor/begin', access: 'signed-in', again: show },
    { form: z.object({ password: givenPassword }) },
    async ({ gate, session, form }) => setUp(await beginSecondFactor(gate, session, form)),
  ),
  definePage(
    {
      method: 'post',
      path: '/console/account/second-factor/confirm',
      access: 'signed-in',
      // The secret was shown, and is shown no second time; what the app got with it is still good.
      again: () => setUp(null),
    },
    { form: z.object({ code: requiredText(20, 'The code') }) },
    async ({ gate, session, form }) =>
      recoveryCodes((await confirmSecondFactor(gate, session, form.code)).recoveryCodes),
  ),
  definePage(
    { method: 'post', path: '/console/account/second-factor/remove', access: 'signed-in', again: show },
    { form: z.object({ code: requiredText(100, 'The code') }) },
    async ({ gate, session, form }) => {
      await removeSecondFactor(gate, session, { code: form.code });
      return { redirect: 'console/account', flash: 'second-factor-removed' };
    },
  ),
];

function setUp(begun: { readonly uri: string; readonly secret: string } | null): ShownPage {
  return {
    title: 'Set up the second step',
    crumbs,
    body: (
      <>
        <Steps
          steps={[
            { label: 'Add it to the app', state: begun === null ? 'done' : 'current' },
            { label: 'Give a code', state: begun === null ? 'current' : 'ahead' },
            { label: 'Keep recovery codes', state: 'ahead' },
          ]}
        />
        {begun !== null && (
          <Card title="Scan this with your authenticator app">
            <QrCode text={begun.uri} label="QR code for an authenticator app; the same as the secret below" />
            <p>Or type the secret in by hand:</p>
            <Code text={begun.secret.replace(/(.{4})(?=.)/g, '$1 ')} wrap />
          </Card>
        )}
        <Card title="Give the code that it shows now">
          <Form action="console/account/second-factor/confirm">
            <Field
              name="code"
              label="Code"
              hint="Six digits; they change every half minute."
              required
              inputmode="numeric"
              autocomplete="one-time-code"
              class="code-value"
            />
            <Button look="primary">Confirm</Button>
          </Form>
          {begun === null && <BeginAgain />}
        </Card>
      </>
    ),
  };
}

function BeginAgain(): JSX.Element {
  return (
    <Confirm label="Begin again with another secret" look="plain">
      <Form action="console/account/second-factor/begin">
        <Field name="password" type="password" label="Password" required autocomplete="current-password" />
        <Button>Begin again</Button>
      </Form>
    </Confirm>
  );
}

function recoveryCodes(codes: readonly string[]): ShownPage {
  return {
    title: 'Keep these recovery codes',
    crumbs,
    lead: 'The second step is set up. Each of these codes signs you in once, should you lose your phone.',
    body: (
      <>
        <Callout kind="warning">
          They are shown only now. Print them, or keep them where you keep your passwords.
        </Callout>
        <ul class="recovery-codes" aria-label="Recovery codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <pre id="recovery-codes" hidden>
          {codes.join('\n')}
        </pre>
        <p class="cluster">
          <button type="button" class="button" data-copy="recovery-codes" hidden>
            Copy all
          </button>
          <a class="button primary" href="console/account">
            I have kept them
          </a>
        </p>
      </>
    ),
  };
}
