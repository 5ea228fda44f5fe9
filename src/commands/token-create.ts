import { scopes, type Scope } from '../accounts/caller.js';
import { accountForApps, createToken, namedAccount, OPERATOR_ACCOUNT } from '../accounts/tokens.js';
import { isAppId } from '../app/app-id.js';
import { ensureAccount, type AccountRow } from '../database/accounts.js';
import { listOwners } from '../database/apps.js';
import { inTransaction, type Queryable } from '../database/connect.js';
import { UsageError, type Arguments, type Command, type Terminal } from './command.js';
import { ABOUT_OPERATORS, asOperator } from './operator.js';
import { isSet, textOption, textOptions } from './option-values.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `portcullis token create`: makes a token and shows it, this once. */
export const tokenCreate: Command = {
  name: 'token create',
  summary: 'Makes a token, and shows it this once.',
  usage: '--app ID... | --all-apps [--scope SCOPE]... [--account NAME] [--label TEXT] [--expires DAYS|TIME] [--json]',
  options: {
    app: { type: 'string', multiple: true },
    'all-apps': { type: 'boolean' },
    scope: { type: 'string', multiple: true },
    account: { type: 'string' },
    label: { type: 'string' },
    expires: { type: 'string' },
    json: { type: 'boolean' },
  },
  optionHelp: {
    app: 'an app that it is good for; may be given several times',
    'all-apps': "good for every app of the account, also later ones (the same as --app '*')",
    scope: `what it allows: ${scopes.join(', ')}; upload where not given`,
    account: 'whom it speaks for; by default the owner of the app, or an account named after it',
    label: 'a word to recognise it by',
    expires: 'after so many days, or at an ISO 8601 time; never where not given',
    json: 'prints {"token": …, "id", "account", "scopes", "appIds", "expiresAt"}',
  },
  about: `The token alone goes to standard output, so that this works:

  TOKEN=$(portcullis token create --app calendar --scope upload)

${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('Apps are named with --app.');
    const wish = {
      appIds: appIdsOf(args),
      scopes: scopesOf(args),
      label: labelOf(args),
      expiresAt: expiryOf(args, terminal.now()),
    };
    return asOperator(terminal, true, async ({ database }) => {
      const { id, secret, accountName } = await inTransaction(database, async (tx) =>
        createToken(tx, await accountOf(tx, args, wish.appIds), wish),
      );
      await warnOfOwners(database, accountName, wish.appIds ?? [], terminal);
      if (isSet(args, 'json')) {
        const { scopes: allowed, appIds, expiresAt } = wish;
        const made = {
          token: secret,
          id,
          account: accountName,
          scopes: allowed,
          appIds,
          expiresAt: expiresAt?.toISOString() ?? null,
        };
        terminal.out(`${JSON.stringify(made, null, 2)}\n`);
        return 0;
      }
      terminal.out(`${secret}\n`);
      terminal.err(`This is shown once. It speaks for ${accountName} and allows: ${wish.scopes.join(', ')}`);
      terminal.err(` (${wish.appIds === null ? 'every app of the account' : wish.appIds.join(', ')}).\n`);
      terminal.err(`To take it back: portcullis token revoke ${id}\n`);
      return 0;
    });
  },
};

function appIdsOf(args: Arguments): readonly string[] | null {
  const named = textOptions(args, 'app').flatMap((text) => text.split(','));
  const all = isSet(args, 'all-apps') || named.includes('*');
  if (all) {
    if (named.some((id) => id !== '*')) throw new UsageError('Either some apps, or all.');
    return null;
  }
  if (named.length === 0) throw new UsageError('It must be said which apps the token is good for.');
  const wrong = named.find((id) => !isAppId(id));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is no app id: 3 to 64 of a-z, 0-9, "_" and "-".`);
  return [...new Set(named)];
}

function scopesOf(args: Arguments): readonly Scope[] {
  const named = textOptions(args, 'scope').flatMap((text) => text.split(','));
  if (named.length === 0) return ['upload'];
  const wrong = named.find((scope) => !(scopes as readonly string[]).includes(scope));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is no scope: ${scopes.join(', ')}.`);
  return scopes.filter((scope) => named.includes(scope));
}

function labelOf(args: Arguments): string {
  const label = textOption(args, 'label')?.trim() ?? '';
  if (label.length > 100) throw new UsageError('A label has at most 100 characters.');
  return label;
}

function expiryOf(args: Arguments, now: Date): Date | null {
  const text = textOption(args, 'expires');
  if (text === undefined) return null;
  const isDays = /^\d{1,5}$/.test(text);
  // Of what Date takes for a time only what begins as ISO 8601 does; "1/2/26" is another day elsewhere.
  const isTime = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text);
  const at = isDays ? new Date(now.getTime() + Number(text) * DAY_MS) : new Date(isTime ? text : NaN);
  if (Number.isNaN(at.getTime())) throw new UsageError('--expires takes a number of days or an ISO 8601 time.');
  if (at <= now) throw new UsageError('The token would have expired already.');
  return at;
}

/** A token for another's app is refused until its account is an owner, which would come as a surprise. */
async function warnOfOwners(
  db: Queryable,
  account: string,
  appIds: readonly string[],
  terminal: Terminal,
): Promise<void> {
  for (const appId of appIds) {
    const owners = await listOwners(db, appId);
    if (owners.length === 0 || owners.some(({ name }) => name === account)) continue;
    terminal.err(`${account} is no owner of ${appId} yet: portcullis app owner add ${appId} ${account}\n`);
  }
}

async function accountOf(db: Queryable, args: Arguments, appIds: readonly string[] | null): Promise<AccountRow> {
  const named = textOption(args, 'account');
  if (named !== undefined) return namedAccount(db, named);
  return appIds === null ? ensureAccount(db, OPERATOR_ACCOUNT) : accountForApps(db, appIds);
}
