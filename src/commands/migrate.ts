import { MIGRATIONS } from '../compose.js';
import { migrate as applyMigrations, pendingMigrations } from '../database/migrate.js';
import { UsageError, type Command } from './command.js';
import { ABOUT_OPERATORS, withDatabase } from './operator.js';
import { isSet } from './option-values.js';

/** `portcullis migrate`: brings the database's schema up to date, as every start of the gate does. */
export const migrate: Command = {
  name: 'migrate',
  summary: "Brings the database's schema up to date, as every start of the gate does.",
  usage: '[--status]',
  options: { status: { type: 'boolean' } },
  optionHelp: { status: 'only says what is left to do; exit 1 where anything is' },
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('It takes no words.');
    const isQuestion = isSet(args, 'status');
    return withDatabase(terminal, !isQuestion, async (database) => {
      const names = isQuestion
        ? await pendingMigrations(database, MIGRATIONS)
        : await applyMigrations(database, MIGRATIONS);
      for (const name of names) terminal.out(`${isQuestion ? 'pending' : 'applied'}  ${name}\n`);
      if (names.length === 0) terminal.out('The schema is up to date.\n');
      return isQuestion && names.length > 0 ? 1 : 0;
    });
  },
};
