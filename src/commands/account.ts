import { randomBytes } from 'node:crypto';
import { roles, type Role } from '../accounts/caller.js';
import { inviteAccount } from '../accounts/invitations.js';
import { setPasswordAsOperator } from '../accounts/passwords.js';
import { changeRole, listAccounts, readAccount, reinstateAccount, suspendAccount } from '../accounts/people.js';
import { readConfig } from '../config.js';
import type { AccountRow } from '../database/accounts.js';
import * as api from '../http/account-representations.js';
import { printable } from '../report/printable.js';
import { UsageError, type Command } from './command.js';
import { changeReason, namedWords, reasonHelp, reasonOption } from './named-words.js';
import { ABOUT_OPERATORS, asOperator } from './operator.js';
import { isSet, textOption } from './option-values.js';
import { readNewPassword } from './read-password.js';
import { asTable, shortTime } from './table.js';

const PAGE = 200;

/** `portcullis account list`: everybody in the store. */
export const accountList: Command = {
  name: 'account list',
  summary: 'Lists the accounts, by name.',
  usage: '[--role ROLE] [--suspended] [--json]',
  options: { role: { type: 'string' }, suspended: { type: 'boolean' }, json: { type: 'boolean' } },
  optionHelp: {
    role: `only these: ${roles.join(', ')}`,
    suspended: 'only those that are suspended',
    json: 'prints {"accounts": […]} in the shape of GET /api/v1/accounts',
  },
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    namedWords(args, []);
    const named = textOption(args, 'role');
    const role = named === undefined ? null : roleNamed(named);
    const suspended = isSet(args, 'suspended') ? true : null;
    return asOperator(terminal, false, async ({ records, caller }) => {
      const found: AccountRow[] = [];
      for (let after: string | null = null; ;) {
        const page = await listAccounts(records, caller, { q: null, role, suspended, after, limit: PAGE });
        found.push(...page.accounts);
        after = page.next;
        if (after === null) break;
      }
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify({ accounts: found.map(api.account) }, null, 2)}\n`);
      else terminal.out(asTable([['NAME', 'ROLE', 'MADE', 'STANDS', 'ADDRESS'], ...found.map(accountRow)]));
      return 0;
    });
  },
};

function accountRow({ name, role, createdAt, suspendedAt, email }: AccountRow): readonly string[] {
  const stands = suspendedAt === null ? 'yes' : `suspended ${shortTime(suspendedAt)}`;
  return [name, role, shortTime(createdAt), stands, printable(email ?? '–', 254)];
}

/** `portcullis account show`: everything that stands about an account. */
export const accountShow: Command = {
  name: 'account show',
  summary: 'Shows an account with its role and apps.',
  usage: 'NAME [--json]',
  options: { json: { type: 'boolean' } },
  optionHelp: { json: 'prints it as JSON, in the shape of the API' },
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    const [name] = namedWords(args, ['NAME']);
    return asOperator(terminal, false, async ({ records, caller }) => {
      const account = await readAccount(records, caller, name);
      if (isSet(args, 'json')) {
        terminal.out(`${JSON.stringify(api.accountDetail(account), null, 2)}\n`);
        return 0;
      }
      terminal.out(`${name} is ${account.role}\n\n`);
      const { suspendedAt, suspendedBy, suspensionReason } = account;
      terminal.out(
        asTable([
          ['  made', shortTime(account.createdAt)],
          ['  address', printable(account.email ?? 'none', 254)],
          ['  apps', account.apps.join(', ') || 'none'],
          ...(suspendedAt === null
            ? []
            : [
                [
                  '  suspended',
                  `${shortTime(suspendedAt)} by ${suspendedBy ?? ''}  ${printable(suspensionReason ?? '', 200)}`,
                ],
              ]),
        ]),
      );
      return 0;
    });
  },
};

/** `portcullis account invite`: makes a one-time link to an account. */
export const accountInvite: Command = {
  name: 'account invite',
  summary: 'Makes a one-time link with which somebody gets into the console.',
  usage: 'NAME [--role ROLE] [--email ADDRESS]',
  options: { role: { type: 'string' }, email: { type: 'string' } },
  optionHelp: {
    role: `what the account will be: ${roles.join(', ')}; developer where not given`,
    email: 'where mail to the account goes from then on; the link itself is not sent',
  },
  about: `The link alone goes to standard output. Whoever opens it first chooses a password and is NAME from then on; where there
is an account of that name already, which has no password yet, they become that account. It lasts seven days.

  portcullis account invite ada --role administrator

${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [name] = namedWords(args, ['NAME']);
    const role = roleNamed(textOption(args, 'role') ?? 'developer');
    const email = textOption(args, 'email') ?? null;
    const { baseUrl } = readConfig(terminal.environment, terminal.workingFolder);
    return asOperator(terminal, false, async ({ records, caller }) => {
      // Without mail the link is shown, which is what this command is for.
      const parts = { ...records, randomBytes, mail: null, baseUrl };
      const { invitation, link } = await inviteAccount(parts, caller, { name, role, email });
      terminal.out(`${link ?? ''}\n`);
      terminal.err(
        `This is shown once. ${name} will be ${role}; the link lasts until ${shortTime(invitation.expiresAt)} (UTC).\n`,
      );
      return 0;
    });
  },
};

/** `portcullis account role`: makes an account something else. */
export const accountRole: Command = {
  name: 'account role',
  summary: 'Makes an account a developer, a moderator or an administrator.',
  usage: `NAME ${roles.join('|')} --reason TEXT`,
  options: reasonOption,
  optionHelp: reasonHelp,
  about: `What a lower role doesn't allow, tokens and sessions of the account don't do from that moment on. The last administrator
who is not suspended stays one.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [name, wanted] = namedWords(args, ['NAME', 'ROLE']);
    const role = roleNamed(wanted);
    const reason = changeReason(args);
    return asOperator(terminal, false, async ({ records, caller }) => {
      await changeRole(records, caller, { name, role, reason });
      terminal.out(`${name} is ${role} now.\n`);
      return 0;
    });
  },
};

/** `portcullis account suspend`: keeps an account from doing anything. */
export const accountSuspend: Command = {
  name: 'account suspend',
  summary: 'Suspends an account: its sessions end, its tokens are refused.',
  usage: 'NAME --reason TEXT',
  options: reasonOption,
  optionHelp: reasonHelp,
  about: `Its tokens answer with the reason until it is reinstated. Its apps stay as they are: portcullis app suspend ID
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [name] = namedWords(args, ['NAME']);
    const reason = changeReason(args);
    return asOperator(terminal, false, async ({ records, caller }) => {
      await suspendAccount(records, caller, { name, reason });
      terminal.out(`${name} is suspended.\n`);
      return 0;
    });
  },
};

