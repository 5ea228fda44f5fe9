import type { ComponentChildren, JSX } from 'preact';
import { isOperator, type Caller } from '../../accounts/caller.js';
import type { InvitationRow } from '../../database/invitations.js';
import type { OwnApp } from '../../releases/own-apps.js';
import { Badge } from '../parts/badge.js';
import { Button, Confirm } from '../parts/button.js';
import { Field } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card } from '../parts/sections.js';
import { Day } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { useSurroundings } from '../surroundings.js';
import { ownAppPath } from './developer-words.js';

/** The owners of an app, with everything that changes them. */
export function Owners({
  found: { app, owners, invitations },
  caller,
  sendsMail,
}: {
  readonly found: OwnApp;
  readonly caller: Caller;
  readonly sendsMail: boolean;
}): JSX.Element {
  const path = ownAppPath(app.id);
  const isOwner = owners.some(({ id }) => id === caller.accountId);
  const mailHint = sendsMail
    ? 'The link goes there; without any, you get it to pass on.'
    : 'This store sends no mail: you get the link, to pass on.';
  return (
    <Card title="Owners">
      <ul class="plain-list">
        {owners.map(({ id, name }) => (
          <li key={id}>
            <span class="cluster">
              <strong>{name}</strong>
              {id === caller.accountId && <Badge>you</Badge>}
            </span>
            {id !== caller.accountId && owners.length > 1 && (
              <Fold label={`Remove ${name}`} action={`${path}/owners/${encodeURIComponent(name)}/removal`} look="plain">
                <p>{name} can no longer upload or manage this app. You can invite them again.</p>
                <Button look="danger">Remove {name}</Button>
              </Fold>
            )}
          </li>
        ))}
      </ul>
      {owners.length === 0 && <p class="quiet">Nobody yet.</p>}
      <Invitations invitations={invitations} path={path} caller={caller} />
      {(isOwner || isOperator(caller)) && (
        <>
          <Fold label="Invite a co-owner" action={`${path}/co-owners`}>
            <p>They may do all that you may, also withdraw releases and remove you.</p>
            <Whom mailHint={mailHint} />
            <Button look="primary">Make the invitation</Button>
          </Fold>
          <Fold label="Hand the app over" action={`${path}/transfer`}>
            <p>Whoever accepts becomes its only owner. Until then nothing changes.</p>
            <Whom mailHint={mailHint} />
            <Button look="danger">Offer {app.id}</Button>
          </Fold>
        </>
      )}
      {isOwner && owners.length > 1 && (
        <Fold label="Leave the app" action={`${path}/leave`} look="plain">
          <p>You are no owner any more. Only the others can invite you again.</p>
          <Button look="danger">Leave {app.id}</Button>
        </Fold>
      )}
    </Card>
  );
}

/** Where the forms lead that {@link Owners} shows. */
export function formsAboutOwners({ app, owners, invitations }: OwnApp, caller: Caller): readonly string[] {
  const path = ownAppPath(app.id);
  const others = owners.filter(({ id }) => id !== caller.accountId);
  const isOwner = others.length < owners.length;
  return [
    `${path}/co-owners`,
    `${path}/transfer`,
    ...(isOwner && others.length > 0 ? [`${path}/leave`] : []),
    ...(owners.length > 1 ? others.map(({ name }) => `${path}/owners/${encodeURIComponent(name)}/removal`) : []),
    ...invitations.map(({ id }) => `${path}/invitations/${id}/revocation`),
  ];
}

function Whom({ mailHint }: { readonly mailHint: string }): JSX.Element {
  return (
    <>
      <Field
        name="account"
        label="Account"
        hint="Then only this account can accept."
        maxlength={64}
        spellcheck={false}
      />
      <Field name="email" type="email" label="Or e-mail" hint={mailHint} maxlength={254} />
    </>
  );
}

/** A form that is unfolded to be sent; seen at once where it was not accepted. */
function Fold({
  label,
  action,
  look,
  children,
}: {
  readonly label: string;
  readonly action: string;
  readonly look?: 'plain';
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { attempt } = useSurroundings();
  const form = <Form action={action}>{children}</Form>;
  if (attempt?.action === action) return form;
  return (
    <Confirm label={label} look={look}>
      {form}
    </Confirm>
  );
}

function Invitations({
  invitations,
  path,
  caller,
}: {
  readonly invitations: readonly InvitationRow[];
  readonly path: string;
  readonly caller: Caller;
}): JSX.Element | null {
  if (invitations.length === 0) return null;
  return (
    <div class="stack">
      <h3>Invited</h3>
      <ul class="plain-list">
        {invitations.map(({ id, kind, accountName, email, invitedBy, expiresAt }) => {
          const name = shown(accountName ?? email ?? 'Whoever has the link');
          return (
            <li key={id}>
              <p>
                {name}, {kind === 'transfer' ? 'to take it over' : 'as a co-owner'}
              </p>
              <p class="small quiet">
                by {invitedBy === caller.accountName ? 'you' : invitedBy}, until <Day at={expiresAt} />
              </p>
              <Form action={`${path}/invitations/${id}/revocation`} class="inline">
                <Button small label={`Revoke the invitation of ${name}`}>
                  Revoke
                </Button>
              </Form>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
