import { z } from 'zod';
import { listOwnTokens, revokeOwnToken } from '../accounts/tokens.js';
import { findToken, type TokenRow } from '../database/tokens.js';
import * as api from '../http/representations.js';
import { printable } from '../report/printable.js';
import { UsageError, type Command } from './command.js';
import { ABOUT_OPERATORS, asOperator } from './operator.js';
import { isSet } from './option-values.js';
import { asTable, shortTime } from './table.js';

/** `portcullis token list`: every token of the store, never a secret. */
export const tokenList: Command = {
  name: 'token list',
  summary: "Lists the store's tokens, the newest first; never a secret.",
  usage: '[--json]',
  options: { json: { type: 'boolean' } },
  optionHelp: { json: 'prints {"tokens": […]} in the shape of GET /api/v1/tokens' },
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('It takes no words.');
    return asOperator(terminal, false, async ({ database, caller }) => {
      const tokens = await listOwnTokens(database, caller);
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify({ tokens: tokens.map(api.token) }, null, 2)}\n`);
      else terminal.out(asTable([HEADING, ...tokens.map((token) => tokenRow(token, terminal.now()))]));
      return 0;
    });
  },
};

const HEADING = ['ID', 'ACCOUNT', 'SCOPES', 'APPS', 'MADE', 'LAST USED', 'STANDS', 'LABEL'];

function tokenRow(token: TokenRow, now: Date): readonly string[] {
  return [
    token.id,
    token.accountName,
    token.scopes.join(','),
    token.appIds?.join(',') ?? '*',
    shortTime(token.createdAt),
    shortTime(token.lastUsedAt),
    standing(token, now),
    printable(token.label, 100),
  ];
}

function standing({ revokedAt, expiresAt }: TokenRow, now: Date): string {
  if (revokedAt !== null) return `revoked ${shortTime(revokedAt)}`;
  if (expiresAt === null) return 'yes';
  return `${expiresAt <= now ? 'expired' : 'until'} ${shortTime(expiresAt)}`;
}

/** `portcullis token revoke`: makes a token count for nothing. */
export const tokenRevoke: Command = {
  name: 'token revoke',
  summary: 'Makes a token count for nothing, from now on.',
  usage: 'ID',
  options: {},
  optionHelp: {},
  about: ABOUT_OPERATORS,
  async run({ positionals: [id, ...more] }, terminal) {
    if (id === undefined || more.length > 0 || !z.uuid().safeParse(id).success) {
      throw new UsageError(
        'It takes the id of one token, which "portcullis token list" shows; never the token itself.',
      );
    }
    return asOperator(terminal, false, async ({ database, caller }) => {
      await revokeOwnToken(database, caller, id, terminal.now());
      const token = await findToken(database, id);
      terminal.out(`Revoked the token ${id}${token === null ? '' : ` of ${token.accountName}`}.\n`);
      return 0;
    });
  },
};
