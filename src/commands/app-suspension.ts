import { reinstateApp, suspendApp } from '../releases/suspend-app.js';
import { printable } from '../report/printable.js';
import type { Command } from './command.js';
import { changeReason, namedWords, reasonHelp, reasonOption } from './named-words.js';
import { ABOUT_OPERATORS, asOperator } from './operator.js';

const MAX_REASON = 2_000;

/** `portcullis app suspend`: takes an app out of the store for a while. */
export const appSuspend: Command = {
  name: 'app suspend',
  summary: 'Suspends an app: nothing of it is served or taken.',
  usage: 'ID --reason TEXT',
  options: reasonOption,
  optionHelp: reasonHelp,
  about: `All its published releases go under quarantine; uploads, validations and signing requests of it are refused. The
reason is public.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [appId] = namedWords(args, ['ID']);
    const reason = changeReason(args);
    return asOperator(terminal, false, async ({ records, caller }) => {
      await suspendApp(records, caller, { appId, reason });
      terminal.out(`${appId} is suspended.\n`);
      return 0;
    });
  },
};

/** `portcullis app reinstate`: ends the suspension of an app. */
export const appReinstate: Command = {
  name: 'app reinstate',
  summary: 'Ends the suspension of an app.',
  usage: 'ID --reason TEXT',
  options: reasonOption,
  optionHelp: reasonHelp,
  about: `What went under quarantine with the app comes back, but for what was dealt with otherwise since, and for what could not
be published today, since its certificate was revoked or it must be signed: that waits for a moderator.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [appId] = namedWords(args, ['ID']);
    const reason = changeReason(args);
    return asOperator(terminal, false, async ({ records, caller }) => {
      const { stayed } = await reinstateApp(records, caller, { appId, reason });
      terminal.out(`${appId} is no longer suspended.\n`);
      for (const { version, status, reason: why } of stayed) {
        terminal.out(`  ${version} stays ${status}: ${printable(why, MAX_REASON)}\n`);
      }
      return 0;
    });
  },
};
