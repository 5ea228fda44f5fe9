import { z } from 'zod';
import { requestPasswordReset } from '../../accounts/invitations.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Callout } from '../parts/callout.js';
import { Field } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { entrance } from './sign-in.js';

const ask: ShowPage<'anyone', object, object> = ({ gate }) =>
  entrance(
    'A new password',
    <>
      {gate.mail === null ? (
        <Callout kind="warning">
          This store sends no mail. Ask one of its administrators: they can give your account a new password.
        </Callout>
      ) : (
        <div class="card">
          <Form>
            <Field
              name="nameOrEmail"
              label="Account or e-mail address"
              hint="A link to choose a new password is sent to the address of the account."
              required
              autocomplete="username"
              spellcheck={false}
            />
            <button class="button primary block">Send the link</button>
          </Form>
        </div>
      )}
      <p class="small">
        <a href="console/sign-in">Back to sign-in</a>
      </p>
    </>,
  );

/** For whoever has forgotten their password. Nobody learns here which accounts there are. */
export const passwordResetPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/password-reset', access: 'anyone' }, {}, ask),
  definePage(
    { method: 'post', path: '/console/password-reset', access: 'anyone', again: ask },
    { form: z.object({ nameOrEmail: requiredText(254, 'An account or an address') }) },
    async ({ gate, form }) => {
      await requestPasswordReset(gate, form);
      return entrance(
        'Look at your mail',
        <p>
          <a class="button" href="console/sign-in">
            Back to sign-in
          </a>
        </p>,
        'If there is such an account and it has an e-mail address, a link is on its way to it. It is good for an hour.',
      );
    },
  ),
];
