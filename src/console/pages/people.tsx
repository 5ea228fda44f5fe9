import type { JSX } from 'preact';
import { z } from 'zod';
import { isOperator, roles } from '../../accounts/caller.js';
import { inviteAccount, listInvitations, revokeInvitation } from '../../accounts/invitations.js';
import { listAccounts } from '../../accounts/people.js';
import type { Session } from '../../accounts/sessions.js';
import type { AccountRow } from '../../database/accounts.js';
import type { InvitationRow } from '../../database/invitations.js';
import { optionalText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Choice } from '../parts/choice.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code } from '../parts/code.js';
import { Field, Radios } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Empty, Pager } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';
import { shown } from '../parts/words.js';

const PAGE = 50;
const query = z.object({
  q: z.string().trim().max(100).catch(''),
  role: z.enum(['any', ...roles]).catch('any'),
  suspended: z.enum(['any', 'yes', 'no']).catch('any'),
  after: z.string().max(100).optional().catch(undefined),
});

type Query = z.infer<typeof query>;

const show: ShowPage<'moderator', object, Query> = async ({ gate, session, query: asked }) => {
  const { accounts, next } = await listAccounts(gate, session.caller, {
    q: asked.q === '' ? null : asked.q,
    role: asked.role === 'any' ? null : asked.role,
    suspended: asked.suspended === 'any' ? null : asked.suspended === 'yes',
    after: asked.after ?? null,
    limit: PAGE,
  });
  const invitations = await listInvitations(gate, session.caller);
  const at = gate.now();
  const open = invitations.filter(({ closedAt, expiresAt }) => closedAt === null && expiresAt > at);
  return {
    title: 'People',
    lead: 'Every account of this store, by its name.',
    wide: true,
    body: (
      <>
        <Filters asked={asked} />
        {accounts.length === 0 ? (
          <Empty
            title="Nobody fits"
            action={
              <a class="button" href="console/people">
                Everybody
              </a>
            }
          >
            Try a part of the name or of the e-mail address.
          </Empty>
        ) : (
          <People accounts={accounts} />
        )}
        <Pager next={next} />
        <div class="columns">
          <Invite session={session} sendsMail={gate.mail !== null} />
          <Invitations invitations={open} session={session} />
        </div>
      </>
    ),
  };
};

const inviteForm = z.object({
  name: optionalText(64),
  email: optionalText(254),
  role: z.enum(roles).catch('developer'),
});

/** The accounts of the store, and who is invited to it. */
export const peoplePages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/people', access: 'moderator' }, { query }, show),
  definePage(
    { method: 'post', path: '/console/people/invitations', access: 'moderator', again: show },
    { query, form: inviteForm },
    async ({ gate, session, form }) => {
      const { invitation, link } = await inviteAccount(gate, session.caller, form);
      return {
        title: 'Somebody is invited',
        crumbs: [{ label: 'People', href: 'console/people' }, { label: 'Invitation' }],
        body: (
          <>
            {link === null ? (
              <Callout kind="good" title="Sent">
                The link is on its way to {shown(invitation.email ?? '')}. It counts until{' '}
                <Day at={invitation.expiresAt} />.
              </Callout>
            ) : (
              <Card
                title="The link, this once"
                lead="Pass it on yourself. Whoever has it can accept; it is not shown again."
              >
                <Code text={link} label="Copy the link" wrap />
                <p class="quiet">
                  It counts once, until <Day at={invitation.expiresAt} />.
                </p>
              </Card>
            )}
            <p>
              <ButtonLink href="console/people">Back to people</ButtonLink>
            </p>
          </>
        ),
      };
    },
  ),
  definePage(
    { method: 'post', path: '/console/people/invitations/{id}/revocation', access: 'moderator', again: show },
    { params: z.object({ id: z.uuid() }), query },
    async ({ gate, session, params: { id } }) => {
      await revokeInvitation(gate, session.caller, id);
      return { redirect: 'console/people', flash: 'invitation-revoked' };
    },
  ),
];