/** `portcullis account reinstate`: ends the suspension of an account. */
export const accountReinstate: Command = {
  name: 'account reinstate',
  summary: 'Ends the suspension of an account.',
  usage: 'NAME --reason TEXT',
  options: reasonOption,
  optionHelp: reasonHelp,
  about: `Its tokens work again; its sessions stay ended.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [name] = namedWords(args, ['NAME']);
    const reason = changeReason(args);
    return asOperator(terminal, false, async ({ records, caller }) => {
      await reinstateAccount(records, caller, { name, reason });
      terminal.out(`${name} is no longer suspended.\n`);
      return 0;
    });
  },
};

/** `portcullis account password`: gives an account a new password. */
export const accountPassword: Command = {
  name: 'account password',
  summary: 'Gives an account a password, read from standard input.',
  usage: 'NAME [--remove-second-factor]',
  options: { 'remove-second-factor': { type: 'boolean' } },
  optionHelp: { 'remove-second-factor': 'for somebody who lost theirs, and the recovery codes with it' },
  about: `At a terminal it is asked for twice and not shown; from a pipe the first line is taken. Every session of the account ends.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [name] = namedWords(args, ['NAME']);
    const removeSecondFactor = isSet(args, 'remove-second-factor');
    const password = await readNewPassword(terminal);
    return asOperator(terminal, false, async ({ records }) => {
      await setPasswordAsOperator(records, name, password, { removeSecondFactor });
      terminal.out(`${name} has a new password.\n`);
      return 0;
    });
  },
};

/** @throws UsageError */
function roleNamed(name: string): Role {
  const role = roles.find((each) => each === name);
  if (role === undefined) throw new UsageError(`"${name}" is no role: ${roles.join(', ')}.`);
  return role;
}
