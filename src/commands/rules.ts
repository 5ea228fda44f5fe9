import { join } from 'node:path';
import { openAuthorityParts, wireGate } from '../compose.js';
import { readConfig } from '../config.js';
import type { Database } from '../database/connect.js';
import { changeRule, readRules, type RuleState } from '../moderation/change-rules.js';
import { replayRule, type Replay, type ReplayParts } from '../moderation/replay-rule.js';
import { ruleModes, type RuleMode } from '../policy/rules.js';
import { printable } from '../report/printable.js';
import { createSecretSealer, readSecretKey } from '../sealed-secrets.js';
import { UsageError, type Arguments, type Command, type Terminal } from './command.js';
import { ABOUT_OPERATORS, asOperator, quietLog } from './operator.js';
import { isSet, textOption } from './option-values.js';
import { asTable, shortTime } from './table.js';

/** `portcullis rules list`: what the store makes of each finding. */
export const rulesList: Command = {
  name: 'rules list',
  summary: 'Lists what every finding weighs in this store, and who says so.',
  usage: '[--all] [--json]',
  options: { all: { type: 'boolean' }, json: { type: 'boolean' } },
  optionHelp: { all: 'also those whose weight no store sets', json: 'prints it as JSON' },
  about: `The weight that counts now: of the catalogue, of the settings (RULES), or of an administrator at run time (rules set).
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('It takes no words.');
    const { rules: settings } = readConfig(terminal.environment, terminal.workingFolder);
    return asOperator(terminal, false, async ({ database }) => {
      const rules = (await readRules({ database, rules: settings })).filter(
        (rule) => rule.isConfigurable || isSet(args, 'all'),
      );
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify({ rules }, null, 2)}\n`);
      else terminal.out(asTable([['CODE', 'WEIGHS', 'BY', 'CHANGED', 'REASON'], ...rules.map(asRow)]));
      return 0;
    });
  },
};

function asRow({ code, weight, mode, source, change }: RuleState): readonly string[] {
  const weighs = mode === 'shadow' ? 'shadow' : (weight ?? 'off');
  const changed = change === null ? '' : `${shortTime(change.happenedAt)} ${printable(change.accountName, 64)}`;
  return [code, weighs, source, changed, printable(change?.reason ?? '', 120)];
}

/** `portcullis rules set`: gives a rule another weight. */
export const rulesSet: Command = {
  name: 'rules set',
  summary: 'Gives a rule another weight, from the next decision on.',
  usage: `CODE ${ruleModes.join('|')}|default --reason TEXT`,
  options: { reason: { type: 'string' } },
  optionHelp: { reason: 'why; kept with the change' },
  about: `It counts on every replica, and before the settings; default gives the word back to them. A rule in shadow is reported and
decides nothing: portcullis rules replay says what it would have done. The rules that make a store trustworthy have one weight
everywhere.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [code, word, surplus] = args.positionals;
    if (code === undefined || word === undefined || surplus !== undefined)
      throw new UsageError('Name a code and its mode.');
    const mode = readMode(word);
    const reason = textOption(args, 'reason')?.trim() ?? '';
    if (reason === '') throw new UsageError('A reason is needed: --reason TEXT');
    if (reason.length > 2_000) throw new UsageError('A reason has at most 2,000 characters.');
    const { rules } = readConfig(terminal.environment, terminal.workingFolder);
    return asOperator(terminal, false, async ({ records, caller }) => {
      const rule = await changeRule({ ...records, rules }, caller, { code, mode, reason });
      terminal.out(`${rule.code} is ${rule.mode ?? rule.weight ?? 'off'} now (${rule.source}).\n`);
      return 0;
    });
  },
};

function readMode(word: string): RuleMode | null {
  if (word === 'default') return null;
  const mode = ruleModes.find((each) => each === word);
  if (mode === undefined) throw new UsageError(`"${printable(word, 64)}" is none of ${ruleModes.join(', ')}, default.`);
  return mode;
}

const MAX_DAYS = 3_650;

/** `portcullis rules replay`: what a rule would have refused. */
export const rulesReplay: Command = {
  name: 'rules replay',
  summary: 'Says which past submissions a rule would have refused.',
  usage: '--rule CODE [--days N] [--json]',
  options: { rule: { type: 'string' }, days: { type: 'string' }, json: { type: 'boolean' } },
  optionHelp: {
    rule: 'the code of the rule',
    days: 'how far back (default: 90)',
    json: 'prints it as JSON',
  },
  about: `Rules about an app's past are judged by that past as it was when each submission came; rules about what is in an archive by
inspecting the stored archive again, which takes its time. Of findings that depend on certificates and revocation lists,
which are other ones today, it goes by the reports of then. It changes nothing.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const code = textOption(args, 'rule');
    if (code === undefined || args.positionals.length > 0) throw new UsageError('Name the rule: --rule CODE');
    const days = readDays(args);
    return asOperator(terminal, false, async ({ database }) => {
      const { parts, close } = await openParts(database, terminal);
      try {
        const progress = progressOn(terminal);
        const replay = await replayRule(parts, { code, days }, progress);
        terminal.out(isSet(args, 'json') ? `${JSON.stringify(replay, null, 2)}\n` : wordsOf(replay, days));
        return 0;
      } finally {
        await close();
      }
    });
  },
};

