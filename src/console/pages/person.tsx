import type { JSX } from 'preact';
import { z } from 'zod';
import { isOperator, roles } from '../../accounts/caller.js';
import {
  changeRole,
  readAccount,
  reinstateAccount,
  suspendAccount,
  type AccountDetail,
} from '../../accounts/people.js';
import type { Session } from '../../accounts/sessions.js';
import { revokeOwnToken } from '../../accounts/tokens.js';
import { readTokensOf } from '../../accounts/tokens-of-account.js';
import type { TokenRow } from '../../database/tokens.js';
import { requiredText } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge, WordBadge } from '../parts/badge.js';
import { Button } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Select, Textarea } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Facts } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';
import { shown, Words } from '../parts/words.js';

const MAX_REASON = 2_000;
const params = z.object({ name: z.string().max(100) });
const reason = requiredText(MAX_REASON, 'A reason');

const pathOf = (name: string): string => `console/people/${encodeURIComponent(name)}`;

const show: ShowPage<'moderator', z.infer<typeof params>, object> = async ({ gate, session, params: { name } }) => {
  const account = await readAccount(gate, session.caller, name);
  const { tokens, sessions } = await readTokensOf(gate, session.caller, name);
  return {
    title: account.name,
    crumbs: [{ label: 'People', href: 'console/people' }, { label: account.name }],
    actions: (
      <>
        <WordBadge word={account.role} />
        {account.suspendedAt !== null && <Badge tone="bad">suspended</Badge>}
      </>
    ),
    body: (
      <>
        {account.suspendedAt !== null && (
          <Callout kind="bad" title="Suspended">
            <p>
              Since <Time at={account.suspendedAt} />
              {account.suspendedBy !== null && ` by ${account.suspendedBy}`}.
            </p>
            <Words text={account.suspensionReason ?? ''} />
          </Callout>
        )}
        <About account={account} />
        <Tokens tokens={tokens} sessions={sessions} account={account} session={session} now={gate.now()} />
        <div class="columns">
          <RoleForm account={account} session={session} />
          <SuspensionForm account={account} session={session} />
        </div>
      </>
    ),
  };
};