function Filters({ asked }: { readonly asked: Query }): JSX.Element {
  return (
    <form class="filters" role="search">
      <div class="field grow">
        <label for="q">Name or e-mail</label>
        <input id="q" type="search" name="q" value={asked.q} maxlength={100} />
      </div>
      <Choice name="role" label="Role" chosen={asked.role} choices={['any', ...roles]} />
      <Choice name="suspended" label="Suspended" chosen={asked.suspended} choices={['any', 'yes', 'no']} />
      <button class="button">Show</button>
    </form>
  );
}

function People({ accounts }: { readonly accounts: readonly AccountRow[] }): JSX.Element {
  return (
    <Table
      caption="Accounts, by name"
      rows={accounts}
      rowKey={({ name }) => name}
      rowLink={({ name }) => `console/people/${name}`}
      columns={[
        { label: 'Name', cell: ({ name }) => <a href={`console/people/${encodeURIComponent(name)}`}>{name}</a> },
        {
          label: 'Role',
          cell: ({ role, suspendedAt }) => (
            <>
              <WordBadge word={role} /> {suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
            </>
          ),
        },
        { label: 'E-mail', cell: ({ email }) => (email === null ? <span class="quiet">none</span> : shown(email)) },
        { label: 'Since', cell: ({ createdAt }) => <Day at={createdAt} /> },
      ]}
    />
  );
}

function Invite({ session, sendsMail }: { readonly session: Session; readonly sendsMail: boolean }): JSX.Element {
  const isAdministrator = isOperator(session.caller);
  return (
    <Card title="Invite somebody" lead="With a link that counts once, for a week.">
      <Form action="console/people/invitations">
        <Field
          name="email"
          label="E-mail"
          type="email"
          hint={
            sendsMail
              ? 'The link goes there. Without an address you get it, to pass on.'
              : 'This store sends no mail: you get the link, to pass on.'
          }
          maxlength={254}
        />
        <Field
          name="name"
          label="Account name"
          hint={
            isAdministrator
              ? 'Whoever accepts chooses one where you give none. With the name of an account that exists, it is for that one.'
              : 'Whoever accepts chooses one where you give none.'
          }
          maxlength={64}
        />
        {isAdministrator && (
          <Radios
            name="role"
            label="Role"
            required
            value="developer"
            choices={roles.map((role) => ({ value: role, label: role }))}
          />
        )}
        <Button look="primary">Make the invitation</Button>
      </Form>
    </Card>
  );
}

function Invitations({
  invitations,
  session,
}: {
  readonly invitations: readonly InvitationRow[];
  readonly session: Session;
}): JSX.Element {
  const to = ({ kind, role, appId }: InvitationRow): string =>
    kind === 'account'
      ? `as ${role ?? 'developer'}`
      : kind === 'transfer'
        ? `to take over ${appId ?? ''}`
        : `to own ${appId ?? ''}`;
  return (
    <Card title="Open invitations">
      {invitations.length === 0 ? (
        <p class="quiet">Nobody is invited at the moment.</p>
      ) : (
        <ul class="plain-list">
          {invitations.map((invitation) => (
            <li key={invitation.id}>
              <p>
                <strong>{shown(invitation.accountName ?? invitation.email ?? 'Whoever has the link')}</strong>{' '}
                {to(invitation)}
              </p>
              <p class="small quiet">
                by {invitation.invitedBy}, <Time at={invitation.createdAt} />; until <Day at={invitation.expiresAt} />
              </p>
              {(isOperator(session.caller) || invitation.invitedById === session.caller.accountId) && (
                <Form action={`console/people/invitations/${invitation.id}/revocation`} class="inline">
                  <Button
                    small
                    label={`Revoke the invitation of ${shown(invitation.accountName ?? invitation.email ?? 'whoever has the link')}`}
                  >
                    Revoke
                  </Button>
                </Form>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
