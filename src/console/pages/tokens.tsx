import type { JSX } from 'preact';
import { z } from 'zod';
import { scopes, type Caller, type Scope } from '../../accounts/caller.js';
import { createOwnToken, revokeOwnToken } from '../../accounts/tokens.js';
import { readTokensOfCaller } from '../../accounts/tokens-of-account.js';
import type { TokenRow } from '../../database/tokens.js';
import { RequestError } from '../../request-error.js';
import { optionalText, requiredText, severalOf } from '../form-fields.js';
import { definePage, type Page, type ShowPage } from '../page.js';
import { Badge } from '../parts/badge.js';
import { Button, ButtonLink } from '../parts/button.js';
import { Callout } from '../parts/callout.js';
import { Code } from '../parts/code.js';
import { Field, Select, Tick } from '../parts/field.js';
import { Form } from '../parts/form.js';
import { Card, Empty } from '../parts/sections.js';
import { Table } from '../parts/table.js';
import { Day, Time } from '../parts/time.js';
import { shown } from '../parts/words.js';
import { useSurroundings } from '../surroundings.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const lifetimes = ['30', '90', '365', 'never'] as const;

const scopeWords: Readonly<Record<Scope, string>> = {
  upload: 'Upload releases, and read what became of them',
  manage: 'Manage owners, releases, certificates and tokens',
  moderate: 'Decide about what others upload and ask for',
  operate: 'Run the store: everything',
};

const show: ShowPage<'signed-in', object, object> = async ({ gate, session }) => {
  const tokens = await readTokensOfCaller(gate, session.caller);
  const at = gate.now();
  const counting = tokens.filter((token) => stateOf(token, at) === null);
  const over = tokens.filter((token) => stateOf(token, at) !== null);
  return {
    title: 'Tokens',
    lead: 'With a token a program speaks for you: a build machine that uploads, portcullis on your own computer.',
    body: (
      <>
        {counting.length === 0 ? (
          <Empty title="No token speaks for you">Make one below, for every machine one of its own.</Empty>
        ) : (
          <Tokens caption="Tokens that count, the newest first" tokens={counting} />
        )}
        <CreateCard caller={session.caller} />
        {over.length > 0 && (
          <details>
            <summary>{`${over.length} that count no more`}</summary>
            <Tokens caption="Tokens that count no more" tokens={over} />
          </details>
        )}
      </>
    ),
  };
};

const wish = z.object({
  label: requiredText(100, 'A name'),
  scopes: severalOf(scopes).refine((chosen) => chosen.length > 0, 'Choose one at least.'),
  apps: optionalText(2_000),
  lifetime: z.enum(lifetimes, 'Choose one.'),
});

/** The tokens of whoever is signed in. */
export const tokenPages: readonly Page[] = [
  definePage({ method: 'get', path: '/console/tokens', access: 'signed-in' }, {}, show),
  definePage(
    { method: 'post', path: '/console/tokens', access: 'signed-in', again: show },
    { form: wish },
    async ({ gate, session: { caller }, form: { label, scopes: chosen, apps, lifetime } }) => {
      const appIds = apps === null ? null : [...new Set(apps.split(/[\s,]+/).filter((id) => id !== ''))];
      if (appIds !== null && appIds.length > 100) {
        throw new RequestError('INVALID_REQUEST', 'A token is for 100 apps at most, or for all.', { field: 'apps' });
      }
      const at = gate.now();
      const expiresAt = lifetime === 'never' ? null : new Date(at.getTime() + Number(lifetime) * DAY_MS);
      const token = { label, scopes: chosen, appIds, expiresAt, account: null };
      const { secret } = await naming(() => createOwnToken(gate.database, caller, token, at));
      return {
        title: 'The token is made',
        crumbs: [{ label: 'Tokens', href: 'console/tokens' }, { label: 'New' }],
        body: (
          <>
            <Card title="The token, this once" lead="Copy it now. The store keeps only a hash of it.">
              <Code text={secret} label="Copy the token" wrap />
              <p class="small quiet">So that portcullis finds it, and no history of a shell keeps it:</p>
              <Code
                text={`read -rs PORTCULLIS_TOKEN && export PORTCULLIS_TOKEN\nexport PORTCULLIS_URL=${gate.baseUrl}`}
              />
            </Card>
            <p>
              <ButtonLink href="console/tokens">I have kept it</ButtonLink>
            </p>
          </>
        ),
      };
    },
  ),
  definePage(
    { method: 'post', path: '/console/tokens/{id}/revocation', access: 'signed-in', again: show },
    { params: z.object({ id: z.uuid() }) },
    async ({ gate, session, params: { id } }) => {
      await revokeOwnToken(gate.database, session.caller, id, gate.now());
      return { redirect: 'console/tokens', flash: 'token-revoked' };
    },
  ),
];

