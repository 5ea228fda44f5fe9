import type { Command, Terminal } from './command.js';
import { isSet } from './option-values.js';
import { asReport, understand, validation } from './store-client-answers.js';
import {
  printVerdict,
  sendingOptionHelp,
  sendingOptions,
  sendNamedArchive,
  tellProblem,
} from './store-client-upload.js';

const VERDICTS = {
  accepted: 'The store would accept it.',
  held: 'The store would hold it for a moderator.',
  refused: 'The store would refuse it.',
} as const;

/** `portcullis validate`: asks the store what it would say. */
export const validate: Command = {
  name: 'validate',
  summary: 'Asks the store what it would say of an app; nothing is published or kept.',
  usage: 'ZIP [--app-id ID] [--url URL] [--token-file FILE] [--insecure] [--json]',
  options: sendingOptions,
  optionHelp: sendingOptionHelp,
  about: `The same gate as an upload, the rules on the app's history included, which "portcullis verify" can't know.`,
  async run(args, terminal: Terminal) {
    return sendNamedArchive(args, terminal, { route: 'validations' }, async (answered) => {
      const { answer, store } = answered;
      if (answer.status !== 200) return tellProblem(answered, terminal);
      const { outcome, report } = understand(validation, answer, store);
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify(answer.body, null, 2)}\n`);
      else printVerdict(terminal, asReport(report), VERDICTS[outcome]);
      return outcome === 'refused' ? 1 : 0;
    });
  },
};