function readDays(args: Arguments): number {
  const text = textOption(args, 'days') ?? '90';
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MAX_DAYS) throw new UsageError(`--days is a number from 1 to ${MAX_DAYS}.`);
  return days;
}

/** What the gate itself would judge by. */
async function openParts(
  database: Database,
  terminal: Terminal,
): Promise<{ readonly parts: ReplayParts; close(): Promise<void> }> {
  const config = readConfig(terminal.environment, terminal.workingFolder);
  const authority = openAuthorityParts(config, database, quietLog(terminal));
  const gate = wireGate(config, authority, createSecretSealer(await readSecretKey(config.secretKey)));
  const parts = { ...gate, now: terminal.now, temporaryFolder: join(config.dataDir, 'tmp') };
  return { parts, close: () => gate.audit.close() };
}

function progressOn({ isInteractive, err }: Terminal): (done: number, of: number) => void {
  return (done, of) => {
    if (isInteractive) err(`\r${done} of ${of} submissions${done === of ? '\n' : ''}`);
    else if (done === of || done % 1_000 === 0) err(`${done} of ${of} submissions\n`);
  };
}

const BASIS: Readonly<Record<Replay['basis'], string>> = {
  history: 'by the history of each app as it was then',
  archive: 'by inspecting the stored archives again',
  report: 'by what the reports of then say',
};

function wordsOf(
  { code, basis, submissions, wouldRefuse, missingArchives, apps, examples }: Replay,
  days: number,
): string {
  const counts = [
    ['accepted then', wouldRefuse.accepted],
    ['held then', wouldRefuse.held],
    ['refused for other reasons', wouldRefuse.refusedOtherwise],
    ['refused for this already', wouldRefuse.refusedForIt],
  ] as const;
  const lines = [
    `${code}, ${submissions} submissions of the last ${days} days, ${BASIS[basis]}. It would have refused:\n`,
    asTable(counts.map(([what, count]) => [`  ${what}`, String(count)])),
    missingArchives > 0 ? `Of ${missingArchives} nobody can tell: their archives are not kept any more.\n` : '',
    apps.length > 0
      ? `\nApps\n${asTable(apps.map((app) => [`  ${app.appId}`, `${app.accepted} accepted`, `${app.held} held`]))}`
      : '',
    examples.length > 0
      ? `\nThe first of them\n${asTable(
          examples.map((hit) => [
            `  ${shortTime(hit.submittedAt)}`,
            hit.appId,
            printable(hit.version ?? '', 64),
            hit.outcome,
            hit.submissionId,
            printable(hit.message, 160),
          ]),
        )}`
      : '',
  ];
  return lines.join('');
}
