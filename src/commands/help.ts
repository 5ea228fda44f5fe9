import type { Command } from './command.js';

const EXIT_CODES = 'Exit codes: 0 fine, 1 refused or invalid, 2 not understood, 3 could not do it.';

/** From nothing to a signed app, for whoever calls for help. */
const FIRST_MINUTE = `From nothing to a signed app in a minute:

  portcullis ca init                                             an authority and a trust folder of your own
  portcullis ca issue --app-id calendar --new-key calendar.key   writes calendar.crt too
  portcullis sign --path calendar --key calendar.key --cert calendar.crt
  portcullis pack calendar                                       writes calendar-VERSION.zip
  portcullis verify calendar-*.zip --signed                      what the gate will say of it`;

/** What there is, for `portcullis --help`. */
export function overallHelp(commands: readonly Command[]): string {
  return [
    'Usage: portcullis <command> [options]',
    '',
    ...listing(commands),
    '',
    FIRST_MINUTE,
    '',
    'Every command explains itself: portcullis <command> --help',
    EXIT_CODES,
    '',
  ].join('\n');
}

/** The commands that share their first word, for `portcullis ca --help`. */
export function familyHelp(word: string, commands: readonly Command[]): string {
  return [`Usage: portcullis ${word} <command> [options]`, '', ...listing(commands), ''].join('\n');
}

/** Everything about one command. */
export function commandHelp(command: Command): string {
  const options = [...Object.entries(command.optionHelp), ['help', 'shows this'] as const].map(
    ([name, text]) => [optionTitle(name, command), text] as const,
  );
  return [
    `Usage: portcullis ${command.name} ${command.usage}`.trimEnd(),
    '',
    command.summary,
    '',
    'Options:',
    ...columns(options),
    '',
    ...(command.about === undefined ? [] : [command.about.trim(), '']),
    EXIT_CODES,
    '',
  ].join('\n');
}

/** The names of the commands that a mistyped word may have meant, nearest first. */
export function nearestNames(word: string, commands: readonly Command[]): readonly string[] {
  const firstWords = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))];
  const distance = new Map(firstWords.map((name) => [name, editDistance(word.toLowerCase(), name)]));
  const near = firstWords.filter((name) => {
    const steps = distance.get(name) ?? Infinity;
    return steps <= 2 && steps < name.length;
  });
  const nested = commands.filter(({ name }) => name.endsWith(` ${word}`)).map(({ name }) => name);
  return [...nested, ...near.sort((one, other) => (distance.get(one) ?? 0) - (distance.get(other) ?? 0))].slice(0, 3);
}

/** `--trust DIR`; the word for the value is the one that the usage line gives it. */
function optionTitle(name: string, { options, usage }: Command): string {
  const option = options[name];
  const letter = option?.short ?? (name === 'help' ? 'h' : undefined);
  const title = `${letter === undefined ? '' : `-${letter}, `}--${name}`;
  if (option?.type !== 'string') return title;
  const value = new RegExp(`--${name}[ =]([^\\s\\])]+)`).exec(usage)?.[1] ?? 'VALUE';
  return `${title} ${value}`;
}

function listing(commands: readonly Command[]): readonly string[] {
  return columns(commands.map(({ name, summary }) => [name, summary] as const));
}

const WIDEST_TITLE = 30;

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.min(WIDEST_TITLE, Math.max(...rows.map(([title]) => title.length)));
  return rows.map(([title, text]) =>
    title.length > width ? `  ${title}\n  ${' '.repeat(width)}  ${text}` : `  ${title.padEnd(width)}  ${text}`,
  );
}

/** Levenshtein's distance: the fewest letters to insert, delete or replace. */
function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