/** One account: what it is, what speaks for it, and what a moderator decides about it. */
export const personPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/people/{name}', access: 'moderator' }, { params }, show),
  definePage(
    { method: 'post', path: '/console/people/{name}/role', access: 'administrator', again: show },
    { params, form: z.object({ role: z.enum(roles, 'Choose one of the roles.'), reason }) },
    async ({ gate, session, params: { name }, form }) => {
      await changeRole(gate, session.caller, { name, ...form });
      return { redirect: pathOf(name), flash: 'saved' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/people/{name}/suspension', access: 'moderator', again: show },
    { params, form: z.object({ reason }) },
    async ({ gate, session, params: { name }, form }) => {
      await suspendAccount(gate, session.caller, { name, reason: form.reason });
      return { redirect: pathOf(name), flash: 'account-suspended' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/people/{name}/reinstatement', access: 'moderator', again: show },
    { params, form: z.object({ reason }) },
    async ({ gate, session, params: { name }, form }) => {
      await reinstateAccount(gate, session.caller, { name, reason: form.reason });
      return { redirect: pathOf(name), flash: 'account-reinstated' };
    },
  ),
  definePage(
    { method: 'post', path: '/console/people/{name}/tokens/{id}/revocation', access: 'administrator', again: show },
    { params: params.extend({ id: z.uuid() }) },
    async ({ gate, session, params: { name, id } }) => {
      await revokeOwnToken(gate.database, session.caller, id, gate.now());
      return { redirect: pathOf(name), flash: 'token-revoked' };
    },
  ),
];

function About({ account }: { readonly account: AccountDetail }): JSX.Element {
  const { name, email, createdAt, apps } = account;
  return (
    <Card title="About">
      <Facts
        facts={[
          ['E-mail', email === null ? 'None' : shown(email)],
          ['Since', <Day at={createdAt} />],
          [
            'Owns',
            apps.length === 0
              ? 'No app'
              : apps.map((appId, index) => (
                  <span key={appId}>
                    {index > 0 && ', '}
                    <a href={`console/store/apps/${encodeURIComponent(appId)}`}>{appId}</a>
                  </span>
                )),
          ],
          ['Audit log', <a href={`console/audit?actor=${encodeURIComponent(name)}`}>What they did</a>],
        ]}
      />
    </Card>
  );
}

interface TokensProps {
  readonly tokens: readonly TokenRow[];
  readonly sessions: readonly TokenRow[];
  readonly account: AccountDetail;
  readonly session: Session;
  readonly now: Date;
}

function Tokens({ tokens, sessions, account, session, now }: TokensProps): JSX.Element {
  const standing = ({ revokedAt, expiresAt }: TokenRow): string =>
    revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= now ? 'expired' : 'counts';
  return (
    <Card
      title="Tokens"
      lead={`${sessions.length === 0 ? 'Nobody is' : sessions.length === 1 ? 'One browser is' : `${sessions.length} browsers are`} signed in as ${account.name}.`}
    >
      {tokens.length === 0 ? (
        <p class="quiet">No token was made for this account.</p>
      ) : (
        <Table
          caption="Tokens, the newest first"
          rows={tokens}
          rowKey={({ id }) => id}
          columns={[
            {
              label: 'Label',
              cell: ({ label }) => (label === '' ? <span class="quiet">without one</span> : shown(label)),
            },
            { label: 'May', cell: ({ scopes }) => scopes.join(', ') },
            { label: 'Apps', cell: ({ appIds }) => (appIds === null ? 'all of theirs' : appIds.join(', ')) },
            {
              label: 'Used last',
              cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : <Time at={lastUsedAt} />),
            },
            {
              label: 'Standing',
              cell: (token) => (
                <span class="cluster">
                  <Badge tone={standing(token) === 'counts' ? 'good' : 'neutral'}>{standing(token)}</Badge>
                  {standing(token) === 'counts' && isOperator(session.caller) && (
                    <Form action={`${pathOf(account.name)}/tokens/${token.id}/revocation`} class="inline">
                      <Button small label={`Revoke the token ${token.label === '' ? token.id : shown(token.label)}`}>
                        Revoke
                      </Button>
                    </Form>
                  )}
                </span>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}

function RoleForm({ account, session }: { readonly account: AccountDetail; readonly session: Session }): JSX.Element {
  return (
    <Card title="Role">
      {isOperator(session.caller) ? (
        <Form action={`${pathOf(account.name)}/role`}>
          <Select
            name="role"
            label="What this account may do"
            hint="A lower role counts at once, for tokens and sessions. A higher one gives no token more than it was made with."
            required
            value={account.role}
            choices={roles.map((role) => ({ value: role, label: role }))}
          />
          <Textarea name="reason" label="Why" required rows={2} maxlength={MAX_REASON} />
          <Button>Change the role</Button>
        </Form>
      ) : (
        <p class="quiet">Administrators change roles.</p>
      )}
    </Card>
  );
}

function SuspensionForm({
  account,
  session,
}: {
  readonly account: AccountDetail;
  readonly session: Session;
}): JSX.Element {
  const isSuspended = account.suspendedAt !== null;
  const title = isSuspended ? 'End the suspension' : 'Suspend';
  if (account.id === session.caller.accountId) {
    return (
      <Card title={title}>
        <p class="quiet">This is you. Nobody suspends or reinstates themselves.</p>
      </Card>
    );
  }
  if (account.role !== 'developer' && !isOperator(session.caller)) {
    return (
      <Card title={title}>
        <p class="quiet">Administrators decide about {account.role}s.</p>
      </Card>
    );
  }
  return (
    <Card title={title}>
      <p class="small quiet">
        {isSuspended
          ? 'The tokens work again; whoever it is signs in anew.'
          : 'Sessions end at once, and tokens answer with your reason. What was published stays.'}
      </p>
      <Form action={`${pathOf(account.name)}/${isSuspended ? 'reinstatement' : 'suspension'}`}>
        <Textarea name="reason" label="Why" hint="Whoever it is reads it." required rows={2} maxlength={MAX_REASON} />
        <Button look={isSuspended ? 'primary' : 'danger'}>
          {isSuspended ? 'Reinstate the account' : 'Suspend the account'}
        </Button>
      </Form>
    </Card>
  );
}