/** What is wrong with the apps of a token is said beside their field. */
async function naming<T>(make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const isAboutApps =
      error.code === 'APP_ID_INVALID' || (error.code === 'INVALID_REQUEST' && error.message.includes('apps'));
    throw isAboutApps ? new RequestError(error.code, error.message, { field: 'apps' }) : error;
  }
}

/** Why a token counts no more; null where it does. */
function stateOf({ revokedAt, expiresAt }: TokenRow, at: Date): 'revoked' | 'expired' | null {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= at ? 'expired' : null;
}

function Tokens({ caption, tokens }: { readonly caption: string; readonly tokens: readonly TokenRow[] }): JSX.Element {
  const { now, session } = useSurroundings();
  return (
    <Table
      caption={caption}
      rows={tokens}
      rowKey={({ id }) => id}
      columns={[
        {
          label: 'Name',
          cell: ({ label, id }) => (
            <span class="cluster">
              {label === '' ? <span class="quiet">without a name</span> : shown(label)}
              {id === session?.caller.tokenId && <Badge>this session</Badge>}
            </span>
          ),
        },
        { label: 'May', cell: (token) => token.scopes.join(', ') },
        { label: 'Apps', cell: ({ appIds }) => (appIds === null ? 'all of yours' : appIds.map(shown).join(', ')) },
        {
          label: 'Last used',
          cell: ({ lastUsedAt }) => (lastUsedAt === null ? <span class="quiet">never</span> : <Time at={lastUsedAt} />),
        },
        {
          label: 'Ends',
          cell: (token) => {
            const over = stateOf(token, now);
            if (over !== null) return <Badge>{over}</Badge>;
            return token.expiresAt === null ? <span class="quiet">never</span> : <Day at={token.expiresAt} />;
          },
        },
        {
          label: 'Change',
          cell: (token) =>
            stateOf(token, now) === null ? (
              <Form action={`console/tokens/${token.id}/revocation`} class="inline">
                <Button small look="danger" label={`Revoke the token ${shown(token.label)}`}>
                  Revoke
                </Button>
              </Form>
            ) : (
              <span class="quiet">–</span>
            ),
        },
      ]}
    />
  );
}

function CreateCard({ caller }: { readonly caller: Caller }): JSX.Element {
  const offered = scopes.filter((scope) => caller.scopes.includes(scope));
  return (
    <Card title="Make a token" lead="For each machine one of its own: then one that is lost can be revoked alone.">
      <Form action="console/tokens">
        <Field name="label" label="Name" hint="What it is for: “build server”." required maxlength={100} />
        <ScopeTicks offered={offered} />
        <Field
          name="apps"
          label="Only for these apps"
          hint="Their ids, with spaces between. Without any it is good for every app of yours, also for those to come."
          maxlength={2_000}
          spellcheck={false}
        />
        <Select
          name="lifetime"
          label="Ends"
          required
          value="90"
          choices={lifetimes.map((value) => ({ value, label: value === 'never' ? 'never' : `in ${value} days` }))}
        />
        <Button look="primary">Make the token</Button>
      </Form>
    </Card>
  );
}

function ScopeTicks({ offered }: { readonly offered: readonly Scope[] }): JSX.Element {
  return (
    <fieldset class="stack tight">
      <legend>What it may do</legend>
      {offered.map((scope) => (
        <Tick
          key={scope}
          name="scopes"
          value={scope}
          label={
            <>
              <code>{scope}</code> {scopeWords[scope]}
            </>
          }
          checked={scope === 'upload'}
        />
      ))}
      {offered.length === 0 && <Callout kind="warning">Your account may do nothing that a token could.</Callout>}
    </fieldset>
  );
}
